#!/bin/sh
# Builds what Go has to compare with into the directory $1: `shapes`, x/sync's own semaphore benchmark, and from go/
# `tasks`, the contended one, `group`, the errgroup's, `flight`, the singleflight's, and in maps/, by its design, `syncmap`,
# which needs the standard library alone. Debian's packages are installed if they are missing. Offline but for that.
#
# Debian's Go may be older than the trie, and than the last read/dirty sync.Map. XSYNC_GO names other `go` commands,
# separated by colons, whose sync.Map is measured: of each design the last named.
set -eu
out=$(mkdir -p "$1/maps" && cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
sync=/usr/share/gocode/src/golang.org/x/sync

if ! command -v go >/dev/null || [ ! -d "$sync/semaphore" ]; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends golang-go golang-golang-x-sync-dev
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$sync/semaphore" "$sync/errgroup" "$sync/singleflight" "$here/go" "$work"
printf 'module golang.org/x/sync\n\ngo 1.19\n' >"$work/go.mod"
cd "$work"
export GOFLAGS=-mod=mod GOPROXY=off GO111MODULE=on GOTOOLCHAIN=local
go test -c -o "$out/shapes" ./semaphore
go build -o "$out/tasks" ./go
go build -o "$out/group" ./go/group
go build -o "$out/flight" ./go/flight
printf '%s / %s\n' "$(go env GOVERSION | sed 's/^go//')" \
    "$(dpkg-query -W -f '${Version}' golang-golang-x-sync-dev | sed 's/[-+].*//')" >"$out/version"

IFS=:
for command in go ${XSYNC_GO:-}; do
    version=$("$command" env GOVERSION | sed 's/^go//')
    minor=${version#*.}
    if [ "${minor%%.*}" -lt 24 ]; then design=read-dirty; else design=trie; fi
    mkdir -p "$out/maps/$design"
    "$command" build -o "$out/maps/$design/syncmap" ./go/syncmap
    printf '%s\n' "$version" >"$out/maps/$design/version"
done
