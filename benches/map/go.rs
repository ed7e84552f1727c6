//! Go's `sync.Map`, on the same keys and mixes: ../go/syncmap.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use xsync_benches::{Go, Row, Sample};

use crate::mixes::{Mix, Writes};

/// One build of it.
pub struct SyncMap {
    go: Go,
}

impl SyncMap {
    pub fn new(go: Go) -> Self {
        Self { go }
    }

    /// Adds it to a row. The process is filled once, and told for each sample how many operations to do.
    pub fn add(&self, row: &mut Row<'_>, mix: Mix, count: u64, times: usize, spread: u64) {
        let mut command = Command::new(self.go.program("syncmap"));
        command
            .arg(format!("-threads={}", mix.threads))
            .arg(format!("-writes={}", mix.writes))
            .arg(format!("-churn={}", mix.kind == Writes::Churn))
            .arg(format!("-count={count}"))
            .arg(format!("-times={times}"))
            .arg(format!("-spread={spread}"));
        let mut process = Process::start(&mut command);
        row.foreign("Go sync.Map", self.go.version(), move |operations| process.sample(operations));
    }
}

/// It answers a number of operations with their nanoseconds.
struct Process {
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starts");
        let answers = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, answers }
    }

    fn sample(&mut self, operations: u64) -> Sample {
        let questions = self.child.stdin.as_mut().expect("piped");
        writeln!(questions, "{operations}").expect("it reads");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("it answers");
        Sample::told(operations, answer.trim().parse().expect("a number"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It ends with its questions.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
