//! Callers of the kinds that the tests use.

use core::future::Future;
use core::pin::Pin;
use std::sync::Mutex;

use xsync::SingleFlight;

use crate::common::task::Task;
use crate::steered::{Steer, Steered, steered};

pub(crate) type Group = SingleFlight<&'static str, u32>;

/// A caller, of whichever kind.
pub(crate) type Caller<'g> = Task<Pin<Box<dyn Future<Output = u32> + Send + 'g>>>;

pub(crate) fn boxed<'g>(future: impl Future<Output = u32> + Send + 'g) -> Caller<'g> {
    Task::new(Box::pin(future))
}

/// A caller whose work is steered.
#[track_caller]
pub(crate) fn caller<'g>(group: &'g Group, key: &'static str) -> (Caller<'g>, Steer) {
    let (work, steer) = steered();
    (boxed(group.work(key, move || work)), steer)
}

/// A caller that has started a flight, whose work was polled once.
#[track_caller]
pub(crate) fn started<'g>(group: &'g Group, key: &'static str) -> (Caller<'g>, Steer) {
    let (mut task, steer) = caller(group, key);
    task.assert_pending();
    assert_eq!(steer.polls(), 1, "was to start a flight");
    (task, steer)
}

/// A caller that has joined: its closure is never called.
#[track_caller]
pub(crate) fn joined<'g>(group: &'g Group, key: &'static str) -> Caller<'g> {
    let mut task = boxed(group.work(key, unwanted));
    task.assert_pending();
    task
}

/// A group that is never dropped, for what must own what it uses. It stays in reach, so that no tool takes it for lost.
pub(crate) fn leaked() -> &'static Group {
    static LEAKED: Mutex<Vec<&'static Group>> = Mutex::new(Vec::new());
    let group = Box::leak(Box::default());
    LEAKED.lock().unwrap().push(group);
    group
}

/// The closure of a caller that joins.
pub(crate) fn unwanted() -> Steered {
    panic!("the closure of a caller that joins was called")
}
