//! A child costs no allocation, and a group does not grow with the children that it has had. Counted per thread.

use core::num::NonZeroUsize;
use core::pin::pin;

use crate::common::{CountingWaker, poll_with};
use crate::counting::allocations;
use crate::{Ended, Group, ended, well};

#[test]
fn a_million_children_one_after_the_other_allocate_nothing() {
    let mut group = Group::builder().abort_on_cancel().limit(NonZeroUsize::MIN).build();
    let wakes = CountingWaker::new();
    let waker = wakes.waker();
    let count = allocations(|| {
        for i in 0..1_000_000 {
            if i % 2 == 0 {
                let child = group.try_spawn(well(), |child| child).unwrap();
                assert!(poll_with(pin!(child), &waker).is_ready());
            } else {
                assert!(poll_with(pin!(group.track(well())), &waker).is_ready());
            }
        }
    });
    assert_eq!((count, ended(&mut group)), (0, Ended::Well));
}

#[test]
fn waiting_cancelling_and_failing_allocate_nothing() {
    let mut group = Group::builder().abort_on_cancel().limit(NonZeroUsize::MIN).build();
    let wakes = CountingWaker::new();
    let waker = wakes.waker();
    let spawner = group.spawner();
    let count = allocations(|| {
        let mut running = pin!(spawner.try_spawn(core::future::pending(), |child| child).unwrap());
        let mut queued = pin!(spawner.track(well()));
        let mut spawn = pin!(spawner.spawn::<_, _, _, ()>(core::future::pending(), drop));
        assert!(poll_with(running.as_mut(), &waker).is_pending());
        assert!(poll_with(queued.as_mut(), &waker).is_pending());
        assert!(poll_with(spawn.as_mut(), &waker).is_pending());
        assert!(poll_with(pin!(group.wait()), &waker).is_pending());
        spawner.member().finish(Err("failed"));
        let ready = poll_with::<xsync::Child<core::future::Pending<Result<(), _>>, _>>(running.as_mut(), &waker);
        assert!(ready.is_ready());
        assert!(poll_with(queued.as_mut(), &waker).is_ready());
        assert!(poll_with(spawn.as_mut(), &waker).is_ready());
        assert_eq!(ended_quietly(&mut group, &waker), Ended::Task("failed"));
    });
    assert_eq!(count, 0);
}

fn ended_quietly(group: &mut Group, waker: &core::task::Waker) -> Ended {
    match poll_with(pin!(group.wait()), waker) {
        core::task::Poll::Ready(outcome) => outcome.into(),
        core::task::Poll::Pending => panic!("was to be ready"),
    }
}
