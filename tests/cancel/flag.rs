//! [`CancelFlag`]: raised once, for good, and seen by all.

use futures_core::FusedFuture;
use xsync::{CancelFlag, Cancelled};

use crate::common::{CountingWaker, kept, poll, task::Task};

fn queued(flag: &CancelFlag) -> Task<Cancelled<'_>> {
    Task::queued(flag.cancelled())
}

#[test]
fn a_flag_is_down_until_it_is_cancelled_and_then_up_for_good() {
    static FLAG: CancelFlag = CancelFlag::new();
    assert!(!FLAG.is_cancelled());
    assert!(!CancelFlag::default().is_cancelled());
    for _ in 0..2 {
        FLAG.cancel();
        assert!(FLAG.is_cancelled());
    }
}

#[test]
fn cancel_wakes_each_waiter_once() {
    let flag = CancelFlag::new();
    let mut waiting: Vec<_> = (0..100).map(|_| queued(&flag)).collect();
    flag.cancel();
    flag.cancel();
    for task in &mut waiting {
        assert_eq!((task.wakes(), task.kept()), (1, 0));
        task.ready();
        assert_eq!(task.wakes(), 1);
    }
}

#[test]
fn whoever_comes_later_does_not_wait() {
    let flag = CancelFlag::new();
    let mut before = Task::new(flag.cancelled());
    flag.cancel();
    before.ready();
    Task::new(flag.cancelled()).ready();
    assert_eq!(before.kept(), 0);
}

#[test]
fn it_stays_ready_when_polled_again() {
    let flag = CancelFlag::new();
    let mut waiting = queued(&flag);
    flag.cancel();
    for _ in 0..3 {
        waiting.ready();
    }
    assert_eq!(waiting.wakes(), 1);
}

#[test]
fn a_completed_wait_is_terminated_and_no_other_is() {
    let flag = CancelFlag::new();
    let mut waiting = Box::pin(flag.cancelled());
    let mut unpolled = Box::pin(flag.cancelled());
    assert!(!waiting.is_terminated());
    assert!(poll(waiting.as_mut()).is_pending());
    assert!(!waiting.is_terminated());
    flag.cancel();
    assert!(!waiting.is_terminated());
    for future in [&mut waiting, &mut unpolled] {
        assert!(poll(future.as_mut()).is_ready());
        assert!(future.is_terminated());
    }
}

#[test]
fn never_polled_a_dropped_wait_leaves_nothing() {
    let flag = CancelFlag::new();
    let unpolled = Task::new(flag.cancelled());
    let waiting = queued(&flag);
    unpolled.cancel();
    flag.cancel();
    assert_eq!(waiting.wakes(), 1);
}

#[test]
fn queued_a_dropped_wait_leaves_no_waker_and_is_not_woken() {
    let flag = CancelFlag::new();
    let [first, second, third] = [(), (), ()].map(|()| queued(&flag));
    let gone = [second, first].map(Task::cancel);
    assert!(gone.iter().all(|counter| kept(counter) == 0));
    flag.cancel();
    assert!(gone.iter().all(|counter| counter.wakes() == 0));
    assert_eq!(third.wakes(), 1);
}

#[test]
fn polled_again_it_keeps_the_newest_waker_alone() {
    let flag = CancelFlag::new();
    let mut waiting = queued(&flag);
    let mut dropped = queued(&flag);
    let newer = CountingWaker::new();
    for task in [&mut waiting, &mut dropped] {
        assert!(task.poll_with(&newer.waker()).is_pending());
        assert_eq!(task.kept(), 0);
    }
    assert_eq!(kept(&newer), 2);
    assert_eq!(kept(&dropped.cancel()), 0);
    assert_eq!(kept(&newer), 1);
    flag.cancel();
    assert_eq!((waiting.wakes(), newer.wakes(), kept(&newer)), (0, 1, 0));
}

#[test]
fn woken_but_not_polled_a_dropped_wait_leaves_nothing() {
    let flag = CancelFlag::new();
    let (woken, mut other) = (queued(&flag), queued(&flag));
    flag.cancel();
    let counter = woken.cancel();
    assert_eq!((counter.wakes(), kept(&counter)), (1, 0));
    other.ready();
    other.cancel();
    assert!(flag.is_cancelled());
}

#[test]
fn debug_output_shows_the_flag() {
    let flag = CancelFlag::new();
    let waiting = queued(&flag);
    let (before, future) = (format!("{flag:?}"), format!("{:?}", waiting.future()));
    assert!(before.starts_with("CancelFlag") && before.contains("cancelled: false"), "{before}");
    assert!(future.starts_with("Cancelled") && future.contains("Waiting"), "{future}");
    flag.cancel();
    assert!(format!("{flag:?}").contains("cancelled: true"));
    assert_ne!(format!("{:?}", waiting.future()), future);
}
