#!/bin/sh
# Configures and builds one preset; quiet unless something fails. usage: build.sh PRESET [CMAKE OPTION]...
set -eu
preset=$1
shift
folder=build/$preset
[ "$preset" = release ] && folder=build
mkdir -p "$folder"
echo "building $preset into $folder"
cmake --preset "$preset" "$@" >"$folder/configure.log" 2>&1 || { tail -n 30 "$folder/configure.log" >&2; exit 1; }
cmake --build "$folder" --parallel "${JOBS:-$(nproc)}" >"$folder/build.log" 2>&1 || {
    grep -E 'error|warning|check-rooms|undefined|FAILED|\*\*\*' "$folder/build.log" | head -n 40 >&2
    echo "build.sh: the build of $preset failed; all of it is in $folder/build.log" >&2
    exit 1
}
