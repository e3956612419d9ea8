#!/bin/sh
# Builds the .deb files into build/deb/packages, the same bytes from the same commit whatever the folder is called.
set -eu
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CMakeLists.txt)
export SOURCE_DATE_EPOCH
folder=build/deb
mkdir -p "$folder"
echo "building the packages into $folder/packages"
prefix_map="-ffile-prefix-map=$PWD=."
cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=/usr -DDZR_DEB=ON -DDZR_TESTS=OFF \
    -DCMAKE_C_FLAGS="$prefix_map -fstack-protector-strong -D_FORTIFY_SOURCE=2" \
    -DCMAKE_CXX_FLAGS="$prefix_map -fstack-protector-strong -D_FORTIFY_SOURCE=2" \
    -DCMAKE_EXE_LINKER_FLAGS="-Wl,-z,relro,-z,now -pie -s" -DCMAKE_SHARED_LINKER_FLAGS="-Wl,-z,relro,-z,now" \
    "$@" >"$folder/configure.log" 2>&1 || { tail -n 30 "$folder/configure.log" >&2; exit 1; }
cmake --build "$folder" --parallel "${JOBS:-$(nproc)}" >"$folder/build.log" 2>&1 ||
    { grep -E 'error|warning|FAILED' "$folder/build.log" | head -n 40 >&2; exit 1; }
rm -rf "$folder/packages"
(cd "$folder" && umask 022 && cpack -G DEB) >"$folder/package.log" 2>&1 || { tail -n 30 "$folder/package.log" >&2; exit 1; }
(cd "$folder/packages" && sha256sum ./*.deb)
