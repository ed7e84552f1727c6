#!/bin/sh
# Runs the tests of the map, of singleflight and of the library itself on a 32-bit target: a word has no room for half a
# hash beside an address there, and less for a flight's callers. Needs Debian's rustc-web, rust-web-src and gcc-i686-linux-gnu; std is built from Debian's source.
set -eu

cd "$(dirname "$0")/.."
if ! [ -x /usr/bin/rustc ] || ! [ -d /usr/lib/rustlib/src/rust/library ] || ! [ -e /usr/i686-linux-gnu/lib/crti.o ] || ! [ -e /lib/ld-linux.so.2 ]; then
    [ "$(id -u)" = 0 ] || { echo "install rustc-web, rust-web-src, gcc-i686-linux-gnu, libc6-dev-i386-cross, libc6-i386 and lib32gcc-s1, or run this as root" >&2; exit 1; }
    apt-get update
    apt-get install -y --no-install-recommends rustc-web rust-web-src gcc-i686-linux-gnu libc6-dev-i386-cross libc6-i386 lib32gcc-s1
fi
[ $# -gt 0 ] || set -- --lib --test map --test go_map --test singleflight
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/i686"
export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
export CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_LINKER=i686-linux-gnu-gcc
exec cargo "+${RUSTUP_TOOLCHAIN:-stable}" test -Zbuild-std=std,test,panic_unwind --target i686-unknown-linux-gnu "$@"
