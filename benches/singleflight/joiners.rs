//! Many callers of one flight, polled by hand when they are woken: each joins, waits, and gets the value, at once or after
//! some wakes of the work. What each of these costs is the price of waking all who wait.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use xsync_benches::{Plan, Row, Sample};

use crate::contenders::{Contender, ForEach};
use crate::gate::Gate;

const SAMPLE: Duration = Duration::from_millis(3);

pub fn measure(plan: &Plan) {
    for (callers, wakes, title) in [
        (1_000, 0, "joiners: 1k of one flight, each"),
        (10_000, 0, "joiners: 10k of one flight, each"),
        (1_000, 10, "joiners: 1k, work that is woken 10 times before it ends, each"),
    ] {
        let mut row = Row::new(title, SAMPLE);
        Add { row: &mut row, callers, wakes }.each();
        row.measure(plan);
    }
}

struct Add<'r, 'a> {
    row: &'r mut Row<'a>,
    callers: u64,
    wakes: u64,
}

impl ForEach for Add<'_, '_> {
    fn with<C: Contender>(&mut self) {
        let (callers, wakes) = (self.callers, self.wakes);
        let contender = C::new();
        let flags: Vec<_> = (0..callers).map(|_| Arc::<Flag>::default()).collect();
        let wakers: Vec<_> = flags.iter().map(|flag| Waker::from(Arc::clone(flag))).collect();
        self.row.foreign(C::NAME, &xsync_benches::version(C::PACKAGE), move |operations| {
            let batches = operations.div_ceil(callers);
            Sample::of(batches * callers, || {
                for _ in 0..batches {
                    let gate = Arc::<Gate>::default();
                    let calls = (0..callers).map(|_| contender.call(7, || gate.pass())).collect();
                    flags.iter().for_each(|flag| flag.0.store(true, Ordering::Relaxed));
                    let mut calls = Calls { calls, flags: &flags, wakers: &wakers };
                    assert_eq!(calls.poll_woken(), 0);
                    for _ in 0..wakes {
                        gate.wake();
                        assert_eq!(calls.poll_woken(), 0);
                    }
                    gate.open();
                    // Some are woken by those who come after them.
                    let mut ended = 0;
                    while ended < callers as usize {
                        ended += calls.poll_woken();
                    }
                }
            })
        });
    }
}

/// Whether its caller is to be polled.
#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Futures that are not moved any more.
struct Calls<'a, F> {
    calls: Box<[F]>,
    flags: &'a [Arc<Flag>],
    wakers: &'a [Waker],
}

impl<F: Future<Output = u64>> Calls<'_, F> {
    /// Polls each that was woken; how many are ready.
    fn poll_woken(&mut self) -> usize {
        let mut ready = 0;
        for ((call, flag), waker) in self.calls.iter_mut().zip(self.flags).zip(self.wakers) {
            if flag.0.swap(false, Ordering::Relaxed) {
                // SAFETY: the box is dropped with them in it.
                let call = unsafe { Pin::new_unchecked(call) };
                ready += usize::from(F::poll(call, &mut Context::from_waker(waker)) == Poll::Ready(1));
            }
        }
        ready
    }
}
