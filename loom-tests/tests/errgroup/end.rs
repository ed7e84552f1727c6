//! The end of a group: the last child, the owner who waits, and who starts one child more (G2, G3).

use std::future::ready;
use std::mem;
use std::pin::pin;

use loom::future::block_on;
use xsync::{Cause, Reason};
use xsync_loom_tests::{Counter, Outcomes, Shadow, forever, model, poll, poll_until_ready, spawn};

use crate::{Group, count, told};

/// Property: an owner who registers while the last child counts itself out is woken, or sees it. The group has ended
/// then, and the outcome stays.
/// Fails if: one who registers does not look again under the lock (`owner-does-not-look-again`), or the last child
/// wakes nobody (`last-child-wakes-nobody`).
#[test]
fn last_child_races_wait() {
    model(3, || {
        let mut group = Group::new();
        let member = group.member();
        let thread = spawn(move || member.finish(Ok(())));
        assert!(block_on(group.wait()).is_ok());
        assert!(matches!(group.token().cause(), Some(Cause::Finished)));
        assert!(poll(pin!(group.wait())).is_ready());
        thread.join().unwrap();
    });
}

/// Property: the same with a cancel at the same time. A child that is dropped is a failure if the group was not
/// cancelled before; it never passes for success.
/// Fails if: one who registers does not look again under the lock (`owner-does-not-look-again`), or a child that is
/// given up in a cancelled group leaves no trace (`given-up-leaves-no-trace`).
#[test]
fn last_child_races_wait_and_cancel() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let mut group = Group::new();
        let member = group.member();
        let spawner = group.spawner();
        let leaver = spawn(move || drop(member));
        let owner = spawn(move || told(block_on(group.wait())));
        spawner.cancel();
        leaver.join().unwrap();
        seen.saw(owner.join().unwrap());
    });
    outcomes.were(&["Err(Aborted)", "Err(Cancelled)"]);
}

/// Property: of two children that end at once one is the last: an owner who was waiting is woken once, and then it has
/// ended.
/// Fails if: the last child wakes nobody (`last-child-wakes-nobody`), or each of two takes itself for the last
/// (`two-are-the-last`).
#[test]
fn two_last_children() {
    model(3, || {
        let mut group = Group::new();
        let members = [group.member(), group.member()];
        let waker = Counter::new();
        let mut waiting = Box::pin(group.wait());
        assert!(waker.poll(waiting.as_mut()).is_pending());
        let threads = members.map(|member| spawn(move || member.finish(Ok(()))));
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!((waker.wakes(), waker.kept()), (1, 0));
        assert!(poll(waiting.as_mut()).is_ready());
    });
}

/// Property: a wait that is given up while the last child ends leaves the group as it was: it has not ended, starts
/// another child, and is waited for again.
/// Fails if: the last child ends the group for an owner who has gone (`last-child-closes`), or the wait stays in line
/// (`leaver-stays-linked`).
#[test]
fn dropped_wait_races_last_child() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let mut group = Group::new();
        let member = group.member();
        let waker = Counter::new();
        let mut waiting = Box::pin(group.wait());
        assert!(waker.poll(waiting.as_mut()).is_pending());
        let thread = spawn(move || member.finish(Ok(())));
        drop(waiting);
        let another = group.try_spawn(ready(Ok::<(), usize>(())), |child| child).unwrap();
        let owner = spawn(move || told(block_on(group.wait())));
        block_on(another);
        assert_eq!(owner.join().unwrap(), "Ok(())");
        thread.join().unwrap();
        seen.saw(waker.wakes());
        assert_eq!(waker.kept(), 0);
    });
    outcomes.were(&["0", "1"]);
}

/// Property: a wait that was leaked, and is still in line, does not get the wake of the one after it.
/// Fails if: the last child wakes the front only (`last-child-wakes-the-front`).
#[test]
fn leaked_wait_before_one_that_races_last_child() {
    model(3, || {
        let mut group = Group::new();
        let member = group.member();
        let mut leaked = Box::pin(group.wait());
        assert!(Counter::new().poll(leaked.as_mut()).is_pending());
        mem::forget(leaked);
        let thread = spawn(move || member.finish(Ok(())));
        assert!(block_on(group.wait()).is_ok());
        thread.join().unwrap();
    });
}

/// Property: an owner who is woken may find a child that was started since: it waits for that one too.
/// Fails if: being woken is taken for the end (`woken-is-the-end`).
#[test]
fn another_child_races_the_wake() {
    model(3, || {
        let data = forever(Shadow::new(0));
        let mut group = Group::new();
        let member = group.member();
        let spawner = group.spawner();
        let first = spawn(move || member.finish(Ok(())));
        let second = spawn(move || {
            let started = spawner.try_spawn(count(data), |child| child);
            started.map_or(0, |child| {
                poll_until_ready(pin!(child));
                1
            })
        });
        assert!(block_on(group.wait()).is_ok());
        let written = data.get();
        first.join().unwrap();
        assert_eq!(second.join().unwrap(), written);
    });
}

/// Property: a child that is started beside the end of the wait is waited for, or refused, with the reason.
/// Fails if: a group that has ended gives a seat away (`seat-after-the-end`), or it ends whatever the count has become
/// meanwhile (`end-not-exchanged`).
#[test]
fn spawn_races_end() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let data = forever(Shadow::new(0));
        let mut group = Group::new();
        let spawner = group.spawner();
        let thread = spawn(move || {
            let started = spawner.try_spawn(count(data), |child| block_on(child));
            started.map_err(|refused| assert_eq!(refused.reason, Reason::Finished)).is_ok()
        });
        assert!(block_on(group.wait()).is_ok());
        let written = data.get();
        let started = thread.join().unwrap();
        assert_eq!(written, usize::from(started));
        seen.saw(if started { "waited for" } else { "refused" });
    });
    outcomes.were(&["refused", "waited for"]);
}
