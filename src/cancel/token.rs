//! Cancellation that reaches down a tree.

use core::error::Error;
use core::fmt;
use core::future::Future;
use core::panic::{RefUnwindSafe, UnwindSafe};

#[cfg(target_has_atomic = "ptr")]
use alloc::sync::Arc;
#[cfg(not(target_has_atomic = "ptr"))]
use portable_atomic_util::Arc;

use super::node::{Decision, Handle};
use super::{CancelFlag, Cancelled, Cause, RunUntilCancelled, walk};

/// Cancellation for a tree of work: cancelling a token cancels its children, theirs, and so on. A clone is another
/// handle of the same token.
///
/// A child that is dropped leaves nothing in its parent, and neither a cancel nor a drop recurses, however many
/// children or generations there are. A token is one allocation; waiting allocates nothing.
///
/// # Memory ordering
///
/// What was written before a cancel happens before what follows a look that sees the token, or one below it, cancelled.
///
/// # Go
///
/// `context.WithCancelCause`. There are no values and no deadlines: a runtime's timer calls
/// [`cancel`](Self::cancel).
///
/// # Examples
///
/// ```
/// use xsync::CancelToken;
///
/// let server = CancelToken::new();
/// let request = server.child();
/// let other = server.child();
///
/// other.cancel();
/// assert!(!server.is_cancelled() && !request.is_cancelled());
///
/// server.cancel();
/// assert!(request.is_cancelled());
/// assert!(server.child().is_cancelled()); // born cancelled
/// ```
#[doc(alias = "Context")]
#[derive(Clone)]
pub struct CancelToken {
    node: Handle,
}

impl CancelToken {
    /// A token without a parent, not cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self { node: Handle::new(None) }
    }

    /// A token that a cancel of this one cancels too, before it returns. If this one has been cancelled, so is the
    /// child.
    #[doc(alias = "WithCancel")]
    #[must_use]
    pub fn child(&self) -> Self {
        Self { node: Handle::new(Some(&self.node)) }
    }

    /// Cancels this token and all below it, once and for good.
    ///
    /// The first call returns after every descendant has been cancelled and all who wait for one of them woken, whoever
    /// else is cancelling a part of the tree at that moment: it helps them to the end. (A few wakers, a batch, may
    /// still be in the hands of another such call; what they are to wake is resolved already.) A call on a token that
    /// is cancelled, by a cancel from above that is still on its way down for example, returns at once.
    ///
    /// # Panics
    ///
    /// If a waker that it fires panics, after all the others were fired; if two of them do, the process aborts. A cause
    /// of the user's that it drops may panic too.
    pub fn cancel(&self) {
        self.cancel_because(Cause::Requested);
    }

    /// As [`cancel`](Self::cancel), with a reason for [`cause`](Self::cause). The first reason stays, as long as the
    /// token: one that holds a handle of this token, or of one below it, keeps both for ever.
    ///
    /// # Panics
    ///
    /// As [`cancel`](Self::cancel).
    #[doc(alias = "CancelCauseFunc")]
    pub fn cancel_with(&self, cause: Arc<dyn Error + Send + Sync>) {
        self.cancel_because(Cause::Custom(cause));
    }

    pub(crate) fn cancel_because(&self, cause: Cause) {
        if !self.is_cancelled() {
            walk::cancel(&self.node, cause);
        }
    }

    /// Whether it has been cancelled: one load.
    #[doc(alias = "Err")]
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.flag().is_cancelled()
    }

    /// Why it was cancelled, by its own handle or by that of the nearest ancestor that was; `None` if it was not.
    #[doc(alias = "Cause")]
    pub fn cause(&self) -> Option<Cause> {
        if !self.is_cancelled() {
            return None;
        }
        let mut node = &self.node;
        loop {
            match node.decision()? {
                Decision::Own(cause) => return Some(cause),
                Decision::Inherited => node = node.parent()?,
            }
        }
    }

    /// Waits until it is cancelled. For threads: `wait` on the future, and its timed forms.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[doc(alias = "Done")]
    #[inline]
    pub fn cancelled(&self) -> Cancelled<'_> {
        self.flag().cancelled()
    }

    /// Runs `future` until it is ready or this is cancelled, whichever is seen first: `None` if that is the latter.
    ///
    /// # Cancel safety
    ///
    /// As `future`'s. An output that `future` has produced is never lost.
    pub fn run_until_cancelled<F: Future>(&self, future: F) -> RunUntilCancelled<'_, F> {
        self.flag().run_until_cancelled(future)
    }

    /// Cancels the token when the guard is dropped, unless it is [disarmed](DropGuard::disarm).
    pub fn drop_guard(self) -> DropGuard {
        DropGuard { token: Some(self) }
    }

    /// Whether it or one above it has been cancelled: then a cancel is on its way down, at the least.
    pub(crate) fn is_cancelled_above(&self) -> bool {
        let mut node = Some(&self.node);
        while let Some(at) = node {
            if at.flag().is_cancelled() {
                return true;
            }
            node = at.parent();
        }
        false
    }

    #[inline]
    pub(crate) fn flag(&self) -> &CancelFlag {
        self.node.flag()
    }
}

// Nothing that can panic runs while a node is inconsistent.
impl UnwindSafe for CancelToken {}
impl RefUnwindSafe for CancelToken {}

impl Default for CancelToken {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelToken").field("cancelled", &self.is_cancelled()).finish_non_exhaustive()
    }
}

/// Cancels a [`CancelToken`] when dropped.
///
/// # Panics
///
/// Dropping it panics as [`cancel`](CancelToken::cancel) does.
#[derive(Debug)]
#[must_use = "the token is cancelled as soon as the guard is dropped"]
#[clippy::has_significant_drop]
pub struct DropGuard {
    token: Option<CancelToken>,
}

impl DropGuard {
    /// Gives the token back, which is not cancelled then.
    pub fn disarm(mut self) -> CancelToken {
        self.token.take().expect("disarmed once")
    }
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if let Some(token) = &self.token {
            token.cancel_because(Cause::Dropped);
        }
    }
}
