//! Go's `sync.Map`, on the same keys and work: ../go/syncmap.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use xsync_benches::{GoMap, Row, Sample};

/// Adds each build to a row, as one process per row, where it has what the work needs. It is told for each sample how
/// many operations to do, by `operations` if that is given.
pub fn add(row: &mut Row<'_>, maps: &[GoMap], operations: Option<u64>, flags: &[String]) {
    for map in maps {
        if let Some(mut process) = Process::start(Command::new(&map.program).args(flags)) {
            let run = move |wanted| process.sample(operations.unwrap_or(wanted));
            row.foreign(&map.name, &map.version, run);
        }
    }
}

/// It answers a number of operations with their nanoseconds.
struct Process {
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Process {
    /// None if this Go lacks what it needs.
    fn start(command: &mut Command) -> Option<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starts");
        let answers = BufReader::new(child.stdout.take().expect("piped"));
        let mut process = Self { child, answers };
        match process.answer().as_str() {
            "ready" => Some(process),
            "absent" => None,
            other => panic!("{command:?} says {other:?}"),
        }
    }

    fn sample(&mut self, operations: u64) -> Sample {
        let questions = self.child.stdin.as_mut().expect("piped");
        writeln!(questions, "{operations}").expect("it reads");
        Sample::told(operations, self.answer().parse().expect("a number"))
    }

    fn answer(&mut self) -> String {
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("it answers");
        answer.trim().to_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It ends with its questions.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
