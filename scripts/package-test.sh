#!/bin/sh
# The packages of package.sh as a user meets them: lintian, a second build of the same bytes in another folder, then a
# bare Debian made by debootstrap, where they are installed, examples/ is built and run, userator serves as its own
# user, and removal leaves nothing behind. As root. usage: package-test.sh
set -eu
[ "$(id -u)" = 0 ] || { echo "package-test.sh: needs root, for debootstrap" >&2; exit 1; }
packages=$PWD/build/deb/packages
root=$PWD/build/deb/root
pid=
cleanup() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
    for place in proc dev; do umount "$root/$place" 2>/dev/null || true; done
}
trap cleanup EXIT
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
quiet() { "$@" >"$root.log" 2>&1 || { tail -n 20 "$root.log" >&2; echo "package-test.sh: failed: $*" >&2; exit 1; }; }

echo "lintian"
lintian --allow-root --fail-on error,warning "$packages"/*.deb

echo "the same bytes from another folder"
again=$(mktemp -d)
git clone --quiet . "$again/elsewhere"
if [ -d build/deb/swagger-ui ]; then # fetched once
    mkdir -p "$again/elsewhere/build/deb"
    cp -r build/deb/swagger-ui "$again/elsewhere/build/deb/"
fi
(cd "$again/elsewhere" && scripts/package.sh >/dev/null)
for file in "$packages"/*.deb; do cmp "$file" "$again/elsewhere/build/deb/packages/${file##*/}"; done
rm -rf "$again"

echo "a bare Debian in build/deb/root"
if [ ! -f "$root/.made" ]; then
    rm -rf "$root"
    mirror=$(apt-cache policy | sed -n 's/.*\(https\{0,1\}:[^ ]*\) bookworm\/main.*/\1/p' | head -n 1)
    quiet debootstrap --variant=minbase bookworm "$root" ${mirror:+"$mirror"}
    cp -r /etc/apt/. "$root/etc/apt/"
    : >"$root/.made"
fi
cp /etc/resolv.conf "$root/etc/resolv.conf"
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
quiet inside apt-get update
inside sh -c 'apt-get purge -y libdatarizer1 libdatarizer-dev datarizer userator; apt-get autoremove -y --purge' >/dev/null 2>&1 ||
    true # what a run that was cut short left there
quiet inside apt-get install -y --no-install-recommends gcc g++ cmake make pkg-config curl adduser systemd
inside sh -c 'dpkg-query -W -f "\${Package}\n"' | sort >"$root.packages"
list_files() { (cd "$root" && find etc usr var/lib -xdev \( -path var/lib/apt -o -path var/lib/dpkg -o -path usr/share/mime \) -prune -o -print | sort); }
list_files >"$root.before"

echo "install"
rm -rf "$root/debs" && cp -r "$packages" "$root/debs"
quiet inside sh -c 'apt-get install -y --no-install-recommends /debs/*.deb'
for program in datarizer datarizer-ingest datarizer-writer userator userator-v1; do quiet inside $program --version; done
inside ldconfig -p | grep -q 'libdatarizer.so.1 '

echo "examples by CMake and by pkg-config"
rm -rf "$root/examples" && cp -r examples "$root/examples"
for as_cxx in OFF ON; do
    quiet inside cmake -S /examples -B /examples/build-$as_cxx -DAS_CXX=$as_cxx
    quiet inside cmake --build /examples/build-$as_cxx
    quiet inside /examples/build-$as_cxx/write_structs /examples/readings.parquet
    inside /examples/build-$as_cxx/read_columns /examples/readings.parquet celsius | grep -qx 'celsius: 2 values, sum 17.75'
done
quiet inside sh -c 'cc -std=c11 -Wall -Wextra -Werror /examples/jsonl_to_parquet.c $(pkg-config --cflags --libs datarizer) -o /examples/j'
printf '{"id": 1}\n{"id": 2}\n' >"$root/examples/in.jsonl"
inside /examples/j /examples/in.jsonl /examples/out.parquet | grep -q '^2 rows'
inside datarizer head /examples/out.parquet | grep -q 2

echo "userator as its own user"
quiet inside systemd-analyze verify --man=no /usr/lib/systemd/system/userator.service
exposure=$(inside systemd-analyze security --offline=true --no-pager userator.service | sed -n 's/.*Overall exposure level.*: \([0-9.]*\).*/\1/p')
echo "  exposure $exposure of 10"
(exec chroot "$root" runuser -u userator -- userator --listen 127.0.0.1:0 --db /var/lib/userator/users.db) 2>"$root.userator" &
pid=$!
for _ in $(seq 50); do
    port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\).*/\1/p' "$root.userator" | head -n 1)
    [ -z "$port" ] || break
    sleep 0.2
done
curl --silent --show-error --fail "http://127.0.0.1:$port/healthz" >/dev/null
owner=$(chroot "$root" stat -c %U /var/lib/userator/users.db)
[ "$owner" = userator ] || { echo "package-test.sh: users.db belongs to $owner" >&2; exit 1; }
kill "$(pgrep -P "$pid")" # runuser gives its status on
wait "$pid"
pid=

echo "removal"
quiet inside apt-get purge -y datarizer userator libdatarizer-dev libdatarizer1
quiet inside apt-get autoremove -y --purge
rm -rf "$root/debs" "$root/examples"
list_files >"$root.after"
inside sh -c 'dpkg-query -W -f "\${Package}\n"' | sort | diff "$root.packages" - >&2
! grep -q userator "$root/etc/passwd" "$root/etc/group"
# ldconfig's cache and dpkg's own backups may change; no file of ours may stay
diff "$root.before" "$root.after" | grep -v -e ld.so.cache -e '/\(passwd\|group\|shadow\|gshadow\|subuid\|subgid\)-$' -e '^[0-9,]*[acd][0-9,]*$' >"$root.left" || true
[ ! -s "$root.left" ] || { echo "package-test.sh: left behind:" >&2; cat "$root.left" >&2; exit 1; }
echo "packages: all passed"
