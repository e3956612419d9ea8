#!/bin/sh
# Reads COUNT files that were valid before they were changed, ours and those of ../shared/parquet-testing, under
# AddressSanitizer and UBSan, with a process for each core. usage: fuzz-mutate.sh COUNT [SEED]
set -eu
count=$1
seed=${2:-1}
folder=build/asan
mkdir -p "$folder"
echo "building fuzz/mutated_files.c into $folder"
{ cmake --preset asan && cmake --build "$folder" --parallel "${JOBS:-$(nproc)}" --target mutated_files; } >"$folder/mutated.log" 2>&1 || {
    tail -n 30 "$folder/mutated.log" >&2
    exit 1
}
cores=$(nproc)
pids=
for core in $(seq "$cores"); do
    "$folder/fuzz/mutated_files" $(((count + cores - 1) / cores)) $((seed + core - 1)) ../shared/parquet-testing/data &
    pids="$pids $!"
done
bad=0
for pid in $pids; do
    wait "$pid" || bad=1
done
exit $bad
