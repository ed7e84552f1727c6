//! The 128-key scenarios of Go's hash-trie map: each operation over all keys, one, a few, while iterating, and from many
//! threads with keys of their own or in common.

use core::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{Hashing, Map, new};

const KEYS: usize = 128;
const FEW: [usize; 4] = [1, 105, 6, 85];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Op {
    CompareAndDelete,
    CompareAndSwap,
    Swap,
    LoadAndDelete,
}

const OPS: [Op; 4] = [Op::CompareAndDelete, Op::CompareAndSwap, Op::Swap, Op::LoadAndDelete];

with_each_hasher! {
    all_keys_one_and_a_few
    while_iterating
    threads_with_keys_of_their_own
    threads_with_common_keys
    swaps_of_common_keys_make_a_chain
}

fn keys() -> Vec<String> {
    (0..KEYS).map(|key| format!("{key:b}")).collect()
}

fn filled<S: Hashing>(keys: &[String]) -> Map<String, usize, S> {
    let map = new();
    for (index, key) in keys.iter().enumerate() {
        assert!(map.get(key).is_none());
        assert_eq!(*map.get_or_insert(key.clone(), index), index);
        assert_eq!(*map.get_or_insert(key.clone(), index + 1), index);
    }
    map
}

/// Whether it found the old value, and the value that must be there afterwards if it did.
fn apply<S: Hashing>(map: &Map<String, usize, S>, op: Op, key: &String, old: usize, new: usize) -> bool {
    match op {
        Op::CompareAndDelete => map.compare_remove(key, &old).is_some(),
        Op::CompareAndSwap => map.compare_exchange(key, &old, new).is_ok(),
        Op::Swap => map.insert(key.clone(), new).is_some_and(|there| *there == old),
        Op::LoadAndDelete => map.remove(key).is_some_and(|there| *there == old),
    }
}

fn after(op: Op, new: usize) -> Option<usize> {
    matches!(op, Op::CompareAndSwap | Op::Swap).then_some(new)
}

fn all_keys_one_and_a_few<S: Hashing>() {
    let keys = keys();
    for op in OPS {
        for chosen in [(0..KEYS).collect(), vec![17], FEW.to_vec()] {
            let map = filled::<S>(&keys);
            for round in 0..3 {
                for &index in &chosen {
                    let key = &keys[index];
                    if matches!(op, Op::CompareAndDelete | Op::CompareAndSwap) {
                        assert!(!apply(&map, op, key, usize::MAX, 7), "another value");
                    }
                    let old = map.get_cloned(key).unwrap();
                    let new = old + 1000;
                    assert!(apply(&map, op, key, old, new), "{op:?} of {key}, round {round}");
                    assert_eq!(map.get_cloned(key), after(op, new));
                    if after(op, new).is_none() {
                        assert!(!apply(&map, op, key, old, new), "gone");
                        assert!(map.insert(key.clone(), new).is_none());
                    }
                }
            }
            for (index, key) in keys.iter().enumerate() {
                let wanted = if chosen.contains(&index) { index + 3000 } else { index };
                assert_eq!(map.get_cloned(key), Some(wanted));
            }
            assert_eq!(map.len(), KEYS);
        }
    }
}

fn while_iterating<S: Hashing>() {
    let keys = keys();
    for op in OPS {
        let map = filled::<S>(&keys);
        let mut seen = 0;
        for item in &map {
            assert!(apply(&map, op, item.key(), *item, *item + 1000), "{op:?} of {}", item.key());
            seen += 1;
        }
        assert_eq!(seen, KEYS);
        for (index, key) in keys.iter().enumerate() {
            assert_eq!(map.get_cloned(key), after(op, index + 1000));
        }
    }
}

fn threads_with_keys_of_their_own<S: Hashing>() {
    let keys = keys();
    for op in OPS {
        for removes in [false, true] {
            let map = new::<String, usize, S>();
            thread::scope(|scope| {
                for thread in 0..4 {
                    let (map, keys) = (&map, &keys);
                    scope.spawn(move || {
                        let own: Vec<String> = keys.iter().map(|key| format!("{thread}-{key}")).collect();
                        for (index, key) in own.iter().enumerate() {
                            assert!(map.insert(key.clone(), index).is_none());
                        }
                        for (index, key) in own.iter().enumerate() {
                            if removes {
                                assert_eq!(map.remove(key).as_deref(), Some(&index));
                                assert!(map.insert(key.clone(), index).is_none());
                            }
                            assert!(apply(map, op, key, index, index + 1000), "{op:?} of {key}");
                        }
                        for (index, key) in own.iter().enumerate() {
                            assert_eq!(map.get_cloned(key), after(op, index + 1000));
                        }
                    });
                }
            });
            assert_eq!(map.len(), if after(op, 0).is_some() { 4 * KEYS } else { 0 });
        }
    }
}

fn threads_with_common_keys<S: Hashing>() {
    let keys = keys();
    for op in [Op::CompareAndDelete, Op::CompareAndSwap, Op::LoadAndDelete] {
        let map = filled::<S>(&keys);
        let wins: Vec<AtomicUsize> = keys.iter().map(|_| AtomicUsize::new(0)).collect();
        thread::scope(|scope| {
            for thread in 0..8 {
                let (map, keys, wins) = (&map, &keys, &wins);
                scope.spawn(move || {
                    for (index, key) in keys.iter().enumerate() {
                        if apply(map, op, key, index, 1000 + thread) {
                            wins[index].fetch_add(1, Ordering::SeqCst);
                        }
                    }
                });
            }
        });
        assert!(wins.iter().all(|wins| wins.load(Ordering::SeqCst) == 1), "{op:?}");
        assert_eq!(map.len(), if after(op, 0).is_some() { KEYS } else { 0 });
    }
}

fn swaps_of_common_keys_make_a_chain<S: Hashing>() {
    let keys = keys();
    let map = filled::<S>(&keys);
    let mut returned: Vec<(usize, usize)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let (map, keys) = (&map, &keys);
                scope.spawn(move || -> Vec<(usize, usize)> {
                    let swap = |(index, key): (usize, &String)| {
                        (index, *map.insert(key.clone(), 1000 * (thread + 1) + index).unwrap())
                    };
                    keys.iter().enumerate().map(swap).collect()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    // Each value that a key ever had was returned once, or is the last.
    returned.extend(keys.iter().enumerate().map(|(index, key)| (index, map.get_cloned(key).unwrap())));
    returned.sort_unstable();
    let mut wanted: Vec<_> =
        (0..KEYS).flat_map(|index| (0..9).map(move |thread| (index, 1000 * thread + index))).collect();
    wanted.sort_unstable();
    assert_eq!(returned, wanted);
}
