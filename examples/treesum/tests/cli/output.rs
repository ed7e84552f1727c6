//! Where the list goes.

use std::fs::File;
use std::io::pipe;

use crate::command::{Ended, treesum};
use crate::tree::Tree;

/// As when `head` has seen enough.
#[test]
fn a_closed_pipe_is_no_failure() {
    let tree = Tree::new();
    for index in 0..2_000 {
        tree.file(format!("{index}"), "");
    }
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let ended: Ended = treesum([tree.path()]).stdout(writer).output().unwrap().into();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn messages_that_nobody_reads_are_no_panic() {
    let tree = Tree::new();
    for (args, code) in [(&["--stats"][..], 0), (&["missing"], 1), (&["--wrong"], 2)] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let mut command = treesum(args);
        if code == 0 {
            command.arg(tree.path());
        }
        let status = command.current_dir(tree.path()).stderr(writer).status().unwrap();
        assert_eq!(status.code(), Some(code), "{args:?}");
    }
}

#[test]
fn a_full_disk_is_a_failure() {
    let Ok(full) = File::options().write(true).open("/dev/full") else { return };
    let tree = Tree::new();
    tree.file("file", "");
    let ended: Ended = treesum([tree.path()]).stdout(full).output().unwrap().into();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.starts_with("treesum: standard output: "), "{}", ended.stderr);
}
