//! The pages that are there: a map, by path and query.

use std::sync::Arc;
use std::time::{Duration, Instant};

use xsync::Map;

use crate::page::Page;

/// Pages, each until its time is over.
#[derive(Debug)]
pub struct Store {
    pages: Map<String, Kept>,
    ttl: Duration,
    most: usize,
}

#[derive(Debug)]
struct Kept {
    page: Arc<Page>,
    since: Instant,
}

impl Store {
    /// For about `most` pages, each for `ttl`.
    pub fn new(ttl: Duration, most: usize) -> Self {
        Self { pages: Map::new(), ttl, most }
    }

    /// The page that is fresh at `now`. No lock is taken, and other readers are not slowed down.
    pub fn get(&self, target: &str, now: Instant) -> Option<Arc<Page>> {
        let fresh = |kept: &Kept| self.is_fresh(kept, now).then(|| Arc::clone(&kept.page));
        self.pages.read_with(target, fresh).flatten()
    }

    /// Keeps the page, unless there are too many already.
    pub fn keep(&self, target: String, page: &Arc<Page>, now: Instant) {
        if !self.ttl.is_zero() && (self.pages.len() < self.most || self.pages.contains_key(target.as_str())) {
            self.pages.insert(target, Kept { page: Arc::clone(page), since: now });
        }
    }

    /// Drops the pages that are no longer fresh at `now`.
    pub fn sweep(&self, now: Instant) {
        self.pages.retain(|_, kept| self.is_fresh(kept, now));
    }

    fn is_fresh(&self, kept: &Kept, now: Instant) -> bool {
        now.saturating_duration_since(kept.since) < self.ttl
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use hyper::Response;
    use hyper::body::Bytes;

    use super::Store;
    use crate::page::Page;

    const TTL: Duration = Duration::from_secs(60);
    const MOMENT: Duration = Duration::from_nanos(1);

    fn page(body: &'static str) -> Arc<Page> {
        Arc::new(Page::new(Response::new(()).into_parts().0, Bytes::from_static(body.as_bytes())))
    }

    fn body(store: &Store, target: &str, now: Instant) -> Option<Bytes> {
        store.get(target, now).map(|page| page.body.clone())
    }

    #[test]
    fn a_page_is_there_until_its_time_is_over() {
        let (store, start) = (Store::new(TTL, 9), Instant::now());
        store.keep("/a".into(), &page("old"), start);
        assert_eq!(body(&store, "/a", start + TTL - MOMENT).unwrap(), "old");
        assert_eq!((body(&store, "/a", start + TTL), body(&store, "/b", start)), (None, None));

        store.keep("/a".into(), &page("new"), start + TTL);
        assert_eq!(body(&store, "/a", start + TTL + TTL - MOMENT).unwrap(), "new");
    }

    #[test]
    fn with_no_time_nothing_is_kept() {
        let (store, start) = (Store::new(Duration::ZERO, 9), Instant::now());
        store.keep("/a".into(), &page("a"), start);
        assert!(store.pages.is_empty());
    }

    #[test]
    fn a_full_store_keeps_what_it_has_until_it_is_swept() {
        let (store, start) = (Store::new(TTL, 2), Instant::now());
        store.keep("/a".into(), &page("a"), start);
        store.keep("/b".into(), &page("b"), start + MOMENT);
        store.keep("/c".into(), &page("c"), start + MOMENT);
        store.keep("/b".into(), &page("b2"), start + MOMENT);
        assert_eq!(body(&store, "/c", start + MOMENT), None);
        assert_eq!(body(&store, "/b", start + MOMENT).unwrap(), "b2");

        store.sweep(start + TTL);
        assert_eq!(store.pages.len(), 1);
        store.keep("/c".into(), &page("c"), start + TTL);
        assert_eq!(body(&store, "/c", start + TTL).unwrap(), "c");
        assert_eq!(body(&store, "/b", start + TTL).unwrap(), "b2");
    }
}
