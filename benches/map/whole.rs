//! What Go's list asks of a map beyond reading, inserting and removing: each contender's own way to do it at once.

use std::cell::Cell;
use std::collections::hash_map::Entry;

use crate::contenders::{Contender, Dash, Flurry, Locked, Papaya, Scc, Xsync};

/// Numbers by number; each operation tells whether it found what it was for.
pub trait Whole: Contender<u64, u64> {
    /// Stores unless the key is there.
    fn get_or_insert(&self, key: u64, value: u64) -> bool;
    fn swap(&self, key: u64, value: u64) -> bool;
    fn take(&self, key: u64) -> bool;
    fn compare_swap(&self, key: u64, old: u64, new: u64) -> bool;
    fn compare_remove(&self, key: u64, old: u64) -> bool;
    /// Shows keys until `f` says that it has seen enough.
    fn visit(&self, f: impl FnMut(u64) -> bool);
    fn clear(&self);
}

impl Whole for Xsync<u64, u64> {
    fn get_or_insert(&self, key: u64, value: u64) -> bool {
        self.0.try_insert(key, value).is_err()
    }
    fn swap(&self, key: u64, value: u64) -> bool {
        self.0.insert(key, value).is_some()
    }
    fn take(&self, key: u64) -> bool {
        self.0.remove(&key).is_some()
    }
    fn compare_swap(&self, key: u64, old: u64, new: u64) -> bool {
        self.0.compare_exchange(&key, &old, new).is_ok()
    }
    fn compare_remove(&self, key: u64, old: u64) -> bool {
        self.0.compare_remove(&key, &old).is_some()
    }
    fn visit(&self, mut f: impl FnMut(u64) -> bool) {
        self.0.session().iter().all(|(key, _)| !f(*key));
    }
    fn clear(&self) {
        self.0.clear();
    }
}

impl Whole for Dash<u64, u64> {
    fn get_or_insert(&self, key: u64, value: u64) -> bool {
        match self.0.entry(key) {
            dashmap::Entry::Occupied(_) => true,
            dashmap::Entry::Vacant(vacant) => {
                vacant.insert(value);
                false
            }
        }
    }
    fn swap(&self, key: u64, value: u64) -> bool {
        self.0.insert(key, value).is_some()
    }
    fn take(&self, key: u64) -> bool {
        self.0.remove(&key).is_some()
    }
    fn compare_swap(&self, key: u64, old: u64, new: u64) -> bool {
        self.0.get_mut(&key).is_some_and(|mut value| replace(&mut value, old, new))
    }
    fn compare_remove(&self, key: u64, old: u64) -> bool {
        self.0.remove_if(&key, |_, value| *value == old).is_some()
    }
    fn visit(&self, mut f: impl FnMut(u64) -> bool) {
        self.0.iter().all(|entry| !f(*entry.key()));
    }
    fn clear(&self) {
        self.0.clear();
    }
}

impl Whole for Papaya<u64, u64> {
    fn get_or_insert(&self, key: u64, value: u64) -> bool {
        self.0.pin().try_insert(key, value).is_err()
    }
    fn swap(&self, key: u64, value: u64) -> bool {
        self.0.pin().insert(key, value).is_some()
    }
    fn take(&self, key: u64) -> bool {
        self.0.pin().remove(&key).is_some()
    }
    fn compare_swap(&self, key: u64, old: u64, new: u64) -> bool {
        let change = |entry: Option<(&u64, &u64)>| match entry {
            Some((_, value)) if *value == old => papaya::Operation::Insert(new),
            _ => papaya::Operation::Abort(()),
        };
        matches!(self.0.pin().compute(key, change), papaya::Compute::Updated { .. })
    }
    fn compare_remove(&self, key: u64, old: u64) -> bool {
        matches!(self.0.pin().remove_if(&key, |_, value| *value == old), Ok(Some(_)))
    }
    fn visit(&self, mut f: impl FnMut(u64) -> bool) {
        self.0.pin().iter().all(|(key, _)| !f(*key));
    }
    fn clear(&self) {
        self.0.pin().clear();
    }
}

impl Whole for Scc<u64, u64> {
    fn get_or_insert(&self, key: u64, value: u64) -> bool {
        self.0.insert_sync(key, value).is_err()
    }
    fn swap(&self, key: u64, value: u64) -> bool {
        self.0.upsert_sync(key, value).is_some()
    }
    fn take(&self, key: u64) -> bool {
        self.0.remove_sync(&key).is_some()
    }
    fn compare_swap(&self, key: u64, old: u64, new: u64) -> bool {
        self.0.update_sync(&key, |_, value| replace(value, old, new)) == Some(true)
    }
    fn compare_remove(&self, key: u64, old: u64) -> bool {
        self.0.remove_if_sync(&key, |value| *value == old).is_some()
    }
    fn visit(&self, mut f: impl FnMut(u64) -> bool) {
        self.0.iter_sync(|key, _| !f(*key));
    }
    fn clear(&self) {
        self.0.clear_sync();
    }
}

/// flurry has no conditional write: where the value is another, it stores that one again.
impl Whole for Flurry<u64, u64> {
    fn get_or_insert(&self, key: u64, value: u64) -> bool {
        self.0.pin().try_insert(key, value).is_err()
    }
    fn swap(&self, key: u64, value: u64) -> bool {
        self.0.pin().insert(key, value).is_some()
    }
    fn take(&self, key: u64) -> bool {
        self.0.pin().remove(&key).is_some()
    }
    fn compare_swap(&self, key: u64, old: u64, new: u64) -> bool {
        let same = Cell::new(false);
        self.0.pin().compute_if_present(&key, |_, value| {
            same.set(*value == old);
            Some(if same.get() { new } else { *value })
        });
        same.get()
    }
    fn compare_remove(&self, key: u64, old: u64) -> bool {
        let same = Cell::new(false);
        self.0.pin().compute_if_present(&key, |_, value| {
            same.set(*value == old);
            (!same.get()).then_some(*value)
        });
        same.get()
    }
    fn visit(&self, mut f: impl FnMut(u64) -> bool) {
        self.0.pin().iter().all(|(key, _)| !f(*key));
    }
    fn clear(&self) {
        self.0.pin().clear();
    }
}

impl Whole for Locked<u64, u64> {
    fn get_or_insert(&self, key: u64, value: u64) -> bool {
        match self.write().entry(key) {
            Entry::Occupied(_) => true,
            Entry::Vacant(vacant) => {
                vacant.insert(value);
                false
            }
        }
    }
    fn swap(&self, key: u64, value: u64) -> bool {
        self.write().insert(key, value).is_some()
    }
    fn take(&self, key: u64) -> bool {
        self.write().remove(&key).is_some()
    }
    fn compare_swap(&self, key: u64, old: u64, new: u64) -> bool {
        self.write().get_mut(&key).is_some_and(|value| replace(value, old, new))
    }
    fn compare_remove(&self, key: u64, old: u64) -> bool {
        let mut map = self.write();
        map.get(&key) == Some(&old) && map.remove(&key).is_some()
    }
    fn visit(&self, mut f: impl FnMut(u64) -> bool) {
        self.0.read().expect("nobody panics").keys().all(|key| !f(*key));
    }
    fn clear(&self) {
        self.write().clear();
    }
}

fn replace(value: &mut u64, old: u64, new: u64) -> bool {
    let same = *value == old;
    if same {
        *value = new;
    }
    same
}
