//! The promises of [`Semaphore`], one module for each, seen from outside with futures polled by hand.
#![expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]

#[path = "../common/mod.rs"]
mod common;

mod close;
mod construction;
mod display;
mod fairness;
mod misuse;
mod permits;
mod release;
mod request;
mod resize;

use common::task::Task;
use xsync::{Acquire, Semaphore};

/// An acquisition polled by hand.
type Request<'a> = Task<Acquire<&'a Semaphore>>;

/// A request that is queued.
#[track_caller]
fn queued(semaphore: &Semaphore, permits: usize) -> Request<'_> {
    Task::queued(semaphore.acquire(permits))
}

/// What is free, and the maximum.
fn numbers(semaphore: &Semaphore) -> (usize, usize) {
    (semaphore.available_permits(), semaphore.max_permits())
}
