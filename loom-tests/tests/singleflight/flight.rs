//! Callers that come and go, beside wakes.

use std::panic::panic_any;
use std::sync::Arc;
use std::task::Poll;

use loom::sync::Mutex;
use loom::thread;
use xsync::Panicked;
use xsync_loom_tests::{Counter, Outcomes, Shadow, forever, model, panics_with, poll_until_ready, spawn};

use crate::{Group, caller, late, started, work};

/// Property: a wake beside a caller that looks and a poller that goes reaches the one that is left, with what was written
/// before it.
/// Fails if: what a waker's owner did is not published by the wake (`wake-publishes-nothing`).
#[test]
fn wake_beside_a_look_and_a_poller_that_goes() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(2, move || {
        let group = forever(Group::new());
        let (first, hand) = started(group, &Counter::new());
        let counter = Counter::new();
        let (mut late, _own) = late(group);
        let polled = counter.poll(late.as_mut());
        assert!(polled.is_pending());
        let event = spawn(move || hand.wake());
        let goes = spawn(move || drop(first));
        match counter.poll(late.as_mut()) {
            Poll::Ready(value) => {
                seen.saw("at once");
                assert_eq!(value, 7);
                event.join().unwrap();
                goes.join().unwrap();
            }
            Poll::Pending => {
                event.join().unwrap();
                goes.join().unwrap();
                assert!(counter.wakes() > 0);
                assert_eq!(counter.poll(late.as_mut()), Poll::Ready(7));
                seen.saw("woken");
            }
        }
        assert_eq!(group.in_flight(), 0);
        drop(late);
    });
    outcomes.were(&["at once", "woken"]);
}

/// Property: a wake during the poll of the only caller, or after it, wakes that caller, once.
/// Fails if: one who gives back work that has news does not wake itself (`self-not-woken`).
#[test]
fn wake_during_the_only_poll() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let group = forever(Group::new());
        let (work, hand) = work();
        let kept = hand.kept.clone();
        let event = spawn(move || {
            let is_polled = kept.lock().unwrap().is_some();
            if is_polled {
                hand.wake();
            }
            (hand, is_polled)
        });
        let counter = Counter::new();
        let mut only = caller(group, work);
        assert!(counter.poll(only.as_mut()).is_pending());
        let (hand, was_polled) = event.join().unwrap();
        if !was_polled {
            assert_eq!(counter.wakes(), 0);
            hand.wake();
        }
        assert_eq!(counter.wakes(), 1);
        assert_eq!(counter.poll(only.as_mut()), Poll::Ready(7));
        seen.saw(if was_polled { "beside" } else { "later" });
        drop(only);
        assert_eq!((group.in_flight(), counter.wakes(), counter.kept()), (0, 1, 0));
    });
    outcomes.were(&["beside", "later"]);
}

/// Property: a wake during a poll is answered, also by a joiner that came during it.
/// Fails if: who has the work does not look for news as it gives it back (`news-not-looked-for`), or keeps it from others if
/// it wakes itself (`news-kept-from-others`), or a waiter does not look again once it is in line (`no-look-in-line`).
#[test]
fn wake_during_a_poll_beside_a_join() {
    model(2, || {
        let group = forever(Group::new());
        let (work, hand) = work();
        let hand = Arc::new(hand);
        let event = {
            let hand = hand.clone();
            spawn(move || {
                let is_polled = hand.kept.lock().unwrap().is_some();
                if is_polled {
                    hand.wake();
                }
                is_polled
            })
        };
        let first_counter = Counter::new();
        let mut first = caller(group, work);
        let joiner = spawn(move || {
            let counter = Counter::new();
            let (mut late, hand) = late(group);
            let polled = counter.poll(late.as_mut());
            (late, counter, polled, hand)
        });
        let polled = first_counter.poll(first.as_mut());
        assert!(polled.is_pending());
        let was_woken = event.join().unwrap();
        let (mut late, counter, polled, late_hand) = joiner.join().unwrap();
        let has_started = late_hand.kept.lock().unwrap().is_some();
        if has_started {
            return;
        }
        if !was_woken {
            hand.wake();
        }
        // The first is never polled again.
        match polled {
            Poll::Ready(value) => assert_eq!(value, 7),
            Poll::Pending => {
                assert!(counter.wakes() > 0);
                assert_eq!(counter.poll(late.as_mut()), Poll::Ready(7));
            }
        }
        drop(first);
        assert_eq!(group.in_flight(), 0);
    });
}

/// Property: a caller that comes as the last one goes joins a flight that goes on, or starts another; the work is dropped
/// once.
/// Fails if: closing does not take the flight off the list in the same step (`closed-but-listed`), or who goes closes
/// although others are there (`closed-beside-others`).
#[test]
fn last_goes_beside_a_newcomer() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let group = forever(Group::new());
        let (first, hand) = started(group, &Counter::new());
        let goes = spawn(move || drop(first));
        let (mut late, own) = late(group);
        assert!(Counter::new().poll(late.as_mut()).is_pending());
        goes.join().unwrap();
        assert_eq!(group.in_flight(), 1);
        let starts = own.kept.lock().unwrap().is_some();
        assert_eq!(hand.dropped.get(), usize::from(starts));
        seen.saw(if starts { "starts" } else { "joins" });
        drop(late);
        assert_eq!((group.in_flight(), hand.dropped.get()), (0, 1));
    });
    outcomes.were(&["joins", "starts"]);
}

/// Property: of two that go at once, the last drops the work, after what the other has done to it.
/// Fails if: who closes does not see what was done with the work (`closing-sees-nothing`), or who gives it back does not
/// publish that (`given-back-unpublished`).
#[test]
fn two_last_go_at_once() {
    model(3, || {
        let group = forever(Group::new());
        let (mut work, hand) = work();
        work.ready_at = usize::MAX;
        let mut first = caller(group, work);
        assert!(Counter::new().poll(first.as_mut()).is_pending());
        let (mut second, _own) = late(group);
        assert!(Counter::new().poll(second.as_mut()).is_pending());
        hand.wake();
        let goes = spawn(move || {
            let _ = Counter::new().poll(second.as_mut());
            drop(second);
        });
        let _ = Counter::new().poll(first.as_mut());
        drop(first);
        goes.join().unwrap();
        assert_eq!((group.in_flight(), hand.dropped.get()), (0, 1));
    });
}

/// Property: two newcomers share one flight.
/// Fails if: a new flight is listed without a look in the same section of the lock (`listed-without-a-look`).
#[test]
fn two_newcomers() {
    model(3, || {
        let group = forever(Group::new());
        let thread = spawn(move || {
            let (mut late, hand) = late(group);
            assert!(Counter::new().poll(late.as_mut()).is_pending());
            (late, hand)
        });
        let (mut own, own_hand) = late(group);
        assert!(Counter::new().poll(own.as_mut()).is_pending());
        let (theirs, their_hand) = thread.join().unwrap();
        assert_eq!(group.in_flight(), 1);
        let polled = [own_hand, their_hand].map(|hand| usize::from(hand.kept.lock().unwrap().is_some()));
        assert_eq!(polled[0] + polled[1], 1);
        drop((own, theirs));
        assert_eq!(group.in_flight(), 0);
    });
}

/// Property: who is told of a panic comes after all that the work had done, and the key is free then.
/// Fails if: a poll that unwinds does not end the flight (`panic-ends-nothing`), or an end wakes nobody
/// (`end-wakes-nobody`).
#[test]
fn panic_then_told() {
    model(3, || {
        let group = forever(Group::new());
        let (mut work, hand) = work();
        let did = forever(Shadow::new(0));
        let counter = Counter::new();
        let other = Box::pin(group.work(1, || async { unreachable!() }).checked());
        let other = Arc::new(Mutex::new(other));
        let (joins, joining) = (other.clone(), counter.clone());
        work.at_end = Some(Box::new(move || {
            assert!(joining.poll(joins.lock().unwrap().as_mut()).is_pending());
            did.set(9);
            panic_any("planned");
        }));
        let mut first = caller(group, work);
        assert!(Counter::new().poll(first.as_mut()).is_pending());
        hand.wake();
        let told = spawn(move || {
            // Not before the flight has ended: see the last section of the README. The wake itself orders nothing here.
            while counter.wakes() == 0 {
                thread::yield_now();
            }
            assert_eq!(poll_until_ready(other.lock().unwrap().as_mut()), Err(Panicked));
            assert_eq!((did.get(), group.in_flight()), (9, 0));
        });
        assert!(panics_with("planned", || {
            let _ = Counter::new().poll(first.as_mut());
        }));
        told.join().unwrap();
        drop(first);
        assert_eq!(hand.dropped.get(), 1);
    });
}
