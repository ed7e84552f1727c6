//! Go's own benchmarks of its map (sync/map_bench_test.go), on two threads.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use xsync_benches::{GoMap, Plan, Row, Sample, version};

use crate::contenders::{PASSES, Session, every_map};
use crate::go;
use crate::whole::Whole;
use xsync_benches::threads;

const THREADS: u64 = 2;

/// Keys that are used in turn; those that follow are used once.
const TURN: u64 = 1024;

/// One of them. Each sample has a map of its own, that holds the first `fill` keys.
#[derive(Clone, Copy)]
struct Benchmark {
    /// Go's.
    name: &'static str,
    fill: u64,
    /// How many operations each thread does.
    each: u64,
    /// How many of all operations find what they are for, where that is no race: so many of a turn.
    found: Option<u64>,
}

const fn benchmark(name: &'static str, fill: u64, found: Option<u64>) -> Benchmark {
    Benchmark { name, fill, each: 64 * TURN, found }
}

const LIST: [Benchmark; 24] = [
    benchmark("LoadMostlyHits", 1023, Some(1023)),
    benchmark("LoadMostlyMisses", 1, Some(1)),
    benchmark("LoadOrStoreBalanced", 128, Some(512)),
    benchmark("LoadOrStoreUnique", 0, Some(0)),
    benchmark("LoadOrStoreCollision", 1, Some(1024)),
    benchmark("LoadAndDeleteBalanced", 128, None),
    benchmark("LoadAndDeleteUnique", 0, Some(0)),
    benchmark("LoadAndDeleteCollision", 1, None),
    Benchmark { each: TURN, ..benchmark("Range", 1024, Some(1024 * 1024)) },
    benchmark("AdversarialAlloc", 0, Some(0)),
    benchmark("AdversarialDelete", 1024, None),
    benchmark("DeleteCollision", 1, None),
    benchmark("SwapCollision", 1, Some(1024)),
    benchmark("SwapMostlyHits", 1023, Some(1023)),
    benchmark("SwapMostlyMisses", 1, Some(1)),
    benchmark("CompareAndSwapCollision", 1, None),
    benchmark("CompareAndSwapNoExistingKey", 0, Some(0)),
    benchmark("CompareAndSwapValueNotEqual", 1, Some(0)),
    benchmark("CompareAndSwapMostlyHits", 1023, Some(1023)),
    benchmark("CompareAndSwapMostlyMisses", 1, Some(1)),
    benchmark("CompareAndDeleteCollision", 1, None),
    benchmark("CompareAndDeleteMostlyHits", 1023, None),
    benchmark("CompareAndDeleteMostlyMisses", 1, None),
    Benchmark { each: 4 * TURN, ..benchmark("Clear", 0, None) },
];

pub fn measure(plan: &Plan, maps: &[GoMap]) {
    for benchmark in LIST {
        let title = format!("Go's list: {}, {THREADS} threads", benchmark.name);
        if !plan.wants(&title) {
            continue;
        }
        // A sample is as long as it is: there is nothing to calibrate.
        let mut row = Row::new(title, Duration::from_nanos(1));
        every_map!(M => add::<M<u64, u64>>(&mut row, benchmark); Xsync, Dash, Papaya, Scc, Flurry, Locked);
        let flags = [format!("-work={}", benchmark.name), format!("-threads={THREADS}")];
        go::add(&mut row, maps, Some(benchmark.each), &flags);
        row.measure(plan);
    }
}

fn add<C: Whole>(row: &mut Row<'_>, benchmark: Benchmark) {
    row.foreign(C::NAME, &version(C::PACKAGE), move |_| sample::<C>(benchmark));
}

fn sample<C: Whole>(Benchmark { name, fill, each, found }: Benchmark) -> Sample {
    let map = C::new();
    (0..fill).for_each(|number| map.session().insert(number, number));
    assert!((0..PASSES).flat_map(|_| 0..fill).all(|number| map.session().read(&number) == Some(number)));
    let sum = AtomicU64::new(0);
    let sample = threads::run(THREADS, each, |thread, each| {
        sum.fetch_add(run(name, &map, thread * each..(thread + 1) * each), Relaxed);
    });
    if let Some(found) = found {
        assert_eq!(sum.into_inner(), found * (THREADS * each / TURN), "{name} of {}", C::NAME);
    }
    sample
}

/// One of the first so many keys where `i`'s remainder is one of them, else a key that nobody else uses.
fn mostly(i: u64, hits: u64, of: u64) -> u64 {
    if i % of < hits { i % of } else { i }
}

/// What one thread does. Tells how many operations found what they are for.
fn run<C: Whole>(name: &str, map: &C, numbers: Range<u64>) -> u64 {
    let read = |key| map.session().read(&key).is_some();
    let swap = |i, hits| {
        let key = mostly(i, hits, TURN);
        let found = map.swap(key, key);
        if i % TURN >= hits {
            map.session().remove(&i);
        }
        found
    };
    let compare_swap = |key| map.compare_swap(key, key, key);
    let remove_and_insert = |key| {
        let found = map.compare_remove(key, key);
        if found {
            map.session().insert(key, key);
        }
        found
    };
    match name {
        "LoadMostlyHits" | "LoadMostlyMisses" => each(numbers, |i| read(i % TURN)),
        "LoadOrStoreBalanced" => each(numbers, |i| map.get_or_insert(mostly(i, 128, 256), i)),
        "LoadOrStoreUnique" => each(numbers, |i| map.get_or_insert(i, i)),
        "LoadOrStoreCollision" => each(numbers, |_| map.get_or_insert(0, 0)),
        "LoadAndDeleteBalanced" => each(numbers, |i| map.take(mostly(i, 128, 256))),
        "LoadAndDeleteUnique" => each(numbers, |i| map.take(i)),
        "LoadAndDeleteCollision" => each(numbers, |_| map.take(0)),
        "DeleteCollision" => each(numbers, |_| {
            map.session().remove(&0);
            false
        }),
        "Range" => numbers.map(|_| count(map)).sum(),
        "AdversarialAlloc" => adversarial_alloc(map, numbers),
        "AdversarialDelete" => each(numbers, |i| adversarial_delete(map, i)),
        "SwapCollision" => each(numbers, |_| map.swap(0, 0)),
        "SwapMostlyHits" => each(numbers, |i| swap(i, 1023)),
        "SwapMostlyMisses" => each(numbers, |i| swap(i, 1)),
        "CompareAndSwapCollision" => each(numbers, |_| map.compare_swap(0, 0, 42) && map.compare_swap(0, 42, 0)),
        "CompareAndSwapNoExistingKey" => each(numbers, |i| map.compare_swap(i, 0, 0)),
        "CompareAndSwapValueNotEqual" => each(numbers, |_| map.compare_swap(0, 1, 2)),
        "CompareAndSwapMostlyHits" => each(numbers, |i| compare_swap(mostly(i, 1023, TURN))),
        "CompareAndSwapMostlyMisses" => each(numbers, |i| compare_swap(mostly(i, 1, TURN))),
        "CompareAndDeleteCollision" => each(numbers, |_| remove_and_insert(0)),
        "CompareAndDeleteMostlyHits" => each(numbers, |i| remove_and_insert(mostly(i, 1023, TURN))),
        "CompareAndDeleteMostlyMisses" => each(numbers, |i| remove_and_insert(mostly(i, 1, TURN))),
        "Clear" => each(numbers, |i| {
            map.clear();
            map.session().insert(i % 256, i % 256);
            true
        }),
        other => unreachable!("{other} is not of the list"),
    }
}

/// For how many numbers `f` says yes.
fn each(numbers: Range<u64>, f: impl Fn(u64) -> bool) -> u64 {
    numbers.map(|i| u64::from(f(i))).sum()
}

fn count(map: &impl Whole) -> u64 {
    let mut count = 0;
    map.visit(|_| {
        count += 1;
        false
    });
    count
}

/// Looks for keys that are not there, and stores one whenever a map that counts its misses would have settled.
fn adversarial_alloc(map: &impl Whole, numbers: Range<u64>) -> u64 {
    let (mut stores, mut reads, mut found) = (0, 0, 0);
    for i in numbers {
        found += u64::from(map.session().read(&i).is_some());
        reads += 1;
        if reads > stores {
            map.get_or_insert(i, stores);
            (stores, reads) = (stores + 1, 0);
        }
    }
    found
}

/// Removes a key and stores another once in a turn of reads.
fn adversarial_delete(map: &impl Whole, i: u64) -> bool {
    let found = map.session().read(&i).is_some();
    if i.is_multiple_of(TURN) {
        let mut first = None;
        map.visit(|key| {
            first = Some(key);
            true
        });
        if let Some(first) = first {
            map.session().remove(&first);
        }
        map.session().insert(i, i);
    }
    found
}
