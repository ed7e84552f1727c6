//! Running treesum, and looking at it while it runs.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub(crate) const RUNTIMES: [&str; 4] = ["tokio", "smol", "async-std", "threads"];

/// Only a guard against a hang: no run comes near.
const PATIENCE: Duration = Duration::from_secs(120);

/// `treesum` with arguments, on the default runtime.
pub(crate) fn treesum<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_treesum"));
    command.args(args).stdin(Stdio::null());
    command
}

/// What it printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let stderr = String::from_utf8(output.stderr).expect("messages are Unicode");
        Self { code: output.status.code(), stdout: output.stdout, stderr }
    }
}

impl Ended {
    /// All files were hashed, and nothing was complained of.
    #[track_caller]
    pub(crate) fn list(self) -> Vec<u8> {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""));
        self.stdout
    }
}

#[track_caller]
pub(crate) fn run<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Ended {
    treesum(args).output().expect("treesum runs").into()
}

/// A treesum that is at work. Killed if the test fails meanwhile.
pub(crate) struct Running(Option<Child>);

impl Running {
    pub(crate) fn start<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Self {
        Self::of(treesum(args).stdout(Stdio::piped()).stderr(Stdio::piped()))
    }

    pub(crate) fn of(command: &mut Command) -> Self {
        Self(Some(command.spawn().expect("treesum starts")))
    }

    fn child(&mut self) -> &mut Child {
        self.0.as_mut().expect("until it has ended")
    }

    /// Waits until it has `path` open.
    #[cfg(target_os = "linux")]
    #[track_caller]
    pub(crate) fn until_open(&mut self, path: &Path) {
        let descriptors = format!("/proc/{}/fd", self.child().id());
        let path = path.canonicalize().unwrap();
        self.until("the file is open", |_| {
            let mut entries = std::fs::read_dir(&descriptors).unwrap().flatten();
            entries.any(|entry| std::fs::read_link(entry.path()).is_ok_and(|target| target == path))
        });
    }

    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Child) -> bool) {
        let start = Instant::now();
        while !holds(self.child()) {
            assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// As the terminal does at Ctrl-C.
    pub(crate) fn interrupt(&mut self) {
        let pid = rustix::process::Pid::from_child(self.child());
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    }

    /// Waits for its end. What it prints meanwhile must fit into a pipe.
    #[track_caller]
    pub(crate) fn ended(mut self) -> Ended {
        self.until("it ends", |child| child.try_wait().unwrap().is_some());
        self.0.take().expect("once").wait_with_output().unwrap().into()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
