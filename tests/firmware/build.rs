//! Gives the linker the memory map of the board that stands for the target.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let target = env::var("TARGET").expect("set by cargo");
    let map = match target.as_str() {
        "thumbv7em-none-eabi" => "memory/thumbv7em.x",
        "thumbv6m-none-eabi" => "memory/thumbv6m.x",
        other => panic!("no board for {other}: build for thumbv7em-none-eabi or thumbv6m-none-eabi (see run.sh)"),
    };
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    fs::copy(map, out.join("memory.x")).expect("the build directory is writable");
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rustc-link-arg=-Tlink.x");
    println!("cargo::rerun-if-changed={map}");
    println!("cargo::rerun-if-changed=build.rs");
}
