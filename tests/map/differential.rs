//! Random sequences of all operations against std's map: each result and the final contents are the same.

use core::hash::BuildHasher;
use std::collections::HashMap;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::alive::Flushed;
use crate::support::{Constant, Good, Truncated};
use xsync::{Computed, Map, Operation};

#[derive(Debug, Clone)]
enum Op {
    Get(u64),
    Insert(u64, u64),
    SessionInsert(u64, u64),
    GetOrInsert(u64, u64),
    GetOrInsertWith(u64, u64),
    TryInsert(u64, u64),
    Remove(u64),
    SessionRemove(u64),
    RemoveIfEven(u64),
    CompareRemove(u64, u64),
    CompareExchange(u64, u64, u64),
    ReplaceIfEven(u64, u64),
    Update(u64),
    Compute(u64, u64),
    Retain(u64),
    Clear,
    Reserve(usize),
    Shrink,
    Iter,
    Clone,
    Extend(u64, u64),
    RemoveMany(u64, u64),
    Hold(u64),
    Release,
    Flush,
}

fn op(keys: u64, many: u64) -> impl Strategy<Value = Op> {
    let key = move || 0..keys;
    let value = || 0..4_u64;
    prop_oneof![
        8 => key().prop_map(Op::Get),
        6 => (key(), value()).prop_map(|(key, value)| Op::Insert(key, value)),
        3 => (key(), value()).prop_map(|(key, value)| Op::SessionInsert(key, value)),
        3 => (key(), value()).prop_map(|(key, value)| Op::GetOrInsert(key, value)),
        2 => (key(), value()).prop_map(|(key, value)| Op::GetOrInsertWith(key, value)),
        2 => (key(), value()).prop_map(|(key, value)| Op::TryInsert(key, value)),
        5 => key().prop_map(Op::Remove),
        2 => key().prop_map(Op::SessionRemove),
        2 => key().prop_map(Op::RemoveIfEven),
        2 => (key(), value()).prop_map(|(key, value)| Op::CompareRemove(key, value)),
        3 => (key(), value(), value()).prop_map(|(key, old, new)| Op::CompareExchange(key, old, new)),
        2 => (key(), value()).prop_map(|(key, value)| Op::ReplaceIfEven(key, value)),
        3 => key().prop_map(Op::Update),
        4 => (key(), value()).prop_map(|(key, value)| Op::Compute(key, value)),
        1 => (1..5_u64).prop_map(Op::Retain),
        1 => Just(Op::Clear),
        1 => (0..200_usize).prop_map(Op::Reserve),
        1 => Just(Op::Shrink),
        2 => Just(Op::Iter),
        1 => Just(Op::Clone),
        2 => (key(), 0..many).prop_map(|(from, number)| Op::Extend(from, number)),
        2 => (key(), 0..many).prop_map(|(from, number)| Op::RemoveMany(from, number)),
        3 => key().prop_map(Op::Hold),
        3 => Just(Op::Release),
        1 => Just(Op::Flush),
    ]
}

/// Swaps what a key has.
fn swap(oracle: &mut HashMap<u64, u64>, key: u64, wanted: bool, new: u64) -> Option<u64> {
    wanted.then(|| oracle.insert(key, new)).flatten()
}

fn run<S: BuildHasher + Default + Clone>(ops: &[Op]) {
    let mut map: Map<u64, u64, S> = Map::default();
    let mut oracle: HashMap<u64, u64> = HashMap::new();
    let mut after = ops;
    while !after.is_empty() {
        let held = after.iter().position(|op| matches!(op, Op::Extend(..))).unwrap_or(after.len());
        between(&map, &mut oracle, &after[..held]);
        if let Some(Op::Extend(from, number)) = after.get(held) {
            map.extend((*from..from + number).map(|key| (key, key % 7)));
            oracle.extend((*from..from + number).map(|key| (key, key % 7)));
        }
        after = after.get(held + 1..).unwrap_or_default();
    }
    let contents: HashMap<u64, u64> = map.iter().map(|item| (*item.key(), *item)).collect();
    assert_eq!(contents, oracle);
    assert_eq!(map.len(), oracle.len());
    assert_eq!(map.into_iter().collect::<HashMap<_, _>>(), oracle);
}

/// Guards are held between two operations that need the map for themselves.
fn between<S: BuildHasher + Default + Clone>(map: &Map<u64, u64, S>, oracle: &mut HashMap<u64, u64>, ops: &[Op]) {
    let mut held = Vec::new();
    for op in ops {
        match *op {
            Op::Get(key) => {
                let there = oracle.get(&key).copied();
                assert_eq!(map.get(&key).map(|guard| (*guard.key(), *guard)), there.map(|value| (key, value)));
                assert_eq!(map.contains_key(&key), there.is_some());
                assert_eq!(map.read_with(&key, |value| value + 1), there.map(|value| value + 1));
                assert_eq!(map.session().get_key_value(&key), there.as_ref().map(|value| (&key, value)));
            }
            Op::Insert(key, new) => assert_eq!(map.insert(key, new).map(|old| *old), oracle.insert(key, new)),
            Op::SessionInsert(key, new) => {
                assert_eq!(map.session().insert(key, new).copied(), oracle.insert(key, new));
            }
            Op::GetOrInsert(key, new) => {
                assert_eq!(*map.get_or_insert(key, new), *oracle.entry(key).or_insert(new));
                assert_eq!(*map.session().get_or_insert(key, new + 1), oracle[&key]);
            }
            Op::GetOrInsertWith(key, new) => {
                assert_eq!(*map.get_or_insert_with(key, || new), *oracle.entry(key).or_insert(new));
            }
            Op::TryInsert(key, new) => match (map.try_insert(key, new), oracle.get(&key)) {
                (Ok(now), None) => {
                    assert_eq!(*now, new);
                    oracle.insert(key, new);
                }
                (Err((there, refused)), Some(wanted)) => assert_eq!((*there, refused), (*wanted, new)),
                other => panic!("{other:?}"),
            },
            Op::Remove(key) => assert_eq!(map.remove(&key).map(|old| *old), oracle.remove(&key)),
            Op::SessionRemove(key) => assert_eq!(map.session().remove(&key).copied(), oracle.remove(&key)),
            Op::RemoveIfEven(key) => {
                let wanted = oracle.get(&key).is_some_and(|value| value % 2 == 0);
                let wanted = wanted.then(|| oracle.remove(&key)).flatten();
                assert_eq!(map.remove_if(&key, |value| value % 2 == 0).map(|old| *old), wanted);
            }
            Op::CompareRemove(key, old) => {
                let wanted = oracle.get(&key) == Some(&old);
                assert_eq!(map.compare_remove(&key, &old).is_some(), wanted);
                if wanted {
                    oracle.remove(&key);
                }
            }
            Op::CompareExchange(key, old, new) => {
                let is = oracle.get(&key) == Some(&old);
                let wanted = swap(oracle, key, is, new).ok_or(new);
                assert_eq!(map.compare_exchange(&key, &old, new).map(|old| *old), wanted);
            }
            Op::ReplaceIfEven(key, new) => {
                let is = oracle.get(&key).is_some_and(|value| value % 2 == 0);
                let wanted = swap(oracle, key, is, new).ok_or(new);
                assert_eq!(map.replace_if(&key, new, |value| value % 2 == 0).map(|old| *old), wanted);
            }
            Op::Update(key) => {
                let wanted = oracle.get_mut(&key).map(|value| {
                    *value += 1;
                    *value
                });
                assert_eq!(map.update(&key, |value| value + 1).map(|new| *new), wanted);
            }
            Op::Compute(key, what) => compute(map, oracle, key, what),
            Op::Retain(modulus) => {
                map.retain(|key, value| (key + value) % modulus != 0);
                oracle.retain(|key, value| (*key + *value) % modulus != 0);
            }
            Op::Clear => {
                map.clear();
                oracle.clear();
            }
            Op::Reserve(additional) => map.reserve(additional),
            Op::Shrink => map.shrink_to_fit(),
            Op::Iter => {
                assert_eq!(map.len(), oracle.len());
                let items: Vec<(u64, u64)> = map.iter().map(|item| (*item.key(), *item)).collect();
                assert_eq!(items.len(), oracle.len());
                assert!(items.iter().all(|(key, value)| oracle.get(key) == Some(value)));
            }
            Op::Clone => {
                let clone = map.clone();
                assert!(clone == *map && clone.len() == oracle.len());
                clone.insert(u64::MAX, 0);
                assert!(clone != *map);
            }
            Op::Extend(..) => unreachable!("taken out by `run`"),
            Op::RemoveMany(from, number) => {
                (from..from + number).for_each(|key| assert_eq!(map.remove(&key).map(|old| *old), oracle.remove(&key)));
            }
            Op::Hold(key) => {
                if let Some(guard) = map.get(&key) {
                    held.push((guard, key, oracle[&key]));
                }
            }
            Op::Release => {
                if !held.is_empty() {
                    held.remove(held.len() / 2);
                }
            }
            Op::Flush => {
                held.clear();
                map.flushed();
            }
        }
        assert!(held.iter().all(|(guard, key, value)| (guard.key(), &**guard) == (key, value)));
    }
}

fn compute<S: BuildHasher>(map: &Map<u64, u64, S>, oracle: &mut HashMap<u64, u64>, key: u64, what: u64) {
    let there = oracle.get(&key).copied();
    let computed = map.compute(key, |value| {
        assert_eq!(value.copied(), there);
        match what {
            0 => Operation::Remove,
            1 => Operation::Abort,
            _ => Operation::Insert(value.map_or(what, |value| value * 2)),
        }
    });
    match (computed, there) {
        (Computed::Removed(old), Some(there)) if what == 0 => {
            assert_eq!(*old, there);
            oracle.remove(&key);
        }
        (Computed::Aborted(now), there) => {
            assert!(what == 1 || what == 0 && there.is_none());
            assert_eq!(now.map(|now| *now), there);
        }
        (Computed::Updated { old, new }, Some(there)) => {
            assert_eq!((*old, *new), (there, there * 2));
            oracle.insert(key, *new);
        }
        (Computed::Inserted(new), None) => {
            assert_eq!(*new, what);
            oracle.insert(key, what);
        }
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn few_keys_with_a_good_hash(ops in vec(op(12, 10), 1..200)) {
        run::<Good>(&ops);
    }

    #[test]
    fn few_keys_with_one_hash(ops in vec(op(40, 30), 1..150)) {
        run::<Constant>(&ops);
    }

    #[test]
    fn few_keys_with_eight_hashes(ops in vec(op(60, 50), 1..150)) {
        run::<Truncated>(&ops);
    }

    #[test]
    fn hundreds_of_keys(ops in vec(op(500, 400), 1..150)) {
        run::<Good>(&ops);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keys_beyond_the_split(ops in vec(op(8_000, 6_000), 1..120)) {
        let mut all = vec![Op::Extend(0, 4_000)];
        all.extend(ops);
        run::<Good>(&all);
    }
}
