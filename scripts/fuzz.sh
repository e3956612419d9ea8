#!/bin/sh
# Runs fuzz targets on their corpora, all of them or those named, which share SECONDS evenly (at least 5 each).
# usage: fuzz.sh SECONDS [TARGET]...
# What is found lands in build/fuzz/findings/; new inputs stay in build/fuzz/corpus/ and do not touch the repository.
set -eu
seconds=$1
shift
scripts/build.sh fuzz
# shellcheck disable=SC2046 # names of targets
[ $# -gt 0 ] || set -- $(find build/fuzz/fuzz -maxdepth 1 -type f -perm -u+x -name 'fuzz_*' | sed 's|.*/fuzz_||' | sort)
mkdir -p build/fuzz/findings
each=$((seconds / $#))
[ "$each" -ge 5 ] || each=5
bad=0
echo "fuzzing $# targets for $each s each"
for target in "$@"; do
    mkdir -p "build/fuzz/corpus/$target"
    printf '  %-20s' "$target"
    "build/fuzz/fuzz/fuzz_$target" -max_total_time="$each" -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/findings/$target-" "build/fuzz/corpus/$target" "fuzz/corpus/$target" \
        >"build/fuzz/$target.log" 2>&1 || { echo; tail -n 20 "build/fuzz/$target.log" >&2; bad=1; continue; }
    sed -n 's/^stat::number_of_executed_units: */ inputs /p; s/^stat::peak_rss_mb: */ peak MiB /p' "build/fuzz/$target.log" |
        tr -d '\n'
    echo
done
exit $bad
