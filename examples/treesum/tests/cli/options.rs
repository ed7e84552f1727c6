//! The command line and `--stats`.

use crate::command::{RUNTIMES, run, treesum};
use crate::tree::Tree;

#[test]
fn a_wrong_command_line_is_exit_code_2() {
    for (args, message) in [
        (&[][..], "no directory is given"),
        (&["a", "b"], "unexpected argument \"b\""),
        (&["--runtime", "fuchsia", "a"], "the runtimes are tokio, smol, async-std and threads"),
        (&["--jobs", "0", "a"], "the number of jobs is a whole number above zero"),
        (&["--memory", "0", "a"], "`0` is no memory at all"),
        (&["--memory", "99999999999999999999", "a"], "is more than an address can count"),
    ] {
        let ended = run(args);
        assert_eq!((ended.code, ended.stdout.len()), (Some(2), 0), "{args:?}");
        assert!(ended.stderr.starts_with("treesum: ") && ended.stderr.contains(message), "{}", ended.stderr);
    }
}

#[test]
fn help_goes_to_standard_output() {
    let help = String::from_utf8(run(["--help"]).list()).unwrap();
    for option in ["--jobs", "--memory", "--runtime", "--keep-going", "--stats", "--help", "DIR"] {
        assert!(help.contains(option), "{option}");
    }
    assert!(help.lines().all(|line| line.len() <= 120));
}

#[test]
fn stats_count_what_was_done() {
    let tree = Tree::new();
    let sizes = tree.sizes();
    let bytes: u64 = sizes.iter().map(|path| path.metadata().unwrap().len()).sum();
    for runtime in RUNTIMES {
        let output = treesum(["--stats", "--runtime", runtime]).arg(tree.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let stats = String::from_utf8(output.stderr).unwrap();
        let lines: Vec<&str> = stats.lines().collect();
        assert_eq!(lines[..2], [format!("files: {}", sizes.len()), format!("bytes: {bytes}")]);
        assert_eq!(lines[2], "files hashed as another link: 0");
        assert!(lines[3].starts_with("acquisitions: ") && lines[4].starts_with("of these queued: "));
        assert!(lines[5].starts_with("peak memory: ") && lines.len() == 6);
        if cfg!(target_os = "linux") {
            assert!(lines[5].ends_with(" KiB"), "{}", lines[5]);
        }
    }
}
