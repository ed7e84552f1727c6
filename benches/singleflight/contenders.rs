//! What is compared, as one trait, with one hasher for all.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use xsync::Claim;

pub type Hasher = foldhash::fast::FixedState;

/// Work that has failed.
#[derive(Debug, Clone, Copy)]
pub struct Failed;

/// A group, or what a peer has in its place.
pub trait Contender: Send + Sync + 'static {
    /// In the tables.
    const NAME: &'static str;
    /// Whose version is told.
    const PACKAGE: &'static str = Self::NAME;

    fn new() -> Self;

    /// A caller. If it starts the work, that is what `work` makes, and the next call of the key after its end starts anew.
    fn call<W>(&self, key: u64, work: impl FnOnce() -> W + Send) -> impl Future<Output = u64> + Send
    where
        W: Future<Output = u64> + Send + 'static;

    /// The same for work that may fail, in the form for that.
    fn try_call<W>(
        &self,
        key: u64,
        work: impl FnOnce() -> W + Send,
    ) -> impl Future<Output = Result<u64, Failed>> + Send
    where
        W: Future<Output = Result<u64, Failed>> + Send + 'static;
}

/// xsync's `work`.
pub struct Xsync {
    group: xsync::SingleFlight<u64, u64, Hasher>,
    failing: xsync::SingleFlight<u64, Result<u64, Failed>, Hasher>,
}

impl Contender for Xsync {
    const NAME: &'static str = "xsync";

    fn new() -> Self {
        let hasher = Hasher::default();
        Self {
            group: xsync::SingleFlight::with_hasher(hasher.clone()),
            failing: xsync::SingleFlight::with_hasher(hasher),
        }
    }

    fn call<W>(&self, key: u64, work: impl FnOnce() -> W + Send) -> impl Future<Output = u64> + Send
    where
        W: Future<Output = u64> + Send + 'static,
    {
        self.group.work(key, work)
    }

    fn try_call<W>(&self, key: u64, work: impl FnOnce() -> W + Send) -> impl Future<Output = Result<u64, Failed>> + Send
    where
        W: Future<Output = Result<u64, Failed>> + Send + 'static,
    {
        self.failing.work(key, work)
    }
}

/// xsync's `start`, whose driver belongs to whoever started the flight.
pub struct Started(Xsync);

impl Contender for Started {
    const NAME: &'static str = "its start";
    const PACKAGE: &'static str = Xsync::NAME;

    fn new() -> Self {
        Self(Xsync::new())
    }

    async fn call<W>(&self, key: u64, work: impl FnOnce() -> W + Send) -> u64
    where
        W: Future<Output = u64> + Send + 'static,
    {
        let started = self.0.group.start(key, work);
        if let Some(driver) = started.driver {
            driver.await;
        }
        started.waiter.await
    }

    async fn try_call<W>(&self, key: u64, work: impl FnOnce() -> W + Send) -> Result<u64, Failed>
    where
        W: Future<Output = Result<u64, Failed>> + Send + 'static,
    {
        let started = self.0.failing.start(key, work);
        if let Some(driver) = started.driver {
            driver.await;
        }
        started.waiter.await
    }
}

/// xsync's `claim`, whose leader polls its own future, as those of the peers do.
pub struct Claimed(Xsync);

impl Contender for Claimed {
    const NAME: &'static str = "its claim";
    const PACKAGE: &'static str = Xsync::NAME;

    fn new() -> Self {
        Self(Xsync::new())
    }

    async fn call<W>(&self, key: u64, work: impl FnOnce() -> W + Send) -> u64
    where
        W: Future<Output = u64> + Send + 'static,
    {
        match self.0.group.claim(key).await {
            Claim::Lead(lead) => lead.complete(work().await).value,
            Claim::Value(value) => value,
        }
    }

    async fn try_call<W>(&self, key: u64, work: impl FnOnce() -> W + Send) -> Result<u64, Failed>
    where
        W: Future<Output = Result<u64, Failed>> + Send + 'static,
    {
        match self.0.failing.claim(key).await {
            Claim::Lead(lead) => lead.complete(work().await).value,
            Claim::Value(value) => value,
        }
    }
}

/// asyncband's group.
pub struct Asyncband(asyncband::singleflight::Group<u64, u64, Hasher>);

impl Contender for Asyncband {
    const NAME: &'static str = "asyncband";

    fn new() -> Self {
        Self(asyncband::singleflight::Group::with_hasher(Hasher::default()))
    }

    fn call<W>(&self, key: u64, work: impl FnOnce() -> W + Send) -> impl Future<Output = u64> + Send
    where
        W: Future<Output = u64> + Send + 'static,
    {
        self.0.work(key, async move || work().await)
    }

    fn try_call<W>(&self, key: u64, work: impl FnOnce() -> W + Send) -> impl Future<Output = Result<u64, Failed>> + Send
    where
        W: Future<Output = Result<u64, Failed>> + Send + 'static,
    {
        self.0.try_work(key, async move || work().await)
    }
}

/// quick_cache, from which the leader removes its value again.
pub struct QuickCache(quick_cache::sync::Cache<u64, u64, quick_cache::UnitWeighter, Hasher>);

impl Contender for QuickCache {
    const NAME: &'static str = "quick_cache";

    fn new() -> Self {
        let entries = 100_000;
        let (hasher, lifecycle) = (Hasher::default(), Default::default());
        Self(quick_cache::sync::Cache::with(entries, entries as u64, quick_cache::UnitWeighter, hasher, lifecycle))
    }

    async fn call<W>(&self, key: u64, work: impl FnOnce() -> W + Send) -> u64
    where
        W: Future<Output = u64> + Send + 'static,
    {
        match self.0.get_value_or_guard_async(&key).await {
            Ok(value) => value,
            Err(guard) => {
                let value = work().await;
                let _ = guard.insert(value);
                self.0.remove(&key);
                value
            }
        }
    }

    async fn try_call<W>(&self, key: u64, work: impl FnOnce() -> W + Send) -> Result<u64, Failed>
    where
        W: Future<Output = Result<u64, Failed>> + Send + 'static,
    {
        match self.0.get_value_or_guard_async(&key).await {
            Ok(value) => Ok(value),
            Err(guard) => {
                let value = work().await?;
                let _ = guard.insert(value);
                self.0.remove(&key);
                Ok(value)
            }
        }
    }
}

/// moka's cache for futures, from which the leader removes its value again.
pub struct Moka(moka::future::Cache<u64, u64, Hasher>);

impl Contender for Moka {
    const NAME: &'static str = "moka";

    fn new() -> Self {
        Self(moka::future::Cache::builder().max_capacity(100_000).build_with_hasher(Hasher::default()))
    }

    async fn call<W>(&self, key: u64, work: impl FnOnce() -> W + Send) -> u64
    where
        W: Future<Output = u64> + Send + 'static,
    {
        let entry = self.0.entry(key).or_insert_with(async { work().await }).await;
        if entry.is_fresh() {
            self.0.invalidate(&key).await;
        }
        entry.into_value()
    }

    async fn try_call<W>(&self, key: u64, work: impl FnOnce() -> W + Send) -> Result<u64, Failed>
    where
        W: Future<Output = Result<u64, Failed>> + Send + 'static,
    {
        let entry = self.0.entry(key).or_try_insert_with(async { work().await }).await.map_err(|failed| *failed)?;
        if entry.is_fresh() {
            self.0.invalidate(&key).await;
        }
        Ok(entry.into_value())
    }
}

/// `Shared` of futures, in a locked map, as one would write it.
pub struct SharedMap<V: Clone> {
    flights: Mutex<HashMap<u64, Shared<BoxFuture<'static, V>>, Hasher>>,
}

impl<V: Clone + Send + Sync + 'static> SharedMap<V> {
    async fn work<W>(&self, key: u64, work: impl FnOnce() -> W + Send) -> V
    where
        W: Future<Output = V> + Send + 'static,
    {
        let (flight, leads) = match self.flights.lock().expect("nobody panics").entry(key) {
            Entry::Occupied(flight) => (flight.get().clone(), false),
            Entry::Vacant(place) => (place.insert(work().boxed().shared()).clone(), true),
        };
        let value = flight.await;
        if leads {
            self.flights.lock().expect("nobody panics").remove(&key);
        }
        value
    }
}

/// Both kinds of it.
pub struct SharedMaps(SharedMap<u64>, SharedMap<Result<u64, Failed>>);

impl Contender for SharedMaps {
    const NAME: &'static str = "Shared in a map";
    const PACKAGE: &'static str = "futures-util";

    fn new() -> Self {
        Self(SharedMap { flights: Mutex::default() }, SharedMap { flights: Mutex::default() })
    }

    fn call<W>(&self, key: u64, work: impl FnOnce() -> W + Send) -> impl Future<Output = u64> + Send
    where
        W: Future<Output = u64> + Send + 'static,
    {
        self.0.work(key, work)
    }

    fn try_call<W>(&self, key: u64, work: impl FnOnce() -> W + Send) -> impl Future<Output = Result<u64, Failed>> + Send
    where
        W: Future<Output = Result<u64, Failed>> + Send + 'static,
    {
        self.1.work(key, work)
    }
}

/// Does the same with each contender.
pub trait ForEach {
    fn with<C: Contender>(&mut self);

    fn each(&mut self) {
        self.with::<Xsync>();
        self.with::<Started>();
        self.with::<Claimed>();
        self.with::<Asyncband>();
        self.with::<QuickCache>();
        self.with::<Moka>();
        self.with::<SharedMaps>();
    }
}

/// Polls a call until it is ready, on this thread, which nobody wakes.
pub fn finish<T>(call: impl Future<Output = T>) -> T {
    let mut call = pin!(call);
    loop {
        if let Poll::Ready(value) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
        std::hint::spin_loop();
    }
}
