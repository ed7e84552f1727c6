//! What cannot be undercut: the permits as a bare number, taken by a compare-exchange and given back by an addition,
//! with nothing to queue in, to close or to check.

use std::sync::atomic::{AtomicUsize, Ordering};

pub struct Floor(AtomicUsize);

pub struct Permit<'a>(&'a Floor, usize);

impl Floor {
    pub fn new(permits: usize) -> Self {
        Self(AtomicUsize::new(permits))
    }

    #[inline]
    pub fn try_acquire(&self, n: usize) -> Option<Permit<'_>> {
        let mut free = self.0.load(Ordering::Relaxed);
        loop {
            let rest = free.checked_sub(n)?;
            match self.0.compare_exchange_weak(free, rest, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Some(Permit(self, n)),
                Err(now) => free = now,
            }
        }
    }
}

impl Drop for Permit<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.0.fetch_add(self.1, Ordering::Release);
    }
}
