//! Who waits for what, and the watchdog that tells when a wait does not end.

use core::cell::Cell;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::{Context, Poll};

use cortex_m_semihosting::hprintln;
use critical_section::Mutex;

use crate::{board, plant, tasks};

/// Ticks without progress after which the run has hung. What is due comes within a few.
const PATIENCE: u32 = 2_000;

/// Ticks since a wait ended or the script moved on.
static IDLE: Mutex<Cell<u32>> = Mutex::new(Cell::new(0));

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Of the semaphore whose grants are in order.
    Permits(usize),
    /// Of the semaphore that counts events.
    Events(usize),
    /// For one of many flags.
    Alarm,
    /// For what one task measures for both.
    Reading,
    /// For a word of the other task.
    Turn,
    /// Permits, or the flag.
    PermitsOrStop(usize),
}

/// What one task is at.
pub struct Task {
    pub name: &'static str,
    waits_for: Mutex<Cell<Option<Wait>>>,
    slept: Mutex<Cell<u32>>,
    finished: Mutex<Cell<bool>>,
}

impl Task {
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            waits_for: Mutex::new(Cell::new(None)),
            slept: Mutex::new(Cell::new(0)),
            finished: Mutex::new(Cell::new(false)),
        }
    }

    pub fn is(&self, other: &Self) -> bool {
        core::ptr::eq(self, other)
    }

    /// Awaits `future`, seen by the script and the watchdog.
    pub async fn wait<F: Future>(&self, what: Wait, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|cx| {
            let waker = plant::waker(self, what, cx.waker());
            let poll = future.as_mut().poll(&mut Context::from_waker(&waker));
            critical_section::with(|cs| {
                let before = self.waits_for.borrow(cs).replace(poll.is_pending().then_some(what));
                if poll.is_ready() {
                    progress();
                } else if before.is_none() {
                    self.slept.borrow(cs).set(self.slept.borrow(cs).get() + 1);
                }
            });
            poll
        })
        .await
    }

    /// Whether it has queued for `what`, and has not run since it got it.
    pub fn waits_for(&self, what: Wait) -> bool {
        critical_section::with(|cs| self.waits_for.borrow(cs).get()) == Some(what)
    }

    /// How many waits so far were not over at the first poll.
    pub fn slept(&self) -> u32 {
        critical_section::with(|cs| self.slept.borrow(cs).get())
    }

    pub fn finish(&self) {
        critical_section::with(|cs| self.finished.borrow(cs).set(true));
        progress();
    }

    pub fn finished(&self) -> bool {
        critical_section::with(|cs| self.finished.borrow(cs).get())
    }

    fn report(&self) {
        match critical_section::with(|cs| self.waits_for.borrow(cs).get()) {
            Some(what) => hprintln!("watchdog: {} hangs in its wait for {:?}", self.name, what),
            None => hprintln!("watchdog: {} does not wait", self.name),
        }
    }
}

/// Feeds the watchdog.
pub fn progress() {
    critical_section::with(|cs| IDLE.borrow(cs).set(0));
}

/// Called at each tick: ends the run if nothing has moved for too long.
pub fn tick() {
    let idle = critical_section::with(|cs| {
        let idle = IDLE.borrow(cs);
        idle.set(idle.get() + 1);
        idle.get()
    });
    if idle > PATIENCE {
        hprintln!("watchdog: no progress in {} ticks", PATIENCE);
        tasks::WIDE.report();
        tasks::NARROW.report();
        hprintln!("watchdog: permits {:?}, events {:?}, {:?}", tasks::PERMITS, tasks::EVENTS, tasks::STOP);
        board::fail();
    }
}

/// Whichever is ready first; the other is dropped with the future.
pub enum Either<A, B> {
    First(A),
    Second(B),
}

/// Polls both, in order.
pub async fn race<A: Future, B: Future>(first: A, second: B) -> Either<A::Output, B::Output> {
    let mut first = pin!(first);
    let mut second = pin!(second);
    poll_fn(|cx| {
        if let Poll::Ready(output) = first.as_mut().poll(cx) {
            return Poll::Ready(Either::First(output));
        }
        second.as_mut().poll(cx).map(Either::Second)
    })
    .await
}
