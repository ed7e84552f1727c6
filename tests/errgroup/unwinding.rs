//! A panic drops what its child holds, other children among it, before it is known itself.

use core::cell::Cell;
use core::future::ready;
use core::panic::AssertUnwindSafe;
use std::panic::{catch_unwind, panic_any};
use std::thread::panicking;

use xsync::{ErrGroup, GroupError};

use crate::common::{panic_message, task::Task};
use crate::{Ended, Group, ended, well};

/// A child that panics while it holds what `hold` takes of the group.
fn panicking_with<T, H>(group: &Group, hold: H) -> Task<impl Future<Output = ()> + use<T, H>>
where
    H: FnOnce(&xsync::Spawner<&'static str>) -> T,
{
    let spawner = group.spawner();
    Task::new(group.track(async move {
        let _held = hold(&spawner);
        if !spawner.is_empty() {
            panic!("boom");
        }
        well().await
    }))
}

#[test]
fn a_child_that_panics_with_another_in_its_hands_has_panicked() {
    let mut group = Group::new();
    let mut child = panicking_with(&group, |spawner| spawner.track(well()));
    assert_eq!(panic_message(|| child.poll()), "boom");
    assert_eq!(ended(&mut group), Ended::Panicked);

    let mut group = Group::new();
    let mut child = panicking_with(&group, |spawner| spawner.member());
    assert_eq!(panic_message(|| child.poll()), "boom");
    assert_eq!(ended(&mut group), Ended::Panicked);
}

#[track_caller]
fn message(group: ErrGroup<&'static str>) -> Option<String> {
    match Task::new(group.join()).ready() {
        Err(GroupError::Panicked(panic)) => panic.message().map(str::to_owned),
        other => panic!("was to have panicked: {other:?}"),
    }
}

/// The panic that was caught says more than what it dropped on its way.
#[test]
fn its_message_is_kept_where_panics_are_captured() {
    let group = Group::builder().capture_panics().build();
    panicking_with(&group, |spawner| spawner.track(well())).ready();
    assert_eq!(message(group).as_deref(), Some("boom"));

    let group = Group::builder().capture_panics().build();
    panicking_with(&group, |spawner| spawner.member()).ready();
    assert_eq!(message(group).as_deref(), Some("boom"));
}

/// But of two panics that were caught, or two that were not, the first stays.
#[test]
fn of_two_captured_panics_the_first_stays() {
    let group = Group::builder().capture_panics().build();
    let started = Cell::new(false);
    let mut second = Task::new(group.track(core::future::poll_fn(move |_| {
        if started.replace(true) {
            panic!("second");
        }
        core::task::Poll::<Result<(), _>>::Pending
    })));
    second.assert_pending();
    panicking_with(&group, |_| ()).ready();
    second.ready();
    assert_eq!(message(group).as_deref(), Some("boom"));
}

/// Panics when it is dropped, with a smaller one.
struct Bomb(usize);

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.0 > 0 && !panicking() {
            panic_any(Bomb(self.0 - 1));
        }
    }
}

#[test]
fn a_late_payload_that_panics_when_it_is_dropped_stays_inside() {
    let group = Group::builder().capture_panics().build();
    let started = Cell::new(false);
    let mut second = Task::new(group.track(core::future::poll_fn(move |_| {
        if started.replace(true) {
            panic_any(Bomb(1));
        }
        core::task::Poll::<Result<(), _>>::Pending
    })));
    second.assert_pending();
    panicking_with(&group, |_| ()).ready();
    assert!(catch_unwind(AssertUnwindSafe(|| second.ready())).is_ok());
    assert_eq!(message(group).as_deref(), Some("boom"));
}

/// What an error leaves behind is dropped before the error is known.
#[test]
fn a_child_in_the_hands_of_one_that_fails_is_aborted_first() {
    let mut group = Group::new();
    let spawner = group.spawner();
    Task::new(group.track(async move {
        let other = spawner.track(well());
        ready(Err("failed")).await?;
        other.await;
        Ok(())
    }))
    .ready();
    assert_eq!(ended(&mut group), Ended::Aborted);
}
