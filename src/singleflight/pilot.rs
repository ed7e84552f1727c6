//! A party of a flight, as it is polled and as it goes.

use core::pin::Pin;
use core::task::{Context, Poll};

use super::flight::Hold;
use super::registry::Registry;
use super::turn::{Polled, Turn};
use super::word::{Phase, Word};
use crate::sync::Ordering;
use crate::wait::{Queue, Status, Waiter, poll_again};

/// A party of a flight that is polled: a waiter, or the driver.
pub(super) struct Pilot<'a, K, V> {
    pub(super) registry: &'a Registry<K, V>,
    pub(super) flight: &'a Hold<K, V>,
    /// Of one that may be in line.
    pub(super) waiter: Option<Pin<&'a Waiter<(), ()>>>,
    pub(super) by_driver: bool,
    /// It goes on with the work; else it only waits.
    pub(super) flies: bool,
}

impl<'a, K, V> Pilot<'a, K, V> {
    fn queue(&self) -> &'a Queue<(), ()> {
        if self.by_driver { &self.flight.driver } else { &self.flight.waiters }
    }

    /// Polls the work, if it is this one's turn. Ready when the flight has ended: with the value, if this was the end of
    /// it and the value is nobody else's.
    pub(super) fn advance(&self, cx: &mut Context<'_>) -> Poll<Option<V>> {
        let mut is_queued = false;
        loop {
            if !self.is_running() {
                self.leave_line();
                return Poll::Ready(None);
            }
            if self.flies {
                if let Some(turn) = Turn::take(self.registry, self.flight, self.by_driver) {
                    return self.fly(turn, cx);
                }
            }
            if is_queued {
                return Poll::Pending;
            }
            // In line first, then it looks again: whoever gives the work back or wakes it after that finds this one.
            self.line_up(cx);
            is_queued = true;
        }
    }

    /// Polls the work, which is this one's.
    pub(super) fn fly(&self, turn: Turn<'_, K, V>, cx: &mut Context<'_>) -> Poll<Option<V>> {
        match turn.poll() {
            Polled::Pending(turn) => {
                if turn.has_news() {
                    // As work has that wakes itself. This one need not line up to be woken at once.
                    self.leave_line();
                    turn.pause_out_of_line();
                    poll_again(cx);
                } else {
                    self.line_up(cx);
                    turn.pause();
                }
                Poll::Pending
            }
            Polled::Ready(turn) => {
                self.leave_line();
                Poll::Ready(turn.finish())
            }
        }
    }

    fn is_running(&self) -> bool {
        self.flight.phase() == Phase::Running
    }

    /// Sees to it that this one's waker is in line, unless the flight has ended.
    fn line_up(&self, cx: &mut Context<'_>) {
        let waiter = self.waiter.expect("who is polled has one");
        if let Status::Waiting | Status::Resolved(()) = waiter.status() {
            if self.queue().poll_waiting(waiter, cx.waker()).is_pending() {
                return;
            }
        }
        // New, or woken since: at the end of the line.
        waiter.begin_again();
        // ORDERING: the lock orders this look against the wake that follows the end.
        let ended = || (!self.is_running()).then_some(());
        let _ = self.queue().enqueue(waiter, cx.waker(), ended);
    }

    /// Out of the line, if it is there.
    pub(super) fn leave_line(&self) {
        let Some(waiter) = self.waiter else { return };
        if let Status::Waiting = waiter.status() {
            let left = self.queue().with(|locked| locked.leave(&waiter));
            // The waker in it is foreign code: dropped here, after the lock.
            drop(left);
        }
        if let Status::Resolved(()) = waiter.status() {
            waiter.finish();
        }
    }

    /// This one goes. `without` says what becomes of the flight then.
    pub(super) fn leave(&self, without: impl FnMut(Word) -> Word) {
        /// Counts it out, although its waker panics when it is dropped.
        struct CountOut<'p, 'a, K, V, F: FnMut(Word) -> Word>(&'p Pilot<'a, K, V>, F);

        impl<K, V, F: FnMut(Word) -> Word> Drop for CountOut<'_, '_, K, V, F> {
            fn drop(&mut self) {
                if let Some(before) = self.0.count_out(&mut self.1) {
                    self.0.close(before);
                }
            }
        }

        let _count_out = CountOut(self, without);
        self.leave_line();
    }

    /// Changes the word of a running flight; the word before, if that has closed it.
    pub(super) fn count_out(&self, mut without: impl FnMut(Word) -> Word) -> Option<Word> {
        // ORDERING: Relaxed: the exchange decides.
        let mut word = self.flight.word.load(Ordering::Relaxed);
        while word.is_running() {
            let next = without(word);
            // ORDERING: Acquire: the future as who had it last left it (Release, in `give_back`): it is dropped if nobody
            // is left. And what those did who woke it (Release, in `Header::announce`), for the waiters that a driver leaves it
            // to. Relaxed on failure: it looks again.
            match self.flight.word.exchange(word, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(()) if next.is_running() => {
                    if word.has_driver() && !next.has_driver() && next.is_woken() {
                        // The driver alone was told.
                        self.flight.wake_waiters();
                    }
                    return None;
                }
                Ok(()) => return Some(word),
                Err(now) => word = now,
            }
        }
        None
    }

    /// The flight was closed by this one's going, in one step with which it is not listed any more.
    #[cold]
    fn close(&self, before: Word) {
        /// Dropped last, whatever panics before.
        struct DropWork<'a, K, V>(&'a Hold<K, V>);

        impl<K, V> Drop for DropWork<'_, K, V> {
            fn drop(&mut self) {
                // SAFETY: who closes a flight has ended it; nobody has its work, so it was made, and is there.
                unsafe { self.0.drop_work() };
            }
        }

        let _work = DropWork(self.flight);
        if before.is_listed() {
            self.registry.unlist(self.flight);
        }
        if before.guests() > 0 {
            self.flight.wake_last();
        }
    }
}
