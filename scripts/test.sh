#!/bin/sh
# Every test through ctest, three times: the release build runs all, then AddressSanitizer with UBSan runs all that is not
# marked `slow`, then ThreadSanitizer runs what is marked `threads`.
# usage: test.sh [CTEST OPTION...]   with options: the release build alone, and those to ctest. BUILDS, from the
# environment: which of "release asan tsan" instead of all
set -eu
scripts/venv.sh tests/requirements.txt
go=$(scripts/go.sh) || go=
[ -n "$go" ] && PATH=$PATH:$(dirname "$go")
export PATH

scripts/minio.sh & # beside the first build
minio=$!
wait_for_minio() {
    [ -n "$minio" ] || return 0
    wait "$minio" || [ -z "${CI:-}" ] || exit 1 # elsewhere the tests of S3 say that they skip
    minio=
}

DZR_PYTHON=$PWD/build/venv/bin/python
jobs=$(($(nproc) * 3)) # much of the time is spent waiting: for retries, deadlines, processes
run() {
    preset=$1
    shift
    scripts/build.sh "$preset" -DDZR_PYTHON="$DZR_PYTHON"
    folder=build/$preset
    [ "$preset" = release ] && folder=build
    wait_for_minio
    ctest --test-dir "$folder" --output-on-failure --parallel "$jobs" "$@"
}
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
if [ $# -gt 0 ]; then
    run release "$@"
    exit 0
fi
for build in ${BUILDS:-release asan tsan}; do
    case $build in
    release) run release ;;
    asan) run asan -LE slow ;;
    tsan) run tsan -L threads ;;
    *) echo "test.sh: no build is called $build; there are release, asan, tsan" >&2; exit 2 ;;
    esac
done
