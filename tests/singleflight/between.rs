//! What happens between two steps of one call, brought about by code of the user's that runs there: `Eq`, and the clone of a
//! waker.

use core::cell::{Cell, RefCell};
use core::hash::{Hash, Hasher};
use core::task::{RawWaker, RawWakerVTable, Waker};
use std::sync::Mutex;

use xsync::{Claim, SingleFlight};

use crate::common::task::Task;
use crate::{Steered, started, steered, unwanted};

thread_local! {
    static HOOK: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
    static WAKES: Cell<usize> = const { Cell::new(0) };
}

/// The next time, `f` runs there.
fn between(f: impl FnOnce() + 'static) {
    HOOK.set(Some(Box::new(f)));
}

fn run_hook() {
    if let Some(hook) = HOOK.take() {
        hook();
    }
}

#[derive(Debug)]
struct Key;

impl Hash for Key {
    fn hash<H: Hasher>(&self, _state: &mut H) {}
}

impl PartialEq for Key {
    fn eq(&self, _other: &Self) -> bool {
        run_hook();
        true
    }
}

impl Eq for Key {}

type Group = SingleFlight<Key, u32>;

fn leaked() -> &'static Group {
    static LEAKED: Mutex<Vec<&'static Group>> = Mutex::new(Vec::new());
    let group: &'static Group = Box::leak(Box::default());
    LEAKED.lock().unwrap().push(group);
    group
}

/// A caller that found the flight, and saw it end, close or be forgotten while the keys were compared, starts another.
#[track_caller]
fn starts_anew(group: &'static Group, meanwhile: impl FnOnce() + 'static) {
    between(meanwhile);
    let (work, steer) = steered();
    let mut late = Task::queued(group.work(Key, move || work));
    assert!(HOOK.take().is_none(), "the keys were compared");
    assert_eq!((steer.polls(), group.in_flight()), (1, 1));
    steer.ends(|| 2);
    assert_eq!(late.ready(), 2);
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn a_flight_that_ends_as_it_is_found_is_not_joined() {
    let group = leaked();
    let (work, steer) = steered();
    let mut first = Task::queued(group.work(Key, move || work));
    steer.ends(|| 1);
    starts_anew(group, move || assert_eq!(first.ready(), 1));
}

#[test]
fn a_flight_that_is_closed_as_it_is_found_is_not_joined() {
    let group = leaked();
    let (work, steer) = steered();
    let first = Task::queued(group.work(Key, move || work));
    starts_anew(group, move || drop(first));
    assert!(steer.is_dropped());
}

#[test]
fn a_flight_that_is_forgotten_as_it_is_found_is_not_joined() {
    let group = leaked();
    let (work, steer) = steered();
    let mut first = Task::queued(group.work(Key, move || work));
    starts_anew(group, || assert!(group.forget(&Key)));
    steer.ends(|| 1);
    assert_eq!(first.ready(), 1);
}

#[test]
fn a_lead_that_is_given_up_as_it_is_found_is_not_joined() {
    let group = leaked();
    let Claim::Lead(lead) = Task::new(group.claim(Key)).ready() else { panic!("was to lead") };
    starts_anew(group, move || drop(lead));
}

#[test]
fn a_flight_that_comes_as_another_is_compared_is_joined() {
    let group = leaked();
    let (work, steer) = steered();
    let first = Task::queued(group.work(Key, move || work));
    let (work, newer) = steered();
    let (sent, second) = std::sync::mpsc::channel();
    between(move || {
        drop(first);
        sent.send(Task::queued(group.work(Key, move || work))).unwrap();
    });
    let mut late = Task::queued(group.work(Key, || -> Steered { panic!("joins") }));
    assert!(steer.is_dropped());
    newer.ends(|| 1);
    assert_eq!((late.ready(), second.try_recv().unwrap().ready()), (1, 1));
}

#[test]
fn a_forgotten_flight_is_forgotten_once() {
    let group = leaked();
    let (work, steer) = steered();
    let mut first = Task::queued(group.work(Key, move || work));
    between(|| assert!(group.forget(&Key)));
    assert!(!group.forget(&Key));
    assert_eq!(group.in_flight(), 0);
    steer.ends(|| 1);
    assert_eq!(first.ready(), 1);
}

/// Its clone runs the hook; its wakes are counted on this thread.
fn hooked_waker() -> Waker {
    static TABLE: RawWakerVTable = RawWakerVTable::new(
        |_| {
            run_hook();
            RawWaker::new(core::ptr::null(), &TABLE)
        },
        |_| WAKES.set(WAKES.get() + 1),
        |_| WAKES.set(WAKES.get() + 1),
        |_| (),
    );
    // SAFETY: the table's functions use no data, and are sound on any thread.
    unsafe { Waker::from_raw(RawWaker::new(core::ptr::null(), &TABLE)) }
}

#[test]
fn a_wake_between_a_look_and_the_place_in_line_is_not_lost() {
    let group = crate::Group::new();
    let (_neglected, steer) = started(&group, "a");
    let mut late = Task::new(group.work("a", unwanted));
    between(move || steer.ends(|| 1));
    // Found without news, it lines up; its waker is cloned for that, and the news comes now.
    assert_eq!(late.poll_with(&hooked_waker()), core::task::Poll::Ready(1));
}

#[test]
fn an_end_between_a_look_and_the_place_in_line_is_not_lost() {
    let group = crate::leaked();
    let (mut first, steer) = started(group, "a");
    let mut late = Task::new(group.work("a", unwanted));
    between(move || {
        steer.ends(|| 1);
        assert_eq!(first.ready(), 1);
    });
    assert_eq!(late.poll_with(&hooked_waker()), core::task::Poll::Ready(1));
}

#[test]
fn a_wake_while_the_poller_lines_up_wakes_it() {
    let group = crate::Group::new();
    let (work, steer) = steered();
    let hand = steer.clone();
    let mut first = Task::new(group.work("a", move || work));
    between(move || hand.wake());
    assert!(first.poll_with(&hooked_waker()).is_pending());
    assert_eq!(WAKES.get(), 1);
    steer.set(|| 1);
    assert_eq!(first.ready(), 1);
}
