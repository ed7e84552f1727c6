//! The future of a caller that borrows the group.

use core::fmt;
use core::future::Future;
use core::hash::BuildHasher;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::SingleFlight;
use super::forms::{Checked, Flying, WithOutcome};
use super::key::{Ask, BorrowedKey, OwnKey};
use super::outcome::Ending;
use super::ticket::{Arrival, ByClosure, Ticket};

pin_project! {
    /// The future of [`SingleFlight::work`] and [`SingleFlight::work_ref`].
    ///
    /// It joins or starts a flight at its first poll.
    ///
    /// # Cancel safety
    ///
    /// Dropping it at any time leaves the flight to its other callers; the work is dropped with the last of them.
    ///
    /// # Panics
    ///
    /// If polled after it completed. If the work panics: where it was polled with that panic, elsewhere with a message that
    /// says so. Also if the user's `Hash`, `Eq`, `Clone`, `ToOwned` or closure does, or a waker that it fires; and if one flight
    /// would have more than 4,294,967,295 callers, or 16,777,215 threads that only wait (16,383 and 1,023 on 32-bit targets).
    #[must_use = "nothing happens unless this is polled or waited for"]
    pub struct Work<'g, K, V, S, F, A = OwnKey<K>> {
        group: &'g SingleFlight<K, V, S>,
        #[pin]
        ticket: Ticket<K, V, A, ByClosure<F>>,
    }

    impl<K, V, S, F, A> PinnedDrop for Work<'_, K, V, S, F, A> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if this.ticket.flight().is_some() {
                this.ticket.leave(this.group.registry());
            }
        }
    }
}

/// The future of [`SingleFlight::work_ref`].
pub type WorkRef<'g, 'q, K, V, S, F, Q> = Work<'g, K, V, S, F, BorrowedKey<'q, K, Q>>;

impl<'g, K, V, S, F, A> Work<'g, K, V, S, F, A> {
    pub(super) fn new(group: &'g SingleFlight<K, V, S>, ask: A, f: F) -> Self {
        Self { group, ticket: Ticket::new(ask, ByClosure(f)) }
    }

    /// The same, with the [`Outcome`](crate::Outcome) rather than the value alone.
    pub fn outcome(self) -> WithOutcome<Self> {
        WithOutcome::new(self)
    }

    /// The same, with an error if the work has panicked where another caller polled it.
    pub fn checked(self) -> Checked<Self> {
        Checked::new(self)
    }

    /// The same, and a panic rather than a wait, if at its first poll it joins the flight whose work is being polled further
    /// out on the same thread. (Such a wait need not be for ever: the work may give it up.)
    #[cfg(feature = "std")]
    pub fn refuse_recursion(mut self) -> Self {
        self.ticket.be_wary();
        self
    }
}

#[cfg(feature = "std")]
impl<K, V, S, F, A, Fut> Work<'_, K, V, S, F, A>
where
    V: Clone,
    S: BuildHasher,
    A: Ask<K>,
    F: FnOnce() -> Fut,
    Fut: Future<Output = V> + Send + 'static,
{
    super::forms::blocking_forms!(
        |this: Self| this,
        Result<V, super::outcome::Abandoned>,
        |ending: Ending<V>| ending.waited().map(|outcome| outcome.value)
    );
}

impl<K, V, S, F, A, Fut> Flying for Work<'_, K, V, S, F, A>
where
    V: Clone,
    S: BuildHasher,
    A: Ask<K>,
    F: FnOnce() -> Fut,
    Fut: Future<Output = V> + Send + 'static,
{
    type Value = V;

    fn poll_ending(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ending<V>> {
        let this = self.project();
        let hasher = this.group.hasher();
        this.ticket.poll(this.group.registry(), |ask| ask.hash(hasher), cx).map(|arrival| match arrival {
            Arrival::Ending(ending) => ending,
            Arrival::Lead(_) => unreachable!("its flights have a future"),
        })
    }

    #[cfg(feature = "std")]
    fn block(&mut self) {
        self.ticket.block(self.group.registry());
    }
}

impl<K, V, S, F, A, Fut> Future for Work<'_, K, V, S, F, A>
where
    V: Clone,
    S: BuildHasher,
    A: Ask<K>,
    F: FnOnce() -> Fut,
    Fut: Future<Output = V> + Send + 'static,
{
    type Output = V;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<V> {
        self.poll_ending(cx).map(|ending| ending.outcome().value)
    }
}

impl<K, V, S, F, A, Fut> FusedFuture for Work<'_, K, V, S, F, A>
where
    V: Clone,
    S: BuildHasher,
    A: Ask<K>,
    F: FnOnce() -> Fut,
    Fut: Future<Output = V> + Send + 'static,
{
    fn is_terminated(&self) -> bool {
        self.ticket.is_ended()
    }
}

impl<K, V, S, F, A: fmt::Debug> fmt::Debug for Work<'_, K, V, S, F, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").field("key", self.ticket.ask()).finish_non_exhaustive()
    }
}
