//! What moves the words of entries: stores, removals, updates. Below the guards; the callers are inside.

use core::hash::{BuildHasher, Hash as Hashable};
use core::ptr::NonNull;

use super::Map;
use super::entry::{Entry, Fresh};
use super::find::{Found, Inside};
use super::garbage::Garbage;
use super::word::Word;

/// An entry, and a value that it has or had: valid while the caller is inside.
pub(super) struct Hit<K, V> {
    pub(super) entry: NonNull<Entry<K, V>>,
    pub(super) value: NonNull<V>,
}

/// What became of a store.
pub(super) enum Put<K, V> {
    /// The key had no value.
    New(Hit<K, V>),
    /// The key had this one.
    Replaced(Hit<K, V>),
    /// The key has this one, and keeps it.
    Kept(Hit<K, V>, K, V),
}

/// What became of a store to an entry.
enum Set<K, V> {
    New(Hit<K, V>),
    Replaced(Hit<K, V>),
    Kept(Hit<K, V>, V),
    /// The entry is gone from the map: the search has to begin anew.
    Gone(V),
}

/// What a value is exchanged for.
pub(super) enum Next {
    /// What is ready.
    Store,
    Remove,
    Keep,
}

/// What became of an exchange.
pub(super) enum Changed<K, V> {
    Stored { old: Hit<K, V>, new: Hit<K, V> },
    Removed(Hit<K, V>),
    Kept(Hit<K, V>),
    Absent,
}

fn hit<K, V>(entry: &Entry<K, V>, value: NonNull<V>) -> Hit<K, V> {
    Hit { entry: NonNull::from(entry), value }
}

/// The value that a word of the entry says.
///
/// # Safety
/// The word was read by who is inside, and stays there while the hit is used.
#[inline(always)]
pub(super) unsafe fn hit_of<K, V>(entry: &Entry<K, V>, word: Word) -> Option<Hit<K, V>> {
    // SAFETY: by the caller.
    unsafe { entry.value(word) }.map(|value| hit(entry, value))
}

impl<K, V, S> Map<K, V, S> {
    /// What a word held that this caller moved away is retired.
    #[inline]
    fn retire_word(&self, inside: &Inside<'_, K, V>, entry: &Entry<K, V>, word: Word) {
        if let Some(garbage) = Garbage::of_word(entry, word) {
            self.reclaim.retire(inside, garbage);
        }
    }

    /// Counts a removal, and compacts the shard if it is half dead.
    #[inline]
    fn removed(&self, inside: &Inside<'_, K, V>, found: &Found<'_, K, V>, word: Word) {
        let half_dead = found.shard.books.count_removed();
        self.retire_word(inside, found.entry, word);
        if half_dead {
            let retired = found.shard.compact_half_dead();
            self.retire_all(inside, retired);
        }
    }

    /// Stores into an entry, or, unless `replaces`, leaves it the value it has.
    fn set(&self, inside: &Inside<'_, K, V>, found: &Found<'_, K, V>, mut value: V, replaces: bool) -> Set<K, V> {
        let entry = found.entry;
        let mut word = entry.word();
        loop {
            // SAFETY: the caller is inside.
            let old = unsafe { hit_of(entry, word) };
            match old {
                Some(old) if !replaces => return Set::Kept(old, value),
                None if word.is_expunged() => {
                    if !self.unexpunge(inside, found) {
                        return Set::Gone(value);
                    }
                    word = entry.word();
                    continue;
                }
                _ => {}
            }
            match entry.give(word, value) {
                Ok(new) => {
                    let Some(old) = old else {
                        found.shard.books.count_revived();
                        return Set::New(hit(entry, new));
                    };
                    self.retire_word(inside, entry, word);
                    return Set::Replaced(old);
                }
                Err((back, now)) => (value, word) = (back, now),
            }
        }
    }

    /// Exchanges the value of an entry for what `next` says of it, which may be asked again. What it wants stored it makes
    /// `ready`; what was ready and not stored is there again.
    pub(super) fn change(
        &self,
        inside: &Inside<'_, K, V>,
        found: &Found<'_, K, V>,
        ready: &mut Option<V>,
        mut next: impl FnMut(&V, &mut Option<V>) -> Next,
    ) -> Changed<K, V> {
        let entry = found.entry;
        let mut word = entry.word();
        loop {
            // SAFETY: the caller is inside.
            let Some(old) = (unsafe { hit_of(entry, word) }) else { return Changed::Absent };
            // SAFETY: the caller is inside.
            match next(unsafe { old.value.as_ref() }, ready) {
                Next::Keep => return Changed::Kept(old),
                Next::Remove => match entry.advance_state(word, Word::removed) {
                    Ok(()) => {
                        self.removed(inside, found, word);
                        return Changed::Removed(old);
                    }
                    Err(now) => word = now,
                },
                Next::Store => match entry.give(word, ready.take().expect("there is something to store")) {
                    Ok(new) => {
                        self.retire_word(inside, entry, word);
                        return Changed::Stored { old, new: hit(entry, new) };
                    }
                    Err((back, now)) => {
                        *ready = Some(back);
                        word = now;
                    }
                },
            }
        }
    }

    /// Removes the value that `entry` of `found` has, if `removes` says so of it.
    pub(super) fn remove_found(
        &self,
        inside: &Inside<'_, K, V>,
        found: &Found<'_, K, V>,
        mut removes: impl FnMut(&V) -> bool,
    ) -> Option<Hit<K, V>> {
        match self.change(inside, found, &mut None, |value, _| if removes(value) { Next::Remove } else { Next::Keep }) {
            Changed::Removed(old) => Some(old),
            _ => None,
        }
    }
}

impl<K: Hashable + Eq, V, S: BuildHasher> Map<K, V, S> {
    /// Gives `key` the value, or, unless `replaces`, leaves it the one it has.
    pub(super) fn put(&self, inside: &Inside<'_, K, V>, key: K, value: V, replaces: bool) -> Put<K, V> {
        let hash = self.hash(&key);
        let (mut key, mut value) = (key, value);
        loop {
            let found = match self.find_to_store(inside, hash, |other| *other == key) {
                Ok(found) => found,
                Err(searched) => match self.link(inside, Fresh::new(hash, key, value), searched) {
                    Ok(entry) => {
                        // SAFETY: linked just now, and the caller is inside.
                        return Put::New(unsafe { first_hit(entry) });
                    }
                    Err((found, fresh)) => {
                        (key, value) = fresh.into_parts();
                        found
                    }
                },
            };
            match self.set(inside, &found, value, replaces) {
                Set::New(new) => return Put::New(new),
                Set::Replaced(old) => return Put::Replaced(old),
                Set::Kept(there, value) => return Put::Kept(there, key, value),
                Set::Gone(back) => value = back,
            }
        }
    }
}

/// The value that an entry was born with.
///
/// # Safety
/// The entry was linked by the caller, who is inside.
unsafe fn first_hit<K, V>(entry: NonNull<Entry<K, V>>) -> Hit<K, V> {
    // SAFETY: by the caller.
    let value = unsafe { entry.as_ref() }.born_with();
    Hit { entry, value }
}
