//! A future that does what its test says, when it says so.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::sync::{Arc, Mutex, MutexGuard};

type Outcome = Result<(), &'static str>;

#[derive(Default)]
struct Script {
    step: Option<Box<dyn FnOnce() -> Outcome + Send>>,
    at_drop: Option<Box<dyn FnOnce() + Send>>,
    waker: Option<Waker>,
    polls: usize,
    dropped: bool,
}

/// The future. It is pending until its [`Steer`] ends it.
pub(crate) struct Steered(Arc<Mutex<Script>>);

/// The hand that steers it.
#[derive(Clone)]
pub(crate) struct Steer(Arc<Mutex<Script>>);

pub(crate) fn steered() -> (Steered, Steer) {
    let script = Arc::default();
    (Steered(Arc::clone(&script)), Steer(script))
}

impl Steer {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap()
    }

    /// Its next poll is ready, with what `step` gives; it is woken for that.
    pub(crate) fn ends(&self, step: impl FnOnce() -> Outcome + Send + 'static) {
        let mut script = self.script();
        script.step = Some(Box::new(step));
        let waker = script.waker.take();
        drop(script);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// What its destructor does.
    pub(crate) fn at_drop(&self, f: impl FnOnce() + Send + 'static) {
        self.script().at_drop = Some(Box::new(f));
    }

    pub(crate) fn polls(&self) -> usize {
        self.script().polls
    }

    pub(crate) fn is_dropped(&self) -> bool {
        self.script().dropped
    }
}

impl Steered {
    pub(crate) fn is_steered_by(&self, steer: &Steer) -> bool {
        Arc::ptr_eq(&self.0, &steer.0)
    }
}

impl Future for Steered {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        let mut script = self.0.lock().unwrap();
        script.polls += 1;
        match script.step.take() {
            Some(step) => {
                drop(script);
                Poll::Ready(step())
            }
            None => {
                script.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Steered {
    fn drop(&mut self) {
        let mut script = self.0.lock().unwrap();
        script.dropped = true;
        script.waker = None;
        let at_drop = script.at_drop.take();
        drop(script);
        if let Some(at_drop) = at_drop {
            at_drop();
        }
    }
}
