//! What a shard has beside its read word: the dirty table, the lock of who changes it, and counts.

use super::hash::Hash;
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
    /// Of what hashes the dirty table may have keys that the read table does not, as [bits](Hash::bit); written under the lock.
    /// Most keys that are nowhere need not be looked for there, and do not count as misses.
    news: AtomicUsize,
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
                news: AtomicUsize::new(0),
                misses: AtomicUsize::new(0),
                entries: AtomicUsize::new(0),
                dead: AtomicUsize::new(0),
            }
        }
    }

    /// Whether the dirty table may have a key of this hash that the read table does not. If not, and the read word is then still
    /// what it was, there is none.
    #[inline(always)]
    pub(super) fn is_news(&self, hash: Hash) -> bool {
        // ORDERING: Acquire: who sees the news of another read table finds that in the read word (the stores below).
        self.news.load(Ordering::Acquire) & hash.bit() != 0
    }

    /// A key of this hash is about to be put into the dirty table.
    pub(super) fn note_news(&self, hash: Hash) {
        // ORDERING: Relaxed: written under the lock.
        let news = self.news.load(Ordering::Relaxed) | hash.bit();
        // ORDERING: Release: the read word that these are the news of, to the load in `is_news`. (Who knows of the key has
        // seen its slot, which is filled after this.)
        self.news.store(news, Ordering::Release);
    }

    /// The dirty table has become the read table.
    pub(super) fn forget_news(&self) {
        // ORDERING: Release: the read word before, to the load in `is_news`.
        self.news.store(0, Ordering::Release);
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
