#!/bin/sh
# setup.sh VENV WHAT: a virtual environment with WHAT (a pip requirement) in the versions of
# constraints.txt. Works with Debian's Python without python3-venv too.
set -eu
venv=$1
what=$2
python=${PYTHON:-python3}

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "labtui needs Python 3.11 or newer; $python is $("$python" --version 2>&1)" >&2
    exit 1
fi
if [ ! -x "$venv/bin/pip" ]; then
    if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
        rm -rf "$venv"
        # Debian keeps ensurepip in a package of its own.
        as_root=
        [ "$(id -u)" = 0 ] || as_root=sudo
        echo "Python's venv is missing: installing Debian's python3-venv" >&2
        $as_root apt-get update -qq && $as_root apt-get install -y -qq python3-venv >/dev/null || {
            echo "please install it by hand: apt-get install python3-venv" >&2
            exit 1
        }
        "$python" -m venv "$venv"
    fi
fi
if [ -n "${LABTUI_NEWEST:-}" ]; then
    "$venv/bin/pip" install --quiet --disable-pip-version-check --editable "$what"
else
    "$venv/bin/pip" install --quiet --disable-pip-version-check --constraint constraints.txt \
        --editable "$what"
fi
