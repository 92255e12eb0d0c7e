#!/bin/bash
# Brings the programs that tests need: Postfix unpacked beside, Chromium installed, npm packages in
# .tools/mail.
# What cannot be had is named, and the tests that need it are skipped (in CI they fail).
set -euo pipefail
cd "$(dirname "$0")/.."

beside="$PWD/.tools/postfix"

missing() {
    echo "Missing: $1. Tests that need it are skipped. To get it: $2" >&2
}

# Postfix and those libraries of it that the system lacks; nothing is installed or started.
packages() {
    echo postfix
    apt-get -qq -s install --no-install-recommends postfix 2>/dev/null |
        awk '$1 == "Inst" && $2 ~ /^lib/ { print $2 }'
}

download() {
    # shellcheck disable=SC2046  # one word per package is meant
    (cd "$1" && apt-get -qq download $(packages) 2>/dev/null)
}

refresh_lists() {
    if [ "$(id -u)" = 0 ]; then apt-get update -qq; else sudo -n apt-get update -qq; fi 2>/dev/null
}

unpack() {
    rm -rf "$beside" "$beside.new"
    mkdir -p "$beside.new" || return 1
    for deb in "$1"/*.deb; do dpkg -x "$deb" "$beside.new" || return 1; done
    mv "$beside.new" "$beside"
}

postfix_beside() {
    local debs
    debs="$(mktemp -d)"
    { download "$debs" || { refresh_lists && download "$debs"; }; } && unpack "$debs"
    rm -rf "$debs"
    [ -x "$beside/usr/sbin/smtp-sink" ]
}

tools/npm.sh tests/mail .tools/mail ||
    missing "axe-core and html-validate" "see what npm says above"

if ! command -v apt-get >/dev/null; then
    echo "Not Debian or Ubuntu: tests with Postfix are skipped, tests with Chromium unless it is there." >&2
    exit 0
fi

if [ ! -x "$beside/usr/sbin/smtp-sink" ]; then
    postfix_beside || missing "Postfix" "sudo apt-get update, then make programs"
fi

# Playwright, which drives Chromium in the tests, brings a Node that needs libatomic.
if ! command -v chromium >/dev/null || ! grep -q 'libatomic\.so\.1' <<<"$(/sbin/ldconfig -p)"; then
    tools/apt.sh chromium fonts-liberation libatomic1 ||
        missing "Chromium" "sudo apt-get install --no-install-recommends chromium fonts-liberation libatomic1"
fi
