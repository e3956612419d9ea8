#!/bin/sh
# Runs every fuzz target for a while on its corpus. usage: fuzz.sh SECONDS [TARGET]...
# What is found lands in build/fuzz/findings/; new inputs stay in build/fuzz/corpus/ and do not touch the repository.
set -eu
seconds=$1
shift
scripts/build.sh fuzz
# shellcheck disable=SC2046 # names of targets
[ $# -gt 0 ] || set -- $(find build/fuzz/fuzz -maxdepth 1 -type f -perm -u+x -name 'fuzz_*' | sed 's|.*/fuzz_||' | sort)
mkdir -p build/fuzz/findings
bad=0
for target in "$@"; do
    mkdir -p "build/fuzz/corpus/$target"
    echo "fuzzing $target for $seconds s"
    "build/fuzz/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/findings/$target-" "build/fuzz/corpus/$target" "fuzz/corpus/$target" \
        >"build/fuzz/$target.log" 2>&1 || { tail -n 20 "build/fuzz/$target.log" >&2; bad=1; }
    grep -E 'number_of_executed_units|peak_rss' "build/fuzz/$target.log" | sed 's/^/  /'
done
exit $bad
