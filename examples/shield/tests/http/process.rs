//! The program, as a user starts and stops it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::client::{burst, get};
use crate::origin::Origin;
use crate::running::until_refused;

/// Killed if the test fails meanwhile.
struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Program {
    fn start(origin: &Origin, args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shield"));
        command.arg(format!("http://{}", origin.address)).args(["--listen", "127.0.0.1:0"]).args(args);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://").expect("says where it listens");
        Self { address: address.parse().unwrap(), child, stdout }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for its end: the exit code, and what it has said last.
    fn ended(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_it_when_all_is_answered_and_it_says_what_it_did() {
    for signal in [Signal::INT, Signal::TERM] {
        let origin = Origin::start().await;
        let program = Program::start(&origin, &[]);
        let waiting = burst(program.address, 1, "/page");
        origin.until_requests(1).await;
        program.signal(signal);
        until_refused(program.address).await;
        origin.open();
        waiting.join_all().await[0].is_the_page("/page");
        let said = "requests: 1, hits: 0, joined: 0, left: 0; origin asked: 1, failed: 0\n";
        assert_eq!(program.ended(), (Some(0), said.to_owned()), "{signal:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    let origin = Origin::start().await;
    let program = Program::start(&origin, &[]);
    let _waiting = burst(program.address, 1, "/page");
    origin.until_requests(1).await;
    program.signal(Signal::INT);
    until_refused(program.address).await;
    program.signal(Signal::INT);
    assert_eq!(program.ended(), (Some(130), String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn singleflight_can_be_switched_off() {
    let origin = Origin::start().await;
    let program = Program::start(&origin, &["--no-singleflight", "--ttl", "0"]);
    let waiting = burst(program.address, 7, "/page");
    origin.until_requests(7).await;
    origin.open();
    waiting.join_all().await.iter().for_each(|answer| answer.is_the_page("/page"));
    assert_eq!(get(program.address, "/page").await.way(), "miss");
    program.signal(Signal::TERM);
    let (code, said) = program.ended();
    assert_eq!((code, said.contains("origin asked: 8, failed: 0")), (Some(0), true), "{said}");
}

#[test]
fn a_wrong_command_line_is_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_shield")).arg("https://a").output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("shield: "));
}
