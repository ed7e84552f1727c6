#!/bin/sh
# Builds what Go has to compare with into the directory $1: `shapes`, x/sync's own semaphore benchmark, and from go/
# `tasks`, the contended one, `group`, the errgroup's, and `syncmap`, which needs the standard library alone. Debian's
# packages are installed if they are missing. Offline but for that.
set -eu
out=$(mkdir -p "$1" && cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
sync=/usr/share/gocode/src/golang.org/x/sync

if ! command -v go >/dev/null || [ ! -d "$sync/semaphore" ]; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends golang-go golang-golang-x-sync-dev
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$sync/semaphore" "$sync/errgroup" "$here/go" "$work"
printf 'module golang.org/x/sync\n\ngo 1.19\n' >"$work/go.mod"
cd "$work"
export GOFLAGS=-mod=mod GOPROXY=off GO111MODULE=on
go test -c -o "$out/shapes" ./semaphore
go build -o "$out/tasks" ./go
go build -o "$out/group" ./go/group
go build -o "$out/syncmap" ./go/syncmap
printf '%s / %s\n' "$(go env GOVERSION | sed 's/^go//')" \
    "$(dpkg-query -W -f '${Version}' golang-golang-x-sync-dev | sed 's/[-+].*//')" >"$out/version"
