//! What cannot be read.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use rustix::process::getuid;

use crate::command::{Ended, RUNTIMES, Running, run};
use crate::tree::{ENDLESS, Tree, line};

/// Any user but root, whom no permission keeps out.
const NOBODY: u32 = 65_534;

#[test]
fn what_is_not_there_or_not_a_file_is_named() {
    let tree = Tree::new();
    symlink("nowhere", tree.at("dangling")).unwrap();
    for (name, reason) in [
        ("missing", "No such file or directory"),
        ("dangling", "No such file or directory"),
        ("/dev/null", "neither a regular file nor a directory"),
    ] {
        for keep_going in [false, true] {
            let path = tree.at(name);
            let ended = run([path.as_os_str()].into_iter().chain(keep_going.then_some("--keep-going".as_ref())));
            assert_eq!((ended.code, ended.stdout.len()), (Some(1), 0));
            let start = format!("treesum: {}: {reason}", path.display());
            assert!(ended.stderr.starts_with(&start) && ended.stderr.lines().count() == 1, "{}", ended.stderr);
        }
    }
    let ended = run([""]);
    assert_eq!((ended.code, ended.stderr.starts_with("treesum: : No such file")), (Some(1), true));
}

/// The system opens it, and refuses the first byte, to root too.
#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_read_though_it_opens_is_named() {
    for runtime in RUNTIMES {
        let ended = run(["/proc/self/mem", "--runtime", runtime]);
        assert_eq!((ended.code, ended.stdout.len()), (Some(1), 0));
        assert_eq!(ended.stderr, "treesum: /proc/self/mem: Input/output error (os error 5)\n", "{runtime}");
    }
}

/// Runs as a user whom permissions keep out: for root, a copy of the program that this user can reach.
fn run_as_user(bin: &Tree, args: &[&std::ffi::OsStr]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_treesum"));
    if getuid().is_root() {
        let copy = bin.at("treesum");
        if !copy.exists() {
            fs::copy(env!("CARGO_BIN_EXE_treesum"), &copy).unwrap();
            for path in [bin.path(), &copy] {
                fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
            }
        }
        command = Command::new(copy);
        command.uid(NOBODY).gid(NOBODY);
    }
    command.args(args).output().unwrap().into()
}

#[test]
fn what_may_not_be_read_is_named() {
    let (tree, bin) = (Tree::new(), Tree::new());
    fs::set_permissions(tree.path(), Permissions::from_mode(0o755)).unwrap();
    let first = tree.file("a", "first");
    let secret = tree.file("b/secret\n", "secret");
    let closed = tree.file("c/below", "unseen").parent().unwrap().to_owned();
    let last = tree.file("d", "last");
    for path in [&secret, &closed] {
        fs::set_permissions(path, Permissions::from_mode(0o000)).unwrap();
    }
    let denied = "Permission denied (os error 13)";
    let (file, directory) = (format!("{}/b/secret\\n", tree.path().display()), closed.display().to_string());
    for runtime in RUNTIMES {
        let args = [tree.path().as_os_str(), "--runtime".as_ref(), runtime.as_ref(), "--keep-going".as_ref()];
        let ended = run_as_user(&bin, &args);
        assert_eq!(ended.code, Some(1));
        assert_eq!(ended.stderr, format!("treesum: {file}: {denied}\ntreesum: {directory}: {denied}\n"), "{runtime}");
        assert_eq!(ended.stdout, [line(&first, b"first"), line(&last, b"last")].concat(), "{runtime}");

        // Without it, the first ends the run: here the one that the walk meets.
        let ended = run_as_user(&bin, &args[..3]);
        assert_eq!((ended.code, ended.stdout.len()), (Some(1), 0));
        assert_eq!(ended.stderr, format!("treesum: {directory}: {denied}\n"), "{runtime}");
    }
    fs::set_permissions(&closed, Permissions::from_mode(0o755)).unwrap();
    let ended = run_as_user(&bin, &[tree.path().as_os_str()]);
    assert_eq!((ended.code, ended.stdout.len()), (Some(1), 0));
    assert_eq!(ended.stderr, format!("treesum: {file}: {denied}\n"));
}

/// A path that is too long for the system cannot be read even by root.
#[test]
fn a_path_that_is_too_long_is_named() {
    use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};

    let tree = Tree::new();
    let whole = tree.file("whole", "whole");
    let name = "d".repeat(250);
    let directory = OFlags::RDONLY | OFlags::DIRECTORY;
    let mut at = openat(CWD, tree.path(), directory, Mode::empty()).unwrap();
    for _ in 0..17 {
        mkdirat(&at, &name, Mode::RWXU).unwrap();
        at = openat(&at, &name, directory, Mode::empty()).unwrap();
    }
    let ended = run([tree.path().as_os_str(), "-k".as_ref()]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains(&name) && ended.stderr.contains("File name too long"), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1);
    assert_eq!(ended.stdout, line(&whole, b"whole"));
}

/// As where a user may have only so many threads; a limit on addresses holds for root too.
#[cfg(target_os = "linux")]
#[test]
fn a_job_that_cannot_be_started_is_named() {
    let tree = Tree::new();
    for index in 0..300 {
        tree.sparse(format!("{index}"), ENDLESS);
    }
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 300000; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_treesum")]);
    command.args(["--runtime=threads", "--jobs=300", "--keep-going"]).arg(tree.path());
    let ended = Running::of(command.stdout(Stdio::piped()).stderr(Stdio::piped())).ended();
    assert_eq!((ended.code, ended.stdout.len()), (Some(1), 0));
    let start = format!("treesum: {}/", tree.path().display());
    let reason = ": a job cannot be started: Resource temporarily unavailable (os error 11)\n";
    assert!(ended.stderr.starts_with(&start) && ended.stderr.ends_with(reason), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1);
}
