#!/bin/bash
# Makes .venv from the first Python >= 3.11 found and installs the package in it; takes further options of pip install.
set -euo pipefail
cd "$(dirname "$0")/.."

find_python() {
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "newsletter needs Python 3.11 or later; none was found. On Debian or Ubuntu: apt-get install python3" >&2
    exit 1
}

# Debian ships the bootstrap of pip apart from Python itself.
ensure_venv_works() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    package="$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    if ! tools/apt.sh "$package"; then
        echo "$1 cannot make virtual environments. Run: sudo apt-get install $package" >&2
        exit 1
    fi
}

python="$(find_python)"
ensure_venv_works "$python"
[ -x .venv/bin/python ] || "$python" -m venv .venv
# The pip that comes with Python 3.11 knows no dependency groups yet.
.venv/bin/python -m pip install --quiet --upgrade -c constraints.txt pip
.venv/bin/python -m pip install --quiet -c constraints.txt --build-constraint constraints.txt -e . "$@"
