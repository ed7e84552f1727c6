//! Go's own benchmark, run from its own binary beside the same shapes here.
//!
//! A shape (cap, size, n) is a semaphore of `cap` permits, of which `size` are taken `n` times and then given back `n`
//! times, without guards. An operation is one such sequence.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::process::Command;
use std::time::Duration;

use xsync::Semaphore;
use xsync_benches::{Go, Plan, Row, SUBJECT, Sample};

use crate::free::ready;

const SHAPES: [(usize, usize, usize); 10] = [
    (1, 1, 1),
    (2, 1, 1),
    (16, 1, 1),
    (128, 1, 1),
    (2, 2, 1),
    (16, 2, 8),
    (128, 2, 64),
    (2, 1, 2),
    (16, 8, 2),
    (128, 64, 2),
];

/// Goroutines that contend, for the rows of `tasks`.
pub fn tasks(
    go: &Go,
    workers: usize,
    tasks: usize,
    permits: usize,
    weight: usize,
    held: bool,
) -> impl FnMut(u64) -> Sample {
    let program = go.program("tasks");
    move |operations| {
        let each = operations.div_ceil(tasks as u64);
        let flags = [("procs", workers), ("tasks", tasks), ("permits", permits), ("weight", weight)];
        let mut command = Command::new(&program);
        command.args(flags.map(|(name, value)| format!("-{name}={value}")));
        command.args([format!("-held={held}"), format!("-each={each}")]);
        Sample::told(each * tasks as u64, Go::nanoseconds(&mut command))
    }
}

/// One run of Go's benchmark answers all rows: what each of them has not asked for yet.
struct Answers<'a> {
    go: &'a Go,
    rows: Vec<(String, VecDeque<f64>)>,
}

impl Answers<'_> {
    fn next(&mut self, row: usize) -> f64 {
        if self.rows[row].1.is_empty() {
            self.run();
        }
        self.rows[row].1.pop_front().expect("each run answers each row")
    }

    fn run(&mut self) {
        let flags = ["-test.run=^$", "-test.bench=AcquireSeq/Weighted", "-test.benchtime=4ms", "-test.cpu=1"];
        let text = Go::said(Command::new(self.go.program("shapes")).args(flags));
        for (name, answers) in &mut self.rows {
            let line =
                text.lines().find(|line| line.split_whitespace().next().is_some_and(|word| word.ends_with(&*name)));
            let words: Vec<_> = line.expect("each row is a benchmark").split_whitespace().collect();
            assert_eq!(words[3], "ns/op");
            answers.push_back(words[2].parse().expect("a number"));
        }
    }
}

pub fn measure(plan: &Plan, go: Option<&Go>) {
    let shapes = || ["acquire", "tryAcquire"].into_iter().flat_map(|method| SHAPES.map(|shape| (method, shape)));
    let names = shapes().map(|(method, (cap, size, n))| format!("/Weighted-{method}-{cap}-{size}-{n}"));
    let rows = names.map(|name| (name, VecDeque::new())).collect();
    let answers = go.map(|go| RefCell::new(Answers { go, rows }));
    let mut table = Vec::new();
    for (index, (method, (cap, size, n))) in shapes().enumerate() {
        let mut row = Row::new(format!("Go's shapes: {method}, {cap}-{size}-{n}"), Duration::from_millis(1));
        match method {
            "acquire" => row.contender(SUBJECT, acquire(cap, size, n)),
            _ => row.contender(SUBJECT, try_acquire(cap, size, n)),
        };
        if let Some(answers) = &answers {
            let run = move |_| Sample::told(1 << 20, answers.borrow_mut().next(index));
            row.foreign("go x/sync", answers.borrow().go.version(), run);
        }
        table.push(row);
    }
    Row::measure_together(table, plan);
}

fn acquire(cap: usize, size: usize, n: usize) -> impl FnMut(u64) -> Sample {
    sequences(cap, size, n, move |semaphore| ready(semaphore.acquire(size)).expect("open").forget())
}

fn try_acquire(cap: usize, size: usize, n: usize) -> impl FnMut(u64) -> Sample {
    sequences(cap, size, n, move |semaphore| semaphore.try_acquire(size).expect("free").forget())
}

fn sequences(cap: usize, size: usize, n: usize, take: impl Fn(&Semaphore)) -> impl FnMut(u64) -> Sample {
    let semaphore = Semaphore::new(cap);
    move |operations| {
        let sample = Sample::of(operations, || {
            for _ in 0..operations {
                (0..n).for_each(|_| take(&semaphore));
                (0..n).for_each(|_| semaphore.release(size));
            }
        });
        assert_eq!(semaphore.available_permits(), cap);
        sample
    }
}
