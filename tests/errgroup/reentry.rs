//! Foreign code that calls back into the group: destructors, wakers, steps. Nothing deadlocks, nothing is missed.

use core::cell::Cell;
use core::future::{pending, ready};
use core::num::NonZeroUsize;
use core::pin::Pin;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use xsync::{ErrGroup, GroupError, Reason, Spawner};

use crate::common::{block_on, in_time, on_wake, poll, poll_with, task::Task};
use crate::{Ended, Group, assert_waits, ended, running, well};

/// An error that, when it is dropped, does to its group what can be done to it.
enum Meddler {
    Armed(Spawner<Self>, Arc<Mutex<Vec<Reason>>>),
    Spent,
}

impl Drop for Meddler {
    fn drop(&mut self) {
        let Self::Armed(spawner, reasons) = self else { return };
        spawner.token().cancel();
        let refused = spawner.try_spawn(ready(Ok(())), |_| panic!("called"));
        reasons.lock().unwrap().push(refused.unwrap_err().reason);
        let waiting = block_on(spawner.spawn(ready(Ok(())), |_| panic!("called")));
        let reason = waiting.unwrap_err().reason;
        if reason == Reason::Cancelled {
            spawner.member().finish(Err(Self::Spent));
            drop(spawner.track(ready(Err::<(), _>(Self::Spent))));
        }
        reasons.lock().unwrap().push(reason);
    }
}

#[test]
fn an_error_whose_drop_calls_back() {
    in_time(|| {
        let reasons = Arc::default();
        let mut group = ErrGroup::<Meddler>::builder().limit(NonZeroUsize::MIN).build();
        let meddler = || Meddler::Armed(group.spawner(), Arc::clone(&reasons));
        let [first, second] = [(); 2].map(|()| group.member());
        first.finish(Err(meddler()));
        assert!(reasons.lock().unwrap().is_empty());
        second.finish(Err(meddler()));
        assert_eq!(*reasons.lock().unwrap(), [Reason::Cancelled; 2]);
        assert!(matches!(block_on(group.wait()), Err(GroupError::Task(_))));
        reasons.lock().unwrap().clear();
        drop(group);
        assert_eq!(*reasons.lock().unwrap(), [Reason::Finished; 2]);
    });
}

/// A destructor that starts another child: the group goes on with that one.
#[test]
fn a_future_whose_drop_starts_another() {
    in_time(|| {
        let mut group = Group::new();
        let spawner = group.spawner();
        let (mut task, steer) = running(&group);
        let next = Arc::new(Mutex::new(None));
        let keeps = Arc::clone(&next);
        steer.at_drop(move || *keeps.lock().unwrap() = Some(spawner.member()));
        steer.ends(|| Ok(()));
        task.ready();
        assert_waits(&mut group);
        next.lock().unwrap().take().unwrap().finish(Err("from a destructor"));
        assert_eq!(ended(&mut group), Ended::Task("from a destructor"));
    });
}

#[test]
fn a_future_whose_drop_fails_the_group() {
    in_time(|| {
        let mut group = Group::builder().abort_on_cancel().build();
        let spawner = group.spawner();
        let (mut task, steer) = running(&group);
        let (mut sibling, _steer) = running(&group);
        steer.at_drop(move || spawner.member().finish(Err("from a destructor")));
        steer.ends(|| Ok(()));
        task.ready();
        sibling.ready();
        assert_eq!(ended(&mut group), Ended::Task("from a destructor"));
    });
}

/// The owner's waker starts a child before the owner looks: that one is waited for.
#[test]
fn a_waker_of_the_wait_that_starts_another_child() {
    in_time(|| {
        let mut group = Group::new();
        let spawner = group.spawner();
        let first = group.member();
        let (send, late) = channel();
        let waker = on_wake(move || send.send(spawner.member()).unwrap());
        let mut wait = Task::queued_with(group.wait(), &waker);
        first.finish(Ok(()));
        for _ in 0..3 {
            assert!(wait.poll_with(&waker).is_pending());
            late.try_recv().expect("woken once").finish(Ok(()));
        }
        assert!(wait.poll_with(&waker).is_pending());
        late.try_recv().expect("woken once").finish(Err("the last"));
        late.try_recv().expect("woken once").finish(Ok(()));
        // Nobody waited when that one ended, so no other was started.
        assert!(late.try_recv().is_err());
        assert_eq!(Ended::from(wait.ready()), Ended::Task("the last"));
    });
}

type Inline<F> = Arc<Mutex<Option<Pin<Box<xsync::Child<F, &'static str>>>>>>;

/// As an executor does that runs a task where it is woken: the failing child's end ends the others inside itself.
#[test]
fn siblings_that_are_run_by_their_own_wakers() {
    in_time(|| {
        let mut group = Group::builder().abort_on_cancel().build();
        for _ in 0..40 {
            let slot: Inline<_> = Arc::default();
            let runs = Arc::clone(&slot);
            let waker = on_wake(move || {
                let mut child = runs.lock().unwrap().take().expect("woken once");
                assert!(poll(child.as_mut()).is_ready());
            });
            let mut child = group.try_spawn(pending::<Result<(), _>>(), Box::pin).unwrap();
            assert!(poll_with(child.as_mut(), &waker).is_pending());
            *slot.lock().unwrap() = Some(child);
        }
        let (mut failing, steer) = running(&group);
        let wait = Task::queued(group.wait());
        steer.ends(|| Err("failed"));
        failing.ready();
        assert_eq!(wait.wakes(), 1);
        drop(wait);
        assert_eq!(ended(&mut group), Ended::Task("failed"));
    });
}

/// The end of a child starts the next one, in the waker that its slot fires.
#[test]
fn spawns_that_are_run_by_their_own_wakers() {
    // The wakers outlive everything else.
    static SPAWNER: OnceLock<Spawner<&str>> = OnceLock::new();

    in_time(|| {
        let mut group = Group::builder().limit(NonZeroUsize::MIN).build();
        let started = Arc::new(Mutex::new(0));
        let spawner = SPAWNER.get_or_init(|| group.spawner());
        let (mut first, steer) = running(&group);
        for _ in 0..40 {
            let count = Arc::clone(&started);
            let spawn = spawner.spawn(well(), move |child| {
                *count.lock().unwrap() += 1;
                block_on(child);
            });
            let slot = Arc::new(Mutex::new(Some(Box::pin(spawn))));
            let runs = Arc::clone(&slot);
            let waker = on_wake(move || {
                let mut spawn = runs.lock().unwrap().take().expect("woken once");
                assert!(poll(spawn.as_mut()).is_ready());
            });
            let mut spawn = slot.lock().unwrap();
            assert!(poll_with(spawn.as_mut().unwrap().as_mut(), &waker).is_pending());
        }
        steer.ends(|| Ok(()));
        first.ready();
        assert_eq!(*started.lock().unwrap(), 40);
        assert_eq!(ended(&mut group), Ended::Well);
    });
}

/// Who waits for the token cancels the group's parent, drops a member, and asks for a child.
#[test]
fn a_waker_of_the_token_that_calls_back() {
    in_time(|| {
        let parent = xsync::CancelToken::new();
        let mut group = Group::builder().parent(&parent).build();
        let (spawner, above) = (group.spawner(), parent.clone());
        let member = Mutex::new(Some(group.member()));
        let token = group.token().clone();
        let waker = on_wake(move || {
            above.cancel();
            drop(member.lock().unwrap().take());
            assert_eq!(spawner.try_spawn(well(), |_| panic!("called")).unwrap_err().reason, Reason::Cancelled);
            spawner.member().finish(Err("late"));
        });
        let looking = Task::queued_with(token.cancelled(), &waker);
        let failing = group.member();
        failing.finish(Err("failed"));
        assert!(parent.is_cancelled());
        drop(looking);
        assert_eq!(ended(&mut group), Ended::Task("failed"));
    });
}

/// Errors are moved between threads, never shared.
#[test]
fn an_error_that_cannot_be_shared() {
    in_time(|| {
        let mut group = ErrGroup::<Cell<u32>>::new();
        let (spawner, member) = (group.spawner(), group.member());
        let shared = &spawner;
        let tracked = group.track(async { Err::<(), _>(Cell::new(1)) });
        thread::scope(|scope| {
            scope.spawn(move || block_on(tracked));
            scope.spawn(move || member.finish(Ok(())));
            for _ in 0..2 {
                scope.spawn(move || shared.try_spawn(async { Ok(()) }, block_on).is_ok());
            }
        });
        let group = thread::spawn(move || {
            assert!(block_on(group.wait()).is_err());
            group
        });
        let error = block_on(group.join().unwrap().join()).unwrap_err();
        assert_eq!(error.into_task().unwrap().get(), 1);
    });
}
