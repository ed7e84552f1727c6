//! Go's errgroup and its bare goroutines, on the same shape: ../go/group.

use std::process::Command;

use xsync_benches::{Go, Row, Sample};

use crate::batch::{CHILDREN, Question};

pub fn add(go: &Go, row: &mut Row<'_>, question: Question) {
    row.foreign("Go errgroup", go.version(), run(go, question, &[]));
    row.foreign("Go, limit of 64", go.version(), run(go, question, &["-limit=64"]));
    row.foreign("Go WaitGroup", go.version(), run(go, question, &["-bare"]));
}

fn run(go: &Go, question: Question, flags: &'static [&'static str]) -> impl FnMut(u64) -> Sample + 'static {
    let program = go.program("group");
    move |operations| {
        let batches = operations.div_ceil(CHILDREN as u64);
        let mut command = Command::new(&program);
        command
            .args(flags)
            .arg(format!("-procs={}", question.workers))
            .arg(format!("-children={CHILDREN}"))
            .arg(format!("-batches={batches}"))
            .arg(format!("-work={}ns", question.work.time.as_nanos()));
        Sample::told(batches * CHILDREN as u64, Go::nanoseconds(&mut command))
    }
}
