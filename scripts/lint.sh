#!/bin/sh
# What a reviewer should not have to say: layout, warnings under both compilers, cppcheck, scripts, man pages.
set -eu
echo "checking layout"
git ls-files '*.c' '*.h' '*.cpp' '*.hpp' | xargs clang-format --dry-run -Werror
for compiler in gcc:g++ clang:clang++; do
    echo "building with ${compiler%:*}"
    folder=build/lint-${compiler%:*}
    mkdir -p "$folder"
    cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release -DDZR_BENCH=ON -DDZR_DOCS_UI=OFF \
        -DCMAKE_C_COMPILER="${compiler%:*}" -DCMAKE_CXX_COMPILER="${compiler#*:}" >"$folder/configure.log" 2>&1 ||
        { tail "$folder/configure.log" >&2; exit 1; }
    cmake --build "$folder" >"$folder/build.log" 2>&1 || { grep -E 'error|warning' "$folder/build.log" >&2; exit 1; }
done
echo "running cppcheck"
cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr --std=c11 \
    --suppress=missingIncludeSystem -D_GNU_SOURCE -DDZR_API= -DDZR_VERSION='"0"' -I pkg/datarizer -I pkg/datarizer/include \
    pkg cmd userator
echo "checking scripts and man pages"
shellcheck -S warning scripts/*.sh .ci/run
for page in $(git ls-files '*.[13]'); do mandoc -Tlint -Wwarning "$page"; done
