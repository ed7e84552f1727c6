//! What a shard has beside its read word: the dirty table, the lock of who changes it, and counts.

use super::shard::Dirty;
use crate::sync::{AtomicUsize, Lock, Ordering, small};

/// From so many dead entries on, a shard that is half dead is compacted.
pub(super) const DEAD: usize = small(32, 1);

/// A dirty table is promoted when there were as many misses as it has entries, as in Go, but a miss that found something
/// there counts for so many: such misses end with the promotion, which is worth the copy of the table that the next new
/// key costs then. What is nowhere is looked for twice again as soon as that key has come.
const FOUND: usize = small(4, 1);

/// So many misses are always borne: else each key that comes to a small map and is asked for costs it two tables.
const FORBEARANCE: usize = small(32, 1);

pub(super) struct Books<K, V> {
    pub(super) dirty: Lock<Dirty<K, V>>,
    /// The word of the dirty table, or of none; written under the lock.
    pub(super) table: AtomicUsize,
    /// How many searches had to go there; of some that do at once, not all are counted.
    pub(super) misses: AtomicUsize,
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
                table: AtomicUsize::new(0),
                misses: AtomicUsize::new(0),
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

    /// A search had to go to the dirty table, where something `is_there`, or not. True if that was one too many.
    pub(super) fn count_miss(&self, is_there: bool) -> bool {
        // ORDERING: Relaxed on both: a count, of which it does no harm that some are lost.
        let misses = self.misses.load(Ordering::Relaxed) + if is_there { FOUND } else { 1 };
        // ORDERING: as above.
        self.misses.store(misses, Ordering::Relaxed);
        self.has_missed_enough()
    }

    pub(super) fn has_missed_enough(&self) -> bool {
        // ORDERING: Relaxed: as above.
        self.misses.load(Ordering::Relaxed) >= (self.counts().0 as usize).max(FORBEARANCE)
    }

    pub(super) fn forget_misses(&self) {
        // ORDERING: Relaxed: as above.
        self.misses.store(0, Ordering::Relaxed);
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
