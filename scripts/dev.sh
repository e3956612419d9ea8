#!/bin/sh
# Rebuilds and restarts a server whenever a source file is saved. Its data stays in tmp/. usage: dev.sh userator|api-v1
set -eu
case ${1:-userator} in
userator) app=userator data=tmp/dev.db ;;
api-v1) app=api-v1 data=tmp/dev-v1.db ;;
*) echo "dev.sh: no server is called $1; there are userator and api-v1" >&2; exit 2 ;;
esac
mkdir -p tmp
interactive=; [ -t 0 ] || interactive=-n
command="cmake --build build --target $app --parallel && exec build/bin/$app --db $data"
# shellcheck disable=SC2086 # a flag or nothing
while :; do # entr ends when a file is added: then it looks for the files anew
    git ls-files -co --exclude-standard pkg cmd userator cmake CMakeLists.txt | entr -dr $interactive sh -c "$command" && break
    [ $? -eq 2 ] || break
done
