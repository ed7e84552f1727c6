//! The examples, run as a user runs them.
#![cfg(feature = "std")]
#![expect(clippy::std_instead_of_alloc, reason = "as the examples, at home in std")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn run(example: &str, args: &[&str]) -> Output {
    Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--example", example, "--"])
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs")
}

fn bounded_workers(args: &[&str]) -> Output {
    run("bounded_workers", args)
}

/// Lines and bytes of each file below `directory`, one after the other.
fn counted_plainly(directory: &Path, counts: &mut BTreeMap<PathBuf, (usize, usize)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            counted_plainly(&path, counts);
        } else {
            let bytes = fs::read(&path).unwrap();
            counts.insert(path, (bytes.iter().filter(|&&byte| byte == b'\n').count(), bytes.len()));
        }
    }
}

#[test]
fn bounded_workers_counts_the_same_on_every_runtime() {
    let mut counts = BTreeMap::new();
    counted_plainly(Path::new("src"), &mut counts);
    let (mut lines, mut bytes) = (0, 0);
    let mut expected = String::new();
    for (path, (file_lines, file_bytes)) in counts {
        lines += file_lines;
        bytes += file_bytes;
        expected += &format!("{file_lines} {file_bytes} {}\n", path.display());
    }
    expected += &format!("{lines} {bytes} total\n");

    for runtime in ["tokio", "smol", "async-std", "threads"] {
        for workers in ["1", "3"] {
            let output = bounded_workers(&["src", "--runtime", runtime, "--workers", workers]);
            assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{runtime}, {workers} workers");
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

#[test]
fn bounded_workers_names_what_it_cannot_read() {
    let output = bounded_workers(&["no/such/directory"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no/such/directory"));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0 0 total\n");
}

#[test]
fn bounded_workers_refuses_bad_arguments() {
    for args in [&[][..], &["src", "--workers", "0"], &["src", "--runtime", "fuchsia"], &["src", "src"]] {
        let output = bounded_workers(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty());
        assert!(String::from_utf8_lossy(&output.stderr).starts_with("bounded_workers: "));
    }
}

/// The number between `before` and `after` in what an example has printed.
#[track_caller]
fn number(printed: &str, before: &str, after: &str) -> usize {
    let (rest, _) = printed.split_once(after).expect("names it");
    let (_, number) = rest.rsplit_once(before).expect("names it");
    number.parse().expect("a number")
}

/// The example itself asserts that the work was asked for once, and dropped with the last caller.
#[test]
fn stuck_flight_holds_up_nobody_who_has_a_deadline() {
    let output = run("stuck_flight", &[]);
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let expected = "\
all leave:       10 of 10 callers left at their deadline; in flight: 0
                 the next one got \"article 7\"
one stays:       10 left, the one that stayed got \"article 7\"; asked: 1
a thread leaves: the task that stayed got \"article 7\"; asked: 1
";
    assert_eq!(stdout, expected);
}

/// Its clock is paused, so that this does not depend on the machine.
#[test]
fn forget_failing_raises_the_rate_of_tries() {
    let output = run("forget_failing", &[]);
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let tries: Vec<usize> = stdout.lines().map(|line| number(line, " ", " tries")).collect();
    let at_once: Vec<usize> = stdout.lines().map(|line| number(line, " ", " at the same time")).collect();
    assert!(at_once == [1, 11] && tries[1] > 9 * tries[0], "{stdout}");
}

/// The example itself asserts that the siblings have stopped in the group, and have not without it.
#[test]
fn fail_fast_stops_the_siblings_in_a_group_and_only_there() {
    let output = run("fail_fast", &[]);
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let pages: Vec<usize> = stdout
        .lines()
        .map(|line| {
            let (_, fetched) = line.split_once("down.example is down; the others have fetched ").expect("names it");
            fetched.trim_end_matches(" pages").parse().expect("a number")
        })
        .collect();
    let [joined, group, token] = pages[..] else { panic!("three runs: {stdout}") };
    assert_eq!(joined, 4_000);
    assert!(group < joined && token < joined, "{stdout}");
}
