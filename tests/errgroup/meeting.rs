//! Races made certain. Before somebody queues, the waker is cloned, after the last look and before the lock: what
//! happens in that clone is what another thread might do at that moment.

use core::cell::RefCell;
use core::future::{Future, pending};
use core::mem::ManuallyDrop;
use core::num::NonZeroUsize;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};
use std::sync::Arc;

use xsync::Reason;

use crate::common::{CountingWaker, poll, task::Task};
use crate::{Ended, Group, ended, running, steered, well};

/// A waker that does something when it is cloned for the first time; the clones count.
struct OnClone<'a> {
    hook: RefCell<Option<Box<dyn FnOnce() + 'a>>>,
    counter: Arc<CountingWaker>,
}

impl<'a> OnClone<'a> {
    fn new(hook: impl FnOnce() + 'a) -> Self {
        Self { hook: RefCell::new(Some(Box::new(hook))), counter: CountingWaker::new() }
    }

    /// One poll, which clones it.
    #[track_caller]
    fn poll<F: Future>(&self, future: Pin<&mut F>) -> Poll<F::Output> {
        const VTABLE: RawWakerVTable = RawWakerVTable::new(clone, |_| unreachable!(), |_| unreachable!(), |_| ());

        unsafe fn clone(hooked: *const ()) -> RawWaker {
            // SAFETY: made of a reference below, which outlives the poll.
            let hooked = unsafe { &*hooked.cast::<OnClone<'_>>() };
            if let Some(hook) = hooked.hook.take() {
                hook();
            }
            let waker = ManuallyDrop::new(hooked.counter.waker());
            RawWaker::new(waker.data(), waker.vtable())
        }

        // SAFETY: on this thread, and no longer than this poll; its clones are other wakers.
        let waker = unsafe { Waker::new((&raw const *self).cast(), &VTABLE) };
        let polled = future.poll(&mut Context::from_waker(&waker));
        assert!(self.hook.borrow().is_none(), "was to be cloned");
        polled
    }
}

#[test]
fn the_last_child_ends_while_the_owner_queues() {
    let mut group = Group::new();
    let member = group.member();
    let waker = OnClone::new(|| member.finish(Err("the last")));
    let Poll::Ready(outcome) = waker.poll(pin!(group.wait())) else { panic!("nobody will wake it") };
    assert_eq!(Ended::from(outcome), Ended::Task("the last"));
    assert_eq!(waker.counter.wakes(), 0);
}

#[test]
fn one_child_ends_and_another_begins_while_the_owner_queues() {
    let mut group = Group::new();
    let (spawner, first) = (group.spawner(), group.member());
    let mut second = None;
    let waker = OnClone::new(|| {
        first.finish(Ok(()));
        second = Some(spawner.member());
    });
    let mut wait = Box::pin(group.wait());
    assert!(waker.poll(wait.as_mut()).is_pending());
    let counter = Arc::clone(&waker.counter);
    drop(waker);
    second.unwrap().finish(Ok(()));
    assert_eq!(counter.wakes(), 1);
    assert!(poll(wait.as_mut()).is_ready());
}

#[test]
fn a_child_is_cancelled_while_it_queues_for_that() {
    let mut group = Group::builder().abort_on_cancel().build();
    let spawner = group.spawner();
    let mut child = Box::pin(group.try_spawn(pending::<Result<(), _>>(), |child| child).unwrap());
    let waker = OnClone::new(|| spawner.cancel());
    assert!(waker.poll(child.as_mut()).is_ready());
    assert_eq!((waker.counter.wakes(), ended(&mut group)), (0, Ended::Cancelled));
}

#[test]
fn a_slot_comes_free_while_a_child_queues_for_it() {
    let mut group = Group::builder().limit(NonZeroUsize::MIN).build();
    let (mut first, steer) = running(&group);
    steer.ends(|| Ok(()));
    let mut queued = Box::pin(group.track(well()));
    let waker = OnClone::new(|| first.ready());
    assert!(waker.poll(queued.as_mut()).is_ready());
    assert_eq!(ended(&mut group), Ended::Well);
}

/// Of the two lines that a child stands in, one for its slot and one for the cancellation, the second.
#[test]
fn a_child_is_cancelled_while_it_queues_for_its_slot() {
    let mut group = Group::builder().limit(NonZeroUsize::MIN).build();
    let (first, _steer) = running(&group);
    let (future, steer) = steered();
    let mut queued = Box::pin(group.track(future));
    let waker = OnClone::new(|| group.cancel());
    assert!(waker.poll(queued.as_mut()).is_ready());
    assert_eq!((steer.polls(), steer.is_dropped()), (0, true));
    drop((queued, first, waker));
    assert_eq!(ended(&mut group), Ended::Cancelled);
}

#[test]
fn a_spawn_is_cancelled_or_served_while_it_queues_for_its_slot() {
    for cancelled in [true, false] {
        let group = Group::builder().limit(NonZeroUsize::MIN).build();
        let spawner = group.spawner();
        let (mut first, steer) = running(&group);
        steer.ends(|| Ok(()));
        let mut spawn = Box::pin(spawner.spawn(well(), Task::new));
        let waker = OnClone::new(|| if cancelled { group.cancel() } else { first.ready() });
        match waker.poll(spawn.as_mut()) {
            Poll::Ready(Err(refused)) => assert!(cancelled && refused.reason == Reason::Cancelled),
            Poll::Ready(Ok(mut task)) => {
                assert!(!cancelled);
                task.ready();
            }
            Poll::Pending => panic!("nobody will wake it"),
        }
    }
}
