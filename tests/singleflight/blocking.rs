//! Threads that block: for closures, and for futures.

use core::future::pending;
use core::time::Duration;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use xsync::{Abandoned, Claim, Outcome, Panicked, Role, WaitError};

use crate::common::task::Task;
use crate::common::{block_on, in_time, panic_message};
use crate::{Group, joined, leaked, started, unwanted};

const MOMENT: Duration = Duration::from_millis(1);

/// Repeats `f`, in which a thread may come too late, until it says that it came in time.
fn until_in_time(f: impl Fn(&dyn Fn()) -> bool) {
    for patience in 0.. {
        let wait = || (0..1 << patience.min(16)).for_each(|_| thread::yield_now());
        if f(&wait) {
            return;
        }
    }
}

#[test]
fn a_closure_runs_here() {
    let group = Group::new();
    assert_eq!(group.work_blocking("a", || 1), Ok(Outcome { value: 1, shared: false, role: Role::Started }));
    assert_eq!(group.work_blocking_timeout("a", Duration::ZERO, || 2).unwrap().unwrap().value, 2);
    assert_eq!(group.work_blocking_deadline("a", Instant::now(), || 3).unwrap().unwrap().value, 3);
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn tasks_and_threads_share_one_run_of_a_closure() {
    in_time(|| {
        let group = leaked();
        let (running, runs) = channel();
        let (go, gate) = channel();
        let first = thread::spawn(move || {
            group.work_blocking("a", || {
                running.send(()).unwrap();
                gate.recv().unwrap();
                1
            })
        });
        runs.recv().unwrap();
        let task = joined(group, "a");
        let waiter = group.start("a", unwanted).waiter;
        let second = thread::spawn(move || waiter.outcome().wait());
        go.send(()).unwrap();
        assert_eq!(first.join().unwrap(), Ok(Outcome { value: 1, shared: true, role: Role::Started }));
        assert_eq!(second.join().unwrap(), Ok(Outcome { value: 1, shared: true, role: Role::Joined }));
        assert_eq!(block_on(task.into_parts().0), 1);
        assert_eq!(group.in_flight(), 0);
    });
}

#[test]
fn a_future_runs_here_and_is_woken_from_elsewhere() {
    in_time(|| {
        let group = leaked();
        let (work, steer) = crate::steered();
        let ending = thread::spawn(move || {
            while steer.polls() == 0 {
                thread::yield_now();
            }
            steer.ends(|| 1);
        });
        assert_eq!(group.work("a", move || work).wait(), Ok(1));
        ending.join().unwrap();
        assert_eq!(group.in_flight(), 0);
    });
}

#[test]
fn a_thread_that_joins_a_task_does_not_poll_its_work() {
    let group = Group::new();
    let (mut first, steer) = started(&group, "a");
    // The work has news, and nobody but this thread is there to poll it.
    steer.wake();
    assert_eq!(group.work_blocking_timeout("a", MOMENT, || 2), None);
    assert_eq!(group.work("a", unwanted).wait_timeout(MOMENT), None);
    assert_eq!(group.work("a", unwanted).outcome().wait_deadline(Instant::now()), None);
    assert_eq!(group.start("a", unwanted).waiter.checked().wait_timeout(MOMENT), None);
    assert_eq!(steer.polls(), 1);
    steer.ends(|| 1);
    assert_eq!(first.ready(), 1);
}

#[test]
fn a_thread_goes_on_with_what_a_thread_has_started() {
    in_time(|| {
        until_in_time(|wait| {
            let group = leaked();
            let (work, steer) = crate::steered();
            let first = thread::spawn(move || group.work("a", move || work).wait_timeout(MOMENT));
            while steer.polls() == 0 {
                thread::yield_now();
            }
            let waiter = group.start("a", || core::future::ready(2)).waiter.outcome();
            wait();
            if first.join().unwrap().is_some() {
                return false;
            }
            // Whoever has started it has gone; who is left polls it.
            steer.ends(|| 1);
            waiter.wait() == Ok(Outcome { value: 1, shared: false, role: Role::Joined })
        });
    });
}

#[test]
fn a_thread_gets_what_tasks_have_finished() {
    in_time(|| {
        until_in_time(|wait| {
            let group = leaked();
            let (mut first, steer) = started(group, "a");
            let (sent, comes) = channel();
            let thread = thread::spawn(move || {
                sent.send(()).unwrap();
                group.work_blocking("a", || 2).unwrap()
            });
            comes.recv().unwrap();
            wait();
            steer.ends(|| 1);
            assert_eq!(first.ready(), 1);
            thread.join().unwrap() == Outcome { value: 1, shared: true, role: Role::Joined }
        });
    });
}

#[test]
fn a_thread_is_abandoned_when_the_tasks_have_gone() {
    in_time(|| {
        let group = leaked();
        let (first, steer) = started(group, "a");
        let waiter = group.start("a", unwanted).waiter;
        let thread = thread::spawn(move || waiter.wait());
        drop(first);
        assert_eq!(thread.join().unwrap(), Err(Abandoned));
        assert!(steer.is_dropped());
        assert_eq!(group.in_flight(), 0);

        until_in_time(|wait| {
            let (first, steer) = started(group, "a");
            let (sent, comes) = channel();
            let thread = thread::spawn(move || {
                sent.send(()).unwrap();
                group.work_blocking("a", || 2)
            });
            comes.recv().unwrap();
            wait();
            drop(first);
            assert!(steer.is_dropped());
            thread.join().unwrap() == Err(WaitError::Abandoned)
        });
    });
}

#[test]
fn a_driver_keeps_the_work_for_threads() {
    in_time(|| {
        let group = leaked();
        let started = group.start("a", || async { 1 });
        let driver = started.driver.unwrap();
        let thread = thread::spawn(move || started.waiter.wait());
        driver.wait();
        assert_eq!(thread.join().unwrap(), Ok(1));

        let started = group.start("a", pending);
        let driver = started.driver.unwrap();
        let thread = thread::spawn(move || started.waiter.checked().wait());
        drop(driver);
        assert_eq!(thread.join().unwrap(), Err(WaitError::Abandoned));
    });
}

#[test]
fn a_closure_that_panics_ends_the_flight_for_all() {
    in_time(|| {
        let group = leaked();
        let (running, runs) = channel();
        let (go, gate) = channel::<()>();
        let first = thread::spawn(move || {
            let panic = || {
                group.work_blocking("a", || {
                    running.send(()).unwrap();
                    gate.recv().unwrap();
                    panic!("at work")
                })
            };
            panic_message(panic)
        });
        runs.recv().unwrap();
        let mut task = Task::queued(group.work("a", unwanted).checked());
        let waiter = group.start("a", unwanted).waiter.checked();
        let thread = thread::spawn(move || waiter.wait());
        go.send(()).unwrap();
        assert_eq!(first.join().unwrap(), "at work");
        assert_eq!(thread.join().unwrap(), Err(WaitError::Panicked));
        assert_eq!(task.ready(), Err(Panicked));
        assert_eq!(group.work_blocking("a", || 2).unwrap().value, 2);
    });
}

#[test]
fn a_thread_takes_a_lead_that_was_dropped() {
    in_time(|| {
        until_in_time(|wait| {
            let group = leaked();
            let Claim::Lead(lead) = Task::new(group.claim("a")).ready() else { panic!("was to lead") };
            let (sent, comes) = channel();
            let thread = thread::spawn(move || {
                sent.send(()).unwrap();
                group.work_blocking("a", || 2).unwrap()
            });
            comes.recv().unwrap();
            wait();
            let was_there = lead.is_shared();
            drop(lead);
            assert_eq!(thread.join().unwrap(), Outcome { value: 2, shared: false, role: Role::Started });
            was_there
        });
    });
}

#[test]
fn recursion_on_one_key_is_told() {
    const RECURSION: &str = "recursion";
    let group = Group::new();
    let message = panic_message(|| group.work_blocking("a", || group.work_blocking("a", || 1).unwrap().value));
    assert!(message.contains(RECURSION), "{message}");
    let message = panic_message(|| {
        group.work_blocking("a", || {
            group.work_blocking("b", || group.work("a", unwanted).wait().unwrap()).unwrap().value
        })
    });
    assert!(message.contains(RECURSION), "{message}");
    assert_eq!(group.in_flight(), 0);
    assert_eq!(group.work_blocking("a", || group.work_blocking("b", || 1).unwrap().value + 1).unwrap().value, 2);

    // In a future that a task polls, and of one that was started.
    let group = leaked();
    let mut task = Task::new(group.work("a", || async { group.work_blocking("a", || 1).unwrap().value }));
    assert!(panic_message(|| task.poll()).contains(RECURSION));
    let started = group.start("a", || async {
        let inside = group.start("a", unwanted).waiter;
        inside.wait().unwrap()
    });
    let mut driver = Task::new(started.driver.unwrap());
    assert!(panic_message(|| driver.poll()).contains(RECURSION));
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn an_async_caller_tells_of_recursion_if_it_is_asked_to() {
    let group = leaked();
    let mut task = Task::new(group.work("a", || async { group.work("a", unwanted).refuse_recursion().await }));
    assert!(panic_message(|| task.poll()).contains("recursion"));
    assert_eq!(group.in_flight(), 0);
    // Joining the flight of another is none.
    let (mut first, steer) = started(group, "a");
    let mut other = Task::queued(group.work("a", unwanted).refuse_recursion());
    steer.ends(|| 1);
    assert_eq!((first.ready(), other.ready()), (1, 1));
}

#[test]
fn a_thread_that_has_polled_the_work_may_wait_when_it_does_so_no_more() {
    let group = Group::new();
    // A leader that is pending.
    let leads = Task::queued(group.work_scoped("a", async || pending().await));
    assert_eq!(group.work_blocking_timeout("a", Duration::ZERO, || 2), None);
    drop(leads);
    // After the end.
    let started = group.start("a", || async { 1 });
    Task::new(started.driver.unwrap()).ready();
    assert_eq!(started.waiter.wait(), Ok(1));
    // After a panic.
    let started = group.start("a", || async { panic!("planned") });
    let mut driver = Task::new(started.driver.unwrap());
    assert_eq!(panic_message(|| driver.poll()), "planned");
    assert_eq!(started.waiter.checked().wait(), Err(WaitError::Panicked));
}

#[test]
fn a_recursion_that_is_caught_leaves_no_caller_behind() {
    let group = leaked();
    let outer = Task::queued(group.work("a", || async {
        let message = "xsync: recursion: the work of a key waits for the same key";
        assert_eq!(panic_message(|| group.start("a", unwanted).waiter.wait()), message);
        assert_eq!(panic_message(|| group.work("a", unwanted).wait()), message);
        let mut inner = Task::new(group.work("a", unwanted).refuse_recursion());
        assert_eq!(panic_message(|| inner.poll()), message);
        drop(inner);
        pending().await
    }));
    drop(outer);
    assert_eq!(group.in_flight(), 0);
}
