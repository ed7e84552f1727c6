//! A caller's way through a flight: it joins one or starts one, waits, and gets the value.

use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::flight::{Blank, Conduct, Hold};
use super::key::Ask;
use super::outcome::{Ending, Outcome, Role};
use super::pilot::Pilot;
use super::registry::{Entry, Registry};
use super::turn::Turn;
use super::word::{Phase, Seat, Word};
use crate::sync::Ordering;
use crate::wait::Waiter;

pin_project! {
    /// A caller of a flight. Whoever owns it calls [`leave`](Self::leave) when it is dropped.
    pub(super) struct Ticket<K, V, A, L> {
        #[pin]
        waiter: Waiter<(), ()>,
        // None before it has joined, and after the end.
        flight: Option<Hold<K, V>>,
        // What it needs to start one.
        ask: A,
        launch: Option<L>,
        how: How,
    }
}

/// What a caller is.
#[derive(Debug, Clone, Copy)]
pub(super) struct How {
    pub(super) role: Role,
    pub(super) seat: Seat,
    /// It is a thread that waits.
    pub(super) blocks: bool,
    /// It does not join a flight that is polled further out on the same thread.
    #[cfg(feature = "std")]
    pub(super) wary: bool,
    pub(super) ended: bool,
}

impl How {
    pub(super) const NEW: Self = Self {
        role: Role::Joined,
        seat: Seat::Keeper,
        blocks: false,
        #[cfg(feature = "std")]
        wary: false,
        ended: false,
    };

    /// What it is counted as in a flight of this conduct.
    fn seat_in(self, conduct: Conduct) -> Seat {
        if self.blocks && conduct == Conduct::Tasks { Seat::Guest } else { Seat::Keeper }
    }
}

/// How a caller that finds no flight starts one.
pub(super) trait Launch<K, V> {
    /// The memory for it.
    fn blank(hash: u64, blocks: bool) -> Blank<K, V>;

    /// Makes the work; false if there is none, and the caller leads the flight.
    fn make(self, turn: &mut Turn<'_, K, V>) -> bool;
}

/// By a closure that makes the future.
pub(super) struct ByClosure<F>(pub(super) F);

impl<K, V, F, Fut> Launch<K, V> for ByClosure<F>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = V>,
{
    fn blank(hash: u64, blocks: bool) -> Blank<K, V> {
        let conduct = if blocks { Conduct::Anybody } else { Conduct::Tasks };
        Blank::for_work::<Fut>(hash, Word::started(), conduct)
    }

    fn make(self, turn: &mut Turn<'_, K, V>) -> bool {
        turn.make(self.0);
        true
    }
}

/// By taking the lead.
pub(super) struct ByLeading;

impl<K, V> Launch<K, V> for ByLeading {
    fn blank(hash: u64, _blocks: bool) -> Blank<K, V> {
        Blank::for_leader(hash, Word::started())
    }

    fn make(self, _turn: &mut Turn<'_, K, V>) -> bool {
        false
    }
}

/// What a ticket comes to.
pub(super) enum Arrival<K, V> {
    Ending(Ending<V>),
    /// The caller leads this flight.
    Lead(Hold<K, V>),
}

impl<K, V, A, L> Ticket<K, V, A, L> {
    pub(super) fn new(ask: A, launch: L) -> Self {
        Self { waiter: Waiter::new(()), flight: None, ask, launch: Some(launch), how: How::NEW }
    }

    /// Of a caller that has joined already, or has started the flight: then without what would start another.
    pub(super) fn aboard(flight: Hold<K, V>, ask: A, launch: Option<L>) -> Self {
        let role = if launch.is_some() { Role::Joined } else { Role::Started };
        Self { waiter: Waiter::new(()), flight: Some(flight), ask, launch, how: How { role, ..How::NEW } }
    }

    pub(super) fn is_ended(&self) -> bool {
        self.how.ended
    }

    pub(super) fn flight(&self) -> Option<&Hold<K, V>> {
        self.flight.as_ref()
    }

    /// It panics rather than join a flight that is polled further out on the same thread.
    #[cfg(feature = "std")]
    pub(super) fn be_wary(&mut self) {
        self.how.wary = true;
    }

    pub(super) fn ask(&self) -> &A {
        &self.ask
    }

    /// Before its first poll: it is a thread that waits, and no task.
    #[cfg(feature = "std")]
    pub(super) fn block(&mut self, registry: &Registry<K, V>) {
        self.how.blocks = true;
        let Some(flight) = &self.flight else { return };
        let seat = self.how.seat_in(flight.conduct);
        if seat == Seat::Guest && self.how.seat == Seat::Keeper {
            let how = &mut self.how;
            let pilot = Pilot { registry, flight, waiter: None, by_driver: false, flies: false };
            pilot.leave(|word| {
                let demoted = word.demoted();
                // Now that it has not panicked.
                how.seat = seat;
                demoted
            });
        }
        assert_no_recursion(registry, &mut self.flight, &mut self.how);
    }

    /// Gives up, wherever it is.
    pub(super) fn leave(self: Pin<&mut Self>, registry: &Registry<K, V>) {
        let this = self.project();
        // Taken first: should a waker panic, the drop that follows finds nothing left to do.
        let Some(flight) = this.flight.take() else { return };
        let waiter = Some(this.waiter.into_ref());
        let seat = this.how.seat;
        Pilot { registry, flight: &flight, waiter, by_driver: false, flies: false }.leave(|word| word.left(seat));
    }
}

impl<K, V: Clone, A: Ask<K>, L: Launch<K, V>> Ticket<K, V, A, L> {
    pub(super) fn poll(
        mut self: Pin<&mut Self>,
        registry: &Registry<K, V>,
        hash: impl Fn(&A) -> u64,
        cx: &mut Context<'_>,
    ) -> Poll<Arrival<K, V>> {
        assert!(!self.how.ended, "polled after it completed");
        loop {
            let mut mine = None;
            if self.flight.is_none() {
                let hash = hash(&self.ask);
                match ready!(self.as_mut().enter(registry, hash, cx)) {
                    Entered::Lead(flight) => return Poll::Ready(Arrival::Lead(flight)),
                    Entered::Aboard(value) => mine = value,
                }
            }
            if mine.is_none() {
                mine = ready!(self.as_mut().pilot(registry).advance(cx));
            }
            if let Some(ending) = self.as_mut().arrive(mine) {
                return Poll::Ready(Arrival::Ending(ending));
            }
            // The leader gave up: from the start.
        }
    }

    /// Joins or starts a flight. Pending if it has started one, which is pending.
    fn enter(self: Pin<&mut Self>, registry: &Registry<K, V>, hash: u64, cx: &mut Context<'_>) -> Poll<Entered<K, V>> {
        let this = self.project();
        let how = *this.how;
        let entry = registry.enter(hash, this.ask, |flight| how.seat_in(flight.conduct), || L::blank(hash, how.blocks));
        let flight = match entry {
            Entry::Joined(flight) => {
                this.how.seat = how.seat_in(flight.conduct);
                *this.flight = Some(flight);
                #[cfg(feature = "std")]
                assert_no_recursion(registry, this.flight, this.how);
                return Poll::Ready(Entered::Aboard(None));
            }
            Entry::Started(flight) => this.flight.insert(flight),
        };
        this.how.role = Role::Started;
        let mut turn = Turn::begin(registry, flight);
        let launch = this.launch.take().expect("it has not started a flight before");
        if !launch.make(&mut turn) {
            turn.keep_lead();
            this.how.ended = true;
            return Poll::Ready(Entered::Lead(this.flight.take().expect("just put there")));
        }
        let waiter = Some(this.waiter.into_ref());
        let pilot = Pilot { registry, flight, waiter, by_driver: false, flies: true };
        pilot.fly(turn, cx).map(Entered::Aboard)
    }

    fn pilot<'a>(self: Pin<&'a mut Self>, registry: &'a Registry<K, V>) -> Pilot<'a, K, V> {
        let this = self.project();
        let flight = this.flight.as_ref().expect("aboard");
        let waiter = Some(this.waiter.into_ref());
        Pilot { registry, flight, waiter, by_driver: false, flies: this.how.seat == Seat::Keeper }
    }

    /// The flight has ended; with the value in `mine`, if it is nobody else's. None if its leader gave up.
    fn arrive(self: Pin<&mut Self>, mine: Option<V>) -> Option<Ending<V>> {
        let this = self.project();
        let flight = this.flight.as_ref().expect("aboard");
        let role = this.how.role;
        let ending = match (mine, flight.phase()) {
            (Some(value), _) => Ending::Value(Outcome { value, shared: false, role }),
            (None, Phase::Running) => unreachable!("it has ended"),
            (None, Phase::Done) => {
                // ORDERING: Relaxed: set at the end, which has been seen.
                let shared = flight.word.load(Ordering::Relaxed).is_shared();
                Ending::Value(Outcome { value: flight.value(), shared, role })
            }
            (None, Phase::Panicked) => Ending::Panicked,
            (None, Phase::Closed) if flight.conduct == Conduct::Leader => {
                *this.flight = None;
                return None;
            }
            (None, Phase::Closed) => Ending::Closed,
        };
        this.how.ended = true;
        *this.flight = None;
        Some(ending)
    }
}

/// # Panics
///
/// If a caller that must not would wait for what this very thread is polling. It has left then.
#[cfg(feature = "std")]
#[track_caller]
fn assert_no_recursion<K, V>(registry: &Registry<K, V>, flight: &mut Option<Hold<K, V>>, how: &mut How) {
    let is_wary = how.blocks || how.wary;
    let Some(flight) = flight.take_if(|flight| is_wary && flight.is_polled_here()) else { return };
    how.ended = true;
    let seat = how.seat;
    let pilot = Pilot { registry, flight: &flight, waiter: None, by_driver: false, flies: false };
    pilot.leave(|word| word.left(seat));
    panic!("xsync: recursion: the work of a key waits for the same key");
}

/// How a ticket came to have a flight.
enum Entered<K, V> {
    /// It waits, or it has started it, and that was all: here is the value, unless others have it too.
    Aboard(Option<V>),
    Lead(Hold<K, V>),
}
