//! First come, first served, among threads that come at once.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::thread;

use xsync::{AcquireError, AcquireOwned, OwnedPermit, Semaphore};

use crate::common::{block_on, poll};
use crate::seed::{Rng, rounds};
use crate::threads::{perhaps_yield, together};

type Request = Pin<Box<AcquireOwned>>;

/// Numbers requests in the order of their first poll, and checks that they are served in it.
struct Line {
    semaphore: Arc<Semaphore>,
    all: usize,
    next: Mutex<usize>,
    /// The last one that was served, and who has left the line since.
    served: Mutex<(Option<usize>, BTreeSet<usize>)>,
}

impl Line {
    fn new(all: usize) -> Self {
        let semaphore = Arc::new(Semaphore::new(all));
        Self { semaphore, all, next: Mutex::new(0), served: Mutex::default() }
    }

    /// The first poll and the number are one step.
    fn join(&self, weight: usize) -> (usize, Request, Option<OwnedPermit>) {
        let mut next = self.next.lock().unwrap();
        let mut request = Box::pin(self.semaphore.acquire_owned(weight));
        let permit = match poll(request.as_mut()) {
            Poll::Ready(permit) => Some(permit.expect("never closed")),
            Poll::Pending => None,
        };
        let number = *next;
        *next += 1;
        (number, request, permit)
    }

    /// With permits that leave room for nobody else.
    fn serve(&self, number: usize, permit: OwnedPermit, rng: &mut Rng) {
        assert!(permit.permits() * 2 > self.all);
        perhaps_yield(rng);
        let mut served = self.served.lock().unwrap();
        let (last, left) = &mut *served;
        let first = last.map_or(0, |last| last + 1);
        assert!(number >= first, "{number} is served again, or too late");
        for passed in first..number {
            assert!(left.remove(&passed), "{number} passed {passed}");
        }
        *last = Some(number);
        drop(served);
        drop(permit);
    }

    fn leave(&self, number: usize, request: Request) {
        self.served.lock().unwrap().1.insert(number);
        drop(request);
    }

    /// One visit; its request may be dropped in whatever state it is.
    fn visit(&self, rng: &mut Rng) {
        let weight = self.all - rng.below(self.all.div_ceil(2));
        let (number, request, permit) = self.join(weight);
        if let Some(permit) = permit {
            self.serve(number, permit, rng);
        } else if rng.one_in(4) {
            self.leave(number, request);
        } else {
            perhaps_yield(rng);
            self.serve(number, block_on(request).unwrap(), rng);
        }
    }
}

#[test]
fn threads_are_served_in_the_order_of_their_first_poll() {
    rounds(10, |rng| {
        let line = Line::new(1 + rng.below(6));
        together(4, rng, |_, mut rng| (0..1_000).for_each(|_| line.visit(&mut rng)));
        assert_eq!(line.semaphore.available_permits(), line.all);
        assert_eq!(*line.next.lock().unwrap(), 4_000);
    });
}

/// One permit is free, and the front wants two: many threads at once cannot have it, in whichever way they ask.
#[test]
fn nobody_passes_a_queued_request() {
    rounds(100, |rng| {
        let semaphore = Arc::new(Semaphore::new(2));
        let held = semaphore.try_acquire(1).unwrap();
        let mut front = Box::pin(semaphore.acquire_owned(2));
        assert!(poll(front.as_mut()).is_pending());
        together(4, rng, |_, mut rng| {
            for _ in 0..200 {
                let n = rng.below(2);
                let passed = match rng.below(3) {
                    0 => semaphore.try_acquire(n).is_ok(),
                    1 => semaphore.drain_permits(1) > 0,
                    _ => poll(Box::pin(semaphore.acquire(n)).as_mut()).is_ready(),
                };
                assert!(!passed);
            }
        });
        assert_eq!(semaphore.available_permits(), 1);
        drop(held);
        let Poll::Ready(Ok(permit)) = poll(front.as_mut()) else { panic!("the front was not served") };
        drop(permit);
        assert_eq!(semaphore.available_permits(), 2);
    });
}

/// More waiters than one batch of wakes takes, each asleep on a thread of its own or as a task of one thread.
#[test]
fn a_long_queue_is_served_in_order_and_to_its_end() {
    rounds(60, |rng| {
        let semaphore = Semaphore::new(100);
        let all = semaphore.try_acquire(100).unwrap();
        let order = Mutex::new(Vec::new());
        let serve = |number: usize, permit: Result<_, AcquireError>| {
            order.lock().unwrap().push(number);
            drop(permit.unwrap());
        };
        thread::scope(|scope| {
            for number in 0..80 {
                let mut request = Box::pin(semaphore.acquire(60 + rng.below(40)));
                assert!(poll(request.as_mut()).is_pending());
                let serve = &serve;
                scope.spawn(move || serve(number, block_on(request)));
            }
            drop(all);
        });
        assert_eq!(order.into_inner().unwrap(), (0..80).collect::<Vec<_>>());
        assert_eq!(semaphore.available_permits(), 100);
    });
}

/// One release grants hundreds of requests at once, over many batches; each has its permit.
#[test]
fn one_release_serves_a_crowd() {
    rounds(300, |rng| {
        let crowd = 100 + rng.below(200);
        let semaphore = Semaphore::new(crowd);
        let all = semaphore.try_acquire(crowd).unwrap();
        let mut requests: Vec<_> = (0..crowd).map(|_| Box::pin(semaphore.acquire(1))).collect();
        for request in &mut requests {
            assert!(poll(request.as_mut()).is_pending());
        }
        let halves = requests.split_off(rng.below(crowd));
        let permits: usize = thread::scope(|scope| {
            let waits = [requests, halves].map(|half| {
                scope.spawn(move || {
                    let permits: Vec<_> = half.into_iter().map(|request| block_on(request).unwrap()).collect();
                    permits.len()
                })
            });
            drop(all);
            waits.into_iter().map(|wait| wait.join().unwrap()).sum()
        });
        assert_eq!(permits, crowd);
        assert_eq!(semaphore.available_permits(), crowd);
    });
}

/// A task that wakes its thread by its own waker, whatever it is handed: the waker changes at each poll.
struct Restless<F>(F);

impl<F: Future + Unpin> Future for Restless<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let waker = cx.waker().clone();
        let fresh = crate::common::on_wake(move || waker.wake_by_ref());
        Pin::new(&mut self.0).poll(&mut Context::from_waker(&fresh))
    }
}

/// A grant reaches the waker of the last poll, however often it is replaced meanwhile.
#[test]
fn a_replaced_waker_misses_no_grant() {
    rounds(20, |rng| {
        let semaphore = Arc::new(Semaphore::new(1));
        let worker = |mut rng: Rng| {
            for _ in 0..1_000 {
                let mut request = Box::pin(semaphore.acquire_owned(1));
                for _ in 0..rng.below(3) {
                    if let Poll::Ready(permit) = poll(Pin::new(&mut Restless(&mut request))) {
                        drop(permit.unwrap());
                        request = Box::pin(semaphore.acquire_owned(1));
                    }
                }
                drop(block_on(Restless(request)).unwrap());
            }
        };
        together(3, rng, |_, rng| worker(rng));
        assert_eq!(semaphore.available_permits(), 1);
    });
}
