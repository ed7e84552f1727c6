//! Histories of stress runs, each key's checked against what one register does in some order that extends real time
//! (J. Wing and C. Gong 1993). The checker itself is checked: it refuses what three planted bugs record.

use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::collections::HashSet;
use std::sync::Barrier;
use std::thread;

use crate::support::{Constant, Good, Random, Truncated};
use core::hash::BuildHasher;
use xsync::Map;

const THREADS: u64 = 4;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Op {
    Get,
    Insert(u64),
    Remove,
    CompareExchange(u64, u64),
    GetOrInsert(u64),
}

/// What an operation said: the value that it found, and for an exchange whether it was done.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Said {
    Value(Option<u64>),
    Done(bool),
}

#[derive(Debug, Clone, Copy)]
struct Event {
    key: u64,
    thread: usize,
    begin: u64,
    end: u64,
    op: Op,
    said: Said,
}

/// What a register that holds `value` says to an operation, and what it holds then.
fn specified(value: Option<u64>, op: Op) -> (Said, Option<u64>) {
    match op {
        Op::Get => (Said::Value(value), value),
        Op::Insert(new) => (Said::Value(value), Some(new)),
        Op::Remove => (Said::Value(value), None),
        Op::CompareExchange(old, new) if value == Some(old) => (Said::Done(true), Some(new)),
        Op::CompareExchange(..) => (Said::Done(false), value),
        Op::GetOrInsert(new) => (Said::Value(value.or(Some(new))), value.or(Some(new))),
    }
}

/// How many events of each thread are done, and what the register holds then.
type State = ([usize; THREADS as usize], Option<u64>);

/// Whether some order explains the events of one key, which are sorted by their begin.
fn is_linearizable(events: &[Event]) -> bool {
    let of_thread = |thread| events.iter().filter(|event| event.thread == thread).copied().collect();
    search(&core::array::from_fn(of_thread), ([0; THREADS as usize], None), &mut HashSet::new())
}

/// From a state on; `tried` are the states from which it was.
fn search(events: &[Vec<Event>; THREADS as usize], state: State, tried: &mut HashSet<State>) -> bool {
    if !tried.insert(state) {
        return false;
    }
    let (done, value) = state;
    let next =
        || events.iter().zip(done).enumerate().filter_map(|(thread, (own, done))| Some((thread, own.get(done)?)));
    let Some(end) = next().map(|(_, event)| event.end).min() else { return true };
    // What began before anything else that is left had ended may be next.
    next().filter(|(_, event)| event.begin < end).any(|(thread, event)| {
        let (said, value) = specified(value, event.op);
        let mut done = done;
        done[thread] += 1;
        said == event.said && search(events, (done, value), tried)
    })
}

/// What is recorded of: the map, or one with a bug.
trait Register: Sync {
    fn apply(&self, key: u64, op: Op) -> Said;
}

fn apply<S: BuildHasher>(map: &Map<u64, u64, S>, key: u64, op: Op) -> Said {
    match op {
        Op::Get => Said::Value(map.get_cloned(&key)),
        Op::Insert(new) => Said::Value(map.insert(key, new).map(|old| *old)),
        Op::Remove => Said::Value(map.remove(&key).map(|old| *old)),
        Op::CompareExchange(old, new) => Said::Done(map.compare_exchange(&key, &old, new).is_ok()),
        Op::GetOrInsert(new) => Said::Value(Some(*map.get_or_insert(key, new))),
    }
}

impl<S: BuildHasher + Sync> Register for Map<u64, u64, S> {
    fn apply(&self, key: u64, op: Op) -> Said {
        apply(self, key, op)
    }
}

/// Threads work on few keys, and on many others that come and go, so that tables are built, promoted and compacted.
fn record(register: &impl Register, seed: u64, keys: u64, steps: u64) -> Vec<Event> {
    let (clock, barrier) = (AtomicU64::new(0), Barrier::new(THREADS as usize));
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (clock, barrier) = (&clock, &barrier);
                scope.spawn(move || {
                    let mut random = Random::new(seed * THREADS + thread);
                    let mut events = Vec::new();
                    barrier.wait();
                    for step in 0..steps {
                        let key = random.below(keys);
                        let fresh = step * THREADS + thread;
                        let recent = fresh.saturating_sub(random.below(8));
                        let op = match random.below(8) {
                            0..=2 => Op::Get,
                            3 => Op::Insert(fresh),
                            4 | 5 => Op::Remove,
                            6 => Op::CompareExchange(recent, fresh),
                            _ => Op::GetOrInsert(fresh),
                        };
                        let begin = clock.fetch_add(1, Ordering::SeqCst);
                        let said = register.apply(key, op);
                        let end = clock.fetch_add(1, Ordering::SeqCst);
                        events.push(Event { key, thread: thread as usize, begin, end, op, said });
                        if step % 4 == 0 {
                            let other = keys + random.below(60);
                            register.apply(other, if step % 8 == 0 { Op::Insert(0) } else { Op::Remove });
                        }
                    }
                    events
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// The first key whose history nothing explains.
fn refused(mut events: Vec<Event>, keys: u64) -> Option<u64> {
    events.sort_unstable_by_key(|event| event.begin);
    (0..keys).find(|key| {
        let of_key: Vec<Event> = events.iter().filter(|event| event.key == *key).copied().collect();
        !is_linearizable(&of_key)
    })
}

fn every_history_is_explained<S: BuildHasher + Default + Sync>(runs: u64) {
    for seed in 0..runs {
        let map = Map::<u64, u64, S>::default();
        let events = record(&map, seed, 3, 400);
        assert_eq!(refused(events, 3), None, "seed {seed}");
    }
}

#[test]
fn with_a_good_hash() {
    every_history_is_explained::<Good>(60);
}

#[test]
fn with_one_hash() {
    every_history_is_explained::<Constant>(30);
}

#[test]
fn with_eight_hashes() {
    every_history_is_explained::<Truncated>(30);
}

/// A map with a bug, which shows every hundredth time.
struct Buggy {
    map: Map<u64, u64>,
    bug: Bug,
    steps: AtomicUsize,
    stale: Map<u64, Option<u64>>,
}

#[derive(Debug, Clone, Copy)]
enum Bug {
    /// A read of a value that was there before the last store of this kind.
    StaleRead,
    /// A store that says what it found and stores nothing.
    LostStore,
    /// An exchange that says it was done and was not.
    DoubleSuccess,
    /// A removal that leaves the value.
    LostRemoval,
}

impl Register for Buggy {
    fn apply(&self, key: u64, op: Op) -> Said {
        let strikes = self.steps.fetch_add(1, Ordering::SeqCst) % 100 > 90;
        match (self.bug, op) {
            (Bug::StaleRead, Op::Get) if strikes => match self.stale.get_cloned(&key) {
                Some(stale) => Said::Value(stale),
                None => apply(&self.map, key, op),
            },
            (Bug::StaleRead, Op::Insert(_)) => {
                let said = apply(&self.map, key, op);
                if let Said::Value(old) = said {
                    self.stale.insert(key, old);
                }
                said
            }
            (Bug::LostStore, Op::Insert(_)) | (Bug::LostRemoval, Op::Remove) if strikes => {
                apply(&self.map, key, Op::Get)
            }
            (Bug::DoubleSuccess, Op::CompareExchange(..)) if strikes => Said::Done(true),
            _ => apply(&self.map, key, op),
        }
    }
}

#[test]
fn planted_bugs_are_refused() {
    for bug in [Bug::StaleRead, Bug::LostStore, Bug::DoubleSuccess, Bug::LostRemoval] {
        let refusals = (0..10)
            .filter(|seed| {
                let buggy = Buggy { map: Map::new(), bug, steps: AtomicUsize::new(0), stale: Map::new() };
                refused(record(&buggy, *seed, 3, 400), 3).is_some()
            })
            .count();
        assert!(refusals >= 9, "{bug:?}: {refusals} of 10");
    }
}

#[test]
fn small_histories_are_judged_rightly() {
    let event = |begin, end, op, said| Event { key: 0, thread: begin as usize % 4, begin, end, op, said };
    let value = |value| Said::Value(value);
    let overlapping = [event(0, 3, Op::Insert(1), value(None)), event(1, 2, Op::Get, value(None))];
    assert!(is_linearizable(&overlapping));
    let seen_early = [event(0, 3, Op::Insert(1), value(None)), event(1, 2, Op::Get, value(Some(1)))];
    assert!(is_linearizable(&seen_early));
    let missed = [event(0, 1, Op::Insert(1), value(None)), event(2, 3, Op::Get, value(None))];
    assert!(!is_linearizable(&missed));
    let back_and_forth = [
        event(0, 9, Op::Insert(1), value(None)),
        event(1, 2, Op::Get, value(Some(1))),
        event(3, 4, Op::Get, value(None)),
    ];
    assert!(!is_linearizable(&back_and_forth));
    let twice = [
        event(0, 1, Op::Insert(1), value(None)),
        event(2, 5, Op::CompareExchange(1, 2), Said::Done(true)),
        event(3, 6, Op::CompareExchange(1, 3), Said::Done(true)),
    ];
    assert!(!is_linearizable(&twice));
}
