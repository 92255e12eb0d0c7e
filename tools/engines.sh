#!/bin/bash
# Brings what `make engines` shows the mail to: Thunderbird, WebKit, two spam filters, a validator.
# None of their services is started. What cannot be had is named, and tests that need it are skipped
# (in CI they fail).
set -euo pipefail
cd "$(dirname "$0")/.."

command -v apt-get >/dev/null || exit 0

# The program that shows whether it is there, then the packages that bring it.
bring() {
    command -v "$1" >/dev/null || tools/apt.sh "${@:2}" ||
        echo "Missing: $1. To get it: sudo apt-get install --no-install-recommends ${*:2}" >&2
}

has_webkit() {
    /usr/bin/python3 -c 'import cairo, gi; gi.require_version("WebKit2", "4.1")' 2>/dev/null
}

bring Xvfb xvfb
bring thunderbird thunderbird
bring spamassassin spamassassin
bring rspamd rspamd
bring java default-jre-headless
has_webkit || bring WebKitGTK gir1.2-webkit2-4.1 python3-gi python3-gi-cairo
