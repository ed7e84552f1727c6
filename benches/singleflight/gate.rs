//! Work that waits until it is let go.

use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

#[derive(Default)]
pub struct Gate {
    open: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Gate {
    /// Waits until the gate is open.
    pub fn pass(self: &Arc<Self>) -> impl Future<Output = u64> + Send + use<> {
        let gate = Arc::clone(self);
        poll_fn(move |cx| {
            if gate.open.load(Ordering::Acquire) {
                return Poll::Ready(1);
            }
            let mut waker = gate.waker.lock().expect("nobody panics");
            match &mut *waker {
                Some(waker) => waker.clone_from(cx.waker()),
                None => *waker = Some(cx.waker().clone()),
            }
            Poll::Pending
        })
    }

    pub fn open(&self) {
        self.open.store(true, Ordering::Release);
        self.wake();
    }

    /// Wakes the work, which finds nothing new if the gate is closed.
    pub fn wake(&self) {
        let waker = self.waker.lock().expect("nobody panics").take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
