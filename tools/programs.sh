#!/bin/bash
# Brings the programs that tests need: mail servers unpacked beside, Chromium installed, npm packages
# in .tools/mail.
# What cannot be had is named, and the tests that need it are skipped (in CI they fail).
set -euo pipefail
cd "$(dirname "$0")/.."

missing() {
    echo "Missing: $1. Tests that need it are skipped. To get it: $2" >&2
}

# A package and those libraries of it that the system lacks; nothing is installed or started.
packages() {
    echo "$1"
    apt-get -qq -s install --no-install-recommends "$1" 2>/dev/null |
        awk '$1 == "Inst" && $2 ~ /^lib/ { print $2 }'
}

download() {
    # shellcheck disable=SC2046  # one word per package is meant
    (cd "$2" && apt-get -qq download $(packages "$1") 2>/dev/null)
}

refresh_lists() {
    if [ "$(id -u)" = 0 ]; then apt-get update -qq; else sudo -n apt-get update -qq; fi 2>/dev/null
}

unpack() {
    rm -rf "$2" "$2.new"
    mkdir -p "$2.new" || return 1
    for deb in "$1"/*.deb; do dpkg -x "$deb" "$2.new" || return 1; done
    mv "$2.new" "$2"
}

# Unpacks package $1 into .tools/$2, unless the program $3 is there.
beside() {
    local place="$PWD/.tools/$2" debs
    [ -x "$place/$3" ] && return
    debs="$(mktemp -d)"
    { download "$1" "$debs" || { refresh_lists && download "$1" "$debs"; }; } &&
        unpack "$debs" "$place"
    rm -rf "$debs"
    [ -x "$place/$3" ]
}

tools/npm.sh tests/mail .tools/mail ||
    missing "axe-core and html-validate" "see what npm says above"

if ! command -v apt-get >/dev/null; then
    echo "Not Debian or Ubuntu: tests with mail servers are skipped, tests with Chromium unless it is there." >&2
    exit 0
fi

for server in "postfix postfix usr/sbin/smtp-sink" "exim4-daemon-light exim usr/sbin/exim4" \
    "opensmtpd opensmtpd usr/sbin/smtpd"; do
    # shellcheck disable=SC2086  # three words are meant
    beside $server || missing "${server%% *}" "sudo apt-get update, then make programs"
done

# The package has its version in its name, and so have its folders.
if ! compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null && ! command -v initdb >/dev/null; then
    server="$(apt-cache depends postgresql 2>/dev/null | awk '$1 == "Depends:" && $2 ~ /^postgresql-[0-9]+$/ { print $2 }')"
    beside "${server:-postgresql}" postgresql "usr/lib/postgresql/${server#postgresql-}/bin/initdb" ||
        missing "PostgreSQL" "sudo apt-get update, then make programs"
fi

# Playwright, which drives Chromium in the tests, brings a Node that needs libatomic.
if ! command -v chromium >/dev/null || ! grep -q 'libatomic\.so\.1' <<<"$(/sbin/ldconfig -p)"; then
    tools/apt.sh chromium fonts-liberation libatomic1 ||
        missing "Chromium" "sudo apt-get install --no-install-recommends chromium fonts-liberation libatomic1"
fi
