# Sourced by run.sh and sizes.sh: what is needed to build for `targets`, an array that they set.
#
# rustup's core library is used where it is installed; else Debian's compiler, which builds its own from source, with
# rustup's linker.

# The link arguments come from build.rs; flags of the caller are for the host.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS CARGO_BUILD_TARGET

# Whether rustup has the core library of every target.
rustup_has_targets() {
    local target
    for target in "${targets[@]}"; do
        [[ -d $(rustc --print target-libdir --target "$target") ]] || return 1
    done
}

# Whether Debian's compiler and the sources of its core library are there.
debian_has_rust() {
    [[ -x /usr/bin/rustc && -d /usr/lib/rustlib/src/rust/library/core ]]
}

missing_packages() {
    command -v qemu-system-arm >/dev/null || echo qemu-system-arm
    rustup_has_targets || debian_has_rust || echo rustc-web rust-web-src
}

# Installs what is missing if it may; else says what to install, and exits.
install_packages() {
    local packages
    read -r -d '' -a packages < <(missing_packages) || true
    ((${#packages[@]})) || return 0
    if ! command -v apt-get >/dev/null || ((EUID != 0)); then
        echo "missing; on Debian: apt-get install --no-install-recommends ${packages[*]}" >&2
        echo "elsewhere: QEMU for Arm, and rustup target add ${targets[*]}" >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    timeout 300 apt-get -q update
    timeout 900 apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${packages[@]}"
}

# Sets `build`: the command that builds for a target.
choose_compiler() {
    build=(timeout 900 cargo build --release --locked)
    if rustup_has_targets; then return 0; fi
    local host linker
    host=$(rustc -vV | sed -n 's/^host: //p')
    linker=$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld
    export CARGO_TARGET_THUMBV7EM_NONE_EABI_LINKER=$linker CARGO_TARGET_THUMBV6M_NONE_EABI_LINKER=$linker
    export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    build+=(-Zbuild-std=core)
}
