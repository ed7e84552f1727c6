//! The methods of the map.

use core::borrow::Borrow;
use core::hash::{BuildHasher, Hash as Hashable};

use super::find::{Inside, Presence};
use super::guard::Ref;
use super::session::Session;
use super::shard::SPLIT;
use super::shards::SHARDS;
use super::write::{Changed, Hit, Next, Put, hit_of};
use super::{Flush, Map};

/// What [`Map::compute`] is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation<V> {
    /// Give the key this value.
    Insert(V),
    /// Remove the key, if it is there.
    Remove,
    /// Change nothing.
    Abort,
}

/// What [`Map::compute`] has done.
#[derive(Debug)]
pub enum Computed<'a, K, V> {
    /// The key was absent, and has this value now.
    Inserted(Ref<'a, K, V>),
    /// The key had the old value, and has the new one now.
    Updated {
        /// What it had.
        old: Ref<'a, K, V>,
        /// What it has.
        new: Ref<'a, K, V>,
    },
    /// The key had this value, and is gone.
    Removed(Ref<'a, K, V>),
    /// Nothing was changed: what the key has, if anything.
    Aborted(Option<Ref<'a, K, V>>),
}

impl<K, V, S> Map<K, V, S> {
    #[inline]
    pub(super) fn enter(&self) -> Inside<'_, K, V> {
        self.reclaim.enter()
    }

    /// A session: enters once for many operations.
    #[must_use]
    pub fn session(&self) -> Session<'_, K, V, S> {
        Session::new(self)
    }

    /// How many keys there are; exact while nobody writes.
    #[must_use]
    pub fn len(&self) -> usize {
        let shards = self.shards().into_iter().flat_map(super::shards::Shards::iter);
        let live: isize = core::iter::once(self.only()).chain(shards).map(|shard| shard.books.live()).sum();
        usize::try_from(live).unwrap_or(0)
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Waits until every value that was replaced or removed so far has been dropped: a future, or, for threads, its `wait`. (A
    /// removed key goes when its table is rebuilt; [`shrink_to_fit`](Self::shrink_to_fit) rebuilds all.)
    ///
    /// Whoever holds a guard or a session of this map, or is called by it (a closure, a destructor), and waits for this
    /// waits for itself.
    pub fn flush(&self) -> Flush<'_, K, V> {
        Flush::new(&self.reclaim)
    }

    /// Removes the keys for which `keep` says false. Each key is asked about at some moment of the call, perhaps again if
    /// its value changed meanwhile.
    pub fn retain(&self, mut keep: impl FnMut(&K, &V) -> bool) {
        let inside = self.enter();
        let mut walk = super::walk::Walk::new();
        // SAFETY: the same one each time.
        while let Some((entry, hash)) = unsafe { walk.next(self, &inside) } {
            let found = self.found(entry, hash);
            self.remove_found(&inside, &found, |value| !keep(entry.key(), value));
        }
    }

    /// Removes all keys that are there throughout the call; of those that come or go meanwhile, some.
    #[doc(alias = "Clear")]
    pub fn clear(&self) {
        self.retain(|_, _| false);
    }

    /// Sees to it that the tables that are built next have room for `additional` more keys.
    ///
    /// # Panics
    ///
    /// If that is more than 2^36 keys in all, or 2^28 where a word has 32 bits; nothing is changed then.
    pub fn reserve(&self, additional: usize) {
        let most = usize::try_from(1_u64 << 36).unwrap_or(1 << 28);
        let len = self.len();
        let wanted = len.saturating_add(additional);
        assert!(
            wanted <= most,
            "xsync: room for {additional} more keys beside {len} is more than a map can have, {most}"
        );
        if self.shards().is_none() && wanted > SPLIT {
            self.split(&self.enter());
        }
        let part = |wanted: usize| u32::try_from(wanted).expect("less than was asserted");
        match self.shards() {
            None => self.only().reserve(part(wanted)),
            Some(shards) => shards.iter().for_each(|shard| shard.reserve(part(wanted.div_ceil(SHARDS)))),
        }
    }

    /// Rebuilds every table as small as may be, and frees what can be freed.
    pub fn shrink_to_fit(&self) {
        let inside = self.enter();
        let shards = self.shards().into_iter().flat_map(super::shards::Shards::iter);
        for shard in core::iter::once(self.only()).chain(shards) {
            let retired = shard.shrink();
            self.retire_all(&inside, retired);
        }
        drop(inside);
        self.reclaim.collect();
    }
}

impl<K: Hashable + Eq, V, S: BuildHasher> Map<K, V, S> {
    /// The value of a key.
    ///
    /// # Memory ordering
    ///
    /// What the store that it observes was preceded by happens before what follows.
    // Only this much always: a guard is four words, which a call would return in memory, from where the caller waits for them
    // (17 ns for a hit that takes 11). A hit is two, in registers.
    #[doc(alias = "Load")]
    #[inline(always)]
    pub fn get<Q>(&self, key: &Q) -> Option<Ref<'_, K, V>>
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
    {
        let inside = self.enter();
        let hit = self.lookup(&inside, key)?;
        // SAFETY: made inside.
        Some(unsafe { Ref::new(inside, hit) })
    }

    #[inline]
    pub(super) fn lookup<Q>(&self, inside: &impl Presence<K, V>, key: &Q) -> Option<Hit<K, V>>
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
    {
        let found = self.find_key(inside, key)?;
        // SAFETY: the caller is inside.
        unsafe { hit_of(found.entry, found.entry.word()) }
    }

    /// Comes in to change what a key has. None if it has nothing, and a seat was enough to see that.
    #[inline]
    fn enter_to_change<Q>(&self, key: &Q) -> Option<Inside<'_, K, V>>
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
    {
        match self.reclaim.pass().into_entered() {
            Ok(inside) => Some(inside),
            Err(seated) => {
                self.lookup(&seated, key)?;
                drop(seated);
                Some(self.enter())
            }
        }
    }

    /// A clone of the value of a key.
    pub fn get_cloned<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
        V: Clone,
    {
        self.read_with(key, V::clone)
    }

    /// What `read` makes of the value of a key. No lock is held while it runs.
    #[inline]
    pub fn read_with<Q, R>(&self, key: &Q, read: impl FnOnce(&V) -> R) -> Option<R>
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
    {
        let inside = self.reclaim.pass();
        let hit = self.lookup(&inside, key)?;
        // SAFETY: made inside.
        Some(read(unsafe { hit.value.as_ref() }))
    }

    /// Whether a key is there.
    #[inline]
    pub fn contains_key<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
    {
        let inside = self.reclaim.pass();
        self.lookup(&inside, key).is_some()
    }

    /// Gives a key a value. Returns the value that it had. If the key was there, or was removed and not forgotten yet, the map
    /// keeps the key that it has.
    #[doc(alias("Store", "Swap"))]
    pub fn insert(&self, key: K, value: V) -> Option<Ref<'_, K, V>> {
        let inside = self.enter();
        match self.put(&inside, key, value, true) {
            // SAFETY: made inside.
            Put::Replaced(old) => Some(unsafe { Ref::new(inside, old) }),
            Put::New(_) | Put::Kept(..) => None,
        }
    }

    /// The value of a key, which is this one if it had none.
    #[doc(alias = "LoadOrStore")]
    pub fn get_or_insert(&self, key: K, value: V) -> Ref<'_, K, V> {
        match self.try_insert(key, value) {
            Ok(new) => new,
            Err((there, _)) => there,
        }
    }

    /// The value of a key, which is what `make` makes if it had none. Others may come first while `make` runs: then theirs
    /// is returned, and what was made is dropped.
    pub fn get_or_insert_with(&self, key: K, make: impl FnOnce() -> V) -> Ref<'_, K, V> {
        match self.get(&key) {
            Some(there) => there,
            None => self.get_or_insert(key, make()),
        }
    }

    /// Gives a key a value if it has none.
    ///
    /// # Errors
    ///
    /// The value that it has, and the one that was not stored.
    pub fn try_insert(&self, key: K, value: V) -> Result<Ref<'_, K, V>, (Ref<'_, K, V>, V)> {
        let inside = self.enter();
        match self.put(&inside, key, value, false) {
            // SAFETY: made inside.
            Put::New(new) | Put::Replaced(new) => Ok(unsafe { Ref::new(inside, new) }),
            // SAFETY: as above.
            Put::Kept(there, _, value) => Err((unsafe { Ref::new(inside, there) }, value)),
        }
    }

    /// Removes a key. Returns the value that it had.
    #[doc(alias("Delete", "LoadAndDelete"))]
    pub fn remove<Q>(&self, key: &Q) -> Option<Ref<'_, K, V>>
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
    {
        self.remove_if(key, |_| true)
    }

    /// Removes a key if `removes` says so of its value; it may be asked again of another value. Returns what was removed.
    pub fn remove_if<Q>(&self, key: &Q, removes: impl FnMut(&V) -> bool) -> Option<Ref<'_, K, V>>
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
    {
        let inside = self.enter_to_change(key)?;
        let found = self.find_key(&inside, key)?;
        let hit = self.remove_found(&inside, &found, removes)?;
        // SAFETY: made inside.
        Some(unsafe { Ref::new(inside, hit) })
    }

    /// Removes a key if it has the value `old`. Returns what was removed.
    #[doc(alias = "CompareAndDelete")]
    pub fn compare_remove<Q>(&self, key: &Q, old: &V) -> Option<Ref<'_, K, V>>
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
        V: PartialEq,
    {
        self.remove_if(key, |value| value == old)
    }

    /// Gives a key that is there another value if `replaces` says so of the one it has; it may be asked again of another.
    /// Returns what the key had.
    ///
    /// # Errors
    ///
    /// `new`, if the key is absent or `replaces` said no.
    pub fn replace_if<Q>(&self, key: &Q, new: V, mut replaces: impl FnMut(&V) -> bool) -> Result<Ref<'_, K, V>, V>
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
    {
        let Some(inside) = self.enter_to_change(key) else { return Err(new) };
        let Some(found) = self.find_key(&inside, key) else { return Err(new) };
        let mut ready = Some(new);
        let next = |value: &V, _: &mut Option<_>| if replaces(value) { Next::Store } else { Next::Keep };
        match self.change(&inside, &found, &mut ready, next) {
            // SAFETY: made inside.
            Changed::Stored { old, .. } => Ok(unsafe { Ref::new(inside, old) }),
            _ => Err(ready.expect("it was not stored")),
        }
    }

    /// Gives a key another value if it has the value `old`. Returns what the key had.
    ///
    /// # Errors
    ///
    /// `new`, if the key is absent or has another value.
    #[doc(alias = "CompareAndSwap")]
    pub fn compare_exchange<Q>(&self, key: &Q, old: &V, new: V) -> Result<Ref<'_, K, V>, V>
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
        V: PartialEq,
    {
        self.replace_if(key, new, |value| value == old)
    }

    /// Gives a key that is there the value that `update` makes of the one it has, atomically: it is run again if others
    /// come between. Returns the new value.
    pub fn update<Q>(&self, key: &Q, mut update: impl FnMut(&V) -> V) -> Option<Ref<'_, K, V>>
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
    {
        let inside = self.enter_to_change(key)?;
        let found = self.find_key(&inside, key)?;
        let next = |value: &V, ready: &mut Option<_>| {
            *ready = Some(update(value));
            Next::Store
        };
        match self.change(&inside, &found, &mut None, next) {
            // SAFETY: made inside.
            Changed::Stored { new, .. } => Some(unsafe { Ref::new(inside, new) }),
            _ => None,
        }
    }

    /// Does with a key what `compute` says of the value it has, atomically: it is run again if others come between.
    pub fn compute(&self, key: K, mut compute: impl FnMut(Option<&V>) -> Operation<V>) -> Computed<'_, K, V> {
        let inside = self.enter();
        let mut key = key;
        loop {
            if let Some(found) = self.find_key(&inside, &key) {
                let next = |value: &V, ready: &mut Option<_>| match compute(Some(value)) {
                    Operation::Insert(value) => {
                        *ready = Some(value);
                        Next::Store
                    }
                    Operation::Remove => Next::Remove,
                    Operation::Abort => Next::Keep,
                };
                let changed = self.change(&inside, &found, &mut None, next);
                // SAFETY: made inside, or by a clone of it.
                let of = |inside, hit| unsafe { Ref::new(inside, hit) };
                match changed {
                    Changed::Stored { old, new } => {
                        return Computed::Updated { old: of(inside.clone(), old), new: of(inside.clone(), new) };
                    }
                    Changed::Removed(old) => return Computed::Removed(of(inside.clone(), old)),
                    Changed::Kept(there) => return Computed::Aborted(Some(of(inside.clone(), there))),
                    Changed::Absent => {}
                }
            }
            let Operation::Insert(value) = compute(None) else { return Computed::Aborted(None) };
            match self.put(&inside, key, value, false) {
                Put::New(new) | Put::Replaced(new) => {
                    // SAFETY: made inside.
                    return Computed::Inserted(unsafe { Ref::new(inside.clone(), new) });
                }
                // Somebody else came first: what is there now?
                Put::Kept(_, back, _) => key = back,
            }
        }
    }
}
