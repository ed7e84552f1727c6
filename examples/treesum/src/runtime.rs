//! What the jobs run on. The runtimes differ in how a job is started; every wait is xsync's own.

use std::fmt;
use std::future::{Future, pending};
use std::io;
use std::str::FromStr;
use std::thread;

use xsync::Child;

/// The little that treesum asks of a runtime.
pub trait Runtime: fmt::Debug + Send + Sync + 'static {
    /// Starts `child`, which computes, and waits, but does not block.
    ///
    /// # Errors
    ///
    /// If the system has no thread for it.
    fn spawn<F, E>(&self, child: Child<F, E>) -> io::Result<()>
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Send + Sync + 'static;

    /// Runs `work` where it may block, and waits for it.
    fn unblock<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> impl Future<Output = T> + Send;
}

/// Which runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// [`Tokio`].
    Tokio,
    /// [`Smol`].
    Smol,
    /// [`AsyncStd`].
    AsyncStd,
    /// [`Threads`].
    Threads,
}

impl FromStr for Kind {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "tokio" => Ok(Self::Tokio),
            "smol" => Ok(Self::Smol),
            "async-std" => Ok(Self::AsyncStd),
            "threads" => Ok(Self::Threads),
            _ => Err("the runtimes are tokio, smol, async-std and threads"),
        }
    }
}

/// Tokio's multi-threaded runtime and its blocking pool.
#[derive(Debug)]
pub struct Tokio(tokio::runtime::Runtime);

impl Tokio {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// If the system has no threads for it.
    pub fn new() -> io::Result<Self> {
        tokio::runtime::Builder::new_multi_thread().build().map(Self)
    }

    /// The runtime itself.
    pub fn runtime(&self) -> &tokio::runtime::Runtime {
        &self.0
    }
}

impl Runtime for Tokio {
    fn spawn<F, E>(&self, child: Child<F, E>) -> io::Result<()>
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Send + Sync + 'static,
    {
        self.0.spawn(child);
        Ok(())
    }

    async fn unblock<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        self.0.spawn_blocking(work).await.expect("neither panics nor is cancelled")
    }
}

/// smol: its blocking pool, and an executor with a thread for each processor (that of `smol::spawn` has one thread).
#[derive(Debug)]
pub struct Smol(());

static EXECUTOR: smol::Executor<'static> = smol::Executor::new();

impl Smol {
    /// Starts the threads of the executor.
    ///
    /// # Errors
    ///
    /// If the system has none.
    pub fn new() -> io::Result<Self> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..processors {
            thread::Builder::new().name("smol".into()).spawn(|| smol::block_on(EXECUTOR.run(pending::<()>())))?;
        }
        Ok(Self(()))
    }
}

impl Runtime for Smol {
    fn spawn<F, E>(&self, child: Child<F, E>) -> io::Result<()>
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Send + Sync + 'static,
    {
        EXECUTOR.spawn(child).detach();
        Ok(())
    }

    async fn unblock<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        smol::unblock(work).await
    }
}

/// async-std.
#[derive(Debug)]
pub struct AsyncStd;

impl Runtime for AsyncStd {
    fn spawn<F, E>(&self, child: Child<F, E>) -> io::Result<()>
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Send + Sync + 'static,
    {
        async_std::task::spawn(child);
        Ok(())
    }

    async fn unblock<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        async_std::task::spawn_blocking(work).await
    }
}

/// No runtime: a thread for each job.
#[derive(Debug)]
pub struct Threads;

impl Runtime for Threads {
    fn spawn<F, E>(&self, child: Child<F, E>) -> io::Result<()>
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Send + Sync + 'static,
    {
        thread::Builder::new().spawn(move || child.wait()).map(drop)
    }

    async fn unblock<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        work()
    }
}
