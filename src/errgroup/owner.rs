//! The owner of a group, who waits for it.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::exclusive::Exclusive;
use super::shared::Shared;
use super::{Child, GroupBuilder, GroupError, Member, Refused, Spawn, Spawner, Tracked};
use crate::cancel::{CancelToken, Cause};
use crate::sync::Arc;
use crate::wait::{Left, Status, Waiter};

/// Children that run anywhere, one wait for all of them, the first failure.
///
/// A child is a future that returns a `Result`, started by [`spawn`](Self::spawn) on whatever runs futures, or a
/// [`Member`], for what is no future. The first failure cancels the group's [token](Self::token), which children look
/// at, or are [dropped](GroupBuilder::abort_on_cancel) by. The wait ends when every child has ended and been dropped,
/// and returns the failure that came first. Nothing is allocated for a child, and no runtime is named.
///
/// There is one owner, who waits; children and others start more children by a [`Spawner`]. Dropping the owner cancels
/// the group without waiting.
///
/// # Memory ordering
///
/// What a child did, its destructors included, happens before the end of the wait.
///
/// # Go
///
/// `errgroup.Group` with a context. What differs: children that panic, are dropped, or are ended by a cancellation are
/// told apart, and none of them can make the wait hang or pass for success; a cancelled group starts no child; the
/// limit is settled first, and waiting for a slot ends with a cancellation.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "std")] {
/// use xsync::{ErrGroup, GroupError};
///
/// async fn fetch(url: &str) -> Result<usize, String> {
///     if url.starts_with("https:") { Ok(url.len()) } else { Err(format!("{url} is not safe")) }
/// }
///
/// let mut group = ErrGroup::new();
/// for url in ["https://a.example", "http://b.example"] {
///     // On tokio: group.spawn(fetch(url), tokio::spawn).await
///     group.spawn(fetch(url), |child| std::thread::spawn(|| child.wait())).wait().ok();
/// }
/// let outcome = group.join().wait(); // in a task: group.join().await
/// assert_eq!(outcome.unwrap_err().to_string(), "http://b.example is not safe");
/// # }
/// ```
#[doc(alias = "Group")]
pub struct ErrGroup<E> {
    spawner: Spawner<E>,
    /// Once the wait has ended. Errors need not be `Sync`: only who has the owner to itself sees one.
    outcome: Exclusive<Option<Result<(), GroupError<E>>>>,
}

impl<E> ErrGroup<E> {
    /// A group without a limit, of its own token, that leaves children to end by themselves and panics to unwind.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Settles a limit, a parent, and what happens on cancellation and panics.
    pub fn builder() -> GroupBuilder<E> {
        GroupBuilder::new()
    }

    pub(super) fn of(shared: Shared<E>) -> Self {
        Self { spawner: Spawner { shared: Arc::new(shared) }, outcome: Exclusive::new(None) }
    }

    /// Starts a child; see [`Spawner::spawn`].
    #[doc(alias = "Go")]
    #[inline]
    pub fn spawn<F, S, R, T>(&self, future: F, spawn: S) -> Spawn<'_, F, S, E>
    where
        F: Future<Output = Result<T, E>>,
        S: FnOnce(Child<F, E>) -> R,
    {
        self.spawner.spawn(future, spawn)
    }

    /// Starts a child now or not at all; see [`Spawner::try_spawn`].
    ///
    /// # Errors
    ///
    /// The future comes back if there is no free slot, the group is cancelled, or has ended.
    #[doc(alias = "TryGo")]
    #[inline]
    pub fn try_spawn<F, S, R, T>(&self, future: F, spawn: S) -> Result<R, Refused<F>>
    where
        F: Future<Output = Result<T, E>>,
        S: FnOnce(Child<F, E>) -> R,
    {
        self.spawner.try_spawn(future, spawn)
    }

    /// Makes a future a child, to be polled by the caller; see [`Spawner::track`].
    ///
    /// # Panics
    ///
    /// If the group has ended.
    #[track_caller]
    pub fn track<F, T>(&self, future: F) -> Tracked<F, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        self.spawner.track(future)
    }

    /// A child that is not a future; see [`Spawner::member`].
    ///
    /// # Panics
    ///
    /// If the group has ended.
    #[track_caller]
    pub fn member(&self) -> Member<E> {
        self.spawner.member()
    }

    /// How many children there are at this moment; see [`Spawner::len`].
    pub fn len(&self) -> usize {
        self.spawner.len()
    }

    /// Whether there is no child at this moment.
    pub fn is_empty(&self) -> bool {
        self.spawner.is_empty()
    }

    /// What starts children, for others to have.
    pub fn spawner(&self) -> Spawner<E> {
        self.spawner.clone()
    }

    /// The group's token; see [`Spawner::token`].
    pub fn token(&self) -> &CancelToken {
        self.spawner.token()
    }

    /// Cancels the group; see [`Spawner::cancel`].
    pub fn cancel(&self) {
        self.spawner.cancel();
    }

    /// Waits until every child has ended and been dropped, then cancels the token; the first failure is the result.
    ///
    /// After that the group has ended: the result stays the same for later waits, and no child is started. A group
    /// without children ends at once, although spawners are about: a [`member`](Self::member) keeps it open. To return
    /// the failure there is [`join`](Self::join). For threads: `wait` on the future, and its timed forms.
    ///
    /// # Errors
    ///
    /// The failure that came first; [`GroupError::Cancelled`] if there was none, but a cancellation has ended or
    /// refused a child.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing, and the group goes on.
    ///
    /// # Go
    ///
    /// `Group.Wait`.
    #[doc(alias = "Wait")]
    pub fn wait(&mut self) -> Wait<'_, E> {
        Wait { waiter: Waiter::new(()), group: Some(self) }
    }

    /// As [`wait`](Self::wait), for the last time: the failure is moved out.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the group, which cancels it.
    pub fn join(self) -> Join<E> {
        Join { waiter: Waiter::new(()), group: Some(self) }
    }

    /// Ready when the group has ended.
    fn poll_end(&mut self, waiter: Pin<&Waiter<(), ()>>, cx: &mut Context<'_>) -> Poll<()> {
        let outcome = self.outcome.get_mut();
        if outcome.is_some() {
            return Poll::Ready(());
        }
        let shared = &self.spawner.shared;
        loop {
            if let Status::Waiting | Status::Resolved(()) = waiter.status() {
                ready!(shared.queue.poll_waiting(waiter, cx.waker()));
            }
            if let Some(count) = shared.count.close() {
                *outcome = Some(match shared.take_failure() {
                    Some(failure) => Err(failure),
                    None if count.is_cut() => Err(GroupError::Cancelled),
                    None => Ok(()),
                });
                shared.token.cancel_because(Cause::Finished);
                return Poll::Ready(());
            }
            // A child may have been started by others since it was woken: from the start.
            waiter.begin_again();
            ready!(shared.queue.enqueue(waiter, cx.waker(), || (!shared.count.begin_wait()).then_some(())));
        }
    }

    /// Gives the wait up.
    fn leave(&self, waiter: Pin<&Waiter<(), ()>>) {
        if let Status::Waiting = waiter.status() {
            let shared = &self.spawner.shared;
            let left = shared.queue.with(|locked| {
                let left = locked.leave(&waiter);
                if let Left::Unlinked { .. } = left {
                    shared.count.end_wait();
                }
                left
            });
            // The waker in it is foreign code: dropped here, after the lock.
            drop(left);
        }
    }
}

impl<E> Default for ErrGroup<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> Drop for ErrGroup<E> {
    fn drop(&mut self) {
        self.token().cancel_because(Cause::Dropped);
    }
}

impl<E> fmt::Debug for ErrGroup<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrGroup").field("spawner", &self.spawner).finish_non_exhaustive()
    }
}

pin_project! {
    /// The future of [`ErrGroup::wait`].
    ///
    /// # Panics
    ///
    /// If polled after it completed, or if a waker that it fires panics.
    #[must_use = "nothing waits unless this is polled or waited for"]
    pub struct Wait<'a, E> {
        #[pin]
        waiter: Waiter<(), ()>,
        // None once completed.
        group: Option<&'a mut ErrGroup<E>>,
    }

    impl<E> PinnedDrop for Wait<'_, E> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.into_ref().project_ref();
            if let Some(group) = this.group {
                group.leave(this.waiter);
            }
        }
    }
}

impl<'a, E> Wait<'a, E> {
    /// Blocks this thread until the group has ended.
    ///
    /// # Errors
    ///
    /// As awaiting it.
    #[cfg(feature = "std")]
    pub fn wait(self) -> Result<(), &'a GroupError<E>> {
        crate::wait::block_on(self, None).expect("waits without a deadline")
    }

    /// Blocks this thread until the group has ended or `timeout` has passed: then `None`.
    ///
    /// # Errors
    ///
    /// As awaiting it.
    #[cfg(feature = "std")]
    #[must_use = "it may not have ended"]
    pub fn wait_timeout(self, timeout: core::time::Duration) -> Option<Result<(), &'a GroupError<E>>> {
        crate::wait::block_on(self, crate::wait::deadline_after(timeout))
    }

    /// Blocks this thread until the group has ended or `deadline` has passed: then `None`.
    ///
    /// # Errors
    ///
    /// As awaiting it.
    #[cfg(feature = "std")]
    #[must_use = "it may not have ended"]
    pub fn wait_deadline(self, deadline: std::time::Instant) -> Option<Result<(), &'a GroupError<E>>> {
        crate::wait::block_on(self, Some(deadline))
    }
}

impl<'a, E> Future for Wait<'a, E> {
    type Output = Result<(), &'a GroupError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let group = this.group.as_mut().expect("`Wait` polled after it completed");
        ready!(group.poll_end(this.waiter.into_ref(), cx));
        let group = this.group.take().expect("completes once");
        Poll::Ready(match group.outcome.get_mut().as_ref().expect("it has ended") {
            Ok(()) => Ok(()),
            Err(failure) => Err(failure),
        })
    }
}

impl<E> FusedFuture for Wait<'_, E> {
    fn is_terminated(&self) -> bool {
        self.group.is_none()
    }
}

impl<E> fmt::Debug for Wait<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("group", &self.group).finish_non_exhaustive()
    }
}

pin_project! {
    /// The future of [`ErrGroup::join`].
    ///
    /// # Panics
    ///
    /// If polled after it completed, or if a waker that it fires panics.
    #[must_use = "dropping this drops the group, which cancels it"]
    pub struct Join<E> {
        #[pin]
        waiter: Waiter<(), ()>,
        // None once completed.
        group: Option<ErrGroup<E>>,
    }

    impl<E> PinnedDrop for Join<E> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.into_ref().project_ref();
            if let Some(group) = this.group {
                group.leave(this.waiter);
            }
        }
    }
}

impl<E> Join<E> {
    /// Blocks this thread until the group has ended.
    ///
    /// # Errors
    ///
    /// As awaiting it.
    #[cfg(feature = "std")]
    pub fn wait(self) -> Result<(), GroupError<E>> {
        crate::wait::block_on(self, None).expect("waits without a deadline")
    }
}

impl<E> Future for Join<E> {
    type Output = Result<(), GroupError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let group = this.group.as_mut().expect("`Join` polled after it completed");
        ready!(group.poll_end(this.waiter.into_ref(), cx));
        let mut group = this.group.take().expect("completes once");
        Poll::Ready(group.outcome.get_mut().take().expect("it has ended"))
    }
}

impl<E> FusedFuture for Join<E> {
    fn is_terminated(&self) -> bool {
        self.group.is_none()
    }
}

impl<E> fmt::Debug for Join<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Join").field("group", &self.group).finish_non_exhaustive()
    }
}
