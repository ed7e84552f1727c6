//! From a target to its page: the store, the flights, the origin.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use xsync::{SingleFlight, Spawner};

use crate::args::Options;
use crate::failure::Failure;
use crate::origin::Origin;
use crate::page::Page;
use crate::stats::Stats;
use crate::store::Store;

/// What all callers of a flight get.
pub type Fetched = Result<Arc<Page>, Failure>;

/// How a request came to its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It was there.
    Hit,
    /// It was fetched for this request.
    Miss,
    /// It was being fetched for another.
    Joined,
}

/// What the connections share.
#[derive(Debug)]
pub struct Cache {
    store: Store,
    /// None: each request that misses a page asks for it.
    flights: Option<SingleFlight<String, Fetched>>,
    origin: Origin,
    group: Spawner<Infallible>,
    stats: Arc<Stats>,
}

impl Cache {
    /// Empty. What is fetched is fetched by members of `group`.
    pub fn new(options: &Options, group: Spawner<Infallible>, stats: Arc<Stats>) -> Self {
        Self {
            store: Store::new(options.ttl, options.pages),
            flights: options.singleflight.then(SingleFlight::new),
            origin: Origin::new(options, Arc::clone(&stats)),
            group,
            stats,
        }
    }

    /// The page of `target`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the flight to the others, and to its driver.
    pub async fn page(self: &Arc<Self>, target: &str) -> (Way, Fetched) {
        if let Some(page) = self.store.get(target, Instant::now()) {
            self.stats.hits.add_one();
            return (Way::Hit, Ok(page));
        }
        let fill = || Arc::clone(self).fill(target.to_owned());
        let Some(flights) = &self.flights else { return (Way::Miss, fill().await) };

        let started = flights.start_ref(target, fill);
        let way = match started.driver {
            Some(driver) => {
                let driving = async {
                    driver.await;
                    Ok(())
                };
                tokio::spawn(self.group.member().run(driving));
                Way::Miss
            }
            None => {
                self.stats.joined.add_one();
                Way::Joined
            }
        };
        let fetched = started.waiter.checked().await;
        (way, fetched.map_or(Err(Failure::Panicked), |outcome| outcome.value))
    }

    /// Fetches a page and keeps it.
    async fn fill(self: Arc<Self>, target: String) -> Fetched {
        // Who has missed it, and then no longer found its flight, finds it here.
        if let Some(page) = self.store.get(&target, Instant::now()) {
            return Ok(page);
        }
        let page = Arc::new(self.origin.fetch(&target).await?);
        if page.is_to_be_kept() {
            self.store.keep(target, &page, Instant::now());
        }
        Ok(page)
    }

    /// Drops the pages whose time is over.
    pub fn sweep(&self) {
        self.store.sweep(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use hyper::Response;
    use hyper::body::Bytes;
    use xsync::ErrGroup;

    use super::{Cache, Way};
    use crate::args::Options;
    use crate::page::Page;
    use crate::stats::Stats;

    /// With the page come into the store after it was missed there.
    #[tokio::test]
    async fn who_comes_too_late_for_a_flight_finds_its_page() {
        let (group, stats) = (ErrGroup::new(), Arc::<Stats>::default());
        let cache = Arc::new(Cache::new(&Options::new("nowhere.invalid:80"), group.spawner(), Arc::clone(&stats)));
        let page = Arc::new(Page::new(Response::new(()).into_parts().0, Bytes::from_static(b"a page")));
        cache.store.keep("/page".to_owned(), &page, Instant::now());
        let fetched = Arc::clone(&cache).fill("/page".to_owned()).await.unwrap();
        assert!(Arc::ptr_eq(&fetched, &page));
        assert_eq!((stats.hits.get(), stats.asked.get()), (0, 0));

        let (way, fetched) = cache.page("/page").await;
        assert!(way == Way::Hit && Arc::ptr_eq(&fetched.unwrap(), &page));
    }

    /// The driver panics in its task, and ends the group; the request is answered.
    #[tokio::test]
    async fn a_panic_of_the_work_is_an_answer_and_the_end_of_the_group() {
        let (group, stats) = (ErrGroup::new(), Arc::<Stats>::default());
        let cache = Arc::new(Cache::new(&Options::new("nowhere.invalid:80"), group.spawner(), stats));
        let panics = || async { panic!("a bug") };
        let started = cache.flights.as_ref().unwrap().start("/page".to_owned(), panics);
        let (driver, waiter) = (started.driver.unwrap(), started.waiter);
        let driving = async {
            driver.await;
            Ok(())
        };
        tokio::spawn(group.member().run(driving));
        let (way, fetched) = cache.page("/page").await;
        assert_eq!((way, fetched.unwrap_err().to_string()), (Way::Joined, "a bug".to_owned()));
        assert!(waiter.checked().await.is_err());
        assert!(matches!(group.join().await, Err(xsync::GroupError::Panicked(_))));
    }
}
