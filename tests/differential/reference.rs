//! A weighted semaphore and a cancel flag on `Mutex` and `event_listener::Event`, as plain as they can be.
//!
//! The event carries nothing but "look again", so the line is kept beside it, and every change wakes everybody.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::collections::VecDeque;
use std::sync::Mutex;

use event_listener::{Event, EventListener};
use xsync::{AcquireError, TryAcquireError};

struct State {
    free: isize,
    max: usize,
    closed: bool,
    /// Who waits, by number, the front first.
    line: VecDeque<usize>,
    joined: usize,
}

impl State {
    fn take(&mut self, n: usize) -> bool {
        let fits = n == 0 || n as isize <= self.free;
        if fits {
            self.free -= n as isize;
        }
        fits
    }

    fn refusal(&self, requested: usize) -> Option<AcquireError> {
        if self.closed {
            Some(AcquireError::Closed)
        } else if requested > self.max {
            Some(AcquireError::ExceedsMax { requested, max: self.max })
        } else {
            None
        }
    }
}

pub(crate) struct EventSemaphore {
    state: Mutex<State>,
    changed: Event,
}

impl EventSemaphore {
    pub(crate) fn new(permits: usize) -> Self {
        let state = State { free: permits as isize, max: permits, closed: false, line: VecDeque::new(), joined: 0 };
        Self { state: Mutex::new(state), changed: Event::new() }
    }

    fn change(&self, f: impl FnOnce(&mut State)) {
        f(&mut self.state.lock().unwrap());
        self.changed.notify(usize::MAX);
    }

    pub(crate) fn available(&self) -> usize {
        self.state.lock().unwrap().free.max(0) as usize
    }

    pub(crate) fn max(&self) -> usize {
        self.state.lock().unwrap().max
    }

    pub(crate) fn try_acquire(&self, n: usize) -> Result<(), TryAcquireError> {
        let mut state = self.state.lock().unwrap();
        match state.refusal(n) {
            Some(error) => Err(error.into()),
            None if state.line.is_empty() && state.take(n) => Ok(()),
            None => Err(TryAcquireError::NoPermits),
        }
    }

    pub(crate) fn acquire(&self, weight: usize) -> EventAcquire<'_> {
        EventAcquire { semaphore: self, weight, number: None, listener: None }
    }

    pub(crate) fn release(&self, n: usize) {
        self.change(|state| state.free += n as isize);
    }

    pub(crate) fn add(&self, n: usize) {
        self.change(|state| {
            state.free += n as isize;
            state.max += n;
        });
    }

    pub(crate) fn reduce(&self, n: usize) {
        self.change(|state| {
            state.free -= n as isize;
            state.max -= n;
        });
    }

    pub(crate) fn close(&self) {
        self.change(|state| state.closed = true);
    }
}

pub(crate) struct EventAcquire<'a> {
    semaphore: &'a EventSemaphore,
    weight: usize,
    /// Its number in the line, while it is in it.
    number: Option<usize>,
    listener: Option<EventListener>,
}

impl EventAcquire<'_> {
    /// Whether it is its turn, or there is no turn to wait for.
    fn look(&mut self) -> Poll<Result<(), AcquireError>> {
        let mut state = self.semaphore.state.lock().unwrap();
        let number = *self.number.get_or_insert_with(|| {
            let number = state.joined;
            state.joined += 1;
            state.line.push_back(number);
            number
        });
        let answer = match state.refusal(self.weight) {
            Some(error) => Err(error),
            None if state.line.front() == Some(&number) && state.take(self.weight) => Ok(()),
            None => return Poll::Pending,
        };
        drop(state);
        self.leave();
        Poll::Ready(answer)
    }

    fn leave(&mut self) {
        if let Some(number) = self.number.take() {
            // Whoever is behind may be in front now.
            self.semaphore.change(|state| state.line.retain(|&other| other != number));
        }
    }
}

impl Future for EventAcquire<'_> {
    type Output = Result<(), AcquireError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            if let Poll::Ready(answer) = self.look() {
                return Poll::Ready(answer);
            }
            match &mut self.listener {
                // Listens, and then looks again: the change may have been before.
                None => self.listener = Some(self.semaphore.changed.listen()),
                Some(listener) => {
                    ready!(Pin::new(listener).poll(cx));
                    self.listener = None;
                }
            }
        }
    }
}

impl Drop for EventAcquire<'_> {
    fn drop(&mut self) {
        self.leave();
    }
}

#[derive(Default)]
pub(crate) struct EventFlag {
    cancelled: Mutex<bool>,
    changed: Event,
}

impl EventFlag {
    pub(crate) fn cancel(&self) {
        *self.cancelled.lock().unwrap() = true;
        self.changed.notify(usize::MAX);
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        *self.cancelled.lock().unwrap()
    }

    pub(crate) async fn cancelled(&self) {
        while !self.is_cancelled() {
            let listener = self.changed.listen();
            if !self.is_cancelled() {
                listener.await;
            }
        }
    }
}

/// The usual way without a line: whoever is woken competes again for the permits.
pub(crate) struct CompetingSemaphore {
    free: Mutex<usize>,
    released: Event,
}

impl CompetingSemaphore {
    pub(crate) fn new(permits: usize) -> Self {
        Self { free: Mutex::new(permits), released: Event::new() }
    }

    pub(crate) fn try_acquire(&self, n: usize) -> bool {
        let mut free = self.free.lock().unwrap();
        let rest = free.checked_sub(n);
        *free = rest.unwrap_or(*free);
        rest.is_some()
    }

    pub(crate) async fn acquire(&self, n: usize) {
        while !self.try_acquire(n) {
            let listener = self.released.listen();
            if self.try_acquire(n) {
                return;
            }
            listener.await;
        }
    }

    pub(crate) fn release(&self, n: usize) {
        *self.free.lock().unwrap() += n;
        self.released.notify(n);
    }
}
