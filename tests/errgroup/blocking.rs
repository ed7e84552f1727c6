//! The group from threads: every wait has a blocking form, and one inside another loses nothing.

use core::future::{Future, pending, poll_fn};
use core::num::NonZeroUsize;
use core::pin::{Pin, pin};
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::time::Duration;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use xsync::{CancelToken, Reason};

use crate::common::in_time;
use crate::{Ended, Group, forget, well};

const LONG: Duration = Duration::from_secs(120);
const SHORT: Duration = Duration::from_millis(2);

#[test]
fn a_thread_per_child() {
    in_time(|| {
        let mut group = Group::new();
        let handle = group.spawn(well(), |child| thread::spawn(|| child.wait())).wait().unwrap();
        handle.join().unwrap();
        for i in 0..20 {
            let child = async move { if i == 7 { Err("the seventh") } else { Ok(()) } };
            let tracked = group.track(child);
            thread::spawn(|| tracked.wait());
        }
        assert_eq!(Ended::from(group.wait().wait()), Ended::Task("the seventh"));
        assert_eq!(Ended::from(group.wait().wait()), Ended::Task("the seventh"));
        assert_eq!(group.spawn(well(), |_| ()).wait().unwrap_err().reason, Reason::Finished);
        assert_eq!(group.join().wait().unwrap_err().into_task(), Some("the seventh"));
    });
}

#[test]
fn a_wait_sleeps_until_the_last_child_has_ended() {
    in_time(|| {
        let mut group = Group::new();
        let token = group.token().clone();
        let running = Arc::new(AtomicUsize::new(0));
        for _ in 0..10 {
            let (member, running) = (group.member(), Arc::clone(&running));
            running.fetch_add(1, SeqCst);
            thread::spawn(move || {
                thread::yield_now();
                running.fetch_sub(1, SeqCst);
                member.finish(Ok(()));
            });
        }
        assert!(group.wait().wait_timeout(LONG).expect("in time").is_ok());
        assert_eq!((running.load(SeqCst), token.is_cancelled()), (0, true));
    });
}

/// A child that is leaked makes the wait hang: with a time limit that shows.
#[test]
fn a_timed_wait_gives_up_and_the_group_goes_on() {
    in_time(|| {
        let mut group = Group::new();
        forget(group.track(well()));
        group.member().finish(Err("failed"));
        for _ in 0..3 {
            assert!(group.wait().wait_timeout(SHORT).is_none());
            assert!(group.wait().wait_deadline(Instant::now()).is_none());
        }
        assert!(group.wait().wait_deadline(Instant::now() + SHORT).is_none());

        let mut group = Group::new();
        let member = group.member();
        assert!(group.wait().wait_timeout(Duration::ZERO).is_none());
        let ends = thread::spawn(move || member.finish(Err("later")));
        assert_eq!(
            Ended::from(group.wait().wait_deadline(Instant::now() + LONG).expect("in time")),
            Ended::Task("later")
        );
        ends.join().unwrap();
        // What has ended needs no time, and a time that no clock reaches is none.
        assert!(group.wait().wait_timeout(Duration::ZERO).is_some());
        assert!(group.wait().wait_timeout(Duration::MAX).is_some());
    });
}

#[test]
fn a_spawn_sleeps_until_there_is_a_slot() {
    in_time(|| {
        let mut group = Group::builder().limit(NonZeroUsize::new(2).unwrap()).build();
        let (running, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        for _ in 0..200 {
            let (running, peak) = (Arc::clone(&running), Arc::clone(&peak));
            let child = async move {
                peak.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
                thread::yield_now();
                running.fetch_sub(1, SeqCst);
                well().await
            };
            group.spawn(child, |child| thread::spawn(|| child.wait())).wait().unwrap();
        }
        assert_eq!(Ended::from(group.wait().wait()), Ended::Well);
        assert!((1..=2).contains(&peak.load(SeqCst)));
    });
}

#[test]
fn a_cancellation_ends_every_sleep() {
    in_time(|| {
        let mut group = Group::builder().abort_on_cancel().limit(NonZeroUsize::MIN).build();
        let spawner = group.spawner();
        let child = group.spawn(pending::<Result<(), _>>(), |child| thread::spawn(|| child.wait())).wait().unwrap();
        let tracked = spawner.track(pending::<Result<(), _>>());
        let queued = thread::spawn(|| tracked.wait());
        let spawning = thread::spawn(move || spawner.spawn(well(), drop).wait().map(drop).unwrap_err().reason);
        group.cancel();
        child.join().unwrap();
        queued.join().unwrap();
        assert_eq!(spawning.join().unwrap(), Reason::Cancelled);
        assert_eq!(Ended::from(group.wait().wait()), Ended::Cancelled);
    });
}

#[test]
fn a_thread_whose_child_panics_has_panicked() {
    in_time(|| {
        let mut group = Group::new();
        let child = async {
            std::panic::resume_unwind(Box::new("on a thread"));
            #[expect(unreachable_code, reason = "gives the block its type")]
            well().await
        };
        let handle = group.spawn(child, |child| thread::spawn(|| child.wait())).wait().unwrap();
        assert_eq!(*handle.join().unwrap_err().downcast::<&str>().unwrap(), "on a thread");
        assert_eq!(Ended::from(group.wait().wait()), Ended::Panicked);
    });
}

/// A future that waits for `outer`, and at its second poll, the last before its thread sleeps, blocks in `inside` after
/// it has looked. What wakes the thread for `outer` while it sleeps inside must not be lost.
fn blocks_inside(outer: CancelToken, inside: impl FnOnce()) -> impl Future<Output = ()> {
    let (mut polls, mut inside) = (0, Some(inside));
    async move {
        let mut cancelled = pin!(outer.cancelled());
        poll_fn(|cx| {
            polls += 1;
            let polled = cancelled.as_mut().poll(cx);
            if polls == 2 {
                assert!(polled.is_pending());
                inside.take().expect("once")();
            }
            polled
        })
        .await;
    }
}

/// What a thread needs to see how often another one polls.
fn counted(polls: &Arc<AtomicUsize>, end: CancelToken) -> impl Future<Output = Result<(), &'static str>> + use<> {
    let polls = Arc::clone(polls);
    async move {
        let mut cancelled = Box::pin(end.cancelled());
        poll_fn(|cx| {
            polls.fetch_add(1, SeqCst);
            Pin::new(&mut cancelled).poll(cx).map(Ok)
        })
        .await
    }
}

/// Wakes the outer wait of a thread that sleeps in the inner one, sees that wake used up, and then ends the inner one.
fn disturb(polls: Arc<AtomicUsize>, outer: CancelToken, inner: CancelToken) {
    let until = |n| {
        while polls.load(SeqCst) < n {
            thread::yield_now();
        }
    };
    // A blocking wait polls, looks once more, and sleeps: a third poll is after a wake.
    until(2);
    outer.cancel();
    until(3);
    inner.cancel();
}

#[test]
fn a_child_that_blocks_in_a_child_of_another_group_misses_no_wake() {
    in_time(|| {
        let (mut outside, mut inside) = (Group::new(), Group::new());
        let (outer, inner) = (CancelToken::new(), CancelToken::new());
        let polls = Arc::new(AtomicUsize::new(0));
        let nested = inside.track(counted(&polls, inner.clone()));
        let child = {
            let blocks = blocks_inside(outer.clone(), || nested.wait());
            async move {
                blocks.await;
                well().await
            }
        };
        let disturbs = thread::spawn(move || disturb(polls, outer, inner));
        outside.track(child).wait();
        disturbs.join().unwrap();
        assert_eq!(Ended::from(inside.wait().wait()), Ended::Well);
        assert_eq!(Ended::from(outside.wait().wait()), Ended::Well);
    });
}

/// A group inside a group: the inner wait is slept through on the thread that runs the outer group's child.
#[test]
fn a_child_that_waits_for_a_group_of_its_own_misses_no_wake() {
    in_time(|| {
        let mut outside = Group::new();
        let outer = CancelToken::new();
        let (wakes, looks) = (outer.clone(), outer.clone());
        let inside = move || {
            let mut group = Group::new();
            let member = group.member();
            // The thread that wakes the outer wait ends the inner one after that.
            thread::spawn(move || {
                wakes.cancel();
                member.finish(Err("inside"));
            });
            assert_eq!(Ended::from(group.wait().wait()), Ended::Task("inside"));
        };
        let blocks = blocks_inside(looks, inside);
        let child = async move {
            blocks.await;
            Err("outside")
        };
        thread::scope(|scope| {
            let tracked = outside.track::<_, ()>(child);
            scope.spawn(|| tracked.wait());
        });
        assert!(outer.is_cancelled());
        assert_eq!(Ended::from(outside.wait().wait()), Ended::Task("outside"));
    });
}

/// The same thread deep inside itself: each level ends.
#[test]
fn waits_nest_to_any_depth() {
    fn nest(depth: usize) -> Ended {
        let mut group = Group::new();
        let child = async move {
            if depth == 0 {
                return Err("the innermost");
            }
            match nest(depth - 1) {
                Ended::Task(error) => Err(error),
                other => panic!("{other:?}"),
            }
        };
        group.track::<_, ()>(child).wait();
        group.wait().wait().into()
    }

    in_time(|| assert_eq!(nest(30), Ended::Task("the innermost")));
}
