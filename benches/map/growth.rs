//! Maps that grow from empty: all insertions, and the worst of them.

use std::time::Duration;

use xsync_benches::{Plan, Row, Sample, version};

use crate::contenders::{Contender, Session, every_map};
use crate::threads;

/// So many keys are inserted.
const KEYS: u64 = 100_000;

/// The worst insertion is looked for among so many.
const LARGE: u64 = 1_000_000;

/// So many growths are enough for a median.
const ROUNDS: usize = 21;

pub fn measure(plan: &Plan) {
    for threads in [1, 2] {
        let title = format!("growth: insertions from empty to 100k keys, {threads} threads");
        let mut row = Row::new(title, Duration::from_millis(8));
        every_map!(C, u64, u64 => row.foreign(name::<C>(), &version(package::<C>()), move |_| insertions::<C>(threads)));
        row.measure(plan);
    }
    let mut few = plan.clone();
    few.rounds = few.rounds.min(ROUNDS);
    let keys = if plan.quick { KEYS } else { LARGE };
    // A sample is a whole growth, and its one operation the worst: there is nothing to calibrate.
    let mut row = Row::new("growth: worst insertion, processor time, up to 1M keys", Duration::from_nanos(1));
    every_map!(C, u64, u64 => row.foreign(name::<C>(), &version(package::<C>()), move |_| worst::<C>(keys)));
    row.measure(&few);
}

fn name<C: Contender<u64, u64>>() -> &'static str {
    C::NAME
}

fn package<C: Contender<u64, u64>>() -> &'static str {
    C::PACKAGE
}

/// Each thread inserts its own share. A sample is one whole growth, without the drop.
fn insertions<C: Contender<u64, u64>>(threads: u64) -> Sample {
    let map = C::new();
    let each = KEYS / threads;
    let sample = threads::run(threads, each, |thread, each| {
        for number in thread * each..(thread + 1) * each {
            map.session().insert(number, number);
        }
    });
    assert!((0..KEYS).all(|number| map.session().read(&number) == Some(number)));
    sample
}

/// The processor time of the dearest insertion: what the system does meanwhile does not count.
fn worst<C: Contender<u64, u64>>(keys: u64) -> Sample {
    let map = C::new();
    let mut worst = Duration::ZERO;
    let mut before = processor_time();
    for number in 0..keys {
        map.session().insert(number, number);
        let now = processor_time();
        worst = worst.max(now.saturating_sub(before));
        before = now;
    }
    assert_eq!(map.session().read(&(keys - 1)), Some(keys - 1));
    Sample { operations: 1, elapsed: worst }
}

/// Of this thread.
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is there to be written.
    let done = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(done, 0, "this clock is always there");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
