//! One token, many who wait. An operation is one of them; only the cancel is timed, not how they came to wait.

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use xsync_benches::{Plan, Row, Sample};

use crate::contenders::{Cancel, every_cancel};

pub fn measure(plan: &Plan) {
    let waiters = if plan.quick { 1_000 } else { 100_000 };

    let mut row = Row::new(format!("cancel: {waiters} waiters"), Duration::ZERO);
    every_cancel!(C => row.contender(C::NAME, waiting::<C>(waiters)));
    row.measure(plan);

    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let mut row = Row::new(format!("cancel: {waiters} tasks, until the last has ended"), Duration::ZERO);
    every_cancel!(C => row.contender(C::NAME, tasks::<C>(&runtime, waiters)));
    row.measure(plan);
}

/// Each future in an allocation of its own, as it is in a task; their wakers do nothing.
fn waiting<C: Cancel>(waiters: usize) -> impl FnMut(u64) -> Sample {
    move |_| {
        let token = C::new();
        let mut cx = Context::from_waker(Waker::noop());
        let mut futures: Vec<_> = (0..waiters).map(|_| Box::pin(token.cancelled())).collect();
        assert!(futures.iter_mut().all(|future| future.as_mut().poll(&mut cx).is_pending()));
        let sample = Sample::of(waiters as u64, || token.cancel());
        assert!(futures.iter_mut().all(|future| future.as_mut().poll(&mut cx).is_ready()));
        sample
    }
}

/// The same with the tasks of a runtime, run by the thread that cancels.
fn tasks<C: Cancel>(runtime: &Runtime, waiters: usize) -> impl FnMut(u64) -> Sample + '_ {
    move |_| {
        let token = Arc::new(C::new());
        let wait = |token: Arc<C>| async move { token.cancelled().await };
        runtime.block_on(async {
            let tasks: Vec<_> = (0..waiters).map(|_| tokio::spawn(wait(Arc::clone(&token)))).collect();
            // Tasks run in the order in which they were spawned: when this one has, the others wait.
            tokio::spawn(async {}).await.expect("does not panic");
            let start = Instant::now();
            token.cancel();
            for task in tasks {
                task.await.expect("does not panic");
            }
            Sample { operations: waiters as u64, elapsed: start.elapsed() }
        })
    }
}
