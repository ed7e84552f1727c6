//! What is settled about a group before it has children.

use core::fmt;
use core::marker::PhantomData;
use core::num::NonZeroUsize;

use super::ErrGroup;
use super::shared::{Mode, Shared};
use crate::cancel::CancelToken;
use crate::semaphore::Semaphore;

/// Makes an [`ErrGroup`]; see [`ErrGroup::builder`].
#[must_use = "a builder makes a group with `build`"]
pub struct GroupBuilder<E> {
    limit: Option<NonZeroUsize>,
    token: Option<CancelToken>,
    mode: Mode,
    _group: PhantomData<fn() -> E>,
}

impl<E> GroupBuilder<E> {
    pub(super) fn new() -> Self {
        Self { limit: None, token: None, mode: Mode::default(), _group: PhantomData }
    }

    /// At most so many children at a time. [`Member`](super::Member)s do not count. A limit above
    /// [`Semaphore::MAX_PERMITS`] is as good as that.
    ///
    /// # Go
    ///
    /// `Group.SetLimit`; kratos' `GOMAXPROCS`.
    #[doc(alias = "SetLimit")]
    #[doc(alias = "GOMAXPROCS")]
    pub fn limit(mut self, limit: NonZeroUsize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// A cancel of `parent` cancels the group too. There is one parent: the last that is named.
    ///
    /// # Go
    ///
    /// `errgroup.WithContext`.
    #[doc(alias = "WithContext")]
    pub fn parent(mut self, parent: &CancelToken) -> Self {
        self.token = Some(parent.child());
        self
    }

    /// A child is dropped at its next poll once the group is cancelled, and the cancellation brings that poll about.
    /// Without this, children see the cancellation by the group's token and end by themselves.
    ///
    /// [`Member`](super::Member)s are not futures, and so always end by themselves.
    pub fn abort_on_cancel(mut self) -> Self {
        self.mode.abort = true;
        self
    }

    /// A panic of a child is caught, and becomes the child's failure, with its message and backtrace. Without this, it
    /// is recorded as a failure too, but goes on to whoever polls the child.
    ///
    /// The first group that is built so puts a panic hook before the one that is installed then, which goes on to be
    /// called. A hook that is installed later replaces it: then there are no backtraces.
    ///
    /// # Go
    ///
    /// kratos' errgroup always does so.
    #[cfg(feature = "std")]
    pub fn capture_panics(mut self) -> Self {
        self.mode.capture = true;
        self
    }

    /// The group.
    pub fn build(self) -> ErrGroup<E> {
        #[cfg(feature = "std")]
        if self.mode.capture {
            super::capture::install_hook();
        }
        let slots = self.limit.map(|limit| Semaphore::new(limit.get().min(Semaphore::MAX_PERMITS)));
        ErrGroup::of(Shared::new(self.token.unwrap_or_default(), slots, self.mode))
    }
}

impl<E> fmt::Debug for GroupBuilder<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupBuilder").field("limit", &self.limit).field("mode", &self.mode).finish_non_exhaustive()
    }
}
