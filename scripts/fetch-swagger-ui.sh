#!/bin/sh
# Fetches the files of Swagger UI that userator shows at /docs, checks them by SHA-256, and packs the large ones.
# usage: fetch-swagger-ui.sh FOLDER [FROM]
# FOLDER is made; what is whole there is not fetched again. FROM: a folder that has the files, instead of the network.
# The release is pinned. It comes from the first of these that is installed and answers: pip (flask-swagger-ui, which
# carries the distribution unchanged), npm (swagger-ui-dist, the distribution itself). Both give the same bytes. The
# older swagger-ui-bundle carries 4.15, which cannot show OpenAPI 3.1.
# Exit status: 0 all files are there, 1 not, with one line that says why. Called by userator/CMakeLists.txt.
set -u

version=5.34.0
folder=${1:?usage: fetch-swagger-ui.sh FOLDER [FROM]}
given=${2:-}

# sha256 and name, as sha256sum -c reads them
sums() {
    cat <<END
c3cfe8248c4b0b89673600fb829924eafbac6de4bc4b2b06f5f5243483074d0a  swagger-ui.css
3f6abf70480db7e07914df4c98a77385f22ea585eaf457a3e6415ba0eae2d167  swagger-ui-bundle.js
3ed612f41e050ca5e7000cad6f1cbe7e7da39f65fca99c02e99e6591056e5837  favicon-32x32.png
f3546c5b74b44eac7de5b4193a641b4f23365470c109b490c566bac0de446745  oauth2-redirect.html
a5c8a34e09e49737382cc5019446eec7c3db3461963fc5bfe448361d3c5549e9  oauth2-redirect.js
END
}

whole() {
    [ -d "$1" ] && (cd "$1" && sums | sha256sum -c --status 2>/dev/null)
}

pack() {
    for file in swagger-ui.css swagger-ui-bundle.js; do
        gzip -9 -n -c "$folder/$file" >"$folder/$file.gz" || exit 1
    done
}

# Each puts the distribution's files below $work, or fails.
by_pip() {
    python3 -m pip --version >/dev/null 2>&1 || return 1
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --retries 1 --timeout 15 \
        --dest "$work" "flask-swagger-ui==$version" >/dev/null 2>&1 || return 1
    python3 -m zipfile -e "$work"/flask_swagger_ui-*.whl "$work"
}
by_npm() {
    command -v npm >/dev/null 2>&1 || return 1
    (cd "$work" && npm pack --silent --fetch-retries 1 --fetch-timeout 15000 "swagger-ui-dist@$version" &&
        tar -xzf "swagger-ui-dist-$version.tgz") >/dev/null 2>&1
}

# take FROM: copies the files when they are the right ones.
take() {
    whole "$1" || return 1
    mkdir -p "$folder" || exit 1
    for name in $(sums | cut -c 67-); do
        cp "$1/$name" "$folder/$name" || exit 1
    done
    pack
    exit 0
}

if whole "$folder"; then
    pack
    exit 0
fi
if [ -n "$given" ]; then
    take "$given"
    echo "fetch-swagger-ui: $given does not hold Swagger UI $version: a file is missing or its checksum differs" >&2
    exit 1
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
for way in by_pip by_npm; do
    rm -rf "${work:?}"/*
    $way || continue
    take "$(dirname "$(find "$work" -name swagger-ui-bundle.js | head -n 1)")"
    echo "fetch-swagger-ui: what ${way#by_} brought is not Swagger UI $version: a checksum differs" >&2
done
echo "fetch-swagger-ui: no Swagger UI $version: neither pip nor npm could fetch it" >&2
exit 1
