//! [`ErrGroup`]: children that are polled by hand, so that each moment between two of their steps can be looked at.
//!
//! What threads and runtimes add is in `runtimes` and `stress`, what Go promises in `go_errgroup`.
#![cfg(feature = "alloc")]
#![expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/counting.rs"]
mod counting;

mod aborting;
mod allocations;
#[cfg(feature = "std")]
mod blocking;
mod cancelling;
#[cfg(feature = "std")]
mod capture;
mod destructors;
mod failures;
mod limits;
mod meeting;
mod members;
mod panics;
mod queueing;
mod reentry;
mod sizes;
mod spawning;
mod steered;
#[cfg(feature = "std")]
mod unwinding;
mod waiting;

use std::sync::Mutex;

use xsync::{ErrGroup, GroupError};

use common::task::Task;
use steered::{Steer, Steered, steered};

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

type Group = ErrGroup<&'static str>;
type Child = xsync::Child<Steered, &'static str>;

/// How a group has ended, to be compared.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    Well,
    Task(&'static str),
    Panicked,
    Aborted,
    Cancelled,
}

impl From<Result<(), &GroupError<&'static str>>> for Ended {
    fn from(outcome: Result<(), &GroupError<&'static str>>) -> Self {
        match outcome {
            Ok(()) => Self::Well,
            Err(GroupError::Task(error)) => Self::Task(error),
            Err(GroupError::Panicked(_)) => Self::Panicked,
            Err(GroupError::Aborted) => Self::Aborted,
            Err(GroupError::Cancelled) => Self::Cancelled,
            Err(other) => panic!("a new kind of failure: {other:?}"),
        }
    }
}

/// The outcome of a group that has no child left: its wait is ready at the first poll.
#[track_caller]
fn ended(group: &mut Group) -> Ended {
    Task::new(group.wait()).ready().into()
}

/// A wait for the group is pending; it is dropped again.
#[track_caller]
fn assert_waits(group: &mut Group) {
    Task::new(group.wait()).assert_pending();
}

/// A child, not yet polled, and what it does.
#[track_caller]
fn child(group: &Group) -> (Task<Child>, Steer) {
    let (future, steer) = steered();
    (group.try_spawn(future, Task::new).expect("was to be started"), steer)
}

/// A child that has begun.
#[track_caller]
fn running(group: &Group) -> (Task<Child>, Steer) {
    let (mut task, steer) = child(group);
    task.assert_pending();
    assert_eq!(steer.polls(), 1);
    (task, steer)
}

/// Forgets `value`: it is never dropped. Its memory stays in reach, so that no tool takes it for lost.
fn forget<T>(value: T) {
    static FORGOTTEN: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    FORGOTTEN.lock().unwrap().push(Box::into_raw(Box::new(value)).expose_provenance());
}

/// One more child: it ends well.
async fn well() -> Result<(), &'static str> {
    Ok(())
}
