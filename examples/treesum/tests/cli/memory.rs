//! The semaphore is the memory budget.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io;
use std::path::Path;

use crate::command::{RUNTIMES, treesum};
use crate::tree::Tree;

/// What `--stats` prints behind `name`.
#[track_caller]
fn stat(stats: &str, name: &str) -> u64 {
    let line = stats.lines().find_map(|line| line.strip_prefix(name)).expect("is printed");
    line.trim_end_matches(" KiB").parse().expect("is a number")
}

struct Run {
    queued: u64,
    peak: u64,
}

fn measure(tree: &Path, runtime: &str) -> Run {
    let args = ["--stats", "--memory", "1MiB", "--jobs", "64", "--runtime", runtime];
    let output = treesum(args).arg(tree).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let stats = String::from_utf8(output.stderr).unwrap();
    Run { queued: stat(&stats, "of these queued: "), peak: stat(&stats, "peak memory: ") }
}

/// Reading is faster than hashing, all the more from the system's cache: without a budget, most of a large file is in
/// memory before the first of it is hashed.
#[test]
fn memory_stays_within_the_budget() {
    let (large, empty) = (Tree::new(), Tree::new());
    for index in 0..8 {
        let path = large.sparse(format!("large/{index}"), 32 << 20);
        io::copy(&mut File::open(path).unwrap(), &mut io::sink()).unwrap();
    }
    for index in 0..2_000_usize {
        large.file(format!("small/{index}"), vec![b'x'; index * 7]);
    }
    for runtime in RUNTIMES {
        let (idle, busy) = (measure(empty.path(), runtime), measure(large.path(), runtime));
        assert_eq!(idle.queued, 0, "{runtime}");
        assert!(busy.queued > 0, "{runtime}: nobody queued");
        let more = busy.peak.saturating_sub(idle.peak);
        assert!(more <= 16 << 10, "{runtime}: {more} KiB more than on an empty tree");
    }
}
