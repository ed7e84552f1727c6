//! The group: what users call.

use core::borrow::Borrow;
use core::fmt;
use core::future::Future;
use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
use core::ptr::NonNull;

use alloc::borrow::ToOwned;

use super::claim::{Claim, Claiming, Scoped};
use super::key::{BorrowedKey, OwnKey};
use super::registry::{Handle, Registry};
use super::started::Started;
use super::work::{Work, WorkRef};
use crate::hasher::RandomState;
use crate::sync::{AtomicUsize, Ordering};

/// Callers with the same key, at the same time, share one run of the work.
///
/// The first caller's closure makes a future, which belongs to the flight and not to the caller: any task that waits for the
/// value goes on with it. A caller that is dropped takes nothing with it; one that is alive but not polled (in a `select!`, a
/// `FuturesUnordered`, or another task that is stuck) holds up nobody. Nothing is kept after the end: this is no cache.
///
/// One allocation is made for a flight, none to join one.
///
/// | method | runs what | for |
/// |---|---|---|
/// | [`work`](Self::work), [`work_ref`](Self::work_ref) | a future that is `Send + 'static` | the usual case |
/// | [`start`](Self::start), [`start_ref`](Self::start_ref) | the same, by a [`Driver`](crate::Driver) that is spawned | work that goes on without callers; many callers |
/// | `work_blocking` | a closure, on this thread | threads |
/// | [`work_scoped`](Self::work_scoped) | a future that borrows | where `'static` cannot be had |
/// | [`claim`](Self::claim) | whatever the leader does | the same, by hand |
///
/// # Wakes
///
/// When the work is woken, all tasks that wait are: any of them may be one that nobody polls any more, so no choice of one
/// would do. That is one wake per caller each time the work is woken, until one of them has polled it. Work that is woken
/// often and has many callers is better [started](Self::start): while a driver is attached, it alone is woken, and the callers
/// once, at the end.
///
/// # Cancel safety
///
/// Dropping a caller at any time leaves the flight to the others, and to the driver. The last of them that goes drops the
/// work, and frees the key in the same step: a new caller starts anew, and never joins a dying flight.
///
/// # Memory ordering
///
/// What the work did happens before its value is returned to any caller.
///
/// # Panics
///
/// A panic of the work, or of the closure that makes it, goes on where it was polled; the others panic with a message that
/// says so, or get [`Panicked`](crate::Panicked) from the [checked form](crate::Work::checked). The key is free again.
///
/// # Recursion
///
/// Work that waits for its own key waits for itself; and being one of its own callers, it is not dropped with the others.
/// `Work::refuse_recursion` makes that a panic; the blocking forms always do.
///
/// # Which runtime polls the work
///
/// That of any task that waits for it. A future that needs the runtime it was made for (a timer, a socket) is to be shared by
/// tasks of that runtime, or started, with its driver spawned there. A blocking caller polls no future that a task has made.
///
/// # Go
///
/// `singleflight.Group`.
///
/// | Go | here | what differs |
/// |---|---|---|
/// | `Do` | [`work`](Self::work), `work_blocking` | a caller can leave; the work ends with the last |
/// | its third result | [`Outcome::shared`](crate::Outcome::shared) | with [`Role`](crate::Role), whose closure has run |
/// | `DoChan` | [`start`](Self::start) | the caller chooses what runs it |
/// | `Forget` | [`forget`](Self::forget) | says whether there was one |
/// | `ForgetUnshared` (std's own) | [`forget_unshared`](Self::forget_unshared) | |
///
/// # Examples
///
/// ```
/// use xsync::SingleFlight;
///
/// static PAGES: SingleFlight<String, Result<String, u16>> = SingleFlight::new();
///
/// # async fn fetch(url: String) -> Result<String, u16> { Ok(url) }
/// async fn page(url: &str) -> Result<String, u16> {
///     let own = url.to_owned();
///     PAGES.work_ref(url, move || fetch(own)).await
/// }
/// # #[cfg(feature = "std")]
/// assert_eq!(PAGES.work("a".to_owned(), || async { Err(404) }).wait(), Ok(Err(404))); // or, in a task: .await
/// assert_eq!(PAGES.in_flight(), 0);
/// ```
#[doc(alias = "Group")]
pub struct SingleFlight<K, V, S = RandomState> {
    /// Null, or the `Registry`, of which this has one handle.
    registry: AtomicUsize,
    hasher: S,
    /// It owns keys and values, and shares them: so it is invariant in both.
    _flights: PhantomData<*mut (K, V)>,
}

// SAFETY: the keys and values of flights, which others may share, go with it.
unsafe impl<K: Send + Sync, V: Send + Sync, S: Send> Send for SingleFlight<K, V, S> {}
// SAFETY: any thread may share, clone and drop keys and values.
unsafe impl<K: Send + Sync, V: Send + Sync, S: Sync> Sync for SingleFlight<K, V, S> {}

impl<K, V> SingleFlight<K, V> {
    const_fn! {
        /// A group without flights, which allocates nothing, with the default hasher.
        #[must_use]
        pub const fn new() -> Self {
            Self::with_hasher(RandomState)
        }
    }
}

impl<K, V, S> SingleFlight<K, V, S> {
    const_fn! {
        /// A group without flights, which allocates nothing, with `hasher`.
        #[must_use]
        pub const fn with_hasher(hasher: S) -> Self {
            Self { registry: AtomicUsize::new(0), hasher, _flights: PhantomData }
        }
    }

    /// The hasher.
    #[must_use]
    pub fn hasher(&self) -> &S {
        &self.hasher
    }

    /// How many flights there are that a new caller would join, or that end at this moment.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.lookup().map_or(0, Registry::len)
    }

    /// The registry, if there is one.
    #[inline]
    fn made(&self) -> Option<NonNull<Registry<K, V>>> {
        // ORDERING: Acquire: the registry, published by the Release exchange in `make`.
        let registry = self.registry.load(Ordering::Acquire);
        NonNull::new(core::ptr::with_exposed_provenance_mut(registry))
    }

    /// The registry, if there is one, to look for a flight.
    fn lookup(&self) -> Option<&Registry<K, V>> {
        // SAFETY: made by `make`; this group's handle keeps it.
        self.made().map(|registry| unsafe { registry.as_ref() })
    }

    #[inline]
    pub(super) fn registry(&self) -> &Registry<K, V> {
        let registry = self.made().unwrap_or_else(|| self.make());
        // SAFETY: made by `make`; this group's handle keeps it.
        unsafe { registry.as_ref() }
    }

    /// A handle for what does not borrow the group.
    fn handle(&self) -> Handle<K, V> {
        let registry = self.made().unwrap_or_else(|| self.make());
        // SAFETY: made by `make`; this group's handle keeps it.
        unsafe { Handle::another(registry) }
    }

    #[cold]
    fn make(&self) -> NonNull<Registry<K, V>> {
        let new = Handle::<K, V>::new().into_raw();
        let address = new.as_ptr().expose_provenance();
        // ORDERING: Release: the new registry, to the Acquire load in `made`. Relaxed on failure: it is loaded anew.
        if self.registry.compare_exchange(0, address, Ordering::Release, Ordering::Relaxed).is_err() {
            // SAFETY: its handle, which nobody else has got.
            drop(unsafe { Handle::from_raw(new) });
        }
        self.made().expect("made, here or elsewhere")
    }
}

impl<K: Hash + Eq, V: Clone, S: BuildHasher> SingleFlight<K, V, S> {
    /// The value of `key`: by joining the work that is in flight, or by starting `f`'s.
    ///
    /// Nothing happens until the future is polled. Its first poll joins the flight of the key; without one, it starts one,
    /// calls `f`, and polls the future that `f` makes. Later polls, of any caller, go on with that same future, whenever it has
    /// been woken. For threads: `wait` on the future, and its timed forms.
    ///
    /// A result is a value like any other: an error is shared, and not tried again by each caller in turn.
    ///
    /// # Cancel safety
    ///
    /// See the [type](Self#cancel-safety).
    ///
    /// # Go
    ///
    /// `Group.Do`.
    #[doc(alias = "Do")]
    pub fn work<F, Fut>(&self, key: K, f: F) -> Work<'_, K, V, S, F>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = V> + Send + 'static,
    {
        Work::new(self, OwnKey::new(key), f)
    }

    /// As [`work`](Self::work), by a borrowed form of the key, which is made a key only by a caller that starts a flight.
    #[doc(alias = "Do")]
    pub fn work_ref<'g, 'q, Q, F, Fut>(&'g self, key: &'q Q, f: F) -> WorkRef<'g, 'q, K, V, S, F, Q>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
        F: FnOnce() -> Fut,
        Fut: Future<Output = V> + Send + 'static,
    {
        Work::new(self, BorrowedKey::new(key), f)
    }

    /// Joins the flight of `key` now, or starts one with a driver beside.
    ///
    /// It calls `f`, if it starts a flight, and polls nothing. The [`Driver`](crate::Driver) is a future to be spawned
    /// anywhere; while it is there, it alone polls the work and is woken by it. Its owner promises to poll it. Dropped, it
    /// leaves the work to the callers; and it finishes the work if these have gone, so that later ones can join. Neither borrows
    /// the group.
    ///
    /// # Cancel safety
    ///
    /// See the [type](Self#cancel-safety).
    ///
    /// # Panics
    ///
    /// If `f` does, after it has ended the flight for those who joined it meanwhile.
    ///
    /// # Go
    ///
    /// `Group.DoChan`.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use xsync::SingleFlight;
    ///
    /// let group: SingleFlight<&str, u32> = SingleFlight::new();
    /// let started = group.start("answer", || async { 42 });
    /// let driver = started.driver.expect("nobody was there before");
    /// std::thread::spawn(|| driver.wait()); // on tokio: tokio::spawn(driver)
    /// assert_eq!(started.waiter.wait(), Ok(42)); // in a task: started.waiter.await
    /// # }
    /// ```
    #[doc(alias = "DoChan")]
    pub fn start<F, Fut>(&self, key: K, f: F) -> Started<K, V, F>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = V> + Send + 'static,
    {
        let hash = self.hasher.hash_one(&key);
        Started::new(self.handle(), hash, OwnKey::new(key), f)
    }

    /// As [`start`](Self::start), by a borrowed form of the key, which is made a key only by a caller that starts a flight.
    #[doc(alias = "DoChan")]
    pub fn start_ref<'q, Q, F, Fut>(&self, key: &'q Q, f: F) -> Started<K, V, F, BorrowedKey<'q, K, Q>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
        F: FnOnce() -> Fut,
        Fut: Future<Output = V> + Send + 'static,
    {
        let hash = self.hasher.hash_one(key);
        Started::new(self.handle(), hash, BorrowedKey::new(key), f)
    }

    /// The lead of the flight of `key`, or the value that another finds.
    ///
    /// Whoever gets the [`LeadGuard`](crate::LeadGuard) finds the value, however it likes, and
    /// [completes](crate::LeadGuard::complete) the flight. It joins flights that were started otherwise too, and others join
    /// its.
    ///
    /// **The trap**: the others wait for the leader. One that is alive and not polled holds them up, which work that the
    /// flight owns cannot do: prefer [`work`](Self::work) where the future can be `'static`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing. A lead that is dropped goes to another.
    ///
    /// # Examples
    ///
    /// ```
    /// use xsync::{Claim, SingleFlight};
    ///
    /// async fn length(group: &SingleFlight<String, usize>, text: &str) -> usize {
    ///     match group.claim(text.to_owned()).await {
    ///         Claim::Lead(lead) => lead.complete(text.len()).value,
    ///         Claim::Value(length) => length,
    ///     }
    /// }
    /// ```
    pub fn claim(&self, key: K) -> Claiming<'_, K, V, S> {
        Claiming::new(self, OwnKey::new(key))
    }

    /// As [`claim`](Self::claim), by a borrowed form of the key, which is made a key only by a caller that leads.
    pub fn claim_ref<'g, 'q, Q>(&'g self, key: &'q Q) -> Claiming<'g, K, V, S, BorrowedKey<'q, K, Q>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        Claiming::new(self, BorrowedKey::new(key))
    }

    /// As [`work`](Self::work), with a future that may borrow: it stays with the caller that leads.
    ///
    /// If that one is dropped, another caller starts over with its own closure. **The trap** is that of
    /// [`claim`](Self::claim).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future hands the lead on.
    ///
    /// # Panics
    ///
    /// As [`work`](Self::work).
    pub async fn work_scoped<F: AsyncFnOnce() -> V>(&self, key: K, f: F) -> V {
        match self.claim(key).await {
            Claim::Value(value) => value,
            Claim::Lead(lead) => Scoped::new(lead, async move { f().await }).await,
        }
    }

    /// The next caller of `key` starts anew; those who have joined get what the work gives all the same. Whether there was a
    /// flight.
    ///
    /// # Go
    ///
    /// `Group.Forget`.
    #[doc(alias = "Forget")]
    pub fn forget<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let Some(registry) = self.lookup() else { return false };
        let is = |its: &K| its.borrow() == key;
        let found = registry.find(self.hasher.hash_one(key), is);
        found.is_some_and(|flight| {
            let is_mine = flight.unlisted(|_| true);
            if is_mine {
                registry.unlist(&flight);
            }
            is_mine
        })
    }

    /// As [`forget`](Self::forget), unless two callers or more share the flight. True if the next caller starts anew: there was
    /// none, or it is forgotten.
    ///
    /// # Go
    ///
    /// `ForgetUnshared` of std's own copy.
    #[doc(alias = "ForgetUnshared")]
    pub fn forget_unshared<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let Some(registry) = self.lookup() else { return true };
        let is = |its: &K| its.borrow() == key;
        let Some(flight) = registry.find(self.hasher.hash_one(key), is) else { return true };
        if flight.unlisted(|word| word.callers() < 2) {
            registry.unlist(&flight);
            return true;
        }
        // ORDERING: Relaxed: a look that may be old as soon as it is taken.
        !flight.word.load(Ordering::Relaxed).is_listed()
    }
}

impl<K, V, S: Default> Default for SingleFlight<K, V, S> {
    fn default() -> Self {
        Self::with_hasher(S::default())
    }
}

impl<K, V, S> Drop for SingleFlight<K, V, S> {
    fn drop(&mut self) {
        if let Some(registry) = self.made() {
            // SAFETY: this group's handle, made by `make`.
            drop(unsafe { Handle::from_raw(registry) });
        }
    }
}

impl<K, V, S> fmt::Debug for SingleFlight<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SingleFlight").field("in_flight", &self.in_flight()).finish_non_exhaustive()
    }
}
