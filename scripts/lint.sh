#!/bin/sh
# What a reviewer should not have to say: layout, warnings under both compilers, clang-tidy, cppcheck, scripts, man pages.
# usage: lint.sh [layout|build|tidy|cppcheck|text]...   without words: all
set -eu

layout() {
    echo "checking layout"
    git ls-files '*.c' '*.h' '*.cpp' '*.hpp' | xargs clang-format --dry-run -Werror
}

build() {
    for compiler in gcc:g++ clang:clang++; do
        echo "building with ${compiler%:*}"
        folder=build/lint-${compiler%:*}
        mkdir -p "$folder"
        cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release -DDZR_BENCH=ON -DDZR_DOCS_UI=OFF \
            -DCMAKE_C_COMPILER="${compiler%:*}" -DCMAKE_CXX_COMPILER="${compiler#*:}" >"$folder/configure.log" 2>&1 ||
            { tail "$folder/configure.log" >&2; exit 1; }
        cmake --build "$folder" >"$folder/build.log" 2>&1 || { grep -E 'error|warning' "$folder/build.log" >&2; exit 1; }
    done
}

tidy() { # over a debug build: its asserts tell the analyzer what callers have checked
    echo "running clang-tidy, which takes minutes"
    scripts/build.sh debug -DDZR_DOCS_UI=OFF
    scripts/lint-tidy.py build/debug
}

run_cppcheck() {
    echo "running cppcheck"
    list=build/cppcheck-suppressions.txt
    mkdir -p build
    sed -n 's/^cppcheck:\([^ ]*\) \([^ ]*\) .*/\1:\2/p' scripts/lint-suppressions.txt >"$list"
    cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --std=c11 -j "$(nproc)" \
        --suppress=missingIncludeSystem --suppressions-list="$list" -D_GNU_SOURCE -DDZR_API= -DDZR_VERSION='"0"' \
        -I pkg/datarizer -I pkg/datarizer/include pkg cmd userator
}

text() {
    echo "checking scripts, man pages and texts"
    shellcheck -S warning scripts/*.sh .ci/run
    git ls-files '*.[13]' | while read -r page; do mandoc -Tlint -Wwarning "$page"; done
    git ls-files | grep -v -E '^fuzz/corpus/|/oracle/' | xargs scripts/check-text.py
}

[ $# -gt 0 ] || set -- layout build tidy cppcheck text
for part in "$@"; do
    case $part in
    layout | build | tidy | text) "$part" ;;
    cppcheck) run_cppcheck ;;
    *) echo "lint.sh: no part is called $part; there are layout, build, tidy, cppcheck, text" >&2; exit 2 ;;
    esac
done
