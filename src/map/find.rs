//! From a key to its entry: the read table first, then the dirty one.

use core::borrow::Borrow;
use core::hash::{BuildHasher, Hash as Hashable};
use core::ptr::NonNull;

use super::Map;
use super::entry::{Entry, Fresh};
use super::garbage::Garbage;
use super::hash::Hash;
use super::look::Cursor;
use super::reclaim::Entered;
use super::seats::Passing;
use super::shard::{Linked, Read, Retired, Shard};
use super::shards::Shards;
use super::table::Table;
use crate::sync::Ordering;

/// What proves that its owner has entered this map.
pub(super) type Inside<'a, K, V> = Entered<'a, Garbage<K, V>>;

/// That its owner is inside, in whichever way.
pub(super) trait Presence<K, V> {
    /// Its lane, if it is in one.
    fn entered(&self) -> Option<&Inside<'_, K, V>>;
}

impl<K, V> Presence<K, V> for Inside<'_, K, V> {
    #[inline(always)]
    fn entered(&self) -> Option<&Inside<'_, K, V>> {
        Some(self)
    }
}

impl<K, V> Presence<K, V> for Passing<'_, Garbage<K, V>> {
    #[inline(always)]
    fn entered(&self) -> Option<&Inside<'_, K, V>> {
        Passing::entered(self)
    }
}

/// An entry, and where it was found.
pub(super) struct Found<'a, K, V> {
    pub(super) entry: &'a Entry<K, V>,
    pub(super) shard: Shard<'a, K, V>,
    hash: Hash,
    /// The read word of the table that has it. None if it was found in a dirty table: if such an entry is expunged by now,
    /// its table has been the read table and another one was built, and the entry is on its way out of the map.
    read: Option<Read>,
}

/// The entry of the key that a new one was made for, and the new one.
type There<'a, K, V> = (Found<'a, K, V>, Fresh<K, V>);

/// Searches a read table, or one that was.
///
/// # Safety
/// The table was read by who has entered the map and does not leave for `'a`.
#[inline(always)]
unsafe fn search<'a, K, V>(table: Table<K, V>, hash: Hash, mut is: impl FnMut(&K) -> bool) -> Option<&'a Entry<K, V>> {
    // SAFETY: not freed before the caller leaves (R1), and nobody writes to it (B1).
    unsafe { table.find(hash, |entry: &'a Entry<K, V>| is(entry.key())) }
}

impl<K, V, S> Map<K, V, S> {
    /// Where the shards are, once it was split.
    #[inline(always)]
    pub(super) fn shards(&self) -> Option<&Shards<K, V>> {
        // ORDERING: Acquire: the shards and their tables, from the Release store in `split`.
        let shards = self.shards.load(Ordering::Acquire);
        // SAFETY: made by `split`, and lives as long as the map.
        unsafe { core::ptr::with_exposed_provenance::<Shards<K, V>>(shards).as_ref() }
    }

    /// The shard that is inside the map.
    #[inline(always)]
    pub(super) fn only(&self) -> Shard<'_, K, V> {
        Shard { read: &self.read, books: &self.books }
    }

    #[inline(always)]
    pub(super) fn shard(&self, hash: Hash) -> Shard<'_, K, V> {
        self.shards().map_or_else(|| self.only(), |shards| shards.of(hash))
    }

    pub(super) fn retire_all(&self, inside: &Inside<'_, K, V>, retired: Retired<K, V>) {
        if !retired.is_empty() {
            let urgent = retired.iter().any(|garbage| matches!(garbage, Garbage::Table(table) if table.is_large()));
            self.reclaim.retire_all(inside, retired, urgent);
        }
    }

    /// Splits the only shard, unless somebody has.
    #[cold]
    pub(super) fn split(&self, inside: &Inside<'_, K, V>) {
        let retired = self.only().split(|entries| {
            let shards = alloc::boxed::Box::new(Shards::new());
            shards.spread(entries);
            let shards = alloc::boxed::Box::into_raw(shards).expose_provenance();
            // ORDERING: Release: the shards, to the Acquire load in `shards`.
            self.shards.store(shards, Ordering::Release);
        });
        self.retire_all(inside, retired);
    }

    /// The entry of the key that hashes to `hash` and that `is` knows. A search that has to go to the dirty table is a miss,
    /// which counts.
    #[inline(always)]
    pub(super) fn find<'a>(
        &'a self,
        inside: &'a impl Presence<K, V>,
        hash: Hash,
        mut is: impl FnMut(&K) -> bool,
    ) -> Option<Found<'a, K, V>> {
        let shard = self.shard(hash);
        let read = shard.read();
        // SAFETY: this caller is inside.
        match unsafe { search(read.table(), hash, &mut is) } {
            Some(entry) => Some(Found { entry, shard, hash, read: Some(read) }),
            None if read.is_amended() => self.find_missed(inside.entered(), hash, read, &mut is),
            None => None,
        }
    }

    /// An entry that was come upon otherwise than by its key.
    pub(super) fn found<'a>(&'a self, entry: &'a Entry<K, V>, hash: Hash) -> Found<'a, K, V> {
        let shard = self.shard(hash);
        Found { entry, shard, hash, read: None }
    }

    /// Not in the read table of `searched`, which is amended. The caller is inside; `entered`, if in a lane.
    #[cold]
    fn find_missed<'a>(
        &'a self,
        entered: Option<&Inside<'_, K, V>>,
        hash: Hash,
        mut searched: Read,
        is: &mut dyn FnMut(&K) -> bool,
    ) -> Option<Found<'a, K, V>> {
        // Of the shard that it is now.
        if !self.shard(hash).may_have_more(hash, searched) {
            return None;
        }
        let found = self.find_on(hash, &mut searched, &mut Cursor::default(), is);
        if searched.is_amended() && found.as_ref().is_none_or(|found| found.read.is_none()) {
            self.miss(entered, hash, found.is_some());
        }
        found
    }

    fn miss(&self, entered: Option<&Inside<'_, K, V>>, hash: Hash, is_there: bool) {
        let shard = self.shard(hash);
        if shard.books.count_miss(is_there) {
            let retired = shard.promote_missed();
            match entered {
                Some(entered) => self.retire_all(entered, retired),
                None => self.retire_all(&self.reclaim.enter(), retired),
            }
        }
    }

    /// The read table of `searched` did not have it: whether the dirty one does, or another read table that is there by now.
    /// The caller is inside.
    fn find_on<'a>(
        &'a self,
        hash: Hash,
        searched: &mut Read,
        cursor: &mut Cursor,
        is: &mut dyn FnMut(&K) -> bool,
    ) -> Option<Found<'a, K, V>> {
        loop {
            let shard = self.shard(hash);
            let read = shard.read();
            if read != *searched {
                *searched = read;
                // SAFETY: this caller is inside.
                if let Some(entry) = unsafe { search(read.table(), hash, &mut *is) } {
                    return Some(Found { entry, shard, hash, read: Some(read) });
                }
            }
            if !read.is_amended() {
                return None;
            }
            let table = shard.dirty_table();
            if !table.is_none() {
                // SAFETY: this caller is inside.
                let entry = unsafe { cursor.find(table, hash, is) };
                return entry.map(|entry| Found { entry, shard, hash, read: None });
            }
        }
    }

    /// What a store begins with: as [`find`](Self::find), but a key that is not there is no miss. Then what is returned says
    /// how far the search went.
    #[inline]
    pub(super) fn find_to_store<'a>(
        &'a self,
        inside: &'a Inside<'_, K, V>,
        hash: Hash,
        mut is: impl FnMut(&K) -> bool,
    ) -> Result<Found<'a, K, V>, (Read, Cursor)> {
        let shard = self.shard(hash);
        let read = shard.read();
        // SAFETY: this caller is inside.
        match unsafe { search(read.table(), hash, &mut is) } {
            Some(entry) => Ok(Found { entry, shard, hash, read: Some(read) }),
            None if read.is_amended() => self.find_on_to_store(inside, hash, read, &mut is),
            None => Err((read, Cursor::default())),
        }
    }

    #[cold]
    fn find_on_to_store<'a>(
        &'a self,
        inside: &Inside<'_, K, V>,
        hash: Hash,
        mut searched: Read,
        is: &mut dyn FnMut(&K) -> bool,
    ) -> Result<Found<'a, K, V>, (Read, Cursor)> {
        let mut cursor = Cursor::default();
        let found = self.find_on(hash, &mut searched, &mut cursor, is);
        if found.as_ref().is_some_and(|found| found.read.is_none()) {
            self.miss(Some(inside), hash, true);
        }
        found.ok_or((searched, cursor))
    }

    /// Gives `fresh` its place, or finds the entry of its key. It was searched for as far as `searched` and `cursor` say.
    pub(super) fn link<'a>(
        &'a self,
        inside: &'a Inside<'_, K, V>,
        mut fresh: Fresh<K, V>,
        (mut searched, mut cursor): (Read, Cursor),
    ) -> Result<NonNull<Entry<K, V>>, There<'a, K, V>>
    where
        K: Eq,
    {
        let hash = fresh.hash();
        loop {
            let shards = self.shards();
            let shard = shards.map_or_else(|| self.only(), |shards| shards.of(hash));
            let (linked, retired) = shard.link(fresh, searched, &cursor, shards.is_some());
            self.retire_all(inside, retired);
            fresh = match linked {
                Linked::Done(entry) => return Ok(entry),
                Linked::Again(fresh) => fresh,
                Linked::Split(fresh) => {
                    self.split(inside);
                    fresh
                }
            };
            if let Some(found) = self.find_on(hash, &mut searched, &mut cursor, &mut |key| key == fresh.key()) {
                return Err((found, fresh));
            }
        }
    }

    /// Un-expunges an entry; false if the search has to begin anew.
    #[cold]
    pub(super) fn unexpunge(&self, inside: &Inside<'_, K, V>, found: &Found<'_, K, V>) -> bool {
        let Some(read) = found.read else { return false };
        let (done, retired) = found.shard.unexpunge(found.hash, found.entry, read);
        self.retire_all(inside, retired);
        done
    }
}

impl<K, V, S: BuildHasher> Map<K, V, S> {
    #[inline(always)]
    pub(super) fn hash<Q: Hashable + ?Sized>(&self, key: &Q) -> Hash {
        Hash::of(self.hasher.hash_one(key))
    }

    /// As [`find`](Self::find), by a borrowed form of the key.
    #[inline(always)]
    pub(super) fn find_key<'a, Q>(&'a self, inside: &'a impl Presence<K, V>, key: &Q) -> Option<Found<'a, K, V>>
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
    {
        self.find(inside, self.hash(key), |other| other.borrow() == key)
    }
}
