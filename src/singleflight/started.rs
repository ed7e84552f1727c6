//! What `start` gives: a waiter and a driver that do not borrow the group.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::flight::{Blank, Conduct, Hold};
use super::forms::{Checked, Flying, WithOutcome};
use super::key::{Ask, OwnKey};
use super::outcome::Ending;
use super::pilot::Pilot;
use super::registry::{Entry, Handle, Registry};
use super::ticket::{Arrival, ByClosure, Ticket};
use super::turn::Turn;
use super::word::{Seat, Word};
use crate::wait::Waiter as Node;

/// What [`SingleFlight::start`](crate::SingleFlight::start) gives.
#[must_use = "dropping both drops the work"]
pub struct Started<K, V, F, A = OwnKey<K>> {
    /// Gets the value.
    pub waiter: Waiter<K, V, F, A>,
    /// Runs the work, if it was this call that started it.
    pub driver: Option<Driver<K, V>>,
}

pin_project! {
    /// A caller that has joined already, and does not borrow the group: of [`SingleFlight::start`](crate::SingleFlight::start)
    /// and [`start_ref`](crate::SingleFlight::start_ref).
    ///
    /// While the flight has a driver it only waits. Without one, it goes on with the work like any other caller; its blocking
    /// forms only wait then too.
    ///
    /// # Cancel safety
    ///
    /// Dropping it at any time leaves the flight to its other callers and its driver; the work is dropped with the last of
    /// them.
    ///
    /// # Panics
    ///
    /// As [`Work`](crate::Work).
    #[must_use = "the value is for whoever polls this"]
    pub struct Waiter<K, V, F, A = OwnKey<K>> {
        registry: Handle<K, V>,
        hash: u64,
        #[pin]
        ticket: Ticket<K, V, A, ByClosure<F>>,
    }

    impl<K, V, F, A> PinnedDrop for Waiter<K, V, F, A> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.ticket.leave(this.registry);
        }
    }
}

pin_project! {
    /// The future that runs the work of a flight, wherever it is polled: of
    /// [`SingleFlight::start`](crate::SingleFlight::start). It is ready when the work has ended.
    ///
    /// While it is there, the work wakes it and nobody else: so who has it polls it, or drops it.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it leaves the work to the callers who wait; without any, the work is dropped.
    ///
    /// # Panics
    ///
    /// If polled after it completed. A panic of the work goes on here.
    #[must_use = "the work is not polled unless this is, or is dropped"]
    pub struct Driver<K, V> {
        registry: Handle<K, V>,
        #[pin]
        waiter: Node<(), ()>,
        // None once completed.
        flight: Option<Hold<K, V>>,
    }

    impl<K, V> PinnedDrop for Driver<K, V> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            // Taken first: should a waker panic, the drop that follows finds nothing left to do.
            if let Some(flight) = this.flight.take() {
                pilot(this.registry, &flight, this.waiter.into_ref()).leave(Word::undriven);
            }
        }
    }
}

fn pilot<'a, K, V>(
    registry: &'a Registry<K, V>,
    flight: &'a Hold<K, V>,
    waiter: Pin<&'a Node<(), ()>>,
) -> Pilot<'a, K, V> {
    Pilot { registry, flight, waiter: Some(waiter), by_driver: true, flies: true }
}

impl<K, V, F, A: Ask<K>> Started<K, V, F, A> {
    /// Joins the flight of the key, or starts one.
    pub(super) fn new<Fut>(registry: Handle<K, V>, hash: u64, mut ask: A, f: F) -> Self
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = V> + Send + 'static,
    {
        let blank = || Blank::for_work::<Fut>(hash, Word::started().with_driver(), Conduct::Tasks);
        match registry.enter(hash, &mut ask, |_| Seat::Keeper, blank) {
            Entry::Joined(flight) => {
                let ticket = Ticket::aboard(flight, ask, Some(ByClosure(f)));
                Self { waiter: Waiter { registry, hash, ticket }, driver: None }
            }
            Entry::Started(flight) => {
                // SAFETY: a flight with a driver is made with a hold for it; this is the same pointer.
                let its = unsafe { Hold::from_raw(flight.as_ptr()) };
                let driver = Driver { registry: registry.clone(), waiter: Node::new(()), flight: Some(its) };
                let waiter = Waiter { registry, hash, ticket: Ticket::aboard(flight, ask, None) };
                let flight = waiter.ticket.flight().expect("aboard");
                let mut turn = Turn::begin(&waiter.registry, flight);
                turn.make(f);
                turn.pause();
                Self { waiter, driver: Some(driver) }
            }
        }
    }
}

impl<K, V, F, A> Waiter<K, V, F, A> {
    /// The same, with the [`Outcome`](crate::Outcome) rather than the value alone.
    pub fn outcome(self) -> WithOutcome<Self> {
        WithOutcome::new(self)
    }

    /// The same, with an error if the work has panicked where it was polled.
    pub fn checked(self) -> Checked<Self> {
        Checked::new(self)
    }
}

#[cfg(feature = "std")]
impl<K, V, F, Fut, A> Waiter<K, V, F, A>
where
    A: Ask<K>,
    V: Clone,
    F: FnOnce() -> Fut,
    Fut: Future<Output = V> + Send + 'static,
{
    super::forms::blocking_forms!(
        |this: Self| this,
        Result<V, super::outcome::Abandoned>,
        |ending: Ending<V>| ending.waited().map(|outcome| outcome.value)
    );
}

impl<K, V, F, Fut, A> Flying for Waiter<K, V, F, A>
where
    A: Ask<K>,
    V: Clone,
    F: FnOnce() -> Fut,
    Fut: Future<Output = V> + Send + 'static,
{
    type Value = V;

    fn poll_ending(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ending<V>> {
        let this = self.project();
        let hash = *this.hash;
        this.ticket.poll(this.registry, |_| hash, cx).map(|arrival| match arrival {
            Arrival::Ending(ending) => ending,
            Arrival::Lead(_) => unreachable!("its flights have a future"),
        })
    }

    #[cfg(feature = "std")]
    fn block(&mut self) {
        self.ticket.block(&self.registry);
    }
}

impl<K, V, F, Fut, A> Future for Waiter<K, V, F, A>
where
    A: Ask<K>,
    V: Clone,
    F: FnOnce() -> Fut,
    Fut: Future<Output = V> + Send + 'static,
{
    type Output = V;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<V> {
        self.poll_ending(cx).map(|ending| ending.outcome().value)
    }
}

impl<K, V, F, Fut, A> FusedFuture for Waiter<K, V, F, A>
where
    A: Ask<K>,
    V: Clone,
    F: FnOnce() -> Fut,
    Fut: Future<Output = V> + Send + 'static,
{
    fn is_terminated(&self) -> bool {
        self.ticket.is_ended()
    }
}

impl<K, V> Driver<K, V> {
    /// Runs the work on this thread, which sleeps while there is nothing to do.
    #[cfg(feature = "std")]
    pub fn wait(self) {
        crate::wait::block_on(self, None).expect("waits without a deadline");
    }
}

impl<K, V> Future for Driver<K, V> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let flight = this.flight.as_ref().expect("`Driver` polled after it completed");
        let polled = pilot(this.registry, flight, this.waiter.into_ref()).advance(cx);
        polled.map(|unwanted| {
            *this.flight = None;
            // Nobody waited for it. The user's destructor runs last.
            drop(unwanted);
        })
    }
}

impl<K, V> FusedFuture for Driver<K, V> {
    fn is_terminated(&self) -> bool {
        self.flight.is_none()
    }
}

impl<K, V, F, A> fmt::Debug for Started<K, V, F, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Started").field("waiter", &self.waiter).field("driver", &self.driver).finish()
    }
}

impl<K, V, F, A> fmt::Debug for Waiter<K, V, F, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter").field("ended", &self.ticket.is_ended()).finish_non_exhaustive()
    }
}

impl<K, V> fmt::Debug for Driver<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("ended", &self.flight.is_none()).finish_non_exhaustive()
    }
}
