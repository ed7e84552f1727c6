//! Maps that grow from empty: all insertions, and the worst of them.

use std::time::Duration;

use xsync_benches::{GoMap, Plan, Row, Sample, threads, version};

use crate::contenders::{Contender, Session, every_map};
use crate::go;

/// So many keys are inserted.
const KEYS: u64 = 100_000;

/// The worst insertion is looked for among so many.
const LARGE: u64 = 1_000_000;

/// So many growths are enough for a median.
const ROUNDS: usize = 21;

pub fn measure(plan: &Plan, maps: &[GoMap]) {
    for threads in [1, 2] {
        let title = format!("growth: insertions from empty to 100k keys, {threads} threads");
        if !plan.wants(&title) {
            continue;
        }
        // A sample is a whole growth: there is nothing to calibrate.
        let mut row = Row::new(title, Duration::from_nanos(1));
        every_map!(M => add::<M<u64, u64>>(&mut row, move || insertions::<M<u64, u64>>(threads));
            Xsync, Dash, Papaya, Scc, Flurry, Locked);
        let flags = ["-work=growth".into(), format!("-threads={threads}")];
        go::add(&mut row, maps, Some(KEYS / threads), &flags);
        row.measure(plan);
    }
    let title = "growth: worst insertion, processor time, up to 1M keys";
    if !plan.wants(title) {
        return;
    }
    let mut few = plan.clone();
    few.rounds = few.rounds.min(ROUNDS);
    let keys = if plan.quick { KEYS } else { LARGE };
    let mut row = Row::new(title, Duration::from_nanos(1));
    every_map!(M => add::<M<u64, u64>>(&mut row, move || worst::<M<u64, u64>>(keys));
        Xsync, Dash, Papaya, Scc, Flurry, Locked);
    go::add(&mut row, maps, Some(keys), &["-work=worst".into()]);
    row.measure(&few);
}

fn add<'a, C: Contender<u64, u64>>(row: &mut Row<'a>, sample: impl Fn() -> Sample + 'a) {
    row.foreign(C::NAME, &version(C::PACKAGE), move |_| sample());
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
