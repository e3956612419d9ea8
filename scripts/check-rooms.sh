#!/bin/sh
# Fails when a file of one room includes a header of a room it may not stand on.
# usage: check-rooms.sh ROOT    ROOT is a checkout, or a tree laid out like one (tests/tools uses a bad one)
set -eu
root=${1:-.}
cd "$root"

# room: the rooms it may include, itself among them. cmd and userator see public headers only.
allowed() {
    case $1 in
    base) echo base ;;
    frame) echo base frame ;;
    query) echo base frame query ;;
    json) echo base frame json ;;
    csv) echo base frame json csv ;;
    parquet) echo base frame parquet ;;
    net) echo base net ;;
    store) echo base frame query json csv parquet net store ;;
    ingest) echo base frame query json csv parquet net store ingest ;;
    record) echo base frame query json csv parquet net store record ;;
    esac
}

# public header: the room that owns it
owner() {
    case $1 in
    error.h | memory.h | io.h | cancel.h | threads.h | version.h) echo base ;;
    frame.h | arrow.h | schema_text.h) echo frame ;;
    summary.h | compare.h | filter.h) echo query ;;
    json.h | json_doc.h | json_go.h) echo json ;;
    csv.h) echo csv ;;
    parquet.h | parquet_meta.h | parquet_validate.h) echo parquet ;;
    http.h | http_server.h) echo net ;;
    store.h | table.h | s3.h) echo store ;;
    ingest.h) echo ingest ;;
    record.h | dataframe.h) echo record ;;
    *) echo unknown ;;
    esac
}

bad=0
complain() {
    echo "check-rooms: $1" >&2
    bad=1
}

for dir in pkg/datarizer/*/; do
    room=$(basename "$dir")
    [ "$room" = include ] && continue
    may=$(allowed "$room")
    [ -n "$may" ] || { complain "${dir}: is a room that scripts/check-rooms.sh does not know"; continue; }
    for file in $(find "$dir" -name '*.[ch]' -o -name '*.cpp' -o -name '*.hpp' | sort); do
        for header in $(sed -n 's|^ *# *include *[<"]datarizer/\([^>"]*\)[>"].*|\1|p' "$file"); do
            from=$(owner "$header")
            case " $may " in *" $from "*) ;; *) complain "$file ($room) includes datarizer/$header of room $from; it may include: $may" ;; esac
        done
        for header in $(sed -n 's|^ *# *include *"\([a-z]*/[^"]*\)".*|\1|p' "$file"); do
            from=${header%%/*}
            [ "$from" = datarizer ] && continue
            case " $may " in *" $from "*) ;; *) complain "$file ($room) includes $header of room $from; it may include: $may" ;; esac
        done
        case $room in json) ;; *) case $file in *.cpp | *.hpp) complain "$file: C++ lives in room json only" ;; esac ;; esac
    done
done
for file in $(find cmd userator -name '*.[ch]' 2>/dev/null | sort); do
    for header in $(sed -n 's|^ *# *include *"\([a-z]*/[^"]*\)".*|\1|p' "$file"); do
        case $header in
        datarizer/*) ;;
        base/* | frame/* | query/* | json/* | csv/* | parquet/* | net/* | store/* | ingest/* | record/*)
            complain "$file includes $header; programs see public headers only" ;;
        esac
    done
done
# shellcheck disable=SC2046 # our file names have no spaces
for file in $(grep -ln '^ *extern [^"]' $(find pkg cmd userator -name '*.c' 2>/dev/null) /dev/null || true); do
    complain "$file declares an extern; share it through the room's internal.h"
done
exit $bad
