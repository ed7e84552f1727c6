//! Flights without a future of their own: whoever leads one polls or runs what it likes, and completes it.

use core::fmt;
use core::future::Future;
use core::hash::BuildHasher;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::SingleFlight;
use super::flight::Hold;
use super::key::{Ask, OwnKey};
use super::outcome::{Ending, Outcome, Role};
use super::registry::Registry;
use super::ticket::{Arrival, ByLeading, Ticket};
use super::turn::Turn;
use crate::sync::Ordering;

/// What [`SingleFlight::claim`] gives.
#[must_use = "a lead that is dropped goes to another"]
pub enum Claim<'g, K, V> {
    /// This caller is to find the value.
    Lead(LeadGuard<'g, K, V>),
    /// Another has found it.
    Value(V),
}

/// The lead of a flight: the others wait for [`complete`](Self::complete).
///
/// Dropped without it, the lead goes to whichever caller comes next, of those who wait (all are woken for it) and those who
/// are new. **The trap**: a guard that is kept in a future that nobody polls, or is forgotten, holds up everybody: what is
/// run by [`SingleFlight::work`] has no such trap.
#[must_use = "dropped, the lead goes to another"]
pub struct LeadGuard<'g, K, V> {
    registry: &'g Registry<K, V>,
    // None once completed.
    flight: Option<Hold<K, V>>,
}

pin_project! {
    /// The future of [`SingleFlight::claim`].
    ///
    /// # Cancel safety
    ///
    /// Dropping it at any time loses nothing.
    ///
    /// # Panics
    ///
    /// As [`Work`](crate::Work), for the work of others.
    #[must_use = "nothing happens unless this is polled or waited for"]
    pub struct Claiming<'g, K, V, S, A = OwnKey<K>> {
        group: &'g SingleFlight<K, V, S>,
        #[pin]
        ticket: Ticket<K, V, A, ByLeading>,
    }

    impl<K, V, S, A> PinnedDrop for Claiming<'_, K, V, S, A> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if this.ticket.flight().is_some() {
                this.ticket.leave(this.group.registry());
            }
        }
    }
}

/// How a claim has ended.
pub(super) enum Claimed<'g, K, V> {
    Lead(LeadGuard<'g, K, V>),
    Ending(Ending<V>),
}

impl<'g, K, V, S, A> Claiming<'g, K, V, S, A> {
    pub(super) fn new(group: &'g SingleFlight<K, V, S>, ask: A) -> Self {
        Self { group, ticket: Ticket::new(ask, ByLeading) }
    }
}

impl<'g, K, V: Clone, S: BuildHasher, A: Ask<K>> Claiming<'g, K, V, S, A> {
    fn poll_claimed(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Claimed<'g, K, V>> {
        let this = self.project();
        let group: &'g SingleFlight<K, V, S> = this.group;
        let registry = group.registry();
        this.ticket.poll(registry, |ask| ask.hash(group.hasher()), cx).map(|arrival| match arrival {
            Arrival::Ending(ending) => Claimed::Ending(ending),
            Arrival::Lead(flight) => Claimed::Lead(LeadGuard { registry, flight: Some(flight) }),
        })
    }

    /// The claim of a thread.
    #[cfg(feature = "std")]
    #[track_caller]
    pub(super) fn claimed(mut self, deadline: Option<std::time::Instant>) -> Option<Claimed<'g, K, V>> {
        self.ticket.block(self.group.registry());
        let mut this = core::pin::pin!(self);
        crate::wait::block_on(core::future::poll_fn(|cx| this.as_mut().poll_claimed(cx)), deadline)
    }
}

impl<'g, K, V: Clone, S: BuildHasher, A: Ask<K>> Future for Claiming<'g, K, V, S, A> {
    type Output = Claim<'g, K, V>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_claimed(cx).map(|claimed| match claimed {
            Claimed::Lead(lead) => Claim::Lead(lead),
            Claimed::Ending(ending) => Claim::Value(ending.outcome().value),
        })
    }
}

impl<K, V: Clone, S: BuildHasher, A: Ask<K>> FusedFuture for Claiming<'_, K, V, S, A> {
    fn is_terminated(&self) -> bool {
        self.ticket.is_ended()
    }
}

impl<K, V> LeadGuard<'_, K, V> {
    fn flight(&self) -> &Hold<K, V> {
        self.flight.as_ref().expect("not completed")
    }

    /// The key.
    pub fn key(&self) -> &K {
        self.flight().key()
    }

    /// Whether others wait at this moment.
    pub fn is_shared(&self) -> bool {
        // ORDERING: Relaxed: a look that may be old as soon as it is taken.
        self.flight().word.load(Ordering::Relaxed).callers() > 1
    }

    /// Gives the value to all who wait, and to the leader itself.
    pub fn complete(mut self, value: V) -> Outcome<V>
    where
        V: Clone,
    {
        let flight = self.flight.take().expect("completes once");
        let turn = Turn::lead(self.registry, &flight);
        let mine = turn.complete(value);
        outcome(&flight, mine)
    }

    /// Runs `f` and completes with its value; its panic ends the flight for all.
    #[cfg(feature = "std")]
    pub(super) fn run(mut self, f: impl FnOnce() -> V) -> Outcome<V>
    where
        V: Clone,
    {
        let flight = self.flight.take().expect("completes once");
        let turn = Turn::begin(self.registry, &flight);
        let value = f();
        let mine = turn.complete(value);
        outcome(&flight, mine)
    }

    /// Lends the lead to one poll of what the leader runs; its panic ends the flight for all.
    fn lend<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        let turn = Turn::begin(self.registry, self.flight());
        let polled = poll();
        turn.keep_lead();
        polled
    }
}

/// What a leader has of its flight, which has ended.
fn outcome<K, V: Clone>(flight: &Hold<K, V>, mine: Option<V>) -> Outcome<V> {
    // ORDERING: Relaxed: its own end has set it.
    let shared = flight.word.load(Ordering::Relaxed).is_shared();
    Outcome { value: mine.unwrap_or_else(|| flight.value()), shared, role: Role::Started }
}

impl<K, V> Drop for LeadGuard<'_, K, V> {
    fn drop(&mut self) {
        if let Some(flight) = self.flight.take() {
            drop(Turn::lead(self.registry, &flight));
        }
    }
}

pin_project! {
    /// What a leader runs, with its lead.
    pub(super) struct Scoped<'g, K, V, F> {
        // Dropped before the lead goes to another.
        #[pin]
        future: F,
        lead: Option<LeadGuard<'g, K, V>>,
    }
}

impl<'g, K, V, F> Scoped<'g, K, V, F> {
    pub(super) fn new(lead: LeadGuard<'g, K, V>, future: F) -> Self {
        Self { future, lead: Some(lead) }
    }
}

impl<K, V: Clone, F: Future<Output = V>> Future for Scoped<'_, K, V, F> {
    type Output = V;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<V> {
        let this = self.project();
        let lead = this.lead.as_mut().expect("polled after it completed");
        lead.lend(|| this.future.poll(cx)).map(|value| {
            let lead = this.lead.take().expect("completes once");
            lead.complete(value).value
        })
    }
}

impl<K: fmt::Debug, V> fmt::Debug for LeadGuard<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeadGuard").field("key", self.key()).finish_non_exhaustive()
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Claim<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lead(lead) => f.debug_tuple("Lead").field(lead).finish(),
            Self::Value(value) => f.debug_tuple("Value").field(value).finish(),
        }
    }
}

impl<K, V, S, A: fmt::Debug> fmt::Debug for Claiming<'_, K, V, S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claiming").field("key", self.ticket.ask()).finish_non_exhaustive()
    }
}
