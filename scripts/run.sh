#!/bin/sh
# The pipeline on sample data: serves scripts/sample-users.jsonl, pulls every user page by page, shows what landed.
# usage: run.sh            serve, ingest, show, stop
#        run.sh --serve    serve and stay until Ctrl-C
set -eu
bin=build/bin
work=tmp/run
rm -rf "$work"
mkdir -p "$work"

# port 8000, or any free one when that is taken
start() {
    "$bin/userator" --listen "127.0.0.1:$1" --db "$work/users.db" --access-log off 2>"$work/userator.log" &
    server=$!
    for _ in $(seq 100); do
        address=$(sed -n 's|.*listening on http://\([0-9.:]*\).*|\1|p' "$work/userator.log")
        [ -n "$address" ] && return 0
        kill -0 "$server" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
start 8000 || start 0 || { cat "$work/userator.log" >&2; echo "run.sh: userator does not start" >&2; exit 1; }
api=http://$address/users/
echo "userator serves $api on $work/users.db"

# every sample user through POST, on one connection
post() {
    while IFS= read -r user; do
        [ -n "${first:-}" ] && echo next
        first=no
        printf 'url = "%s"\nheader = "Content-Type: application/json"\noutput = "/dev/null"\nfail\nsilent\nshow-error\n' "$api"
        printf 'data-binary = "%s"\n' "$(printf '%s' "$user" | sed 's/\\/\\\\/g; s/"/\\"/g')"
    done <scripts/sample-users.jsonl | curl --config -
}
post || { echo "run.sh: the sample users can't be created" >&2; exit 1; }
echo "created $(wc -l <scripts/sample-users.jsonl) sample users"

if [ "${1:-}" = --serve ]; then
    echo "API:  $api"
    echo "docs: http://$address/docs"
    echo "stop with Ctrl-C"
    wait "$server"
    exit 0
fi

"$bin/ingest" --url "$api" --json tmp/users.json --parquet tmp/users_simple.parquet
echo
echo "\$ datarizer schema tmp/users_simple.parquet"
"$bin/datarizer" schema tmp/users_simple.parquet
echo
echo "\$ datarizer head -n 5 tmp/users_simple.parquet"
"$bin/datarizer" head -n 5 tmp/users_simple.parquet
echo
"$bin/writer" --out-dir tmp
echo
echo "\$ datarizer head tmp/students.parquet"
"$bin/datarizer" head tmp/students.parquet
echo
ls -l tmp/users.json tmp/users_simple.parquet tmp/students.jsonl tmp/students.parquet
