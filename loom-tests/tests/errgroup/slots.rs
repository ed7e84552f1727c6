//! Groups with a limit, here of one child: waiting for the slot, by a spawn and by a child that is counted already.

use std::future::{Future, poll_fn, ready};
use std::mem::replace;
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};
use std::task::Poll;

use loom::future::block_on;
use xsync::Reason;
use xsync_loom_tests::{Outcomes, Shadow, forever, model, poll, spawn};

use crate::{Group, count, told};

/// A group of one at a time, and that one, which has begun, and finishes when it is polled again.
fn full() -> (Group, Pin<Box<dyn Future<Output = ()>>>) {
    let group = Group::builder().limit(NonZeroUsize::MIN).build();
    let mut begun = false;
    let body = poll_fn(move |_| if replace(&mut begun, true) { Poll::Ready(Ok(())) } else { Poll::Pending });
    let mut child = Box::pin(group.try_spawn(body, |child| child).unwrap());
    assert!(poll(child.as_mut()).is_pending());
    (group, child)
}

/// Property: a thread that waits for a slot that does not come free is refused when the group is cancelled.
/// Fails if: it does not wait for the cancellation too (`until-does-not-register`).
#[test]
fn slot_wait_races_cancel() {
    model(3, || {
        let (mut group, running) = full();
        let spawner = group.spawner();
        let thread = spawn(move || spawner.spawn(ready(Ok::<(), usize>(())), |_| ()).wait().unwrap_err().reason);
        group.cancel();
        assert_eq!(thread.join().unwrap(), Reason::Cancelled);
        block_on(running);
        assert_eq!(told(block_on(group.wait())), "Err(Cancelled)");
    });
}

/// Property: a slot that comes free after the cancel starts nobody.
/// Fails if: the cancellation is looked at before the slot is granted, and not after (`until-looks-once`).
#[test]
fn slot_free_after_the_cancel() {
    model(3, || {
        let (mut group, running) = full();
        let spawner = group.spawner();
        let thread = spawn(move || block_on(spawner.spawn(ready(Ok::<(), usize>(())), |_| ())).unwrap_err().reason);
        group.cancel();
        block_on(running);
        assert_eq!(thread.join().unwrap(), Reason::Cancelled);
        assert_eq!(told(block_on(group.wait())), "Err(Cancelled)");
    });
}

/// Property: the slot of a child that finishes goes to a spawn that is queued, and with it all that the child wrote:
/// one at a time.
/// Fails if: a child keeps its slot (`slot-kept`), or is started without one (`slot-given-back-at-once`).
#[test]
fn finish_races_queued_spawn() {
    model(3, || {
        let data = forever(Shadow::new(0));
        let mut group = Group::builder().limit(NonZeroUsize::MIN).build();
        let first = group.try_spawn(count(data), |child| child).unwrap();
        let spawner = group.spawner();
        let runner = spawn(move || block_on(first));
        let queued = spawn(move || block_on(block_on(spawner.spawn(count(data), |child| child)).unwrap()));
        runner.join().unwrap();
        queued.join().unwrap();
        assert_eq!(told(block_on(group.wait())), "Ok(())");
        assert_eq!(data.get(), 2);
    });
}

/// Property: a spawn that does not wait never passes a queued one, at whatever moment the slot comes free.
/// Fails if: a child keeps its slot (`slot-kept`).
#[test]
fn finish_races_queued_spawn_and_try_spawn() {
    model(3, || {
        let (mut group, running) = full();
        let spawner = group.spawner();
        let mut queued = pin!(spawner.spawn(ready(Ok::<(), usize>(())), |child| child));
        assert!(poll(queued.as_mut()).is_pending());
        let runner = spawn(move || block_on(running));
        let refused = group.try_spawn(ready(Ok::<(), usize>(())), |_| ()).unwrap_err();
        assert_eq!(refused.reason, Reason::Full);
        block_on(block_on(queued.as_mut()).unwrap());
        runner.join().unwrap();
        assert_eq!(told(block_on(group.wait())), "Ok(())");
    });
}

/// Property: a tracked child that waits for its slot is ended by the cancel.
/// Fails if: it does not wait for the cancellation too (`tracked-does-not-wait-for-the-cancel`), or leaves no trace
/// (`aborted-leaves-no-trace`).
#[test]
fn tracked_wait_races_cancel() {
    model(3, || {
        let (mut group, running) = full();
        let tracked = group.track(ready(Ok::<(), usize>(())));
        let thread = spawn(move || tracked.wait());
        group.cancel();
        thread.join().unwrap();
        block_on(running);
        assert_eq!(told(block_on(group.wait())), "Err(Cancelled)");
    });
}

/// Property: tracked children run one at a time, each with what the one before wrote, and all of them come to it.
/// Fails if: a tracked child loses its slot (`tracked-slot-lost`), a child keeps its slot (`slot-kept`), or is polled
/// without one (`tracked-takes-no-slot`).
#[test]
fn two_tracked_children() {
    model(3, || {
        let data = forever(Shadow::new(0));
        let mut group = Group::builder().limit(NonZeroUsize::MIN).build();
        let threads = [(); 2].map(|()| {
            let tracked = group.track(count(data));
            spawn(move || block_on(tracked))
        });
        assert_eq!(told(block_on(group.wait())), "Ok(())");
        assert_eq!(data.get(), 2);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// Property: a tracked child is granted its slot, and begun, or ended by the cancel that comes at that moment.
/// Fails if: one that is ended leaves no trace (`aborted-leaves-no-trace`).
#[test]
fn tracked_grant_races_cancel() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let data = forever(Shadow::new(0));
        let (mut group, running) = full();
        let tracked = group.track(count(data));
        let runner = spawn(move || block_on(tracked));
        let canceller = {
            let spawner = group.spawner();
            spawn(move || spawner.cancel())
        };
        block_on(running);
        let ended = told(block_on(group.wait()));
        assert_eq!(data.get(), usize::from(ended == "Ok(())"));
        runner.join().unwrap();
        canceller.join().unwrap();
        seen.saw(ended);
    });
    outcomes.were(&["Err(Cancelled)", "Ok(())"]);
}

/// Property: a tracked child that waits for its slot is dropped after its owner: it leaves the line before it frees the
/// semaphore that it is in line for.
/// Fails if: the seats have no reference (`seats-have-no-reference`), or keep it (`seats-keep-their-reference`).
#[test]
fn tracked_and_owner_go() {
    model(3, || {
        let (group, running) = full();
        let mut tracked = Box::pin(group.track(ready(Ok::<(), usize>(()))));
        assert!(poll(tracked.as_mut()).is_pending());
        let runner = spawn(move || block_on(running));
        let leaver = spawn(move || drop(tracked));
        drop(group);
        runner.join().unwrap();
        leaver.join().unwrap();
    });
}
