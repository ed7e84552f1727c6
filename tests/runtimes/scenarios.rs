//! The suite. A spawned task reports by a permit that the scenario waits for: `Done`.

use core::pin::Pin;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::task::Poll;
use core::time::Duration;
use std::sync::{Arc, Mutex};
use std::thread;

use xsync::{AcquireError, AcquireOwned, CancelFlag, OwnedPermit, Semaphore};

use crate::common::yield_now;
use crate::common::{block_on, poll};
use crate::runtime::{Runtime, select};

/// Counts reports; whoever waits for `n` of them has joined `n` tasks.
#[derive(Clone)]
struct Done(Arc<Semaphore>);

impl Done {
    fn new() -> Self {
        Self(Arc::new(Semaphore::with_max(0, 1_000)))
    }

    fn report(&self) {
        self.0.release(1);
    }

    async fn reports(&self, n: usize) {
        self.0.acquire(n).await.unwrap().forget();
    }
}

/// A request that has its place in the queue.
fn queued(semaphore: &Arc<Semaphore>, n: usize) -> Pin<Box<AcquireOwned>> {
    let mut request = Box::pin(semaphore.acquire_owned(n));
    assert!(poll(request.as_mut()).is_pending());
    request
}

/// As a thread waits.
fn wait(semaphore: &Arc<Semaphore>, n: usize) -> Result<OwnedPermit, AcquireError> {
    #[cfg(feature = "std")]
    let answer = semaphore.acquire_owned(n).wait();
    #[cfg(not(feature = "std"))]
    let answer = block_on(semaphore.acquire_owned(n));
    answer
}

pub(crate) async fn worker_pool(runtime: &impl Runtime) {
    const WORKERS: usize = 3;
    let semaphore = Arc::new(Semaphore::new(WORKERS));
    let (running, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    for job in 0..100 {
        let permit = semaphore.acquire_owned(1 + job % 2).await.unwrap();
        let (running, ended) = (Arc::clone(&running), Arc::clone(&ended));
        runtime.spawn(async move {
            let weight = permit.permits();
            let peak = running.fetch_add(weight, SeqCst) + weight;
            yield_now().await;
            running.fetch_sub(weight, SeqCst);
            // Not a panic, which would be lost with the task.
            ended.fetch_add(usize::from(peak <= WORKERS), SeqCst);
            drop(permit);
        });
    }
    let _all = semaphore.acquire(WORKERS).await.unwrap();
    assert_eq!((running.load(SeqCst), ended.load(SeqCst)), (0, 100));
}

/// One permit is free; the front wants two, and the one behind it is served as soon as the front has given up.
pub(crate) async fn timeout(runtime: &impl Runtime) {
    let semaphore = Arc::new(Semaphore::with_max(1, 2));
    let front = queued(&semaphore, 2);
    let behind = queued(&semaphore, 1);
    let done = Done::new();
    let report = done.clone();
    runtime.spawn(async move {
        behind.await.unwrap().forget();
        report.report();
    });
    assert!(runtime.timeout(Duration::from_millis(5), front).await.is_none());
    done.reports(1).await;
    assert_eq!(semaphore.available_permits(), 0);
    semaphore.release(2);
    let permit = runtime.timeout(Duration::from_secs(120), semaphore.acquire(2)).await.expect("in time").unwrap();
    assert_eq!(permit.permits(), 2);
}

/// As `timeout`, with a flag that another task raises.
pub(crate) async fn lost_select(runtime: &impl Runtime) {
    let semaphore = Arc::new(Semaphore::with_max(1, 2));
    let flag = Arc::new(CancelFlag::new());
    let done = Done::new();
    {
        let (semaphore, flag, done) = (Arc::clone(&semaphore), Arc::clone(&flag), done.clone());
        runtime.spawn(async move {
            // The other side is in the queue: nobody can pass it, not even for nothing.
            while semaphore.try_acquire(0).is_ok() {
                yield_now().await;
            }
            let behind = queued(&semaphore, 1);
            flag.cancel();
            behind.await.unwrap().forget();
            done.report();
        });
    }
    assert!(select(semaphore.acquire(2), flag.cancelled()).await.is_err(), "the flag wins");
    done.reports(1).await;
    assert_eq!(semaphore.available_permits(), 0);
}

/// Futures dropped in the queue, and after the grant but before the next poll.
pub(crate) async fn drops(runtime: &impl Runtime) {
    let semaphore = Arc::new(Semaphore::new(2));
    let all = semaphore.try_acquire(2).unwrap();
    let (in_queue, granted, behind) = (queued(&semaphore, 2), queued(&semaphore, 2), queued(&semaphore, 1));
    let done = Done::new();
    let report = done.clone();
    runtime.spawn(async move {
        drop(behind.await.unwrap());
        report.report();
    });
    drop(in_queue);
    drop(all);
    assert_eq!(semaphore.available_permits(), 0, "granted to the one in front");
    drop(granted);
    done.reports(1).await;
    assert_eq!(semaphore.available_permits(), 2);
}

/// In turn: a thread that waits, tasks, a thread that goes on with a request made elsewhere, and a thread that comes
/// last.
pub(crate) async fn one_queue(runtime: &impl Runtime) {
    let semaphore = Arc::new(Semaphore::new(1));
    let only = semaphore.try_acquire_owned(1).unwrap();
    let order = Arc::new(Mutex::new(Vec::new()));
    let done = Done::new();
    let serve = |number: usize| {
        let (order, done) = (Arc::clone(&order), done.clone());
        move |permit: Result<OwnedPermit, AcquireError>| {
            let permit = permit.unwrap();
            order.lock().unwrap().push(number);
            drop(permit);
            done.report();
        }
    };
    let waits = |number: usize| {
        let (semaphore, serve) = (Arc::clone(&semaphore), serve(number));
        thread::spawn(move || serve(wait(&semaphore, 1)))
    };
    let first = waits(0);
    while semaphore.try_acquire(0).is_ok() {
        yield_now().await;
    }
    let requests = [1, 2, 3, 4].map(|number| (number, queued(&semaphore, 1)));
    let last = waits(5);
    let mut threads = vec![first, last];
    for (number, request) in requests {
        let serve = serve(number);
        if number % 2 == 0 {
            threads.push(thread::spawn(move || serve(block_on(request))));
        } else {
            runtime.spawn(async move { serve(request.await) });
        }
    }
    drop(only);
    done.reports(6).await;
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4, 5]);
    assert_eq!(semaphore.available_permits(), 1);
}

pub(crate) async fn close(runtime: &impl Runtime) {
    let semaphore = Arc::new(Semaphore::new(2));
    let held = semaphore.try_acquire_owned(2).unwrap();
    let done = Done::new();
    for _ in 0..20 {
        let (request, done) = (queued(&semaphore, 1), done.clone());
        runtime.spawn(async move {
            if matches!(request.await, Err(AcquireError::Closed)) {
                done.report();
            }
        });
    }
    let thread = {
        let request = queued(&semaphore, 2);
        thread::spawn(move || block_on(request).map(|_| ()))
    };
    semaphore.close();
    done.reports(20).await;
    assert_eq!(thread.join().unwrap(), Err(AcquireError::Closed));
    assert!(matches!(semaphore.acquire(1).await, Err(AcquireError::Closed)));
    drop(held);
    assert_eq!(semaphore.available_permits(), 2);
}

pub(crate) async fn flag(runtime: &impl Runtime) {
    let flag = Arc::new(CancelFlag::new());
    let done = Done::new();
    for _ in 0..20 {
        let (flag, done) = (Arc::clone(&flag), done.clone());
        runtime.spawn(async move {
            flag.cancelled().await;
            if flag.is_cancelled() {
                done.report();
            }
        });
    }
    let mut early = core::pin::pin!(flag.cancelled());
    assert!(poll(early.as_mut()).is_pending());
    let thread = {
        let flag = Arc::clone(&flag);
        thread::spawn(move || {
            #[cfg(feature = "std")]
            flag.cancelled().wait();
            #[cfg(not(feature = "std"))]
            block_on(flag.cancelled());
            flag.is_cancelled()
        })
    };
    yield_now().await;
    flag.cancel();
    done.reports(20).await;
    assert!(thread.join().unwrap());
    assert_eq!(poll(early), Poll::Ready(()));
}
