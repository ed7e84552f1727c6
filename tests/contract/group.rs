//! What a group costs: two allocations to set it up, none for a child, a limit, or the wait.

use core::future::{Future, pending, ready};
use core::num::NonZeroUsize;
use core::pin::{Pin, pin};
use core::task::{Poll, Waker};

use xsync::{CancelToken, Child, ErrGroup, GroupBuilder, GroupError, Reason};

use crate::common::{CountingWaker, poll_with};
use crate::counting::{allocations, bytes};

type Builder = GroupBuilder<u8>;

/// What is shared, and the token; the limit's semaphore and the modes are inside.
const SET_UP: usize = 2;

fn limit(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn done<F: Future>(future: Pin<&mut F>, waker: &Waker) -> F::Output {
    match poll_with(future, waker) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("was to be ready"),
    }
}

#[test]
fn a_group_is_two_allocations_whatever_it_does() {
    let parent = CancelToken::new();
    let builders: [fn(Builder, &CancelToken) -> Builder; 4] = [
        |builder, _| builder,
        |builder, _| builder.limit(limit(3)),
        |builder, parent| builder.parent(parent),
        |builder, parent| builder.limit(limit(3)).parent(parent).abort_on_cancel(),
    ];
    let before = bytes();
    for build in builders {
        let mut group = None;
        assert_eq!(allocations(|| group = Some(build(ErrGroup::builder(), &parent).build())), SET_UP);
        let spawner = group.as_ref().unwrap().spawner();
        assert_eq!(allocations(|| drop(spawner.clone())), 0);
        drop((group, spawner));
        assert_eq!(bytes(), before, "all of it goes");
    }
}

#[cfg(feature = "std")]
#[test]
fn capturing_panics_costs_a_group_no_more() {
    // The first installs a hook, once in the life of the process.
    drop(ErrGroup::<u8>::builder().capture_panics().build());
    assert_eq!(allocations(|| drop(ErrGroup::<u8>::builder().capture_panics().build())), SET_UP);
    let group = ErrGroup::<u8>::builder().capture_panics().build();
    let count = allocations(|| {
        let mut child = pin!(group.track(ready(Ok(()))));
        done(child.as_mut(), Waker::noop());
    });
    assert_eq!(count, 0);
}

#[test]
fn a_child_allocates_nothing_in_any_form() {
    for with_limit in [false, true] {
        let builder = ErrGroup::builder().abort_on_cancel();
        let mut group = if with_limit { builder.limit(limit(2)).build() } else { builder.build() };
        let wakes = CountingWaker::new();
        let waker = wakes.waker();
        let mut outcome = None;
        let count = allocations(|| {
            let spawned = done(pin!(group.spawn(ready(Ok(())), |child| child)), &waker).ok().unwrap();
            let tried = group.try_spawn(ready(Ok(())), |child| child).ok().unwrap();
            if with_limit {
                let refused = group.try_spawn(ready(Ok(())), |child| child).err().unwrap();
                assert_eq!(refused.reason, Reason::Full);
            }
            let mut tracked = pin!(group.track(ready(Ok(()))));
            let mut waiting = pin!(group.spawner().member().run(pending::<Result<(), u8>>()));
            let member = group.member();
            // With a limit these wait for a slot.
            assert_eq!(poll_with(tracked.as_mut(), &waker).is_pending(), with_limit);
            if with_limit {
                let queued = pin!(group.spawn(ready(Ok(())), |child| child));
                assert!(poll_with(queued, &waker).is_pending());
            }
            assert!(poll_with(waiting.as_mut(), &waker).is_pending());
            done(pin!(spawned), &waker);
            done(pin!(tried), &waker);
            if with_limit {
                done(tracked.as_mut(), &waker);
            }
            member.finish(Ok(()));
            {
                let wait = pin!(group.wait());
                assert!(poll_with(wait, &waker).is_pending());
            }
            group.cancel();
            done(waiting.as_mut(), &waker);
            outcome = Some(matches!(done(pin!(group.wait()), &waker), Err(GroupError::Cancelled)));
        });
        assert_eq!((count, outcome), (0, Some(true)), "limit: {with_limit}");
    }
}

#[test]
fn a_failure_is_moved_and_not_copied() {
    let mut group = ErrGroup::<String>::new();
    let (text, waker) = (String::from("a failure"), CountingWaker::new().waker());
    let place = text.as_ptr();
    let mut child = Some(group.track(ready(Err::<(), _>(text))));
    let mut found = None;
    let count = allocations(|| {
        done(pin!(child.take().unwrap()), &waker);
        assert!(matches!(done(pin!(group.wait()), &waker), Err(GroupError::Task(_))));
        found = done(pin!(group.join()), &waker).err();
    });
    let error = found.and_then(GroupError::into_task).unwrap();
    assert_eq!((count, error.as_ptr()), (0, place));
}

#[test]
fn a_million_children_leave_nothing() {
    let mut group = ErrGroup::<u8>::new();
    let before = bytes();
    for _ in 0..1_000_000 {
        let child: Child<_, u8> = group.try_spawn(ready(Ok(())), |child| child).ok().unwrap();
        done(pin!(child), Waker::noop());
    }
    assert_eq!(bytes(), before);
    assert!(done(pin!(group.wait()), Waker::noop()).is_ok());
}

#[test]
fn a_group_that_is_dropped_with_children_is_freed_with_the_last() {
    let before = bytes();
    let group = ErrGroup::<u8>::new();
    let (member, spawner) = (group.member(), group.spawner());
    drop(group);
    assert!(member.token().is_cancelled());
    drop(spawner);
    assert!(bytes() > before);
    drop(member);
    assert_eq!(bytes(), before);
}
