//! Cancellation and the life of a child: before its first poll, while it sleeps, as it finishes.

use std::future::{Future, pending, ready};

use loom::future::block_on;
use xsync::{CancelFlag, Child};
use xsync_loom_tests::{Outcomes, Shadow, forever, model, spawn};

use crate::{Group, OnDrop, count, told};

/// A group that aborts on cancel, and a child of it that has `guard` until it ends, after `future`.
fn aborting<F>(future: F, guard: OnDrop) -> (Group, Child<impl Future<Output = Result<(), usize>>, usize>)
where
    F: Future<Output = ()> + 'static,
{
    let group = Group::builder().abort_on_cancel().build();
    let guarded = async move {
        let _guard = guard;
        future.await;
        Ok(())
    };
    let child = group.try_spawn(guarded, |child| child).unwrap();
    (group, child)
}

/// Property: a child that could finish beside a cancel has finished or is aborted; its future is gone before the wait
/// ends, and its waiter has left the token's queue.
/// Fails if: one that is aborted leaves no trace (`aborted-leaves-no-trace`), or its waiter stays in line
/// (`waiter-left-behind`).
#[test]
fn abort_races_finish() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let data = forever(Shadow::new(0));
        let go = forever(CancelFlag::new());
        let (mut group, child) = aborting(go.cancelled(), OnDrop(data));
        let runner = spawn(move || block_on(child));
        let opener = spawn(move || go.cancel());
        group.cancel();
        seen.saw(told(block_on(group.wait())));
        assert_eq!(data.get(), 1);
        runner.join().unwrap();
        opener.join().unwrap();
    });
    outcomes.were(&["Err(Cancelled)", "Ok(())"]);
}

/// Property: a child that sleeps for ever is woken by the cancel, and dropped.
/// Fails if: it does not wait for the cancellation (`abort-does-not-wait`), or leaves no trace
/// (`aborted-leaves-no-trace`).
#[test]
fn abort_races_sleep() {
    model(3, || {
        let data = forever(Shadow::new(0));
        let (mut group, child) = aborting(pending(), OnDrop(data));
        let runner = spawn(move || child.wait());
        group.cancel();
        assert_eq!(told(block_on(group.wait())), "Err(Cancelled)");
        assert_eq!(data.get(), 1);
        runner.join().unwrap();
    });
}

/// Property: without aborts, a child is begun before the cancel, and ends by itself, or not begun at all.
/// Fails if: a child is begun in a cancelled group (`begun-after-the-cancel`), or one that is not begun leaves no trace
/// (`aborted-leaves-no-trace`).
#[test]
fn cancel_races_first_poll() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let data = forever(Shadow::new(0));
        let mut group = Group::new();
        let child = group.try_spawn(count(data), |child| child).unwrap();
        let runner = spawn(move || block_on(child));
        group.cancel();
        let ended = told(block_on(group.wait()));
        assert_eq!(data.get(), usize::from(ended == "Ok(())"));
        runner.join().unwrap();
        seen.saw(ended);
    });
    outcomes.were(&["Err(Cancelled)", "Ok(())"]);
}

/// Property: the drop of the owner aborts a child that sleeps; it frees what they shared.
/// Fails if: it does not wait for the cancellation (`abort-does-not-wait`), or the seats keep their reference
/// (`seats-keep-their-reference`).
#[test]
fn drop_of_the_owner_races_sleep() {
    model(3, || {
        let data = forever(Shadow::new(0));
        let (group, child) = aborting(pending(), OnDrop(data));
        let runner = spawn(move || block_on(child));
        drop(group);
        runner.join().unwrap();
        assert_eq!(data.get(), 1);
    });
}

/// Property: a child whose parent token is cancelled is aborted through the group's token.
/// Fails if: it does not wait for the cancellation (`abort-does-not-wait`).
#[test]
fn cancel_of_the_parent_races_sleep() {
    model(3, || {
        let parent = xsync::CancelToken::new();
        let mut group = Group::builder().parent(&parent).abort_on_cancel().build();
        let child = group.try_spawn(pending::<Result<(), usize>>(), |child| child).unwrap();
        let other = group.try_spawn(ready(Ok::<(), usize>(())), |child| child).unwrap();
        let runners = [spawn(move || block_on(child)), spawn(move || block_on(other))];
        parent.cancel();
        assert_eq!(told(block_on(group.wait())), "Err(Cancelled)");
        for runner in runners {
            runner.join().unwrap();
        }
    });
}
