//! When the wait ends, all destructors have run: a child is dropped before it is counted out, and before its slot is
//! free.

use core::future::{pending, poll_fn};
use core::num::NonZeroUsize;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::task::Poll;
use std::panic::resume_unwind;
use std::sync::Arc;

use xsync::{CancelToken, ErrGroup, Reason};

use crate::common::{CountingWaker, on_wake, panic_message, poll_with, task::Task};
use crate::{Ended, Group, Steer, child, ended, running, well};

/// When it is dropped, whoever waits has not been woken yet. Counts that.
struct Early {
    waiting: Arc<CountingWaker>,
    dropped: Arc<AtomicUsize>,
}

impl Drop for Early {
    fn drop(&mut self) {
        assert_eq!(self.waiting.wakes(), 0, "the wait has ended too early");
        self.dropped.fetch_add(1, SeqCst);
    }
}

/// The ways in which a child can end.
const ENDS: [fn(Task<crate::Child>, &Steer, &CancelToken); 6] = [
    |mut task, steer, _| {
        steer.ends(|| Ok(()));
        task.ready();
    },
    |mut task, steer, _| {
        steer.ends(|| Err("failed"));
        task.ready();
    },
    |mut task, steer, _| {
        steer.ends(|| resume_unwind(Box::new("panics")));
        assert_eq!(panic_message(|| task.poll()), "panics");
    },
    |mut task, _, token| {
        token.cancel();
        task.ready();
    },
    |task, _, _| drop(task),
    |task, _, token| {
        token.cancel();
        drop(task);
    },
];

#[test]
fn the_future_goes_before_the_child_is_counted_out_however_it_ends() {
    for end in ENDS {
        for began in [true, false] {
            let group = Group::builder().abort_on_cancel().build();
            let token = group.token().clone();
            let (task, steer) = if began { running(&group) } else { child(&group) };
            let (waiting, dropped) = (CountingWaker::new(), Arc::default());
            let early = Early { waiting: Arc::clone(&waiting), dropped: Arc::clone(&dropped) };
            steer.at_drop(move || drop(early));
            let mut join = Box::pin(group.join());
            assert!(poll_with(join.as_mut(), &waiting.waker()).is_pending());
            end(task, &steer, &token);
            assert_eq!((waiting.wakes(), dropped.load(SeqCst)), (1, 1));
            assert!(poll_with(join.as_mut(), &waiting.waker()).is_ready());
        }
    }
}

/// Of a child that ends well its output, of one that fails too late its error.
#[test]
fn what_it_returns_goes_before_the_child_is_counted_out() {
    for well in [true, false] {
        let group = ErrGroup::<Option<Early>>::new();
        let (waiting, dropped) = (CountingWaker::new(), Arc::default());
        let early = Early { waiting: Arc::clone(&waiting), dropped: Arc::clone(&dropped) };
        let output = if well { Ok(early) } else { Err(Some(early)) };
        let mut yielded = false;
        let mut output = Some(output);
        let returns = poll_fn(move |_| {
            if yielded {
                Poll::Ready(output.take().unwrap())
            } else {
                yielded = true;
                Poll::Pending
            }
        });
        let mut task = group.try_spawn(returns, Task::new).unwrap();
        task.assert_pending();
        if !well {
            group.member().finish(Err(None));
        }
        let mut join = Box::pin(group.join());
        assert!(poll_with(join.as_mut(), &waiting.waker()).is_pending());
        task.ready();
        assert_eq!((waiting.wakes(), dropped.load(SeqCst)), (1, 1));
        let Poll::Ready(outcome) = poll_with(join.as_mut(), &waiting.waker()) else { panic!("was to be ready") };
        assert_eq!(outcome.is_ok(), well);
    }
}

/// The error that is the outcome is not dropped before the group, and can be moved out.
#[test]
fn the_first_error_is_kept() {
    let error: Arc<()> = Arc::default();
    let mut group = ErrGroup::new();
    let late = group.member();
    group.member().finish(Err(Arc::clone(&error)));
    late.finish(Err(Arc::clone(&error)));
    assert_eq!(Arc::strong_count(&error), 2);
    for _ in 0..2 {
        assert!(Task::new(group.wait()).ready().is_err());
        assert_eq!(Arc::strong_count(&error), 2);
    }
    let outcome = Task::new(group.join()).ready();
    assert_eq!(Arc::strong_count(&error), 2);
    assert!(Arc::ptr_eq(&outcome.unwrap_err().into_task().unwrap(), &error));
    assert_eq!(Arc::strong_count(&error), 1);
}

/// Otherwise more would exist than the limit says.
#[test]
fn the_future_goes_before_its_slot_is_free() {
    let mut group = Group::builder().limit(NonZeroUsize::MIN).build();
    let spawner = group.spawner();
    let (mut task, steer) = running(&group);
    let waiting = CountingWaker::new();
    let mut spawn = Box::pin(spawner.spawn(well(), Task::new));
    assert!(poll_with(spawn.as_mut(), &waiting.waker()).is_pending());
    let dropped = Arc::default();
    let early = Early { waiting: Arc::clone(&waiting), dropped: Arc::clone(&dropped) };
    steer.at_drop(move || drop(early));
    steer.ends(|| Ok(()));
    task.ready();
    assert_eq!((waiting.wakes(), dropped.load(SeqCst)), (1, 1));
    let Poll::Ready(Ok(mut second)) = poll_with(spawn.as_mut(), &waiting.waker()) else { panic!("was to start") };
    second.ready();
    assert_eq!(ended(&mut group), Ended::Well);
}

/// The slot is given back before the child is counted out: a wait that has ended leaves none behind.
#[test]
fn the_slot_is_free_before_the_child_is_counted_out() {
    let group = Group::builder().limit(NonZeroUsize::MIN).build();
    let spawner = group.spawner();
    let (mut task, steer) = running(&group);
    let waiting = CountingWaker::new();
    let mut join = Box::pin(group.join());
    assert!(poll_with(join.as_mut(), &waiting.waker()).is_pending());
    let (seen, waits) = (Arc::new(AtomicUsize::new(usize::MAX)), Arc::clone(&waiting));
    let sees = Arc::clone(&seen);
    let mut spawn = Task::queued_with(
        spawner.spawn(well(), |_| panic!("called")),
        &on_wake(move || sees.store(waits.wakes(), SeqCst)),
    );
    steer.ends(|| Ok(()));
    task.ready();
    assert_eq!((seen.load(SeqCst), waiting.wakes()), (0, 1));
    assert!(poll_with(join.as_mut(), &waiting.waker()).is_ready());
    assert_eq!(spawn.ready().unwrap_err().reason, Reason::Finished);
}

/// Each exactly once, whatever becomes of the child.
#[test]
fn nothing_is_dropped_twice_or_not_at_all() {
    struct Counts(Arc<AtomicUsize>);

    impl Drop for Counts {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    let dropped: Arc<AtomicUsize> = Arc::default();
    let counts = || Counts(Arc::clone(&dropped));
    let mut group = ErrGroup::<Counts>::builder().abort_on_cancel().build();
    let in_future = counts();
    let mut aborted = group
        .try_spawn::<_, _, _, ()>(
            async move {
                let _in_future = in_future;
                pending().await
            },
            Task::new,
        )
        .unwrap();
    aborted.assert_pending();
    // A future and its output; a future and its error; a future that is not begun; one that is refused.
    let (held, output) = (counts(), counts());
    let ends = async move { (Ok(output), held).0 };
    group.try_spawn(ends, Task::new).unwrap().ready();
    assert_eq!(dropped.load(SeqCst), 2);
    let not_begun = counts();
    let mut not_begun = group.try_spawn(async move { Ok(not_begun) }, Task::new).unwrap();
    let (held, error) = (counts(), counts());
    let fails = async move { (Err::<(), _>(error), held).0 };
    group.try_spawn(fails, Task::new).unwrap().ready();
    assert_eq!(dropped.load(SeqCst), 3);
    not_begun.ready();
    assert_eq!(dropped.load(SeqCst), 4);
    let refused = counts();
    drop(group.try_spawn(async move { Ok(refused) }, |_| ()));
    assert_eq!(dropped.load(SeqCst), 5);
    aborted.ready();
    assert_eq!(dropped.load(SeqCst), 6);
    assert!(Task::new(group.wait()).ready().is_err());
    drop((aborted, not_begun));
    assert_eq!(dropped.load(SeqCst), 6);
    drop(group);
    assert_eq!(dropped.load(SeqCst), 7);
}
