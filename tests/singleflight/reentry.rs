//! Code of the user's that calls back into the group: wakers, destructors, `Eq`, the work itself.

use core::future::{Future, poll_fn};
use core::hash::{Hash, Hasher};
use core::pin::pin;
use core::task::Poll;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, OnceLock};

use xsync::SingleFlight;

use crate::common::on_wake;
use crate::common::task::Task;
use crate::{Caller, joined, leaked, started, steered, unwanted};

#[test]
fn a_waker_may_use_the_group() {
    let group = leaked();
    let (mut first, steer) = started(group, "a");
    let (sent, seen) = channel();
    let waker = on_wake(move || {
        let again = Task::new(group.work("a", || async { 2 })).poll();
        let forgotten = group.forget("a");
        sent.send((again, forgotten, group.in_flight())).unwrap();
    });
    let mut other = Task::queued_with(group.work("a", unwanted), &waker);
    // The work has a value, and news: the waker's own caller takes both.
    steer.ends(|| 1);
    let (again, forgotten, in_flight) = seen.try_recv().unwrap();
    assert_eq!((again, forgotten, in_flight), (Poll::Ready(1), false, 0));
    assert_eq!((first.ready(), other.ready()), (1, 1));
}

#[test]
fn a_waker_may_drop_other_callers() {
    let group = leaked();
    let (first, steer) = started(group, "a");
    let dropped = Arc::new(Mutex::new(Vec::new()));
    let victims = dropped.clone();
    let waker = on_wake(move || drop(core::mem::take(&mut *victims.lock().unwrap())));
    let mut killer = Task::queued_with(group.work("a", unwanted), &waker);
    dropped.lock().unwrap().push(first);
    // More than one batch of wakers, so that some are dropped while they are in line.
    let more = (0..100).map(|_| joined(group, "a").into_parts().0).collect::<Vec<_>>();
    let more = Mutex::new(Some(more));
    let second = on_wake(move || drop(more.lock().unwrap().take()));
    let mut other = Task::queued_with(group.work("a", unwanted), &second);
    steer.ends(|| 1);
    assert!(dropped.lock().unwrap().is_empty());
    assert_eq!((killer.ready(), other.ready()), (1, 1));
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn a_destructor_of_the_work_may_use_the_group() {
    let group = leaked();
    let (first, steer) = started(group, "a");
    let (sent, seen) = channel();
    steer.at_drop(move || {
        let again = Task::new(group.work("a", || async { 2 })).ready();
        sent.send((again, group.forget("a"))).unwrap();
    });
    drop(first);
    assert_eq!(seen.try_recv(), Ok((2, false)), "the key was free already");
}

#[test]
fn a_destructor_of_a_value_may_use_the_group() {
    #[derive(Clone)]
    struct Calling;
    impl Drop for Calling {
        fn drop(&mut self) {
            assert!(Task::new(GROUP.work(1, || async { None })).ready().is_none());
        }
    }
    static GROUP: SingleFlight<u8, Option<Calling>> = SingleFlight::new();
    let (work, steer) = steered();
    let mut first = Task::queued(GROUP.work(1, move || work));
    let other = Task::queued(GROUP.work(1, core::future::pending));
    steer.ends(|| Some(Calling));
    drop(first.ready());
    drop(other);
    assert_eq!(GROUP.in_flight(), 0);
}

#[test]
fn an_eq_and_a_destructor_of_a_key_may_use_the_group() {
    static GROUP: SingleFlight<Calling, u32> = SingleFlight::new();
    static CALLED: OnceLock<()> = OnceLock::new();

    struct Calling(u8, bool);
    impl Hash for Calling {
        fn hash<H: Hasher>(&self, state: &mut H) {
            0_u8.hash(state);
        }
    }
    impl PartialEq for Calling {
        fn eq(&self, other: &Self) -> bool {
            if self.1 && other.1 {
                CALLED.get_or_init(|| ());
                assert_eq!(Task::new(GROUP.work(Calling(9, false), || async { 9 })).ready(), 9);
            }
            self.0 == other.0
        }
    }
    impl Eq for Calling {}
    impl Drop for Calling {
        fn drop(&mut self) {
            if self.1 {
                assert!(GROUP.in_flight() < 3);
            }
        }
    }

    let (work, steer) = steered();
    let mut first = Task::queued(GROUP.work(Calling(1, true), move || work));
    let mut other = Task::queued(GROUP.work(Calling(1, true), unwanted));
    assert!(CALLED.get().is_some());
    steer.ends(|| 1);
    assert_eq!((first.ready(), other.ready(), GROUP.in_flight()), (1, 1, 0));
}

#[test]
fn work_may_wait_for_other_keys() {
    let group = leaked();
    let chain = || async { group.work("b", || async { group.work("c", || async { 1 }).await + 1 }).await + 1 };
    assert_eq!(Task::new(group.work("a", chain)).ready(), 3);
}

/// It is one of its own callers, and so keeps itself until it gives that up.
#[test]
fn work_that_waits_for_its_own_key_waits_until_it_gives_up() {
    let group = leaked();
    let (turn, steer) = steered();
    let mut task = Task::queued(group.work("a", move || async move {
        let (mut own, mut turn) = (pin!(group.work("a", unwanted)), pin!(turn));
        poll_fn(|cx| match own.as_mut().poll(cx) {
            Poll::Pending => turn.as_mut().poll(cx),
            ready => ready,
        })
        .await
    }));
    steer.wake();
    task.assert_pending();
    assert_eq!((steer.polls(), group.in_flight()), (2, 1));
    steer.ends(|| 1);
    assert_eq!(task.ready(), 1);
    assert!(steer.is_dropped());
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn who_finishes_it_is_woken_for_it_no_more() {
    let group = leaked();
    let (mut first, steer) = started(group, "a");
    // More than a batch of wakers: the finisher is in line still when the first of them is fired.
    let (sent, last) = channel::<Caller<'static>>();
    let (done, finisher) = channel();
    let last = Mutex::new(last);
    let waker = on_wake(move || {
        let mut last = last.lock().unwrap().try_recv().unwrap();
        assert_eq!(last.ready(), 1);
        done.send(last).unwrap();
    });
    assert!(first.poll_with(&waker).is_pending());
    let mut others: Vec<_> = (0..40).map(|_| joined(group, "a")).collect();
    sent.send(joined(group, "a")).unwrap();
    steer.ends(|| 1);
    assert_eq!((finisher.try_recv().unwrap().wakes(), group.in_flight()), (0, 0));
    assert!(others.iter().all(|other| other.wakes() == 1));
    assert!(others.iter_mut().all(|other| other.ready() == 1));
}
