//! Singleflight without an allocator.

use core::error::Error;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::FusedFuture;

use super::slots::{Found, Hold, Seen, Slots};
use crate::wait::Waiter;

/// Callers with the same key, at the same time, share one run of the work; without an allocator, for at most `N` keys at a
/// time.
///
/// It can live in a `static`. Whoever comes first leads: it runs what it likes, polled with its own task's waker, and the
/// others wait for it. If it is dropped, the lead goes to whichever caller is polled or comes next. **The trap**: a leader that
/// is alive and not polled holds the others up.
///
/// A slot is taken by the leader of a key, and free when the last of its callers has fetched the value or gone. Keys are
/// compared one after the other: `N` is meant to be small.
///
/// # Cancel safety
///
/// Dropping a caller at any time loses nothing.
///
/// # Memory ordering
///
/// What the leader did before it completed happens before the value is returned to any caller.
///
/// # Go
///
/// `singleflight.Group`.
///
/// # Examples
///
/// ```
/// use xsync::{Full, StaticSingleFlight};
///
/// static READINGS: StaticSingleFlight<u8, u16, 4> = StaticSingleFlight::new();
///
/// # async fn measure(sensor: u8) -> u16 { u16::from(sensor) * 10 }
/// async fn reading(sensor: u8) -> Result<u16, Full> {
///     READINGS.work(sensor, async || measure(sensor).await).await
/// }
/// # use core::task::{Context, Poll, Waker};
/// # let mut reading = core::pin::pin!(reading(7));
/// # assert_eq!(reading.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(70)));
/// ```
#[doc(alias = "Group")]
pub struct StaticSingleFlight<K, V, const N: usize> {
    slots: Slots<K, V, N>,
}

/// All slots are taken: by keys that are in flight, or whose value some callers have not fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// What [`StaticSingleFlight::claim`] gives.
#[must_use = "a lead that is dropped goes to another"]
pub enum StaticClaim<'g, K, V, const N: usize> {
    /// This caller is to find the value.
    Lead(StaticLead<'g, K, V, N>),
    /// Another has found it.
    Value(V),
}

/// The lead of a flight: the others wait for [`complete`](Self::complete). Dropped without it, the lead goes to another.
#[must_use = "dropped, the lead goes to another"]
pub struct StaticLead<'g, K, V, const N: usize> {
    // None once completed.
    hold: Option<Hold<'g, K, V, N>>,
}

impl<K, V, const N: usize> StaticSingleFlight<K, V, N> {
    const_fn! {
        /// Without flights.
        #[must_use]
        pub const fn new() -> Self {
            Self { slots: Slots::new() }
        }
    }

    /// How many flights there are that a new caller would join.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.slots.in_flight()
    }
}

impl<K: Eq, V: Clone, const N: usize> StaticSingleFlight<K, V, N> {
    /// The lead of the flight of `key`, or the value that another finds.
    ///
    /// Nothing happens until the future is polled.
    ///
    /// # Errors
    ///
    /// [`Full`] if `key` is not in flight, and all slots are taken.
    ///
    /// # Cancel safety
    ///
    /// See the [type](Self#cancel-safety).
    pub fn claim(&self, key: K) -> StaticClaiming<'_, K, V, N> {
        StaticClaiming { slots: &self.slots, key: Some(key), follows: None }
    }

    /// The value of `key`: that of another's work which is in flight, or of `f`'s, which is run if this caller leads.
    ///
    /// # Errors
    ///
    /// [`Full`] if `key` is not in flight, and all slots are taken.
    ///
    /// # Cancel safety
    ///
    /// See the [type](Self#cancel-safety). Another caller starts over, with its own work.
    ///
    /// # Go
    ///
    /// `Group.Do`.
    #[doc(alias = "Do")]
    pub async fn work<F: AsyncFnOnce() -> V>(&self, key: K, f: F) -> Result<V, Full> {
        Ok(match self.claim(key).await? {
            StaticClaim::Value(value) => value,
            StaticClaim::Lead(lead) => {
                let value = f().await;
                lead.complete(value)
            }
        })
    }
}

impl<K, V, const N: usize> Default for StaticSingleFlight<K, V, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V, const N: usize> fmt::Debug for StaticSingleFlight<K, V, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticSingleFlight").field("in_flight", &self.in_flight()).finish_non_exhaustive()
    }
}

impl<K, V, const N: usize> StaticLead<'_, K, V, N> {
    /// The key.
    pub fn key(&self) -> &K {
        self.hold.as_ref().expect("not completed").key()
    }

    /// Gives the value to all who wait, and back.
    pub fn complete(mut self, value: V) -> V
    where
        V: Clone,
    {
        self.hold.take().expect("completes once").complete(value)
    }
}

impl<K, V, const N: usize> Drop for StaticLead<'_, K, V, N> {
    fn drop(&mut self) {
        if let Some(hold) = self.hold.take() {
            hold.give_up();
        }
    }
}

/// The future of [`StaticSingleFlight::claim`].
///
/// # Cancel safety
///
/// Dropping it at any time loses nothing.
///
/// # Panics
///
/// If polled after it completed, or if the user's `Eq` or `Clone` does, or a waker that it fires.
#[must_use = "nothing happens unless this is polled or waited for"]
pub struct StaticClaiming<'g, K, V, const N: usize> {
    slots: &'g Slots<K, V, N>,
    // None once a slot has it, and after the end.
    key: Option<K>,
    // Of one that follows: the place in line, with the slot. Pinned with the future.
    follows: Option<Waiter<usize, ()>>,
}

/// The fields of a [`StaticClaiming`] that is pinned.
struct Projection<'a, 'g, K, V, const N: usize> {
    slots: &'g Slots<K, V, N>,
    key: &'a mut Option<K>,
    follows: Pin<&'a mut Option<Waiter<usize, ()>>>,
}

impl<'g, K, V, const N: usize> StaticClaiming<'g, K, V, N> {
    fn project(self: Pin<&mut Self>) -> Projection<'_, 'g, K, V, N> {
        // SAFETY: nothing is moved out of it here, and `follows` stays pinned.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: it is pinned with the future: no other code makes a plain `&mut` of it.
        let follows = unsafe { Pin::new_unchecked(&mut this.follows) };
        Projection { slots: this.slots, key: &mut this.key, follows }
    }

    /// Blocks this thread until it leads, or has the value. A thread that has the lead of this key waits for itself.
    ///
    /// # Errors
    ///
    /// As awaiting it.
    #[cfg(feature = "std")]
    pub fn wait(self) -> Result<StaticClaim<'g, K, V, N>, Full>
    where
        K: Eq,
        V: Clone,
    {
        crate::wait::block_on(self, None).expect("waits without a deadline")
    }
}

impl<K, V, const N: usize> Drop for StaticClaiming<'_, K, V, N> {
    fn drop(&mut self) {
        // SAFETY: it is being dropped, and so is not moved after it was pinned.
        let this = unsafe { Pin::new_unchecked(self) }.project();
        if let Some(waiter) = this.follows.as_ref().as_pin_ref() {
            let _hold = Hold::of(this.slots, *waiter.payload());
            this.slots.leave_line(waiter);
        }
    }
}

impl<'g, K: Eq, V: Clone, const N: usize> Future for StaticClaiming<'g, K, V, N> {
    type Output = Result<StaticClaim<'g, K, V, N>, Full>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let slots: &'g Slots<K, V, N> = this.slots;
        let lead = |hold| Ok(StaticClaim::Lead(StaticLead { hold: Some(hold) }));
        if this.follows.is_none() {
            assert!(this.key.is_some(), "`StaticClaiming` polled after it completed");
            match slots.find(this.key) {
                Found::Leads(index) => {
                    // First: the key's destructor may panic.
                    let claim = lead(Hold::of(slots, index));
                    *this.key = None;
                    return Poll::Ready(claim);
                }
                Found::Full => {
                    *this.key = None;
                    return Poll::Ready(Err(Full));
                }
                Found::Follows(index) => this.follows.set(Some(Waiter::new(index))),
            }
        }
        let waiter = this.follows.as_ref().as_pin_ref().expect("it follows");
        let index = *waiter.payload();
        let seen = core::task::ready!(slots.poll(waiter, cx));
        // From here on the hold is the leader's, or ends with the value; whatever the key's destructor does.
        this.follows.set(None);
        let hold = Hold::of(slots, index);
        let claim = match seen {
            Seen::Leads => lead(hold),
            Seen::Done => Ok(StaticClaim::Value(hold.fetch())),
        };
        *this.key = None;
        Poll::Ready(claim)
    }
}

impl<K: Eq, V: Clone, const N: usize> FusedFuture for StaticClaiming<'_, K, V, N> {
    fn is_terminated(&self) -> bool {
        self.key.is_none() && self.follows.is_none()
    }
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("all slots are taken by other keys")
    }
}

impl Error for Full {}

impl<K, V, const N: usize> fmt::Debug for StaticLead<'_, K, V, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticLead").finish_non_exhaustive()
    }
}

impl<K, V: fmt::Debug, const N: usize> fmt::Debug for StaticClaim<'_, K, V, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lead(lead) => f.debug_tuple("Lead").field(lead).finish(),
            Self::Value(value) => f.debug_tuple("Value").field(value).finish(),
        }
    }
}

impl<K, V, const N: usize> fmt::Debug for StaticClaiming<'_, K, V, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticClaiming").finish_non_exhaustive()
    }
}
