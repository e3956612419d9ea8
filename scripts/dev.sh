#!/bin/sh
# Rebuilds and restarts the user API whenever a source file is saved. Its data stays in tmp/dev.db.
set -eu
mkdir -p tmp
interactive=; [ -t 0 ] || interactive=-n
command='cmake --build build --target userator --parallel && exec build/bin/userator --db tmp/dev.db'
# shellcheck disable=SC2086 # a flag or nothing
while :; do # entr ends when a file is added: then it looks for the files anew
    git ls-files -co --exclude-standard pkg cmd userator cmake CMakeLists.txt | entr -dr $interactive sh -c "$command" && break
    [ $? -eq 2 ] || break
done
