#!/usr/bin/env bash
# treesum on each runtime beside its twin on tokio's semaphore and JoinSet, and beside openssl, as ratios.
#
#   benches/treesum/compare.sh [ROUNDS] [TREE]
#
# A tree of 2.4 GB is made first, if it is not there, and read once, so that the system has it in its cache. A round
# measures each contender once, in an order that rotates; a ratio is formed within a round. Processor time, user and
# system, is what a busy machine disturbs least.
set -euo pipefail
rounds=${1:-15}
tree=${2:-${TMPDIR:-/tmp}/treesum-tree}
cd "$(dirname "$0")/../.."
bin=${CARGO_TARGET_DIR:-target}/release
export LC_ALL=C TIMEFORMAT='%R %U %S'

cargo build --quiet --release -p treesum -p xsync-benches --bins
"$bin/treesum-tree" "$tree"
find "$tree" -type f -exec cat {} + >/dev/null

openssl_sha256() { # PROCESSES OPTION...: every file below the tree
    find "$tree" -type f -print0 | sort -z | xargs -0 -P"$1" -n 512 openssl sha256 "${@:2}"
}
contenders=(openssl twin tokio smol async-std threads)
contend() {
    case $1 in
        openssl) openssl_sha256 2 ;;
        twin) "$bin/treesum-twin" "$tree" ;;
        *) "$bin/treesum" --runtime "$1" "$tree" ;;
    esac
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openssl_sha256 1 -r | sed 's/ \*/  /' >"$work/expected"
for contender in "${contenders[@]:1}"; do
    contend "$contender" | cmp - "$work/expected"
done

for ((round = 0; round < rounds; round++)); do
    for ((turn = 0; turn < ${#contenders[@]}; turn++)); do
        contender=${contenders[(round + turn) % ${#contenders[@]}]}
        taken=$({ time contend "$contender" >/dev/null; } 2>&1)
        echo "$round $contender $taken" >>"$work/samples"
    done
done

printf '%s files, %s bytes; %s rounds; %s; %s\n\n' "$(wc -l <"$work/expected")" \
    "$(find "$tree" -type f -printf '%s\n' | awk '{ sum += $1 } END { printf "%.0f", sum }')" \
    "$rounds" "$(openssl version | cut -d' ' -f1,2)" "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)"
awk -v order="${contenders[*]}" -f benches/treesum/ratios.awk "$work/samples"
