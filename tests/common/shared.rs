//! A semaphore whose handle owns it, in every feature set: what a waker or a thread needs to keep it.

use core::ops::Deref;
use std::sync::Arc;

use xsync::{Acquire, Handle, Semaphore};

use super::task::Task;

#[derive(Clone, Debug)]
pub(crate) struct Shared(Arc<Semaphore>);

// SAFETY: the `Arc` owns the semaphore, which is never replaced.
unsafe impl Handle for Shared {
    fn semaphore(&self) -> &Semaphore {
        &self.0
    }
}

impl Deref for Shared {
    type Target = Semaphore;

    fn deref(&self) -> &Semaphore {
        &self.0
    }
}

impl Shared {
    pub(crate) fn new(semaphore: Semaphore) -> Self {
        Self(Arc::new(semaphore))
    }

    pub(crate) fn request(&self, permits: usize) -> Acquire<Self> {
        Semaphore::acquire_with(self.clone(), permits)
    }

    /// A request that is queued.
    #[track_caller]
    pub(crate) fn queued(&self, permits: usize) -> Task<Acquire<Self>> {
        Task::queued(self.request(permits))
    }

    /// How many handles there are.
    pub(crate) fn handles(&self) -> usize {
        Arc::strong_count(&self.0)
    }
}
