//! The list is that of `sha256sum`, byte for byte, on every runtime.

use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::Command;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::command::{RUNTIMES, run, treesum};
use crate::tree::{Tree, bytes, line, sha256sum, sort};

/// Names that a list could stumble over, in the order of bytes that their paths do not have by components.
const NAMES: [&[u8]; 18] = [
    b" leading and trailing ",
    b"-starts-like-an-option",
    b".hidden",
    b"A",
    b"a",
    b"a-b",
    b"a.b",
    b"b/a",
    b"b-a",
    b"caf\xc3\xa9",
    b"caf\xe9",
    b"back\\slash",
    b"new\nline",
    b"\\n",
    b"both\\\n",
    b"dir \xff\n/deep/er/file",
    b"tab\tand\x07bell",
    b"*?[a]$'\"",
];

/// Regular files, and among them what is none.
fn tree() -> (Tree, Vec<PathBuf>) {
    let tree = Tree::new();
    let mut files = tree.sizes();
    files.extend(NAMES.iter().enumerate().map(|(index, name)| tree.file(name, bytes(index))));
    std::fs::create_dir(tree.at("empty directory")).unwrap();
    symlink("a", tree.at("link to a file")).unwrap();
    symlink("sizes", tree.at("link to a directory")).unwrap();
    symlink(".", tree.at("link to itself")).unwrap();
    symlink("nowhere", tree.at("link to nothing")).unwrap();
    mknodat(CWD, tree.at("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    drop(UnixListener::bind(tree.at("socket")).unwrap());
    sort(&mut files);
    (tree, files)
}

#[test]
fn the_list_is_that_of_sha256sum() {
    let (tree, files) = tree();
    let expected = sha256sum(&files);
    for runtime in RUNTIMES {
        for options in [&[][..], &["--jobs", "1", "--memory", "1MiB"], &["--jobs", "5000", "--memory", "5000"]] {
            let args = ["--runtime", runtime].into_iter().chain(options.iter().copied());
            let list = treesum(args).arg(tree.path()).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&list.stderr), "");
            assert_eq!(list.status.code(), Some(0));
            let listed = list.stdout.iter().filter(|&&byte| byte == b'\n').count();
            assert_eq!(listed, files.len(), "{runtime} {options:?}");
            if let Some(expected) = &expected {
                assert!(list.stdout == *expected, "{runtime} {options:?}: {}", String::from_utf8_lossy(&list.stdout));
            }
        }
    }
}

/// With one job at a time, a small file is hashed before the next is opened.
#[test]
fn hard_links_are_listed_each_and_hashed_once() {
    let tree = Tree::new();
    let mut files = vec![tree.file("a", bytes(5_000)), tree.file("b", bytes(5_000))];
    for name in ["a again", "c/a"] {
        files.push(tree.file(name, ""));
        let link = files.last().unwrap();
        std::fs::remove_file(link).unwrap();
        std::fs::hard_link(&files[0], link).unwrap();
    }
    sort(&mut files);
    let expected: Vec<u8> = files.iter().flat_map(|file| line(file, &bytes(5_000))).collect();
    for runtime in RUNTIMES {
        let output = treesum(["--jobs", "1", "--stats", "--runtime", runtime]).arg(tree.path()).output().unwrap();
        assert!(output.stdout == expected, "{runtime}: {}", String::from_utf8_lossy(&output.stdout));
        let stats = String::from_utf8(output.stderr).unwrap();
        assert!(stats.starts_with("files: 4\nbytes: 10000\nfiles hashed as another link: 2\n"), "{runtime}: {stats}");
    }
}

/// A file so large that its links are opened while it is being hashed.
#[test]
fn hard_links_that_are_opened_at_the_same_time_are_read_once() {
    const LINKS: usize = 40;
    const SIZE: usize = 20_000_000;
    let tree = Tree::new();
    let content = bytes(SIZE);
    let mut files = vec![tree.file("0", &content)];
    for link in 1..LINKS {
        files.push(tree.at(link.to_string()));
        std::fs::hard_link(&files[0], files.last().unwrap()).unwrap();
    }
    sort(&mut files);
    let one = String::from_utf8(line("".as_ref(), &content)).unwrap();
    let lines = files.iter().map(|file| format!("{}{}\n", one.trim_end_matches('\n'), file.display()));
    let expected = lines.collect::<String>().into_bytes();
    for runtime in RUNTIMES {
        for jobs in ["2", "40"] {
            let output = treesum(["--jobs", jobs, "--stats", "--runtime", runtime]).arg(tree.path()).output().unwrap();
            assert!(output.stdout == expected, "{runtime}, {jobs} jobs");
            let stats = String::from_utf8(output.stderr).unwrap();
            let counted = format!("files: {LINKS}\nbytes: {SIZE}\nfiles hashed as another link: {}\n", LINKS - 1);
            assert!(stats.starts_with(&counted), "{runtime}, {jobs} jobs: {stats}");
        }
    }
}

/// Version 9 of coreutils escapes it, version 8 does not; both read it escaped.
#[test]
fn a_carriage_return_is_escaped() {
    let tree = Tree::new();
    let file = tree.file("carriage\rreturn", "");
    let list = run([tree.path()]).list();
    assert!(list.starts_with(b"\\e3b0c442"));
    assert!(list.ends_with(b"/carriage\\rreturn\n"));
    if let Some(theirs) = sha256sum(&[file]).filter(|theirs| theirs.starts_with(b"\\")) {
        assert_eq!(list, theirs);
    }
}

#[test]
fn sha256sum_accepts_the_list() {
    let (tree, files) = tree();
    let mut list = tempfile::NamedTempFile::new().unwrap();
    list.write_all(&run([tree.path()]).list()).unwrap();
    let check = || Command::new("sha256sum").args(["--check", "--strict"]).arg(list.path()).output();
    let Ok(checked) = check() else { return };
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));

    std::fs::write(&files[0], "changed").unwrap();
    assert!(!check().unwrap().status.success(), "it does check");
}

#[test]
fn an_empty_tree_has_an_empty_list() {
    let tree = Tree::new();
    std::fs::create_dir_all(tree.at("a/b/c")).unwrap();
    for runtime in RUNTIMES {
        assert_eq!(run([tree.path().as_os_str(), "--runtime".as_ref(), runtime.as_ref()]).list(), b"", "{runtime}");
    }
}

/// Paths begin with the directory as it was given.
#[test]
fn the_directory_is_printed_as_given() {
    let tree = Tree::new();
    tree.file("dir/sub/x", "x");
    tree.file(b"caf\xe9/x", "x");
    symlink("dir", tree.at("link")).unwrap();
    symlink("dir/sub/x", tree.at("link to x")).unwrap();
    for (given, printed) in [
        (&b"dir"[..], &b"dir/sub/x"[..]),
        (b"dir/", b"dir/sub/x"),
        (b"dir//", b"dir//sub/x"),
        (b"./dir/.", b"./dir/./sub/x"),
        (b"dir/sub/..", b"dir/sub/../sub/x"),
        (b"caf\xe9", b"caf\xe9/x"),
        (b"dir/sub/x", b"dir/sub/x"),
        // Named by the user, a link is followed.
        (b"link", b"link/sub/x"),
        (b"link to x", b"link to x"),
    ] {
        use std::os::unix::ffi::OsStrExt as _;
        let given = std::ffi::OsStr::from_bytes(given);
        let output = treesum([given]).current_dir(tree.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", given.display());
        let expected = line(std::ffi::OsStr::from_bytes(printed).as_ref(), b"x");
        assert_eq!(output.stdout, expected, "{}", given.display());
    }
    let output = treesum(["."]).current_dir(tree.at("dir")).output().unwrap();
    assert_eq!(output.stdout, line("./sub/x".as_ref(), b"x"));
}

/// Its size is not told, and it cannot be read without a thread that may block.
#[cfg(target_os = "linux")]
#[test]
fn a_file_whose_size_is_not_told_is_read_to_its_end() {
    let version = PathBuf::from("/proc/version");
    let expected = line(&version, &std::fs::read(&version).unwrap());
    for runtime in RUNTIMES {
        for memory in ["1", "7", "1MiB"] {
            let args = ["/proc/version", "--memory", memory, "--runtime", runtime];
            assert_eq!(run(args).list(), expected, "{memory} {runtime}");
        }
    }
}
