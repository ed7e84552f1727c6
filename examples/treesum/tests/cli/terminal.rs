//! The progress bar, on a terminal only. (That there is none elsewhere, each other test sees.)

use std::fs::File;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::process::Stdio;

use rustix::fs::{CWD, Mode, OFlags, fcntl_setfl, openat};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::command::{Running, treesum};
use crate::tree::{ENDLESS, Tree};

/// The two ends of a terminal. That of the screen is read without waiting.
fn terminal() -> (File, OwnedFd) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave = openat(CWD, &name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    fcntl_setfl(&master, OFlags::RDWR | OFlags::NONBLOCK).unwrap();
    (File::from(master), slave)
}

#[test]
fn a_terminal_shows_how_far_it_is_and_is_left_clean() {
    let tree = Tree::new();
    tree.file("done", "done");
    tree.sparse("endless", ENDLESS);
    let (mut screen, slave) = terminal();
    let mut running = Running::of(treesum([tree.path()]).stdout(Stdio::piped()).stderr(slave));

    let mut seen = String::new();
    let mut look = move |seen: &mut String| {
        let mut part = [0; 4096];
        while let Ok(count @ 1..) = screen.read(&mut part) {
            *seen += &String::from_utf8_lossy(&part[..count]);
        }
    };
    running.until("the bar is drawn", |_| {
        look(&mut seen);
        ["1/2 files, ", "/1.00 TiB, ", "iB/s, ", " left"].iter().all(|part| seen.contains(part))
    });
    running.interrupt();
    let ended = running.ended();
    assert_eq!((ended.code, ended.stdout.len()), (Some(130), 0));
    look(&mut seen);
    // The last thing is to erase the line.
    assert!(seen.trim_end_matches('\r').ends_with("\u{1b}[2K"), "{seen:?}");
}
