//! Work that does what its test says, when it says so.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::sync::{Arc, Mutex, MutexGuard};

struct Script<V> {
    step: Option<Box<dyn FnOnce() -> V + Send>>,
    at_poll: Option<Box<dyn FnOnce() + Send>>,
    at_drop: Option<Box<dyn FnOnce() + Send>>,
    waker: Option<Waker>,
    polls: usize,
    dropped: bool,
}

/// The work. It is pending until its [`Steer`] ends it.
pub(crate) struct Steered<V = u32>(Arc<Mutex<Script<V>>>);

/// The hand that steers it.
pub(crate) struct Steer<V = u32>(Arc<Mutex<Script<V>>>);

pub(crate) fn steered<V>() -> (Steered<V>, Steer<V>) {
    let script = Script { step: None, at_poll: None, at_drop: None, waker: None, polls: 0, dropped: false };
    let script = Arc::new(Mutex::new(script));
    (Steered(Arc::clone(&script)), Steer(script))
}

impl<V> Clone for Steer<V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<V> Steer<V> {
    fn script(&self) -> MutexGuard<'_, Script<V>> {
        self.0.lock().unwrap()
    }

    /// Its next poll is ready with what `step` gives; nobody is woken for it.
    pub(crate) fn set(&self, step: impl FnOnce() -> V + Send + 'static) {
        self.script().step = Some(Box::new(step));
    }

    /// Its next poll is ready with what `step` gives; it is woken for that.
    pub(crate) fn ends(&self, step: impl FnOnce() -> V + Send + 'static) {
        self.set(step);
        self.wake();
    }

    /// What its next poll does first.
    pub(crate) fn at_poll(&self, f: impl FnOnce() + Send + 'static) {
        self.script().at_poll = Some(Box::new(f));
    }

    /// What its destructor does.
    pub(crate) fn at_drop(&self, f: impl FnOnce() + Send + 'static) {
        self.script().at_drop = Some(Box::new(f));
    }

    /// Wakes it, by the waker of its last poll, which it keeps.
    pub(crate) fn wake(&self) {
        let waker = self.script().waker.clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Takes the waker of its last poll away.
    pub(crate) fn take_waker(&self) -> Waker {
        self.script().waker.take().expect("was polled")
    }

    pub(crate) fn polls(&self) -> usize {
        self.script().polls
    }

    pub(crate) fn is_dropped(&self) -> bool {
        self.script().dropped
    }
}

impl<V> Future for Steered<V> {
    type Output = V;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<V> {
        let mut script = self.0.lock().unwrap();
        script.polls += 1;
        let waker = script.waker.replace(cx.waker().clone());
        let at_poll = script.at_poll.take();
        drop(script);
        drop(waker);
        if let Some(at_poll) = at_poll {
            at_poll();
        }
        let step = self.0.lock().unwrap().step.take();
        match step {
            Some(step) => Poll::Ready(step()),
            None => Poll::Pending,
        }
    }
}

impl<V> Drop for Steered<V> {
    fn drop(&mut self) {
        let mut script = self.0.lock().unwrap();
        script.dropped = true;
        let at_drop = script.at_drop.take();
        drop(script);
        if let Some(at_drop) = at_drop {
            at_drop();
        }
    }
}
