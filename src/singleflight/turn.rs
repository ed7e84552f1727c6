//! Having the work: making it, polling it, giving it back, ending the flight.

use core::task::Poll;

use super::flight::Hold;
use super::registry::Registry;
use super::word::Word;
use crate::sync::Ordering;

/// Having the work of a flight to itself (F1): from the exchange that set `POLLING` until this is dropped.
pub(super) struct Turn<'a, K, V> {
    registry: &'a Registry<K, V>,
    flight: &'a Hold<K, V>,
    by_driver: bool,
    stage: Stage<V>,
}

/// What the drop of a turn does.
enum Stage<V> {
    /// Code of the user's runs; it has panicked then. The work is there or not.
    Running { work: bool },
    /// Gives the work back. Who had it is in line, or wakes itself.
    Pending { in_line: bool },
    /// Publishes the value.
    Landed(Option<V>),
    /// A leader gives up: closes the flight.
    Led,
    /// Nothing is left to do.
    Ended,
}

/// A turn after its poll.
pub(super) enum Polled<'a, K, V> {
    /// To be given back when the waker is in its place.
    Pending(Turn<'a, K, V>),
    /// To be finished.
    Ready(Turn<'a, K, V>),
}

impl<'a, K, V> Turn<'a, K, V> {
    /// Of who has started `flight`: to make its work.
    pub(super) fn begin(registry: &'a Registry<K, V>, flight: &'a Hold<K, V>) -> Self {
        flight.set_poller(true);
        Self { registry, flight, by_driver: false, stage: Stage::Running { work: false } }
    }

    /// Of a leader, who has started `flight`, which has no future.
    pub(super) fn lead(registry: &'a Registry<K, V>, flight: &'a Hold<K, V>) -> Self {
        Self { registry, flight, by_driver: false, stage: Stage::Led }
    }

    /// Takes the work, if it has news and nobody else has it or is to have it.
    #[inline]
    pub(super) fn take(registry: &'a Registry<K, V>, flight: &'a Hold<K, V>, by_driver: bool) -> Option<Self> {
        // ORDERING: Relaxed: the exchange decides.
        let mut word = flight.word.load(Ordering::Relaxed);
        loop {
            let next = word.taken(by_driver)?;
            // ORDERING: Acquire: the future as who had it before left it (Release, in `give_back`), and what those did who
            // woke it (Release, in `Header::announce`). Relaxed on failure: it looks again.
            match flight.word.exchange(word, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(()) => break,
                Err(now) => word = now,
            }
        }
        flight.set_poller(true);
        Some(Self { registry, flight, by_driver, stage: Stage::Running { work: true } })
    }

    /// Makes the work. A panic of `start` ends the flight.
    pub(super) fn make<F: Future<Output = V>>(&mut self, start: impl FnOnce() -> F) {
        let future = start();
        // SAFETY: this turn has the work; the flight was started for it, and it is made once.
        unsafe { self.flight.set_work(future) };
        self.stage = Stage::Running { work: true };
    }

    /// The work of a flight that has no future: whoever has its hold leads it from now on.
    pub(super) fn keep_lead(mut self) {
        self.flight.set_poller(false);
        self.stage = Stage::Ended;
    }

    /// Leaves the work unpolled.
    pub(super) fn pause(mut self) {
        self.stage = Stage::Pending { in_line: true };
    }

    /// As [`pause`](Self::pause), for one that is not in line, and wakes itself afterwards.
    pub(super) fn pause_out_of_line(mut self) {
        self.stage = Stage::Pending { in_line: false };
    }

    /// Polls the work. When it is ready, it is dropped before anybody learns of it. A panic ends the flight.
    pub(super) fn poll(mut self) -> Polled<'a, K, V> {
        // SAFETY: this turn has the work, which is there: it was made, and no turn that ended it is past.
        match unsafe { self.flight.poll_work() } {
            Poll::Pending => {
                self.stage = Stage::Pending { in_line: true };
                Polled::Pending(self)
            }
            Poll::Ready(value) => {
                self.stage = Stage::Landed(Some(value));
                // SAFETY: as above; the stage says that it is gone. Should it panic, the value is published all the same.
                unsafe { self.flight.drop_work() };
                Polled::Ready(self)
            }
        }
    }

    /// Whether the work has been woken while it was polled.
    pub(super) fn has_news(&self) -> bool {
        // ORDERING: Relaxed: who gives the work back looks again.
        self.flight.word.load(Ordering::Relaxed).is_woken()
    }

    /// Ends the flight with the value: which comes back if nobody else waits for it.
    pub(super) fn finish(mut self) -> Option<V> {
        let Stage::Landed(value) = &mut self.stage else { return None };
        let mut value = value.take();
        self.stage = Stage::Ended;
        self.publish(&mut value, self.own());
        value
    }

    /// Ends the flight that this leads.
    pub(super) fn complete(mut self, value: V) -> Option<V> {
        self.stage = Stage::Landed(Some(value));
        self.finish()
    }

    /// How many of the callers it is itself.
    fn own(&self) -> usize {
        usize::from(!self.by_driver)
    }

    /// Ends the flight with the value, which is put in its place if it has more than `few` callers.
    fn publish(&self, value: &mut Option<V>, few: usize) {
        let flight = self.flight;
        flight.set_poller(false);
        let mut is_stored = false;
        // ORDERING: Relaxed: the exchange decides.
        let mut word = flight.word.load(Ordering::Relaxed);
        loop {
            if word.callers() > few {
                if let Some(value) = value.take() {
                    // SAFETY: this turn has the work, and there was no value.
                    unsafe { flight.set_value(value) };
                    is_stored = true;
                }
            }
            // ORDERING: Release: the value, to the Acquire load of who waits for it (`phase`). Relaxed on failure: it looks
            // again.
            match flight.word.exchange(word, word.done(is_stored), Ordering::Release, Ordering::Relaxed) {
                Ok(()) => break,
                Err(now) => word = now,
            }
        }
        self.retire(word);
    }

    /// After the end, in one step with which it is not listed any more: takes it out, and wakes all who wait.
    fn retire(&self, before: Word) {
        if before.is_listed() {
            self.registry.unlist(self.flight);
        }
        if before.callers() > self.own() {
            self.flight.wake_last();
        }
    }

    /// Ends the flight without a value.
    fn end(&self, how: impl Fn(Word) -> Word) {
        self.flight.set_poller(false);
        // ORDERING: Relaxed: the exchange decides.
        let mut word = self.flight.word.load(Ordering::Relaxed);
        while word.is_running() {
            // ORDERING: Release: what was done before, to the Acquire load of who waits (`phase`). Relaxed on failure: it
            // looks again.
            match self.flight.word.exchange(word, how(word), Ordering::Release, Ordering::Relaxed) {
                Ok(()) => return self.retire(word),
                Err(now) => word = now,
            }
        }
    }

    /// Gives the work back; if it has news already, it is as if the wake came now. Who has looked in vain has been counted
    /// before, in the same word.
    fn give_back(&self, in_line: bool) {
        self.flight.set_poller(false);
        // ORDERING: Release: the future as this turn leaves it, to the Acquire exchange of who takes it next (`take`), or
        // closes the flight (`count_out`).
        let before = self.flight.word.fetch_and(Word::RELEASED, Ordering::Release);
        if before.is_woken() && (in_line || (!self.by_driver && before.callers() > 1)) {
            self.flight.wake_for(before);
        }
    }
}

impl<K, V> Drop for Turn<'_, K, V> {
    fn drop(&mut self) {
        match core::mem::replace(&mut self.stage, Stage::Ended) {
            Stage::Ended => {}
            Stage::Pending { in_line } => self.give_back(in_line),
            // The work's destructor has panicked: its poller may ask again too.
            Stage::Landed(mut value) => self.publish(&mut value, 0),
            Stage::Led => self.end(Word::closed),
            Stage::Running { work } => {
                self.end(Word::panicked);
                if work {
                    // SAFETY: this turn has ended the flight; the work is there, and nobody uses it again.
                    unsafe { self.flight.drop_work() };
                }
            }
        }
    }
}
