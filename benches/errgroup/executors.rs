//! Where the children run.

use std::future::Future;
use std::sync::Arc;
use std::thread;

use tokio::runtime::{Builder, Runtime};

/// An executor with a number of workers.
pub trait Executor: Sync + 'static {
    const NAME: &'static str;
    type Handle<T: Send + 'static>: Future<Output: Send> + Send;

    fn new(workers: usize) -> Self;
    /// Runs `main` on a worker, and waits for it.
    fn run(&'static self, main: impl Future<Output = ()> + Send + 'static);
    /// Spawns a task, from a worker.
    fn spawn<F>(&'static self, future: F) -> Self::Handle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static;
    /// Lets it run.
    fn detach<T: Send + 'static>(handle: Self::Handle<T>);
}

pub struct OnTokio(Runtime);

impl Executor for OnTokio {
    const NAME: &'static str = "tokio";
    type Handle<T: Send + 'static> = tokio::task::JoinHandle<T>;

    fn new(workers: usize) -> Self {
        let runtime = match workers {
            1 => Builder::new_current_thread().build(),
            _ => Builder::new_multi_thread().worker_threads(workers).build(),
        };
        Self(runtime.expect("a runtime"))
    }

    fn run(&'static self, main: impl Future<Output = ()> + Send + 'static) {
        // What `block_on` runs is no task of a worker.
        self.0.block_on(async { tokio::spawn(main).await.expect("does not panic") });
    }

    #[inline]
    fn spawn<F>(&'static self, future: F) -> Self::Handle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        tokio::spawn(future)
    }

    #[inline]
    fn detach<T: Send + 'static>(handle: Self::Handle<T>) {
        drop(handle);
    }
}

pub struct OnAsyncExecutor(Arc<async_executor::Executor<'static>>);

impl Executor for OnAsyncExecutor {
    const NAME: &'static str = "async-executor";
    type Handle<T: Send + 'static> = async_executor::Task<T>;

    fn new(workers: usize) -> Self {
        let executor = Arc::new(async_executor::Executor::new());
        // The caller of `run` is a worker.
        for _ in 1..workers {
            let executor = Arc::clone(&executor);
            thread::spawn(move || pollster::block_on(executor.run(std::future::pending::<()>())));
        }
        Self(executor)
    }

    fn run(&'static self, main: impl Future<Output = ()> + Send + 'static) {
        pollster::block_on(self.0.run(self.0.spawn(main)));
    }

    #[inline]
    fn spawn<F>(&'static self, future: F) -> Self::Handle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.0.spawn(future)
    }

    #[inline]
    fn detach<T: Send + 'static>(handle: Self::Handle<T>) {
        handle.detach();
    }
}
