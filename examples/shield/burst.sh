#!/usr/bin/env bash
# A burst of requests for one cold page, with singleflight and without: how often is the origin asked?
#
#   bash examples/shield/burst.sh [CLIENTS]      200 unless given
#
# The load is made by oha, hey or wrk, whichever is installed. oha and hey send one
# request for each client; wrk sends as many as it can in a second, of which those after the first answer are hits.
set -euo pipefail
cd "$(dirname "$0")/../.."

clients=${1:-200}
load=$(command -v oha || command -v hey || command -v wrk) || { echo "burst.sh: needs oha, hey or wrk" >&2; exit 2; }
cargo build --quiet --release -p shield --bins
bin=$(cargo metadata --format-version 1 --no-deps | sed -E 's/.*"target_directory":"([^"]*)".*/\1/')/release
said=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -r "$said"' EXIT

# Runs a program beside this one, until it has said where it listens: then $process and $address are its own.
listening() {
    local out=$1
    shift
    : >"$out"
    "$@" >>"$out" &
    process=$!
    until address=$(grep -oE 'http://[^ ]+' "$out"); do kill -0 $process && sleep 0.05; done
}

# Ends a program, and prints what it says last.
ended() {
    kill -INT "$1" && wait "$1"
    tail -n 1 "$2"
}

fire() {
    case $load in
        *oha) oha --no-tui -n "$clients" -c "$clients" "$1" ;;
        *hey) hey -n "$clients" -c "$clients" "$1" ;;
        *wrk) wrk -t 2 -c "$clients" -d 1 "$1" ;;
    esac >/dev/null
}

for switch in "" --no-singleflight; do
    listening "$said/origin" "$bin/slow_origin" 127.0.0.1:0 0.3
    origin=$process
    listening "$said/shield" "$bin/shield" "$address" --listen 127.0.0.1:0 --connections 1000 $switch
    shield=$process
    echo "== $clients clients (${load##*/}), ${switch:-with singleflight}"
    fire "$address/page"
    ended "$shield" "$said/shield"
    ended "$origin" "$said/origin"
done
