//! How many values are alive, and waiting until all that were taken out are not.

use core::future::Future;
use core::hash::Hasher;
use core::pin::pin;
use core::sync::atomic::{AtomicIsize, Ordering};
use core::task::{Context, Waker};
use std::sync::Arc;
use std::thread;

use xsync::Map;

pub(crate) trait Flushed {
    /// Waits, whatever there is to wait with, until all that was retired is dropped.
    fn flushed(&self);
}

impl<K, V, S> Flushed for Map<K, V, S> {
    fn flushed(&self) {
        let mut flush = pin!(self.flush());
        while flush.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            thread::yield_now();
        }
    }
}

/// How many things that count are alive.
#[derive(Debug, Clone, Default)]
pub(crate) struct Alive(Arc<AtomicIsize>);

impl Alive {
    pub(crate) fn count(&self) -> isize {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn with(&self, value: u64) -> Counted {
        self.0.fetch_add(1, Ordering::SeqCst);
        Counted { value, alive: self.clone() }
    }
}

/// Counts while it is alive; equal, and hashed, by its number.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) value: u64,
    alive: Alive,
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.alive.with(self.value)
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Counted {}

impl core::hash::Hash for Counted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let before = self.alive.0.fetch_sub(1, Ordering::SeqCst);
        assert!(before > 0, "dropped twice");
    }
}
