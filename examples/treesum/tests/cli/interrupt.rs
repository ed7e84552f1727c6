//! Ctrl-C.
#![cfg(target_os = "linux")]

use crate::command::{RUNTIMES, Running};
use crate::tree::{ENDLESS, Tree};

/// Files that would take hours, and some that are done at once.
fn endless() -> Tree {
    let tree = Tree::new();
    for index in 0..8 {
        tree.file(format!("{index} done"), "done");
        tree.sparse(format!("{index} endless"), ENDLESS);
    }
    tree
}

#[test]
fn an_interrupt_ends_the_run_and_prints_nothing() {
    let tree = endless();
    for runtime in RUNTIMES {
        for options in [&["--jobs=1"][..], &["--jobs=64", "--memory=1MiB"], &["--jobs=64", "--memory=64MiB", "-k"]] {
            let args = ["--runtime", runtime].into_iter().chain(options.iter().copied()).map(AsRef::as_ref);
            let mut running = Running::start([tree.path().as_os_str()].into_iter().chain(args));
            running.until_open(&tree.at("0 endless"));
            running.interrupt();
            let ended = running.ended();
            assert_eq!((ended.code, ended.stderr.as_str()), (Some(130), ""), "{runtime} {options:?}");
            assert_eq!(ended.stdout, b"", "{runtime} {options:?}");
        }
    }
}

#[test]
fn stats_are_printed_after_an_interrupt_too() {
    let tree = endless();
    let mut running = Running::start([tree.path().as_os_str(), "--stats".as_ref()]);
    running.until_open(&tree.at("0 endless"));
    running.interrupt();
    let ended = running.ended();
    assert_eq!((ended.code, ended.stdout.len()), (Some(130), 0));
    assert!(ended.stderr.starts_with("files: ") && ended.stderr.contains("peak memory: "), "{}", ended.stderr);
}
