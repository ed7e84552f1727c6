//! Futures of no size and of a great one, and very many children.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use xsync::ErrGroup;

use crate::common::{block_on, in_time, task::Task};
use crate::{Ended, Group, ended};

/// Counts nothing and keeps nothing.
struct Nothing;

impl Future for Nothing {
    type Output = Result<(), &'static str>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn a_future_and_an_error_without_size() {
    let mut group = Group::new();
    assert_eq!(size_of::<Nothing>(), 0);
    group.try_spawn(Nothing, Task::new).unwrap().ready();
    block_on(group.track(Nothing));
    assert_eq!(ended(&mut group), Ended::Well);
    let mut group = ErrGroup::<()>::new();
    group.try_spawn::<_, _, _, ()>(async { Err(()) }, Task::new).unwrap().ready();
    assert!(matches!(block_on(group.wait()), Err(xsync::GroupError::Task(()))));
}

#[test]
fn a_future_of_a_megabyte_and_its_output() {
    const SIZE: usize = 1 << 20;
    std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(|| {
            let mut group = ErrGroup::<[u8; SIZE]>::new();
            let large = [7; SIZE];
            let mut task = Box::pin(group.track(async move { Ok(large) }));
            block_on(task.as_mut());
            let mut task = Box::pin(group.track(async move { Err::<(), _>(large) }));
            block_on(task.as_mut());
            let failure = block_on(group.wait()).unwrap_err();
            assert!(matches!(failure, xsync::GroupError::Task(error) if *error == [7; SIZE]));
        })
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn a_hundred_thousand_children_at_once() {
    in_time(|| {
        const CHILDREN: usize = 100_000;
        let mut group = Group::builder().abort_on_cancel().build();
        let mut children: Vec<_> = (0..CHILDREN).map(|_| crate::running(&group)).collect();
        let mut wait = Task::queued(group.wait());
        for (task, steer) in &mut children[1..] {
            steer.ends(|| Ok(()));
            task.ready();
        }
        wait.assert_pending();
        let (task, steer) = &mut children[0];
        steer.ends(|| Err("the last"));
        task.ready();
        assert_eq!(wait.wakes(), 1);
        assert_eq!(Ended::from(wait.ready()), Ended::Task("the last"));
    });
}

#[test]
fn a_hundred_thousand_children_are_aborted_at_once() {
    in_time(|| {
        let mut group = Group::builder().abort_on_cancel().build();
        let mut children: Vec<_> = (0..100_000).map(|_| crate::running(&group)).collect();
        group.cancel();
        for (task, steer) in &mut children {
            assert_eq!(task.wakes(), 1);
            task.ready();
            assert!(steer.is_dropped());
        }
        assert_eq!(ended(&mut group), Ended::Cancelled);
    });
}
