#!/bin/sh
# Installs what is missing, by Debian's names. usage: install-deps.sh GROUP...   groups: build run test bench lint fuzz dev docs package
# With sudo when not root; what can't be installed is named in one line, and the exit status is then 1.
set -eu

packages() {
    case $1 in
    build) echo gcc g++ cmake ninja-build pkg-config libc6-dev libuv1-dev node-llhttp libsimdjson-dev libcurl4-openssl-dev \
        libsqlite3-dev libsnappy-dev libzstd-dev zlib1g-dev liblz4-dev libbrotli-dev libexpat1-dev libssl-dev libidn2-dev libunistring-dev libcmocka-dev \
        python3 python3-pip ;;
    run) echo curl ;;
    test) echo python3 python3-venv curl jq openssl sqlite3 mandoc procps util-linux binutils chromium zsh postgresql-15 ;;
    bench) echo python3 python3-venv wrk curl ;;
    lint) echo clang clang-format clang-tidy cppcheck shellcheck mandoc ;;
    fuzz) echo clang libclang-rt-14-dev llvm-14 ;;
    dev) echo entr ;;
    docs) echo doxygen graphviz python3 ;;
    package) echo lintian debootstrap curl procps ;;
    *) echo "install-deps.sh: no group $1" >&2; exit 2 ;;
    esac
}

missing=
for group in "$@"; do
    names=$(packages "$group")
    for name in $names; do
        case " $missing " in *" $name "*) continue ;; esac
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null || true)" = installed ] || missing="$missing $name"
    done
done
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null; then
    echo "install-deps.sh: this is not Debian; install what stands for these packages there:$missing" >&2
    exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "install-deps.sh: not root and no sudo; install these Debian packages first:$missing" >&2
        exit 1
    fi
    as_root=sudo
fi
echo "installing from Debian:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
    # shellcheck disable=SC2086 # the names are words
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y --no-install-recommends $missing >"$log" 2>&1
}
$as_root apt-get update >"$log" 2>&1 || true # the lists that are there may do
install || { tail -n 3 "$log" >&2; echo "install-deps.sh: can't install from Debian:$missing" >&2; exit 1; }
