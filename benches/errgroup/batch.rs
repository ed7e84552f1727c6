//! The measuring of a batch: children that are started by one task, which then waits for all of them.

use std::convert::Infallible;
use std::future::Future;
use std::hint::black_box;
use std::time::{Duration, Instant};

use xsync_benches::{Plan, Row, Sample};

use crate::executors::Executor;
use crate::{counter, groups};

/// Enough that the group and the wait for it do not count, few enough that the children of a batch stay in the cache.
pub const CHILDREN: usize = 1_000;

const SAMPLE: Duration = Duration::from_millis(3);

/// What a row asks.
#[derive(Clone, Copy)]
pub struct Question {
    pub workers: usize,
    pub work: Work,
}

/// What a child does.
#[derive(Clone, Copy)]
pub struct Work {
    pub time: Duration,
    turns: u32,
}

impl Work {
    pub fn none() -> Self {
        Self { time: Duration::ZERO, turns: 0 }
    }

    /// Keeps the processor busy, as long as it now takes for about `time`.
    pub fn spin(time: Duration) -> Self {
        const TURNS: u32 = 100_000;
        let quickest = (0..50)
            .map(|_| {
                let start = Instant::now();
                Self { time, turns: TURNS }.run();
                start.elapsed()
            })
            .min()
            .expect("many tries");
        let turns = f64::from(TURNS) * time.as_secs_f64() / quickest.as_secs_f64();
        Self { time, turns: turns as u32 }
    }

    pub fn run(self) {
        for turn in 0..self.turns {
            black_box(turn);
        }
    }

    /// The same as a future that cannot fail.
    pub async fn child(self) -> Result<(), Infallible> {
        self.run();
        Ok(())
    }
}

/// Where contenders are entered: a row, to be timed, or a table of what they allocate.
pub trait Sheet {
    /// `run` does about as many operations as it is told.
    fn enter(&mut self, name: &str, run: impl FnMut(u64) -> Sample + 'static);
}

impl Sheet for Row<'_> {
    fn enter(&mut self, name: &str, run: impl FnMut(u64) -> Sample + 'static) {
        self.contender(name, run);
    }
}

/// One row for `E`: the subject, its forms, the baselines, and `others`.
pub fn measure<E: Executor>(plan: &Plan, question: Question, others: impl FnOnce(&mut Row<'_>, &'static E)) {
    let Question { workers, work } = question;
    let what = if work.time.is_zero() { "nothing".to_owned() } else { format!("{:?}", work.time) };
    let worker = if workers == 1 { "worker" } else { "workers" };
    let mut row = Row::new(format!("children of {what}: {}, {workers} {worker}", E::NAME), SAMPLE);
    // Lives as long as the process, as its tasks have to.
    let executor: &'static E = Box::leak(Box::new(E::new(workers)));
    groups::add(&mut row, executor, work);
    counter::add(&mut row, executor, work);
    others(&mut row, executor);
    row.measure(plan);
}

/// A contender: as many batches as fill the operations asked for, one after the other, by a task of the executor.
pub fn contender<E: Executor, F>(
    sheet: &mut impl Sheet,
    name: &'static str,
    executor: &'static E,
    batch: impl Fn() -> F + Copy + Send + 'static,
) where
    F: Future<Output = ()> + Send,
{
    sheet.enter(name, move |operations| {
        // Not timed: wakes the workers, and fills their caches with what the sample needs.
        executor.run(async move { batch().await });
        let batches = operations.div_ceil(CHILDREN as u64);
        Sample::of(batches * CHILDREN as u64, || {
            executor.run(async move {
                for _ in 0..batches {
                    batch().await;
                }
            });
        })
    });
}
