//! The waker core, through the least primitive that it carries; and blocking waits, one inside another.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use loom::future::block_on;
use loom::thread;
use xsync::CancelFlag;
use xsync::internals::Line;
use xsync_loom_tests::{Counter, Outcomes, forever, model, poll, spawn};

/// Property: whoever resolves finds a joiner in line or not yet there; one in line is told and woken.
/// Fails if: the waker is lost on its way (`resolve-drops-the-waker`).
#[test]
fn enqueue_races_resolve() {
    model(3, || {
        let line = forever(Line::new());
        let joiner = spawn(move || block_on(line.join(1)));
        while line.resolve_front().is_empty() {
            thread::yield_now();
        }
        joiner.join().unwrap();
        assert!(line.payloads().is_empty());
    });
}

/// Property: after a poll that says pending, the waker of that poll is the one that is fired; no waker is kept.
/// Fails if: the old waker stays (`waker-not-replaced`), or the owner, who left the lock to clone its waker, does not
/// look again (`replacer-does-not-look-again`).
#[test]
fn waker_replaced_races_resolve() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let line = forever(Line::new());
        let (old, new) = (Counter::new(), Counter::new());
        let mut join = pin!(line.join(1));
        assert!(old.poll(join.as_mut()).is_pending());
        let resolver = spawn(move || assert_eq!(line.resolve_front(), [1]));
        let replaced = new.poll(join.as_mut());
        resolver.join().unwrap();
        match replaced {
            Poll::Pending => {
                assert_eq!((old.wakes(), new.wakes()), (0, 1));
                assert_eq!(poll(join.as_mut()), Poll::Ready(()));
                seen.saw("replaced, then resolved");
            }
            Poll::Ready(()) => {
                assert_eq!(old.wakes() + new.wakes(), 1);
                seen.saw(if new.wakes() == 1 { "resolved while replaced" } else { "resolved first" });
            }
        }
        assert_eq!((old.kept(), new.kept()), (0, 0));
    });
    outcomes.were(&["replaced, then resolved", "resolved first", "resolved while replaced"]);
}

/// Property: an owner may look at its waker without the lock while the resolver takes it out: pending means that the
/// wake is still to come.
/// Fails if: the resolver writes to the slot (`resolver-writes-the-slot`), or loses the waker
/// (`resolve-drops-the-waker`).
#[test]
fn poll_again_races_resolve() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let line = forever(Line::new());
        let waker = Counter::new();
        let mut join = Box::pin(line.join(1));
        assert!(waker.poll(join.as_mut()).is_pending());
        let owner = {
            let waker = waker.clone();
            spawn(move || (waker.poll(join.as_mut()), join))
        };
        assert_eq!(line.resolve_front(), [1]);
        let (looked, mut join) = owner.join().unwrap();
        assert_eq!((waker.wakes(), waker.kept()), (1, 0));
        if looked.is_pending() {
            assert_eq!(poll(join.as_mut()), Poll::Ready(()));
        }
        seen.saw(looked.is_pending());
    });
    outcomes.were(&["false", "true"]);
}

/// Property: one who leaves was resolved before, or is not seen by the resolver, who then takes the next.
/// Fails if: leaving does not unlink (`leaver-stays-linked`).
#[test]
fn leave_races_resolve() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let line = forever(Line::new());
        let (one, two) = (Counter::new(), Counter::new());
        let mut first = Box::pin(line.join(1));
        let mut second = pin!(line.join(2));
        assert!(one.poll(first.as_mut()).is_pending());
        assert!(two.poll(second.as_mut()).is_pending());
        let resolver = spawn(move || line.resolve_front());
        drop(first);
        let found = resolver.join().unwrap();
        match found[..] {
            [1, 2] => {
                assert_eq!((one.wakes(), two.wakes()), (1, 0));
                assert_eq!(line.payloads(), [2]);
            }
            [2] => {
                assert_eq!((one.wakes(), two.wakes()), (0, 1));
                assert!(line.payloads().is_empty());
                assert_eq!(poll(second.as_mut()), Poll::Ready(()));
            }
            _ => panic!("the resolver found {found:?}"),
        }
        assert_eq!(one.kept(), 0);
        seen.saw(format!("{found:?}"));
    });
    outcomes.were(&["[1, 2]", "[2]"]);
}

/// Property: a broadcast ends with those it began with: one who leaves its ring between two batches, and one who
/// joins meanwhile, change nothing for the others.
/// Fails if: the ring ends in null, as the list does, so that leaving its end cuts off the list
/// (`ring-ends-in-null`), or a broadcast stops at the end of a batch (`one-batch-only`).
#[test]
fn broadcast_races_leave_and_join() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let line = forever(Line::new());
        let counters = [(); 4].map(|()| Counter::new());
        let mut joins = [1, 2, 3].map(|payload| Some(Box::pin(line.join(payload))));
        for (join, counter) in joins.iter_mut().zip(&counters) {
            assert!(counter.poll(join.as_mut().unwrap().as_mut()).is_pending());
        }
        let broadcaster = spawn(move || line.resolve_all());
        let [first, second, third] = &mut joins;
        let third = third.take();
        let leaver = spawn(move || drop(third));
        let mut newcomer = pin!(line.join(4));
        let at_once = counters[3].poll(newcomer.as_mut()).is_ready();
        broadcaster.join().unwrap();
        leaver.join().unwrap();
        for (join, counter) in [(first, &counters[0]), (second, &counters[1])] {
            assert_eq!((counter.wakes(), counter.kept()), (1, 0));
            assert_eq!(poll(join.as_mut().unwrap().as_mut()), Poll::Ready(()));
        }
        assert!(counters[2].wakes() <= 1);
        assert_eq!(counters[2].kept(), 0);
        if counters[3].wakes() == 0 {
            assert!(!at_once);
            assert_eq!(line.payloads(), [4]);
        } else {
            assert!(at_once || poll(newcomer.as_mut()).is_ready());
            assert!(line.payloads().is_empty());
        }
        seen.saw(if counters[2].wakes() == 1 { "resolved before it left" } else { "left" });
        seen.saw(if counters[3].wakes() == 1 { "joined before the cut" } else { "joined after the cut" });
    });
    outcomes.were(&["joined after the cut", "joined before the cut", "left", "resolved before it left"]);
}

/// Property: of two broadcasts each waiter belongs to one: it is woken once, across batch boundaries.
/// Fails if: a broadcast stops at the end of a batch (`one-batch-only`), or leaves in line whom it cut off
/// (`broadcast-leaves-them-in-line`).
#[test]
fn two_broadcasts() {
    model(3, || {
        let line = forever(Line::new());
        let counters = [(); 3].map(|()| Counter::new());
        let mut joins = [1, 2, 3].map(|payload| Box::pin(line.join(payload)));
        for (join, counter) in joins.iter_mut().zip(&counters) {
            assert!(counter.poll(join.as_mut()).is_pending());
        }
        let thread = spawn(move || line.resolve_all());
        line.resolve_all();
        thread.join().unwrap();
        for (join, counter) in joins.iter_mut().zip(&counters) {
            assert_eq!((counter.wakes(), counter.kept()), (1, 0));
            assert_eq!(poll(join.as_mut()), Poll::Ready(()));
        }
        assert!(line.payloads().is_empty());
    });
}

/// Property: a wait inside a poll of another wait does not swallow the wake that comes for the outer one meanwhile.
/// Fails if: the inner one ends without a word to the outer (`inner-wait-swallows-the-wake`), or the wake does not
/// reach the parker (`wake-does-not-unpark`).
#[test]
fn wait_inside_a_wait() {
    model(3, || {
        let [outer, inner, never] = [(); 3].map(|()| forever(CancelFlag::new()));
        let thread = spawn(move || {
            let mut polls = 0;
            let mut waiting = Box::pin(outer.cancelled());
            let work = poll_fn(move |cx| {
                let polled = waiting.as_mut().poll(cx);
                polls += 1;
                // Not at its first poll: a thread looks twice before it sleeps.
                if polls == 2 && polled.is_pending() {
                    inner.cancelled().wait();
                }
                polled
            });
            assert!(never.run_until_cancelled(work).wait().is_some());
        });
        outer.cancel();
        inner.cancel();
        thread.join().unwrap();
        assert!(!never.is_cancelled());
    });
}
