//! The contenders, each through its own types, behind one trait so that every workload is written once.
//!
//! The trait adds nothing at run time: a future is the peer's own, and what its permit does on drop is its own.

use std::future::Future;
use std::sync::Arc;

use asyncband::blocking::FutureExt;

/// What the workloads need of a semaphore.
pub trait Semaphore: Send + Sync + Sized + 'static {
    /// The package.
    const NAME: &'static str;
    /// Whether one acquisition can take more than one permit.
    const WEIGHTED: bool = true;
    /// A guard.
    type Permit<'a>: Send;
    /// What the future of an acquisition gives: a guard, or a result with one.
    type Granted<'a>: Send;
    /// A handle from which owned permits are had.
    type Shared: Clone;

    /// With `permits` free permits.
    fn new(permits: usize) -> Self;
    /// With no free permit; `max` may be [added](Self::add).
    fn empty(max: usize) -> Self {
        let _ = max;
        Self::new(0)
    }
    /// Takes `n` permits now, or not at all.
    fn try_acquire(&self, n: usize) -> Option<Self::Permit<'_>>;
    /// Waits for `n` permits: the peer's own future.
    fn acquire(&self, n: usize) -> impl Future<Output = Self::Granted<'_>> + Send;
    /// The guard, which is there: no workload closes a semaphore.
    fn permit<'a>(granted: Self::Granted<'a>) -> Self::Permit<'a>;
    /// Keeps the permits out.
    fn forget(permit: Self::Permit<'_>);
    /// Gives a permit without a guard.
    fn add(&self, n: usize);
    /// How many are free.
    fn available(&self) -> usize;
    /// For owned permits, with `permits` free ones.
    fn shared(permits: usize) -> Self::Shared;
    /// Waits for `n` permits whose guard keeps the semaphore alive.
    fn acquire_owned(shared: &Self::Shared, n: usize) -> impl Future;
    /// Blocks this thread until it has `n` permits: by the peer's own blocking form, where it has one.
    fn wait(&self, n: usize) -> Self::Permit<'_> {
        Self::permit(pollster::block_on(self.acquire(n)))
    }
}

impl Semaphore for xsync::Semaphore {
    const NAME: &'static str = "xsync";
    type Permit<'a> = xsync::Permit<&'a Self>;
    type Granted<'a> = Result<xsync::Permit<&'a Self>, xsync::AcquireError>;
    type Shared = Arc<Self>;

    fn new(permits: usize) -> Self {
        Self::new(permits)
    }
    fn empty(max: usize) -> Self {
        Self::with_max(0, max)
    }
    fn try_acquire(&self, n: usize) -> Option<Self::Permit<'_>> {
        self.try_acquire(n).ok()
    }
    fn acquire(&self, n: usize) -> impl Future<Output = Self::Granted<'_>> + Send {
        self.acquire(n)
    }
    fn permit<'a>(granted: Self::Granted<'a>) -> Self::Permit<'a> {
        granted.unwrap()
    }
    fn forget(permit: Self::Permit<'_>) {
        permit.forget();
    }
    fn add(&self, n: usize) {
        self.release(n);
    }
    fn available(&self) -> usize {
        self.available_permits()
    }
    fn shared(permits: usize) -> Self::Shared {
        Arc::new(Self::new(permits))
    }
    fn acquire_owned(shared: &Self::Shared, n: usize) -> impl Future {
        shared.acquire_owned(n)
    }
    fn wait(&self, n: usize) -> Self::Permit<'_> {
        self.acquire(n).wait().unwrap()
    }
}

impl Semaphore for tokio::sync::Semaphore {
    const NAME: &'static str = "tokio";
    type Permit<'a> = tokio::sync::SemaphorePermit<'a>;
    type Granted<'a> = Result<tokio::sync::SemaphorePermit<'a>, tokio::sync::AcquireError>;
    type Shared = Arc<Self>;

    fn new(permits: usize) -> Self {
        Self::new(permits)
    }
    fn try_acquire(&self, n: usize) -> Option<Self::Permit<'_>> {
        self.try_acquire_many(n as u32).ok()
    }
    fn acquire(&self, n: usize) -> impl Future<Output = Self::Granted<'_>> + Send {
        self.acquire_many(n as u32)
    }
    fn permit<'a>(granted: Self::Granted<'a>) -> Self::Permit<'a> {
        granted.unwrap()
    }
    fn forget(permit: Self::Permit<'_>) {
        permit.forget();
    }
    fn add(&self, n: usize) {
        self.add_permits(n);
    }
    fn available(&self) -> usize {
        self.available_permits()
    }
    fn shared(permits: usize) -> Self::Shared {
        Arc::new(Self::new(permits))
    }
    fn acquire_owned(shared: &Self::Shared, n: usize) -> impl Future {
        Arc::clone(shared).acquire_many_owned(n as u32)
    }
    fn wait(&self, n: usize) -> Self::Permit<'_> {
        self.blocking_acquire_many(n as u32).unwrap()
    }
}

impl Semaphore for async_lock::Semaphore {
    const NAME: &'static str = "async-lock";
    const WEIGHTED: bool = false;
    type Permit<'a> = async_lock::SemaphoreGuard<'a>;
    type Granted<'a> = async_lock::SemaphoreGuard<'a>;
    type Shared = Arc<Self>;

    fn new(permits: usize) -> Self {
        Self::new(permits)
    }
    fn try_acquire(&self, _: usize) -> Option<Self::Permit<'_>> {
        self.try_acquire()
    }
    fn acquire(&self, _: usize) -> impl Future<Output = Self::Granted<'_>> + Send {
        self.acquire()
    }
    fn permit<'a>(granted: Self::Granted<'a>) -> Self::Permit<'a> {
        granted
    }
    fn forget(permit: Self::Permit<'_>) {
        permit.forget();
    }
    fn add(&self, n: usize) {
        self.add_permits(n);
    }
    fn available(&self) -> usize {
        self.available_permits()
    }
    fn shared(permits: usize) -> Self::Shared {
        Arc::new(Self::new(permits))
    }
    fn acquire_owned(shared: &Self::Shared, _: usize) -> impl Future {
        shared.acquire_arc()
    }
    fn wait(&self, _: usize) -> Self::Permit<'_> {
        self.acquire_blocking()
    }
}

impl Semaphore for asyncband::semaphore::Semaphore {
    const NAME: &'static str = "asyncband";
    type Permit<'a> = asyncband::semaphore::SemaphorePermit<'a>;
    type Granted<'a> = asyncband::semaphore::SemaphorePermit<'a>;
    type Shared = Arc<Self>;

    fn new(permits: usize) -> Self {
        Self::new(permits)
    }
    fn try_acquire(&self, n: usize) -> Option<Self::Permit<'_>> {
        self.try_acquire(n)
    }
    fn acquire(&self, n: usize) -> impl Future<Output = Self::Granted<'_>> + Send {
        self.acquire(n)
    }
    fn permit<'a>(granted: Self::Granted<'a>) -> Self::Permit<'a> {
        granted
    }
    fn forget(permit: Self::Permit<'_>) {
        permit.forget();
    }
    fn add(&self, n: usize) {
        self.release(n);
    }
    fn available(&self) -> usize {
        self.available_permits()
    }
    fn shared(permits: usize) -> Self::Shared {
        Arc::new(Self::new(permits))
    }
    fn acquire_owned(shared: &Self::Shared, n: usize) -> impl Future {
        Arc::clone(shared).acquire_owned(n)
    }
    fn wait(&self, n: usize) -> Self::Permit<'_> {
        self.acquire(n).block_on()
    }
}

/// Its queue has two modes; this is the fair one, which is what the others have.
impl Semaphore for futures_intrusive::sync::Semaphore {
    const NAME: &'static str = "futures-intrusive";
    type Permit<'a> = futures_intrusive::sync::SemaphoreReleaser<'a>;
    type Granted<'a> = futures_intrusive::sync::SemaphoreReleaser<'a>;
    type Shared = futures_intrusive::sync::SharedSemaphore;

    fn new(permits: usize) -> Self {
        Self::new(true, permits)
    }
    fn try_acquire(&self, n: usize) -> Option<Self::Permit<'_>> {
        self.try_acquire(n)
    }
    fn acquire(&self, n: usize) -> impl Future<Output = Self::Granted<'_>> + Send {
        self.acquire(n)
    }
    fn permit<'a>(granted: Self::Granted<'a>) -> Self::Permit<'a> {
        granted
    }
    fn forget(mut permit: Self::Permit<'_>) {
        permit.disarm();
    }
    fn add(&self, n: usize) {
        self.release(n);
    }
    fn available(&self) -> usize {
        self.permits()
    }
    fn shared(permits: usize) -> Self::Shared {
        futures_intrusive::sync::SharedSemaphore::new(true, permits)
    }
    fn acquire_owned(shared: &Self::Shared, n: usize) -> impl Future {
        shared.acquire(n)
    }
}

impl Semaphore for maitake_sync::Semaphore {
    const NAME: &'static str = "maitake-sync";
    type Permit<'a> = maitake_sync::semaphore::Permit<'a>;
    type Granted<'a> = Result<maitake_sync::semaphore::Permit<'a>, maitake_sync::Closed>;
    type Shared = Arc<Self>;

    fn new(permits: usize) -> Self {
        Self::new(permits)
    }
    fn try_acquire(&self, n: usize) -> Option<Self::Permit<'_>> {
        self.try_acquire(n).ok()
    }
    fn acquire(&self, n: usize) -> impl Future<Output = Self::Granted<'_>> + Send {
        self.acquire(n)
    }
    fn permit<'a>(granted: Self::Granted<'a>) -> Self::Permit<'a> {
        granted.unwrap()
    }
    fn forget(permit: Self::Permit<'_>) {
        permit.forget();
    }
    fn add(&self, n: usize) {
        self.add_permits(n);
    }
    fn available(&self) -> usize {
        self.available_permits()
    }
    fn shared(permits: usize) -> Self::Shared {
        Arc::new(Self::new(permits))
    }
    fn acquire_owned(shared: &Self::Shared, n: usize) -> impl Future {
        shared.acquire_owned(n)
    }
}

/// Runs an expression once for each semaphore, with its type under the given name; the subject first.
#[macro_export]
macro_rules! every_semaphore {
    ($name:ident => $body:expr) => {
        $crate::every_semaphore! { $name => $body;
            xsync::Semaphore,
            tokio::sync::Semaphore,
            async_lock::Semaphore,
            asyncband::semaphore::Semaphore,
            futures_intrusive::sync::Semaphore,
            maitake_sync::Semaphore
        }
    };
    ($name:ident => $body:expr; $($semaphore:ty),*) => {{
        $({
            type $name = $semaphore;
            $body;
        })*
    }};
}
