//! User code that calls back into the same map: `Eq`, `Hash`, `Drop` and closures. No deadlock, and right results.

use core::cell::RefCell;
use core::hash::{Hash, Hasher};
use std::sync::LazyLock;

use crate::alive::Flushed;
use crate::common::in_time;
use crate::support::{Good, Masked};
use xsync::{Computed, Map, Operation};

/// What its own destructors, or functions that it calls, refer to. Freed at the end, since a detector of leaks does not see
/// the addresses in a table, which have a part of a hash above them.
struct Lent<T: 'static>(&'static T);

impl<T> Lent<T> {
    fn new(value: T) -> Self {
        Self(Box::leak(Box::new(value)))
    }

    fn get(&self) -> &'static T {
        self.0
    }
}

impl<T> Drop for Lent<T> {
    fn drop(&mut self) {
        // SAFETY: leaked by `new`, and each test has ended with it.
        drop(unsafe { Box::from_raw(core::ptr::from_ref(self.0).cast_mut()) });
    }
}

type Hook = RefCell<Option<Box<dyn FnOnce()>>>;

thread_local! {
    /// Runs once, when a key of this thread is next compared or hashed.
    static ON_EQ: Hook = const { RefCell::new(None) };
    static ON_HASH: Hook = const { RefCell::new(None) };
}

fn run(hook: &'static std::thread::LocalKey<Hook>) {
    let armed = hook.with(|hook| hook.borrow_mut().take());
    if let Some(hook) = armed {
        hook();
    }
}

#[derive(Debug, Clone)]
struct Key(u64, &'static str);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        run(&ON_EQ);
        self.0 == other.0
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        run(&ON_HASH);
        self.0.hash(state);
    }
}

fn key(number: u64) -> Key {
    Key(number, "")
}

/// Some keys have one hash.
type Few = Masked<0xff>;
type Shared = &'static Map<Key, u64, Few>;

fn lent() -> Lent<Map<Key, u64, Few>> {
    Lent::new(Map::default())
}

fn contents(map: Shared) -> Vec<(u64, u64)> {
    let mut contents: Vec<_> = map.iter().map(|item| (item.key().0, *item)).collect();
    contents.sort_unstable();
    assert_eq!(map.len(), contents.len());
    contents
}

/// What the hook may do: everything.
fn disturbances() -> Vec<fn(Shared)> {
    vec![
        |map| drop(map.remove(&key(1))),
        |map| drop(map.insert(key(1), 11)),
        |map| drop(map.insert(key(50), 50)),
        |map| (100..300).for_each(|number| drop(map.insert(key(number), number))),
        |map| (100..5_000).for_each(|number| drop(map.insert(Key(number, "many"), number))),
        |map| map.clear(),
        |map| map.retain(|key, _| key.0 % 2 == 0),
        |map| assert!(map.iter().count() <= map.len()),
        |map| map.shrink_to_fit(),
        |map| {
            map.clear();
            map.shrink_to_fit();
            map.insert(key(2), 22);
        },
        |map| {
            map.clear();
            map.shrink_to_fit();
            (0..40).for_each(|number| drop(map.insert(key(number), number)));
            (0..40).for_each(|number| assert!(map.contains_key(&key(number))));
        },
    ]
}

type Attempt = fn(Shared) -> Option<(u64, Option<u64>)>;

/// What is disturbed, and what must be true of a key afterwards, whatever came between.
fn attempts() -> Vec<Attempt> {
    vec![
        |map| {
            map.insert(key(1), 77);
            Some((1, Some(77)))
        },
        |map| {
            let value = *map.get_or_insert(key(1), 77);
            Some((1, Some(value)))
        },
        // It may find nothing, between a removal and a store by the hook.
        |map| map.remove(&key(1)).map(|_| (1, None)),
        |map| match map.compute(key(1), |value| Operation::Insert(value.map_or(5, |value| value + 1))) {
            Computed::Inserted(new) | Computed::Updated { new, .. } => Some((1, Some(*new))),
            _ => unreachable!("it inserts"),
        },
        |map| map.update(&key(1), |value| value + 1).map(|new| (1, Some(*new))),
        |map| map.compare_exchange(&key(1), &1, 9).ok().map(|_| (1, Some(9))),
        |map| {
            map.get(&key(1));
            None
        },
        |map| {
            map.insert(key(999_999), 3);
            Some((999_999, Some(3)))
        },
    ]
}

#[test]
fn eq_and_hash_may_call_any_method() {
    in_time(|| {
        for hook in [&ON_EQ, &ON_HASH] {
            for (what, disturb) in disturbances().into_iter().enumerate() {
                for (how, attempt) in attempts().into_iter().enumerate() {
                    for filled in [1, 3, 20] {
                        for settled in [false, true] {
                            let lent = lent();
                            let map = lent.get();
                            (1..=filled).for_each(|number| drop(map.insert(key(number), number)));
                            if settled {
                                assert_eq!(map.iter().count() as u64, filled);
                            }
                            hook.with(|hook| *hook.borrow_mut() = Some(Box::new(move || disturb(map))));
                            let wanted = attempt(map);
                            hook.with(|hook| *hook.borrow_mut() = None);
                            let now = contents(map);
                            for (number, value) in &now {
                                assert_eq!(map.get_cloned(&key(*number)), Some(*value), "{what} {how} {filled}");
                            }
                            if let Some((number, value)) = wanted {
                                assert_eq!(map.get_cloned(&key(number)), value, "{what} {how} {filled} {settled}");
                            }
                            let mut keys: Vec<_> = now.iter().map(|(key, _)| key).collect();
                            keys.dedup();
                            assert_eq!(keys.len(), now.len(), "a key twice");
                            map.clear();
                            map.shrink_to_fit();
                            map.flushed();
                            assert!(contents(map).is_empty());
                        }
                    }
                }
            }
        }
    });
}

/// The read word of a shard without a read table looks the same whatever dirty table it has.
#[test]
fn an_entry_that_was_retired_does_not_come_back() {
    let lent = lent();
    let map = lent.get();
    map.insert(Key(1, "first"), 1);
    let disturb = move || {
        map.remove(&key(1));
        map.shrink_to_fit();
        map.insert(Key(2, "two"), 2);
    };
    ON_EQ.with(|hook| *hook.borrow_mut() = Some(Box::new(disturb)));
    map.insert(Key(1, "again"), 10);
    map.flushed();
    let mut now: Vec<_> = map.iter().map(|item| (item.key().0, item.key().1, *item)).collect();
    now.sort_unstable();
    assert_eq!(now, [(1, "again", 10), (2, "two", 2)]);
}

#[test]
fn closures_may_call_any_method() {
    in_time(|| {
        for disturb in disturbances() {
            let lent = lent();
            let map = lent.get();
            (0..10).for_each(|number| drop(map.insert(key(number), number)));
            let mut once = Some(());
            let mut disturb = || once.take().into_iter().for_each(|()| disturb(map));
            let mut runs = 0;
            let updated = map.update(&key(1), |value| {
                runs += 1;
                disturb();
                value + 100
            });
            assert!(updated.is_none_or(|new| *new == 101 || *new == 111));
            assert!((1..=2).contains(&runs));
            map.insert(key(1), 1);
            let read = map.read_with(&key(1), |value| {
                map.clear();
                map.shrink_to_fit();
                *value
            });
            assert_eq!(read, Some(1));
            assert_eq!(*map.get_or_insert_with(key(1), || *map.get_or_insert(key(1), 5) + 1), 5);
            map.retain(|key, _| {
                map.insert(key.clone(), 6);
                map.remove(key);
                true
            });
            assert!(map.is_empty());
            map.insert(key(1), 1);
            let removed = map.remove_if(&key(1), |value| {
                if *value < 3 {
                    map.insert(key(1), value + 1);
                }
                true
            });
            assert_eq!(removed.map(|value| *value), Some(3));
            assert!(map.is_empty());
        }
    });
}

/// A value whose destructor takes others out of the map it was in.
struct Chain {
    map: &'static Map<u64, Chain, Good>,
    next: core::ops::Range<u64>,
}

impl Drop for Chain {
    fn drop(&mut self) {
        for key in self.next.clone() {
            self.map.remove(&key);
        }
    }
}

/// Each destructor removes the next `width`, for 50,000 values.
fn chain_of_destructors(width: u64) {
    const KEYS: u64 = 50_000;
    in_time(move || {
        let lent: Lent<Map<u64, Chain, Good>> = Lent::new(Map::default());
        let map = lent.get();
        for key in 0..KEYS {
            let next = key + width - key % width;
            let next = if key % width == 0 { next..next + width } else { 0..0 };
            map.insert(key, Chain { map, next });
        }
        (0..width).for_each(|key| drop(map.remove(&key)));
        let mut flushes = 0;
        while !map.is_empty() {
            (0..100).for_each(|_| map.flushed());
            flushes += 100;
            assert!(flushes <= KEYS + 100);
        }
    });
}

#[test]
fn destructors_that_remove_the_next_do_not_nest() {
    chain_of_destructors(1);
}

#[test]
fn destructors_that_make_a_collection_due_do_not_nest() {
    chain_of_destructors(32);
    chain_of_destructors(100);
}

/// A value whose destructor stores, reads and walks.
struct Busy(u64);

static BUSY: LazyLock<Map<u64, Busy>> = LazyLock::new(Map::default);

impl Drop for Busy {
    fn drop(&mut self) {
        if self.0 > 0 {
            BUSY.insert(self.0 + 1_000, Busy(0));
            BUSY.get_or_insert(self.0, Busy(0));
            assert!(BUSY.session().iter().take(5).count() >= 1);
        }
    }
}

#[test]
fn destructors_may_call_any_method() {
    in_time(|| {
        (1..500).for_each(|key| drop(BUSY.insert(key, Busy(key))));
        BUSY.clear();
        BUSY.flushed();
        BUSY.flushed();
        assert!((1..500).all(|key| BUSY.contains_key(&(key + 1_000)) && BUSY.contains_key(&key)));
        BUSY.clear();
        assert!(BUSY.is_empty());
        // A detector of leaks does not see through the addresses in a table.
        BUSY.shrink_to_fit();
        BUSY.flushed();
    });
}
