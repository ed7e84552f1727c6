//! A future under a token: one that is ready at once, and one that suspends once.

use std::future::{Future, ready};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use xsync_benches::{Plan, Row, Sample};

use crate::contenders::{Cancel, Token, every_token};

const SAMPLE: Duration = Duration::from_millis(2);

pub fn measure(plan: &Plan) {
    let mut row = Row::new("run until cancelled: ready at once", SAMPLE);
    every_token!(T => row.contender(T::NAME, run::<T, _>(|| ready(1))));
    row.measure(plan);

    let mut row = Row::new("run until cancelled: ready after one suspension", SAMPLE);
    every_token!(T => row.contender(T::NAME, run::<T, _>(|| Suspend(false))));
    row.measure(plan);
}

/// Polled by hand, so that no executor is measured.
fn run<T: Token, F: Future<Output = u64>>(future: impl Fn() -> F) -> impl FnMut(u64) -> Sample {
    let token = T::new();
    move |operations| {
        let mut cx = Context::from_waker(Waker::noop());
        let mut sum = 0;
        let sample = Sample::of(operations, || {
            for _ in 0..operations {
                let mut running = pin!(token.run_until_cancelled(future()));
                sum += loop {
                    if let Poll::Ready(output) = running.as_mut().poll(&mut cx) {
                        break output.expect("not cancelled");
                    }
                };
            }
        });
        assert_eq!(sum, operations);
        sample
    }
}

/// Is pending once.
struct Suspend(bool);

impl Future for Suspend {
    type Output = u64;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u64> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(1) } else { Poll::Pending }
    }
}
