#!/bin/sh
# The layout and the small mistakes of the project's Python: black, isort, flake8, from a venv of their own.
# usage: lint-python.sh [--fix]   with --fix: lays it out instead of complaining
set -eu
scripts/venv.sh scripts/lint-requirements.txt build/lint-venv
bin=build/lint-venv/bin
check=--check
[ "${1:-}" != --fix ] || check=
echo "checking Python"
files=$(git ls-files '*.py' | grep -v /oracle/) # recordings and their replay stay as they were made
# shellcheck disable=SC2086 # names of files, and a flag or nothing
{
    $bin/isort --quiet $check $files
    $bin/black --quiet $check $files
    $bin/flake8 $files
}
