//! The shards of a map: one inside it at first, later one for each value of a hash's top bits.
//!
//! A map starts with the shard that lives in it. When that is too large to be moved in one step, or when threads meet at
//! its lock, it is split, once: its entries go to [`Shards`], and everybody is sent there. So no step moves more than a
//! shard, and threads that insert different keys rarely meet.

use core::ptr::NonNull;

use alloc::vec::Vec;

use super::books::Books;
use super::entry::Entry;
use super::hash::Hash;
use super::shard::{Read, Shard};
use crate::sync::{AtomicUsize, small};

/// How many: so that a shard of a large map is less than a 64th of it, whatever the spread.
pub(super) const SHARDS: usize = small(256, 2);

/// The read words side by side, apart from what writers write to.
pub(super) struct Shards<K, V> {
    reads: [AtomicUsize; SHARDS],
    books: [Line<K, V>; SHARDS],
}

/// Two shards' locks and counts share no cache line.
#[repr(align(64))]
struct Line<K, V>(Books<K, V>);

impl<K, V> Shards<K, V> {
    pub(super) fn new() -> Self {
        Self {
            reads: core::array::from_fn(|_| AtomicUsize::new(Read::NONE.bits())),
            books: core::array::from_fn(|_| Line(Books::new())),
        }
    }

    /// The shard of a hash.
    #[inline(always)]
    pub(super) fn of(&self, hash: Hash) -> Shard<'_, K, V> {
        self.at(hash.shard() & (SHARDS - 1))
    }

    #[inline(always)]
    pub(super) fn at(&self, index: usize) -> Shard<'_, K, V> {
        Shard { read: &self.reads[index], books: &self.books[index].0 }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Shard<'_, K, V>> {
        (0..SHARDS).map(|index| self.at(index))
    }

    /// Spreads the entries of the only shard over these.
    pub(super) fn spread(&self, entries: &[(Hash, NonNull<Entry<K, V>>)]) {
        let mut parts: Vec<Vec<_>> = (0..SHARDS).map(|_| Vec::new()).collect();
        for entry in entries {
            parts[entry.0.shard() & (SHARDS - 1)].push(*entry);
        }
        for (shard, part) in self.iter().zip(&parts) {
            shard.adopt(part);
        }
    }
}
