//! The semaphore and its reference, side by side: each step is made on both, and then all that can be seen is compared.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::task::Wake;

use xsync::{Acquire, Permit, Semaphore};

use crate::program::{Op, Program};
use crate::quiet::caught;
use crate::reference::{Reference, RequestId, WakerId};

/// Writes its number into a log shared by all when it is woken.
pub(crate) struct LoggingWaker {
    id: WakerId,
    log: Arc<Mutex<Vec<WakerId>>>,
}

impl Wake for LoggingWaker {
    fn wake(self: Arc<Self>) {
        self.log.lock().unwrap().push(self.id);
    }
}

/// All wakers ever made, and in which order they were fired.
#[derive(Default)]
pub(crate) struct Wakers {
    log: Arc<Mutex<Vec<WakerId>>>,
    all: Vec<Arc<LoggingWaker>>,
}

impl Wakers {
    pub(crate) fn make(&mut self) -> WakerId {
        let id = self.all.len();
        self.all.push(Arc::new(LoggingWaker { id, log: Arc::clone(&self.log) }));
        id
    }

    pub(crate) fn waker(&self, id: WakerId) -> Waker {
        Waker::from(Arc::clone(&self.all[id]))
    }

    /// Who was fired, and that nothing is kept but `kept`.
    pub(crate) fn check(&self, woken: &[WakerId], kept: &HashSet<WakerId>) {
        assert_eq!(*self.log.lock().unwrap(), woken, "woken, in order");
        for (id, waker) in self.all.iter().enumerate() {
            assert_eq!(Arc::strong_count(waker) - 1, usize::from(kept.contains(&id)), "clones kept of waker {id}");
        }
    }
}

/// More than one batch of wakes takes.
pub(crate) const CROWD: usize = 70;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Fresh,
    Polled,
    Completed,
}

struct Request<'a> {
    id: RequestId,
    weight: usize,
    stage: Stage,
    waker: WakerId,
    future: Pin<Box<Acquire<&'a Semaphore>>>,
}

pub(crate) struct World<'a> {
    semaphore: &'a Semaphore,
    reference: Reference,
    wakers: Wakers,
    requests: Vec<Request<'a>>,
    requests_made: usize,
    permits: Vec<Permit<&'a Semaphore>>,
    /// Permits out without a guard; below zero once raw releases gave back what guards hold.
    raw: i128,
}

/// Runs `f`, which must panic iff `refused`, and then name each of `numbers`.
fn checked<R>(refused: bool, numbers: &[i128], f: impl FnOnce() -> R) -> Option<R> {
    match caught(refused, f) {
        Ok(result) => {
            assert!(!refused, "was to panic, naming {numbers:?}");
            Some(result)
        }
        Err(panic) => {
            let message = panic.downcast_ref::<String>().expect("a message with numbers");
            assert!(refused, "panicked: {message}");
            let named: Vec<i128> = message.split([' ', ':', ',']).filter_map(|word| word.parse().ok()).collect();
            for number in numbers {
                assert!(named.contains(number), "{message:?} does not name {number}");
            }
            None
        }
    }
}

impl<'a> World<'a> {
    /// Runs the program; at its end, gives everything back.
    pub(crate) fn run(program: &Program) {
        let semaphore = Semaphore::with_max(program.permits, program.max);
        let mut world = World {
            semaphore: &semaphore,
            reference: Reference::new(program.permits, program.max),
            wakers: Wakers::default(),
            requests: Vec::new(),
            requests_made: 0,
            permits: Vec::new(),
            raw: (program.max - program.permits) as i128,
        };
        world.check();
        for &op in &program.ops {
            world.step(op);
            world.check();
        }
        while !world.permits.is_empty() || !world.requests.is_empty() {
            world.step(Op::DropPermit(0));
            world.step(Op::DropRequest(0));
            world.check();
        }
        let raw = usize::try_from(world.raw).expect("no guard is left that a raw release could have robbed");
        world.release(raw, |world| world.semaphore.release(raw));
        assert_eq!(world.semaphore.available_permits(), world.semaphore.max_permits());
    }

    fn check(&self) {
        let Reference { free, max, closed, .. } = self.reference;
        assert_eq!(self.semaphore.available_permits(), self.reference.available());
        assert_eq!(self.semaphore.max_permits() as i128, max);
        assert_eq!(self.semaphore.is_closed(), closed);
        let queued = self.reference.is_queued();
        let debug = format!("Semaphore {{ count: {free}, max: {max}, queued: {queued}, closed: {closed} }}");
        assert_eq!(format!("{:?}", self.semaphore), debug);
        self.wakers.check(&self.reference.woken, &self.reference.kept());

        let held: i128 = self.permits.iter().map(|permit| permit.permits() as i128).sum();
        let granted = self.requests.iter().filter(|request| self.reference.is_granted(request.id));
        let granted: i128 = granted.map(|request| request.weight as i128).sum();
        assert_eq!(free + held + granted + self.raw, max, "free + held + granted + raw");
    }

    fn step(&mut self, op: Op) {
        let max = self.reference.max as usize;
        let requests = self.requests.len();
        let permits = self.permits.len();
        match op {
            Op::TryAcquire(n) => self.try_acquire(n.at(max)),
            Op::Make(n) => self.make(n.at(max)),
            Op::Start(n) => {
                self.make(n.at(max));
                self.poll(requests, true);
            }
            Op::Crowd(n) => {
                for request in requests..requests + CROWD {
                    self.make(n.at(max));
                    self.poll(request, true);
                }
            }
            Op::WaitNoTime(n) => self.wait_no_time(n.at(max)),
            Op::Release(n) => {
                let n = n.at(max);
                if self.release(n, |world| world.semaphore.release(n)) {
                    self.raw -= n as i128;
                }
            }
            Op::Add(n) => self.add(n.at(max)),
            Op::Reduce(n) => self.reduce(n.at(max)),
            Op::Drain(n) => {
                let drained = self.reference.drain(n.at(max));
                assert_eq!(self.semaphore.drain_permits(n.at(max)), drained);
                self.raw += drained as i128;
            }
            Op::Close => {
                self.reference.close();
                self.semaphore.close();
            }
            Op::Poll { request, another_waker } if requests > 0 => self.poll(request % requests, another_waker),
            Op::DropRequest(request) if requests > 0 => self.drop_request(request % requests),
            Op::DropPermit(permit) if permits > 0 => {
                let permit = self.permits.swap_remove(permit % permits);
                self.drop_permit(permit);
            }
            Op::Split(permit, n) if permits > 0 => self.split(permit % permits, n),
            Op::Merge(into, from) if permits > 1 => self.merge(into % permits, from % permits),
            Op::Forget(permit) if permits > 0 => {
                let permit = self.permits.swap_remove(permit % permits);
                self.raw += permit.permits() as i128;
                permit.forget();
            }
            _ => {}
        }
    }

    fn keep(&mut self, permit: Permit<&'a Semaphore>, n: usize) {
        assert_eq!(permit.permits(), n);
        assert!(core::ptr::eq(permit.semaphore(), self.semaphore));
        self.permits.push(permit);
    }

    fn try_acquire(&mut self, n: usize) {
        let expected = self.reference.try_acquire(n);
        let permit = self.semaphore.try_acquire(n);
        assert_eq!(permit.as_ref().map(|_| ()).map_err(|&error| error), expected);
        if let Ok(permit) = permit {
            self.keep(permit, n);
        }
    }

    fn make(&mut self, weight: usize) {
        let (id, stage) = (self.requests_made, Stage::Fresh);
        self.requests_made += 1;
        let future = Box::pin(self.semaphore.acquire(weight));
        self.requests.push(Request { id, weight, stage, waker: 0, future });
    }

    fn poll(&mut self, index: usize, another_waker: bool) {
        let request = &mut self.requests[index];
        let &mut Request { id, weight, stage, .. } = request;
        if another_waker || stage == Stage::Fresh {
            request.waker = self.wakers.make();
        }
        let waker = self.wakers.waker(request.waker);
        let expected = match stage {
            Stage::Fresh => self.reference.first_poll(id, weight, request.waker),
            Stage::Polled => self.reference.poll_again(id, request.waker),
            Stage::Completed => {
                let poll = || request.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
                assert!(caught(true, poll).is_err(), "polled after it completed");
                return;
            }
        };
        let answer = request.future.as_mut().poll(&mut Context::from_waker(&waker));
        let seen = match &answer {
            Poll::Pending => None,
            Poll::Ready(answer) => Some(answer.as_ref().map(|_| ()).map_err(|&error| error)),
        };
        assert_eq!(seen, expected, "poll of {weight}");
        request.stage = if seen.is_some() { Stage::Completed } else { Stage::Polled };
        if let Poll::Ready(Ok(permit)) = answer {
            self.keep(permit, weight);
        }
    }

    fn drop_request(&mut self, index: usize) {
        let Request { id, weight, stage, future, .. } = self.requests.swap_remove(index);
        let was_granted = self.reference.is_granted(id);
        let free = self.reference.free;
        let refused = stage == Stage::Polled && self.reference.give_up(id, weight).is_err();
        let numbers = [weight as i128, free, self.reference.max];
        if checked(refused, &numbers, || drop(future)).is_none() && was_granted {
            self.raw += weight as i128;
        }
    }

    #[cfg(not(feature = "std"))]
    fn wait_no_time(&mut self, n: usize) {
        self.try_acquire(n);
    }

    /// As `try_acquire`, but it goes through the queue.
    #[cfg(feature = "std")]
    fn wait_no_time(&mut self, n: usize) {
        let expected = match self.reference.try_acquire(n) {
            Err(xsync::TryAcquireError::NoPermits) => None,
            answer => Some(answer),
        };
        let permit = self.semaphore.acquire(n).wait_timeout(core::time::Duration::ZERO);
        let seen = permit.as_ref().map(|answer| answer.as_ref().map(|_| ()).map_err(|&error| error.into()));
        assert_eq!(seen, expected);
        if let Some(Ok(permit)) = permit {
            self.keep(permit, n);
        }
    }

    /// Whether `n` permits were given back by `f`, which the reference may refuse.
    fn release(&mut self, n: usize, f: impl FnOnce(&Self)) -> bool {
        let numbers = [n as i128, self.reference.free, self.reference.max];
        let refused = self.reference.release(n).is_err();
        checked(refused, &numbers, || f(self)).is_some()
    }

    fn drop_permit(&mut self, permit: Permit<&'a Semaphore>) {
        let n = permit.permits();
        // A guard without permits has nothing to give back, whatever raw releases did.
        if n == 0 {
            drop(permit);
        } else if !self.release(n, |_| drop(permit)) {
            self.raw += n as i128;
        }
    }

    fn split(&mut self, index: usize, n: usize) {
        let whole = self.permits[index].permits();
        let part = self.permits[index].split(n);
        assert_eq!(part.is_some(), n <= whole);
        if let Some(part) = part {
            assert_eq!(self.permits[index].permits(), whole - n);
            self.keep(part, n);
        }
    }

    fn merge(&mut self, into: usize, from: usize) {
        let sum = self.permits[into].permits().checked_add(self.permits[from].permits());
        if let (Some(sum), false) = (sum, into == from) {
            // The order matters: the removal moves the last one into the gap.
            let mut whole = self.permits.swap_remove(into.max(from));
            let part = self.permits.swap_remove(into.min(from));
            whole.merge(part);
            self.keep(whole, sum);
        }
    }

    fn add(&mut self, n: usize) {
        let numbers = [n as i128, self.reference.max];
        let refused = self.reference.add(n).is_err();
        let _ = checked(refused, &numbers, || self.semaphore.add_permits(n));
    }

    fn reduce(&mut self, n: usize) {
        let numbers = [n as i128, self.reference.max];
        let refused = self.reference.reduce(n).is_err();
        let _ = checked(refused, &numbers, || self.semaphore.reduce_permits(n));
    }
}

impl Drop for World<'_> {
    /// After a failure the guards cannot be trusted to be dropped without a second panic, which would hide the first.
    fn drop(&mut self) {
        if std::thread::panicking() {
            core::mem::forget((core::mem::take(&mut self.requests), core::mem::take(&mut self.permits)));
        }
    }
}
