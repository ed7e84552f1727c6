//! What the owner, the spawners and the seats of a group share.

use super::GroupError;
use super::count::AtomicCount;
use crate::cancel::{CancelToken, Cause};
use crate::semaphore::Semaphore;
use crate::sync::{CachePadded, Lock};
use crate::wait::Queue;

pub(super) struct Shared<E> {
    /// On a cache line of its own: each child changes it twice, and reads the rest.
    pub(super) count: CachePadded<AtomicCount>,
    /// The owner's waiter, or nobody.
    pub(super) queue: Queue<(), ()>,
    pub(super) token: CancelToken,
    pub(super) mode: Mode,
    /// A permit for each child that the limit lets run.
    pub(super) slots: Option<Semaphore>,
    failure: Lock<Option<GroupError<E>>>,
}

/// What a group does with its children.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mode {
    /// A child is dropped when the group is cancelled.
    pub(super) abort: bool,
    /// A panic of a child is caught.
    #[cfg(feature = "std")]
    pub(super) capture: bool,
}

impl<E> Shared<E> {
    pub(super) fn new(token: CancelToken, slots: Option<Semaphore>, mode: Mode) -> Self {
        let count = CachePadded::new(AtomicCount::new());
        Self { count, queue: Queue::new(), token, mode, slots, failure: Lock::new(None) }
    }

    /// A child has failed: the first failure stays, and cancels the group (G5). A later one comes back, unless it says
    /// more: a panic that was caught drops, on its way, children that its child held.
    pub(super) fn record(&self, failure: GroupError<E>) -> Option<GroupError<E>> {
        let late = self.failure.with(|first| match (&*first, &failure) {
            (None, _) => first.replace(failure),
            (Some(GroupError::Panicked(seen)), GroupError::Panicked(caught)) if caught.says_more_than(seen) => {
                first.replace(failure)
            }
            (Some(_), _) => Some(failure),
        });
        self.token.cancel_because(Cause::Failed);
        late
    }

    /// A child has failed; a later failure is the user's to drop, outside the lock (G6).
    pub(super) fn fail(&self, failure: GroupError<E>) {
        drop(self.record(failure));
    }

    /// The first failure, if there was one.
    pub(super) fn take_failure(&self) -> Option<GroupError<E>> {
        self.failure.with(Option::take)
    }
}
