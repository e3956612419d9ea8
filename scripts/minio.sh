#!/bin/sh
# Builds MinIO, the S3 server that the tests run against, from its own Go module into build/minio/minio; does nothing when
# that version is there. usage: minio.sh [VENV]    VENV: where go.sh looks for Go
set -eu
version=v0.0.0-20260212201848-7aac2a2c5b7c # the commit of 2026-02-12
folder=$PWD/build/minio
stamp=$folder/.built
[ -x "$folder/minio" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$version" ] && exit 0
go=$(scripts/go.sh "${1:-build/venv}")
echo "building MinIO into build/minio, which takes minutes the first time"
mkdir -p "$folder"
rm -f "$stamp"
CGO_ENABLED=0 GOBIN=$folder nice -n 19 "$go" install -trimpath -ldflags '-s -w' "github.com/minio/minio@$version" \
    >"$folder/build.log" 2>&1 || {
    echo "minio.sh: $(tail -n 1 "$folder/build.log")" >&2
    exit 1
}
echo "$version" >"$stamp"
