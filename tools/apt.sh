#!/bin/bash
# Installs Debian packages when it may (root, or sudo without a password); starts no service.
set -euo pipefail

as_root=()
if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || exit 1
    as_root=(sudo -n)
fi
command -v apt-get >/dev/null || exit 1

# Debian asks this file before it starts a service; one that is there already is the owner's word.
guard=/usr/sbin/policy-rc.d
if [ ! -e "$guard" ]; then
    trap '"${as_root[@]}" rm -f "$guard"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$guard" >/dev/null
    "${as_root[@]}" chmod 755 "$guard"
fi

install() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

# The lists may be missing (a fresh container) or older than the archive.
install "$@" 2>/dev/null || { "${as_root[@]}" apt-get update -qq && install "$@"; }
