//! Who frees what a group shares: the seats together own one reference (G1). loom misses a reference that is kept, and
//! one that is given up twice.

use std::pin::pin;

use loom::future::block_on;
use loom::thread;
use xsync::ErrGroup;
use xsync_loom_tests::{Shadow, forever, model, poll, spawn};

use crate::Group;

/// Property: the owner, the last spawner and the last child go at once: the memory goes once, after all of them.
/// Fails if: the seats have no reference (`seats-have-no-reference`), or keep it (`seats-keep-their-reference`).
#[test]
fn owner_and_spawner_and_child_go() {
    model(3, || {
        let group = Group::new();
        let member = group.member();
        let spawner = group.spawner();
        let child = spawn(move || member.finish(Ok(())));
        let other = spawn(move || drop(spawner));
        drop(group);
        child.join().unwrap();
        other.join().unwrap();
    });
}

/// Property: the count goes from one to zero, and to one again, while the owner goes: the reference of the seats is
/// counted right, whatever the order.
/// Fails if: the seats have no reference (`seats-have-no-reference`), keep it (`seats-keep-their-reference`), each have
/// their own (`each-seat-has-a-reference`), or each of two takes itself for the last (`two-are-the-last`).
#[test]
fn count_returns_to_one() {
    model(3, || {
        let group = Group::new();
        let member = group.member();
        let spawner = group.spawner();
        let last = spawn(move || member.finish(Ok(())));
        let next = spawn(move || {
            let member = spawner.member();
            drop(spawner);
            member.finish(Ok(()));
        });
        drop(group);
        last.join().unwrap();
        next.join().unwrap();
    });
}

/// Property: an owner who finds the group at its end, and goes with it while the last child is about to wake it: the
/// memory lasts until the child is done with it.
/// Fails if: the last child gives the reference up before it wakes (`given-up-before-the-wake`), or the seats keep it
/// (`seats-keep-their-reference`).
#[test]
fn owner_goes_beside_the_wake() {
    model(3, || {
        let mut group = Group::new();
        let member = group.member();
        let owner = spawn(move || {
            while poll(pin!(group.wait())).is_pending() {
                thread::yield_now();
            }
            drop(group);
            scribble();
        });
        member.finish(Ok(()));
        owner.join().unwrap();
    });
}

/// Property: a join, which owns the group, is woken, and goes with it.
/// Fails if: the last child wakes nobody (`last-child-wakes-nobody`), or the seats keep their reference
/// (`seats-keep-their-reference`).
#[test]
fn join_races_last_child() {
    model(3, || {
        let group = Group::new();
        let member = group.member();
        let child = spawn(move || member.finish(Err(1)));
        assert_eq!(block_on(group.join()).unwrap_err().into_task(), Some(1));
        child.join().unwrap();
    });
}

/// Writes to memory that was freed: who uses it still finds nothing that makes sense.
fn scribble() {
    let blocks: Vec<Vec<u8>> = (1..256).map(|n| vec![0xa5; 16 * n]).collect();
    drop(std::hint::black_box(blocks));
}

/// An error that is written to when it is dropped.
#[derive(Debug)]
struct Written(&'static Shadow);

impl Drop for Written {
    fn drop(&mut self) {
        self.0.increment();
    }
}

/// Property: a child that frees what the group shares, with the failure of another child in it, has seen what that one
/// did.
/// Fails if: counting out publishes nothing (`count-out-publishes-nothing`), or orders nothing after it
/// (`count-out-sees-nothing`).
#[test]
fn failure_freed_by_another_child() {
    model(3, || {
        let data = forever(Shadow::new(0));
        let group = ErrGroup::<Written>::new();
        let (failing, other) = (group.member(), group.member());
        drop(group);
        let failing = spawn(move || {
            data.increment();
            failing.finish(Err(Written(data)));
        });
        let other = spawn(move || other.finish(Ok(())));
        failing.join().unwrap();
        other.join().unwrap();
        assert_eq!(data.get(), 2);
    });
}
