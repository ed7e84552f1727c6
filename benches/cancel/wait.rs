//! One that waits and gives up, as each turn of a `select!` does, and one that is polled while it waits.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use xsync_benches::{Plan, Row, Sample};

use crate::contenders::{Cancel, every_cancel};

const SAMPLE: Duration = Duration::from_millis(2);

pub fn measure(plan: &Plan) {
    let mut row = Row::new("wait: register and drop", SAMPLE);
    every_cancel!(C => row.contender(C::NAME, register::<C>(0)));
    row.measure(plan);

    let mut row = Row::new("wait: register and drop, beside 1,000 others", SAMPLE);
    every_cancel!(C => row.contender(C::NAME, register::<C>(1_000)));
    row.measure(plan);

    let mut row = Row::new("wait: one more poll", SAMPLE);
    every_cancel!(C => row.contender(C::NAME, poll_again::<C>()));
    row.measure(plan);
}

fn register<C: Cancel>(waiters: usize) -> impl FnMut(u64) -> Sample {
    // Lives as long as the process: the others borrow it.
    let token: &C = Box::leak(Box::new(C::new()));
    let mut cx = Context::from_waker(Waker::noop());
    let mut others: Vec<_> = (0..waiters).map(|_| Box::pin(token.cancelled())).collect();
    assert!(others.iter_mut().all(|other| other.as_mut().poll(&mut cx).is_pending()));
    move |operations| {
        let _others = &others;
        let mut cx = Context::from_waker(Waker::noop());
        let mut pending = 0;
        let sample = Sample::of(operations, || {
            for _ in 0..operations {
                pending += u64::from(pin!(token.cancelled()).poll(&mut cx).is_pending());
            }
        });
        assert_eq!(pending, operations);
        sample
    }
}

fn poll_again<C: Cancel>() -> impl FnMut(u64) -> Sample {
    let token = C::new();
    move |operations| {
        let mut cx = Context::from_waker(Waker::noop());
        let mut cancelled = pin!(token.cancelled());
        assert!(cancelled.as_mut().poll(&mut cx).is_pending());
        let mut pending = 0;
        let sample = Sample::of(operations, || {
            for _ in 0..operations {
                pending += u64::from(cancelled.as_mut().poll(&mut cx).is_pending());
            }
        });
        assert_eq!(pending, operations);
        sample
    }
}
