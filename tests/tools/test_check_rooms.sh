#!/bin/sh
# scripts/check-rooms.sh refuses each kind of wrong include, and says where. usage: test_check_rooms.sh ROOT
set -eu
root=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

# wants FILE LINE MESSAGE: a tree with just that line in that file is refused with the message
wants() {
    rm -rf "$tree/pkg" "$tree/cmd" "$tree/userator"
    mkdir -p "$tree/pkg/datarizer/base" "$tree/cmd" "$tree/userator" "$(dirname "$tree/$1/.")"
    case $1 in */) mkdir -p "$tree/$1" ;; *) rmdir "$tree/$1"; printf '%s\n' "$2" >"$tree/$1" ;; esac
    if out=$("$root/scripts/check-rooms.sh" "$tree" 2>&1); then
        echo "FAIL $1: '$2' was let through"
        failures=1
    else
        case $out in *"$1"*"$3"*) ;; *) echo "FAIL $1: '$2' gives: $out"; failures=1 ;; esac
    fi
}
wants pkg/datarizer/base/a.c '#include "frame/internal.h"' 'frame/internal.h of room frame'
wants pkg/datarizer/frame/a.h '#include <datarizer/parquet.h>' 'datarizer/parquet.h of room parquet'
wants pkg/datarizer/json/a.c '  #  include "parquet/internal.h"' 'room parquet'
wants pkg/datarizer/parquet/deep/a.c '#include <datarizer/store.h>' 'room store'
wants pkg/datarizer/net/a.c '#include <datarizer/frame.h>' 'room frame'
wants pkg/datarizer/parquet/a.cpp 'int x;' 'C++ lives in room json only'
wants cmd/x/main.c '#include "base/internal.h"' 'public headers only'
wants userator/main.c '#include "net/internal.h"' 'public headers only'
wants userator/main.c 'extern int other;' 'extern'
wants pkg/datarizer/attic/ '' 'does not know'

rm -rf "$tree/pkg" && mkdir -p "$tree/pkg/datarizer/store"
printf '#include <datarizer/parquet.h>\n#include "base/internal.h"\n#include "store/internal.h"\n' >"$tree/pkg/datarizer/store/a.c"
"$root/scripts/check-rooms.sh" "$tree" || { echo "FAIL: includes to the left are refused"; failures=1; }
exit $failures
