#!/bin/sh
# Replays the corpora of fuzz/parquet.cmake, and nothing else, and prints which share of the lines of
# pkg/datarizer/parquet they reach, file by file. Exit status 1 below MINIMUM percent. usage: fuzz-coverage.sh [MINIMUM]
# Lines that were not reached: build/fuzz-coverage/lines.txt.
set -eu
minimum=${1:-85}
folder=build/fuzz-coverage
room=pkg/datarizer/parquet
targets=$(sed -n 's/^dzr_fuzz(\([a-z0-9_]*\).*/fuzz_\1/p' fuzz/parquet.cmake)
tool() { command -v "$1" || command -v "$1-14"; } # Debian's names have the version
profdata=$(tool llvm-profdata)
cov=$(tool llvm-cov)

echo "building the targets into $folder"
mkdir -p "$folder"
cmake --preset fuzz-coverage >"$folder/configure.log" 2>&1 || { tail -n 30 "$folder/configure.log" >&2; exit 1; }
# shellcheck disable=SC2086 # names of targets
cmake --build "$folder" --parallel "${JOBS:-$(nproc)}" --target $targets >"$folder/build.log" 2>&1 || {
    grep -E 'error|FAILED' "$folder/build.log" | head -n 40 >&2
    echo "fuzz-coverage.sh: the build failed; all of it is in $folder/build.log" >&2
    exit 1
}

rm -f "$folder"/*.profraw
objects=
for target in $targets; do
    corpus=fuzz/corpus/${target#fuzz_}
    printf '%-24s ' "${target#fuzz_}"
    LLVM_PROFILE_FILE=$folder/$target.profraw "$folder/fuzz/$target" "$corpus" || {
        echo "fuzz-coverage.sh: $target does not get through $corpus" >&2
        exit 1
    }
    objects="$objects${objects:+ -object} $folder/fuzz/$target"
done
"$profdata" merge -o "$folder/all.profdata" "$folder"/*.profraw

# Each target has functions of the same names, which the tool warns of; they are in none of the files that count.
others='/(fuzz|base|frame|include)/'
# shellcheck disable=SC2086 # options
"$cov" report $objects -instr-profile "$folder/all.profdata" -ignore-filename-regex "$others" >"$folder/report.txt" 2>"$folder/report.err"
# shellcheck disable=SC2086
"$cov" show $objects -instr-profile "$folder/all.profdata" -ignore-filename-regex "$others" >"$folder/lines.txt" 2>&1
echo
awk -v minimum="$minimum" '
    /\.[ch] / && $8 { printf "%-28s %6d lines %6d reached %7.2f %%\n", $1, $8, $8 - $9, 100 * ($8 - $9) / $8 }
    $1 == "TOTAL" {
        share = 100 * ($8 - $9) / $8
        printf "\n%-28s %6d lines %6d reached %7.2f %%\n", "all of pkg/datarizer/parquet", $8, $8 - $9, share
    }
    END { if (share < minimum) { printf "fewer than %s %% of the lines are reached\n", minimum; exit 1 } }
' "$folder/report.txt"

# A file that no target links would be missing above, and would seem to be reached. Some are nothing but tables.
for file in $(cd "$room" && grep -rl --include='*.c' '^{' . | sed 's|^\./||' | sort); do
    grep -q "^${file} " "$folder/report.txt" || { echo "fuzz-coverage.sh: no target has $room/$file" >&2; exit 1; }
done
