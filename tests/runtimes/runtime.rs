//! The little that the suite asks of a runtime.

use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::thread;

use xsync::CancelFlag;

use crate::common::block_on;

pub(crate) trait Runtime {
    fn new() -> Self;
    fn block_on<T>(&self, main: impl Future<Output = T>) -> T;
    /// Runs it to its end, beside `block_on`.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static);
    /// Drops `future` when the time is over.
    fn timeout<T>(&self, time: Duration, future: impl Future<Output = T>) -> impl Future<Output = Option<T>>;
}

pub(crate) struct TokioMultiThread(tokio::runtime::Runtime);

impl Runtime for TokioMultiThread {
    fn new() -> Self {
        Self(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap())
    }

    fn block_on<T>(&self, main: impl Future<Output = T>) -> T {
        self.0.block_on(main)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(task);
    }

    async fn timeout<T>(&self, time: Duration, future: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(time, future).await.ok()
    }
}

pub(crate) struct TokioCurrentThread(tokio::runtime::Runtime);

impl Runtime for TokioCurrentThread {
    fn new() -> Self {
        Self(tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap())
    }

    fn block_on<T>(&self, main: impl Future<Output = T>) -> T {
        self.0.block_on(main)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(task);
    }

    async fn timeout<T>(&self, time: Duration, future: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(time, future).await.ok()
    }
}

pub(crate) struct Smol;

impl Runtime for Smol {
    fn new() -> Self {
        Self
    }

    fn block_on<T>(&self, main: impl Future<Output = T>) -> T {
        smol::block_on(main)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        smol::spawn(task).detach();
    }

    async fn timeout<T>(&self, time: Duration, future: impl Future<Output = T>) -> Option<T> {
        select(future, smol::Timer::after(time)).await.ok()
    }
}

pub(crate) struct AsyncStd;

impl Runtime for AsyncStd {
    fn new() -> Self {
        Self
    }

    fn block_on<T>(&self, main: impl Future<Output = T>) -> T {
        async_std::task::block_on(main)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        async_std::task::spawn(task);
    }

    async fn timeout<T>(&self, time: Duration, future: impl Future<Output = T>) -> Option<T> {
        async_std::future::timeout(time, future).await.ok()
    }
}

/// No runtime: each task is polled by a thread of its own, and an alarm is a thread that sleeps.
pub(crate) struct Bare;

impl Runtime for Bare {
    fn new() -> Self {
        Self
    }

    fn block_on<T>(&self, main: impl Future<Output = T>) -> T {
        block_on(main)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        thread::spawn(|| block_on(task));
    }

    async fn timeout<T>(&self, time: Duration, future: impl Future<Output = T>) -> Option<T> {
        let alarm = Arc::new(CancelFlag::new());
        let rings = Arc::clone(&alarm);
        thread::spawn(move || {
            thread::sleep(time);
            rings.cancel();
        });
        select(future, alarm.cancelled()).await.ok()
    }
}

/// An executor without a thread: whoever blocks on it drives it.
pub(crate) struct AsyncExecutor(async_executor::Executor<'static>);

impl Runtime for AsyncExecutor {
    fn new() -> Self {
        Self(async_executor::Executor::new())
    }

    fn block_on<T>(&self, main: impl Future<Output = T>) -> T {
        block_on(self.0.run(main))
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(task).detach();
    }

    async fn timeout<T>(&self, time: Duration, future: impl Future<Output = T>) -> Option<T> {
        Bare.timeout(time, future).await
    }
}

/// The output of whichever is ready first; `first` is asked first.
pub(crate) async fn select<A, B>(first: impl Future<Output = A>, second: impl Future<Output = B>) -> Result<A, B> {
    let (mut first, mut second) = (pin!(first), pin!(second));
    poll_fn(|cx| match first.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Ok(output)),
        Poll::Pending => second.as_mut().poll(cx).map(Err),
    })
    .await
}
