#!/usr/bin/env bash
# Builds the firmware image, runs it in QEMU, and demands that it passes, and that it fails when it must.
#
#   run.sh              a Cortex-M4, with compare-and-swap
#   run.sh all          and a Cortex-M0, without
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

target_dir=${CARGO_TARGET_DIR:-$PWD/target}

case ${1:-} in
    '') targets=(thumbv7em-none-eabi) ;;
    all) targets=(thumbv7em-none-eabi thumbv6m-none-eabi) ;;
    *) echo "usage: run.sh [all]" >&2; exit 2 ;;
esac

# shellcheck source=toolchain.sh
source ./toolchain.sh

passed=0
failed=0

# Runs an image with an argument (may be empty) and prints what it says; the status is QEMU's.
run_image() {
    local target=$1 argument=$2 machine
    case $target in
        thumbv7em-*) machine=mps2-an386 ;;
        thumbv6m-*) machine=microbit ;;
    esac
    # Time is counted in instructions: every run is the same, whatever the load of the host.
    timeout 60 qemu-system-arm -machine "$machine" -display none -monitor none -serial none \
        -icount shift=6,sleep=off \
        -semihosting-config "enable=on,target=native,arg=xsync-firmware${argument:+,arg=$argument}" \
        -kernel "$target_dir/$target/release/xsync-firmware" </dev/null 2>&1
}

# demand TARGET (pass|fail) ARGUMENT TEXT: how the image ends with ARGUMENT, and what it says.
demand() {
    local target=$1 expected=$2 argument=$3 text=$4 said status=0 ended
    said=$(run_image "$target" "$argument") || status=$?
    case $status in
        0) ended=pass ;;
        124) ended=timeout ;;
        *) ended=fail ;;
    esac
    if [[ $ended == "$expected" && $said == *"$text"* ]]; then
        passed=$((passed + 1))
        echo "ok: $target ${argument:-as it is}: exit $status: $(grep -F -m1 -- "$text" <<<"$said")"
    else
        failed=$((failed + 1))
        echo "FAILED: $target ${argument:-as it is}: exit $status, where '$expected' was demanded, saying '$text'; it said:"
        echo "$said"
    fi
}

install_packages
choose_compiler
for target in "${targets[@]}"; do
    CARGO_TARGET_DIR=$target_dir "${build[@]}" --target "$target"
    demand "$target" pass "" "all as expected"
    demand "$target" fail lost-event "watchdog: narrow hangs in its wait for Events(1)"
    demand "$target" fail lost-reading "watchdog: wide hangs in its wait for Reading"
    demand "$target" fail lost-stop "watchdog: wide hangs in its wait for PermitsOrStop(3)"
    demand "$target" fail lost-close "watchdog: narrow hangs in its wait for Permits(3)"
    demand "$target" fail panic "planted panic"
    demand "$target" fail hard-fault "hard fault at"
done
echo "firmware: $passed passed, $failed failed"
((failed == 0))
