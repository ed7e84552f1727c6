#!/usr/bin/env bash
# Reports what a semaphore adds to an image for a Cortex-M4, in bytes, for this crate and its peers.
#
#   flash   .text, .rodata, and the initial values of .data
#   ram     .data and .bss: the semaphore, and the futures of the two tasks that use it; not the stack
#
# Each image is the program in sizes/src/lib.rs; the same program without a semaphore is subtracted.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

target=thumbv7em-none-eabi
targets=("$target")
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
# shellcheck source=toolchain.sh
source ./toolchain.sh

# Prints the flash and the RAM that an image takes.
footprint() {
    readelf --section-headers --wide "$CARGO_TARGET_DIR/$target/release/$1" | sed 's/^ *\[ *[0-9]*\] *//' | {
        local name size flash=0 ram=0
        while read -r name _ _ _ size _; do
            case $name in
                .text | .rodata) flash=$((flash + 16#$size)) ;;
                .data) flash=$((flash + 16#$size)) ram=$((ram + 16#$size)) ;;
                .bss) ram=$((ram + 16#$size)) ;;
            esac
        done
        echo "$flash $ram"
    }
}

install_packages
choose_compiler
for level in z s 3; do
    (cd sizes && CARGO_PROFILE_RELEASE_OPT_LEVEL=$level "${build[@]}" --quiet --target "$target")
    read -r base_flash base_ram <<<"$(footprint nothing)"
    for image in xsync maitake maitake_spin embassy; do
        read -r flash ram <<<"$(footprint "$image")"
        printf 'opt-level %s  %-13s flash %5d  ram %4d\n' \
            "$level" "$image" $((flash - base_flash)) $((ram - base_ram))
    done
done
