//! Storms on a map: each thread has keys of its own, whose every answer it knows, beside keys that all fight for.

use core::sync::atomic::{AtomicIsize, AtomicU64, Ordering::SeqCst};
use std::collections::HashMap;
use std::sync::Arc;

use xsync::{Map, Ref};

use crate::common::block_on;
use crate::seed::{Rng, rounds};
use crate::threads::{perhaps_yield, together};

const THREADS: usize = 4;
/// Fewer than these are shared.
const SHARED: u64 = 16;

#[derive(Debug)]
struct Value {
    number: u64,
    alive: Arc<AtomicIsize>,
}

impl Value {
    fn new(number: u64, alive: &Arc<AtomicIsize>) -> Self {
        alive.fetch_add(1, SeqCst);
        Self { number, alive: Arc::clone(alive) }
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, SeqCst);
    }
}

/// What a thread knows of its own keys, and the guards that it holds with the value that each had.
struct Known<'a> {
    map: &'a Map<u64, Value>,
    alive: &'a Arc<AtomicIsize>,
    values: HashMap<u64, u64>,
    held: Vec<(Ref<'a, u64, Value>, u64)>,
}

impl<'a> Known<'a> {
    /// One operation on a key of its own: the answer is the one that it knows.
    fn step(&mut self, key: u64, rng: &mut Rng) {
        let number = rng.next();
        let value = || Value::new(number, self.alive);
        let before = self.values.get(&key).copied();
        let found = match rng.below(7) {
            0 | 1 => {
                self.values.insert(key, number);
                self.map.insert(key, value())
            }
            2 => {
                self.values.remove(&key);
                self.map.remove(&key)
            }
            3 => {
                let kept = *self.values.entry(key).or_insert(number);
                let there = self.map.get_or_insert(key, value());
                assert_eq!(there.number, kept, "{key}");
                return;
            }
            4 => {
                let new = self.map.update(&key, |old| Value::new(old.number ^ number, self.alive));
                assert_eq!(new.map(|new| new.number), before.map(|before| before ^ number), "{key}");
                self.values.entry(key).and_modify(|known| *known ^= number);
                return;
            }
            _ => self.map.get(&key),
        };
        assert_eq!(found.as_ref().map(|found| (*found.key(), found.number)), before.map(|before| (key, before)));
        if let (Some(found), Some(before), true) = (found, before, rng.one_in(8)) {
            self.held.push((found, before));
        }
        if rng.one_in(16) {
            // What a guard holds stays as it is, whatever became of the key.
            assert!(self.held.drain(..).all(|(guard, known)| guard.number == known));
        }
    }

    /// One operation on a key that all use.
    fn meddle(&self, increments: &AtomicU64, rng: &mut Rng) {
        let key = rng.next() % SHARED;
        if key % 2 == 0 {
            // These are never removed: no increment may be lost.
            self.map.update(&key, |old| Value::new(old.number + 1, self.alive)).expect("never removed");
            increments.fetch_add(1, SeqCst);
        } else if rng.one_in(2) {
            self.map.insert(key, Value::new(key, self.alive));
        } else {
            assert!(self.map.remove(&key).is_none_or(|value| value.number == key));
        }
    }
}

/// How many keys a thread has: few, so that it meets itself, or so many that the map is split.
fn round(rng: &mut Rng) {
    let keys = [3, 50, 3_000][rng.below(3)];
    let alive = Arc::new(AtomicIsize::new(0));
    let increments = AtomicU64::new(0);
    let map = Map::new();
    (0..SHARED).step_by(2).for_each(|key| drop(map.insert(key, Value::new(0, &alive))));
    let known = together(THREADS, rng, |thread, mut rng| {
        let mut known = Known { map: &map, alive: &alive, values: HashMap::new(), held: Vec::new() };
        for _ in 0..4_000 {
            let key = SHARED + rng.next() % keys * THREADS as u64 + thread as u64;
            known.step(key, &mut rng);
            match rng.below(200) {
                0 => map.shrink_to_fit(),
                1 => map.reserve(rng.below(1_000)),
                2 => {
                    let session = map.session();
                    let own = |key: &u64| *key >= SHARED && (*key - SHARED) % THREADS as u64 == thread as u64;
                    let mut seen = HashMap::new();
                    for (key, value) in session.iter().filter(|(key, _)| own(key)) {
                        assert!(seen.insert(*key, value.number).is_none(), "{key} twice");
                    }
                    assert_eq!(seen, known.values);
                }
                3 => {
                    known.held.clear();
                    drop(map.flush());
                }
                4..40 => known.meddle(&increments, &mut rng),
                _ => perhaps_yield(&mut rng),
            }
        }
        known.values
    });
    let shared = (0..SHARED).filter(|key| map.contains_key(key)).count();
    assert_eq!(map.len(), shared + known.iter().map(HashMap::len).sum::<usize>());
    let sum: u64 = (0..SHARED).step_by(2).map(|key| map.get(&key).unwrap().number).sum();
    assert_eq!(sum, increments.into_inner());
    block_on(map.flush());
    assert_eq!(alive.load(SeqCst), map.len() as isize);
    drop(map);
    assert_eq!(alive.load(SeqCst), 0);
}

#[test]
fn each_thread_gets_the_answers_that_it_knows() {
    rounds(12, round);
}
