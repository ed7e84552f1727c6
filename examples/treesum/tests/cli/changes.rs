//! Files that change between the walk and their end. The first one has no end until the test gives it one, and there is
//! one job at a time: so the test knows what has been walked and what has not been opened.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::command::{RUNTIMES, Running};
use crate::tree::{ENDLESS, Tree, bytes, line};

fn shrink(path: &Path) {
    File::options().write(true).open(path).unwrap().set_len(0).unwrap();
}

#[test]
fn what_changes_meanwhile_is_hashed_or_named() {
    for runtime in RUNTIMES {
        let tree = Tree::new();
        let shrinks = tree.sparse("a", ENDLESS);
        let vanishes = tree.file("b", "b");
        let becomes_a_pipe = tree.file("c", "c");
        let becomes_a_link = tree.file("d", "d");
        let becomes_a_directory = tree.file("e", "e");
        let grows = tree.file("f", "f");
        let stays = tree.file("g", "g");
        let mut running = Running::start([
            tree.path().as_os_str(),
            "--keep-going".as_ref(),
            "--jobs=1".as_ref(),
            "--runtime".as_ref(),
            runtime.as_ref(),
        ]);
        running.until_open(&shrinks);

        for path in [&vanishes, &becomes_a_pipe, &becomes_a_link, &becomes_a_directory] {
            fs::remove_file(path).unwrap();
        }
        mknodat(CWD, &becomes_a_pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        symlink("g", &becomes_a_link).unwrap();
        fs::create_dir(&becomes_a_directory).unwrap();
        fs::write(&grows, bytes(300_000)).unwrap();
        shrink(&shrinks);

        let ended = running.ended();
        assert_eq!(ended.code, Some(1), "{runtime}");
        let named = |path: &Path, reason: &str| format!("treesum: {}: {reason}\n", path.display());
        let replaced = "no longer a regular file";
        let expected = [
            named(&vanishes, "No such file or directory (os error 2)"),
            named(&becomes_a_pipe, replaced),
            named(&becomes_a_link, replaced),
            named(&becomes_a_directory, replaced),
        ];
        assert_eq!(ended.stderr, expected.concat(), "{runtime}");
        // Of the first, as much as was read before it shrank.
        let (first, rest) = ended.stdout.split_at(64 + 2 + shrinks.as_os_str().len() + 1);
        assert!(first.ends_with(format!("  {}\n", shrinks.display()).as_bytes()), "{runtime}");
        assert_eq!(rest, [line(&grows, &bytes(300_000)), line(&stays, b"g")].concat(), "{runtime}");
    }
}

#[test]
fn the_first_failure_ends_the_run() {
    for runtime in RUNTIMES {
        let tree = Tree::new();
        // Two jobs: one that goes on and on, and one that makes way.
        let endless = tree.sparse("a", ENDLESS);
        let shrinks = tree.sparse("b", ENDLESS);
        let first = tree.file("c", "c");
        let second = tree.file("d", "d");
        let args = ["--jobs=2", "--runtime", runtime].map(AsRef::as_ref);
        let mut running = Running::start([tree.path().as_os_str()].into_iter().chain(args));
        running.until_open(&endless);
        running.until_open(&shrinks);
        fs::remove_file(&first).unwrap();
        fs::remove_file(&second).unwrap();
        shrink(&shrinks);

        let ended = running.ended();
        assert_eq!((ended.code, ended.stdout.len()), (Some(1), 0), "{runtime}");
        let expected = format!("treesum: {}: No such file or directory (os error 2)\n", first.display());
        assert_eq!(ended.stderr, expected, "{runtime}: only the first, and the endless one has ended");
    }
}
