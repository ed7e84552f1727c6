#!/bin/sh
# Runs tests under a sanitizer:
#
#   tests/sanitize.sh address [arguments for cargo test]    wrong memory accesses and leaks; needs a nightly toolchain
#   tests/sanitize.sh thread  [arguments for cargo test]    data races; needs Debian's rustc-web and rust-web-src
#
# The race detector sees only what is instrumented. std's locks are not in the std that rustup ships, which gives false
# reports; so std is built from Debian's source, by Debian's compiler, with the run-time library of rustup's toolchain.
# Without arguments all tests run that execute the library in their own process.
set -eu

cd "$(dirname "$0")/.."
sanitizer=${1:?"address or thread"}
shift
host=x86_64-unknown-linux-gnu
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/$sanitizer"

if [ $# -eq 0 ]; then
    set -- --lib
    for file in tests/*.rs tests/*/main.rs; do
        name=${file#tests/}
        name=${name%/main.rs}
        name=${name%.rs}
        # These start cargo, and read text.
        case $name in examples | tidy) continue ;; esac
        set -- "$@" --test "$name"
    done
fi

case $sanitizer in
address)
    export RUSTFLAGS="-Zsanitizer=address -Cunsafe-allow-abi-mismatch=sanitizer"
    exec cargo +nightly test --target $host "$@"
    ;;
thread)
    if ! [ -x /usr/bin/rustc ] || ! [ -d /usr/lib/rustlib/src/rust/library ]; then
        [ "$(id -u)" = 0 ] || { echo "install rustc-web and rust-web-src, or run this as root" >&2; exit 1; }
        apt-get update
        apt-get install -y --no-install-recommends rustc-web rust-web-src
    fi
    toolchain=${RUSTUP_TOOLCHAIN:-stable}
    libraries=$(rustup run "$toolchain" rustc --print sysroot)/lib/rustlib/$host/lib
    runtime=$(ls "$libraries"/librustc-*_rt.tsan.a)
    export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
    export RUSTFLAGS="-Zsanitizer=thread -Zexternal-clangrt -Clink-args=-lresolv \
        -Zpre-link-args=-Wl,--whole-archive,$runtime,--no-whole-archive,--export-dynamic"
    # The first report ends the run.
    export TSAN_OPTIONS="halt_on_error=1 ${TSAN_OPTIONS:-}"
    exec cargo "+$toolchain" test -Zbuild-std --target $host "$@"
    ;;
*)
    echo "$sanitizer is neither address nor thread" >&2
    exit 2
    ;;
esac
