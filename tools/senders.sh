#!/bin/bash
# Brings what else sends mail in Python into .tools/senders, for `make bench`; nothing else sees it.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted=tests/benchmarks/senders/requirements.txt place=.tools/senders
cmp -s "$wanted" "$place/installed.txt" && exit 0

rm -rf "$place"
.venv/bin/python -m venv "$place"
"$place/bin/python" -m pip install --quiet --no-deps -r "$wanted"
cp "$wanted" "$place/installed.txt"
