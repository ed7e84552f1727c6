//! Blocking waits: the same futures, the same queues, polled by a parked thread.

use core::cell::Cell;
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::time::Instant;

use alloc::sync::Arc;
use alloc::task::Wake;

use crate::sync::{Parker, Unparker, thread_local, yield_now};

/// What a thread waits with; made at its first blocking wait, then kept.
struct Thread {
    parker: Parker,
    waker: Waker,
    /// How many waits of this thread are under way, one inside the poll of another.
    depth: Cell<usize>,
}

struct Unpark(Unparker);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

impl Thread {
    fn new() -> Self {
        let parker = Parker::new();
        let waker = Waker::from(Arc::new(Unpark(parker.unparker().clone())));
        Self { parker, waker, depth: Cell::new(0) }
    }

    /// Runs `f` on this thread's own, or on a new one while the thread's locals are being destroyed.
    fn with<R>(f: impl FnOnce(&Self) -> R) -> R {
        thread_local! {
            static CURRENT: Thread = Thread::new();
        }
        let mut f = Some(f);
        let mut run = |thread: &Self| f.take().map(|f| f(thread));
        match CURRENT.try_with(&mut run) {
            Ok(result) => result,
            Err(_) => run(&Self::new()),
        }
        .expect("runs once")
    }
}

/// One wait of a thread.
struct Level<'a>(&'a Thread);

impl<'a> Level<'a> {
    fn enter(thread: &'a Thread) -> Self {
        thread.depth.set(thread.depth.get() + 1);
        Self(thread)
    }
}

impl Drop for Level<'_> {
    /// A wake that was meant for the wait around this one may have ended a sleep of this one: let it look again.
    fn drop(&mut self) {
        let outside = self.0.depth.get() - 1;
        self.0.depth.set(outside);
        if outside > 0 {
            self.0.parker.unparker().unpark();
        }
    }
}

/// Blocks this thread until `future` is ready, or `deadline` has passed and it is still not: then `None`.
pub(crate) fn block_on<F: Future>(future: F, deadline: Option<Instant>) -> Option<F::Output> {
    let mut future = pin!(future);
    Thread::with(|thread| {
        let _level = Level::enter(thread);
        let mut cx = Context::from_waker(&thread.waker);
        let mut in_time = true;
        let mut yielded = false;
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                return Some(output);
            }
            // After the deadline comes one last look, at what may have been granted while this thread was late.
            if !in_time {
                return None;
            }
            if yielded {
                in_time = thread.parker.park(deadline);
            } else {
                // Who will resolve this may be waiting for this very processor: one look more is cheaper than a sleep
                // and a wake by the system (benches/README.md).
                yield_now();
                yielded = true;
            }
        }
    })
}

/// The moment `timeout` from now, or none if the clock does not reach that far.
pub(crate) fn deadline_after(timeout: Duration) -> Option<Instant> {
    Instant::now().checked_add(timeout)
}
