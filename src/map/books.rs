//! What a shard has beside its read word: the dirty table under its lock, and counts.

use super::shard::Dirty;
use crate::sync::{AtomicUsize, Lock, Ordering, small};

/// From so many dead entries on, a shard that is half dead is compacted.
pub(super) const DEAD: usize = small(32, 1);

/// What the lock guards, and the counts.
pub(super) struct Books<K, V> {
    pub(super) dirty: Lock<Dirty<K, V>>,
    /// Entries that are not expunged; written under the lock.
    pub(super) entries: AtomicUsize,
    /// How many of them are removed; whoever removes one or brings it back counts it after the fact.
    pub(super) dead: AtomicUsize,
}

impl<K, V> Books<K, V> {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self {
                dirty: Lock::new(Dirty::new()),
                entries: AtomicUsize::new(0),
                dead: AtomicUsize::new(0),
            }
        }
    }

    /// How many entries there are, and how many of them are dead. The first is exact under the lock.
    pub(super) fn counts(&self) -> (isize, isize) {
        // ORDERING: Relaxed on both: counts, nothing is read through them.
        let dead = self.dead.load(Ordering::Relaxed) as isize;
        // ORDERING: as above.
        (self.entries.load(Ordering::Relaxed) as isize, dead)
    }

    /// How many entries are live; exact when nobody is writing.
    pub(super) fn live(&self) -> isize {
        let (entries, dead) = self.counts();
        entries - dead
    }

    pub(super) fn add_entries(&self, number: isize) {
        // ORDERING: Relaxed on both: written under the lock only.
        let now = self.entries.load(Ordering::Relaxed).wrapping_add_signed(number);
        // ORDERING: as above.
        self.entries.store(now, Ordering::Relaxed);
    }

    /// An entry was removed; true if the shard is worth compacting.
    #[inline]
    pub(super) fn count_removed(&self) -> bool {
        // ORDERING: Relaxed on both: counts, nothing is read through them.
        let dead = self.dead.fetch_add(1, Ordering::Relaxed).wrapping_add(1) as isize;
        // ORDERING: as above.
        dead >= DEAD as isize && dead >= (self.entries.load(Ordering::Relaxed) as isize) / 2
    }

    /// A removed entry is live again.
    #[inline]
    pub(super) fn count_revived(&self) {
        // ORDERING: Relaxed: as above.
        self.dead.fetch_sub(1, Ordering::Relaxed);
    }
}
