#!/bin/sh
# Makes build/venv with the packages of a requirements file; does nothing when it has them. usage: venv.sh REQUIREMENTS [FOLDER]
set -eu
requirements=$1
folder=${2:-build/venv}
stamp=$folder/.installed
[ -f "$stamp" ] && cmp -s "$requirements" "$stamp" && exit 0
echo "installing into $folder: $(grep -v '^#' "$requirements" | tr '\n' ' ')"
[ -x "$folder/bin/python" ] || python3 -m venv "$folder" || {
    echo "venv.sh: python3 -m venv $folder failed" >&2
    exit 1
}
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" || {
    echo "venv.sh: pip can't install what $requirements names" >&2
    exit 1
}
cp "$requirements" "$stamp"
