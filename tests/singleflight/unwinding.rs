//! What destructors leave behind that panic where nobody expects it: of the work, of wakers, of keys.

use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, Ordering::SeqCst};
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};
use std::panic::catch_unwind;
use std::sync::Arc;

use xsync::{Full, SingleFlight, Started, StaticClaim, StaticLead, StaticSingleFlight};

use crate::common::task::Task;
use crate::steered;

fn panics<R>(f: impl FnOnce() -> R) -> bool {
    catch_unwind(AssertUnwindSafe(f)).is_err()
}

/// Work that gives its value, and panics as it is dropped.
struct Bomb;

impl Future for Bomb {
    type Output = String;

    fn poll(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<String> {
        Poll::Ready("a value".to_owned())
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("planned");
    }
}

#[test]
fn the_value_of_work_whose_destructor_panics_is_there_for_its_poller() {
    let group: SingleFlight<u32, String> = SingleFlight::new();
    let mut work = Task::new(group.work(1, || Bomb));
    assert!(panics(|| work.poll()));
    assert_eq!((work.ready(), group.in_flight()), ("a value".to_owned(), 0));
    // Nobody asks again: it is dropped all the same.
    let mut work = Task::new(group.work(1, || Bomb));
    assert!(panics(|| work.poll()));
    drop(work);
    let Started { waiter, driver } = group.start(1, || Bomb);
    drop(waiter);
    let mut driver = Task::new(driver.unwrap());
    assert!(panics(|| driver.poll()));
    drop(driver);
    assert_eq!(group.in_flight(), 0);
}

/// A waker that panics when it is dropped, as soon as `armed` is set; once.
fn fragile(armed: &'static AtomicBool) -> Waker {
    const TABLE: RawWakerVTable = RawWakerVTable::new(
        |data| RawWaker::new(data, &TABLE),
        |_| {},
        |_| {},
        |data| {
            // SAFETY: it is what `fragile` was given.
            let armed = unsafe { &*data.cast::<AtomicBool>() };
            assert!(!armed.swap(false, SeqCst), "planned");
        },
    );
    let data = core::ptr::from_ref(armed).cast();
    // SAFETY: the functions of the table are thread-safe, and own nothing.
    unsafe { Waker::from_raw(RawWaker::new(data, &TABLE)) }
}

#[test]
fn a_caller_whose_waker_panics_as_it_leaves_has_left() {
    static ARMED: AtomicBool = AtomicBool::new(false);

    let (group, waker) = (SingleFlight::<u32, u32>::new(), fragile(&ARMED));
    let mut work = Task::new(group.work(1, core::future::pending));
    assert!(work.poll_with(&waker).is_pending());
    ARMED.store(true, SeqCst);
    assert!(panics(|| drop(work)));
    assert_eq!(group.in_flight(), 0);
    assert_eq!(Task::new(group.work(1, || async { 2 })).ready(), 2);
}

#[test]
fn a_driver_whose_waker_panics_as_it_leaves_has_left() {
    static ARMED: AtomicBool = AtomicBool::new(false);

    let (group, waker) = (SingleFlight::<u32, u32>::new(), fragile(&ARMED));
    let (work, steer) = steered();
    let Started { waiter, driver } = group.start(1, move || work);
    let (mut waiter, mut driver) = (Task::queued(waiter), Task::new(driver.unwrap()));
    assert!(driver.poll_with(&waker).is_pending());
    ARMED.store(true, SeqCst);
    assert!(panics(|| drop(driver)));
    steer.ends(|| 5);
    assert_eq!((waiter.wakes(), waiter.ready()), (1, 5));
    assert_eq!(group.in_flight(), 0);
}

/// A key that panics when it is dropped, once, when it is told to.
#[derive(Clone)]
struct Key(Arc<AtomicBool>);

impl Key {
    fn new() -> Self {
        Self(Arc::default())
    }
}

impl PartialEq for Key {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Key {}

impl Drop for Key {
    fn drop(&mut self) {
        assert!(!self.0.swap(false, SeqCst), "planned");
    }
}

type Fixed = StaticSingleFlight<Key, u32, 1>;

fn lead(claimed: Result<StaticClaim<'_, Key, u32, 1>, Full>) -> StaticLead<'_, Key, u32, 1> {
    let Ok(StaticClaim::Lead(lead)) = claimed else { panic!("was to lead") };
    lead
}

#[test]
fn a_lead_whose_key_panics_goes_to_another() {
    let group = Fixed::new();
    let first = lead(Task::new(group.claim(Key::new())).ready());
    let key = Key::new();
    let armed = Arc::clone(&key.0);
    let mut follower = Task::queued(group.claim(key));
    drop(first);
    armed.store(true, SeqCst);
    assert!(panics(|| drop(follower.poll())));
    drop(follower);
    assert_eq!(group.in_flight(), 0);
    drop(lead(Task::new(group.claim(Key::new())).ready()));
}

#[test]
fn a_slot_whose_follower_panics_over_its_key_is_free_again() {
    let group = Fixed::new();
    let first = lead(Task::new(group.claim(Key::new())).ready());
    let key = Key::new();
    let armed = Arc::clone(&key.0);
    let mut follower = Task::queued(group.claim(key));
    first.complete(1);
    armed.store(true, SeqCst);
    assert!(panics(|| drop(follower.poll())));
    drop(follower);
    drop(lead(Task::new(group.claim(Key::new())).ready()));
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn a_newcomer_that_panics_over_its_key_leaves_the_lead_to_who_waits() {
    let group = Fixed::new();
    let first = lead(Task::new(group.claim(Key::new())).ready());
    let mut follower = Task::queued(group.claim(Key::new()));
    drop(first);
    // It is not polled yet, and another takes the lead.
    let key = Key::new();
    let armed = Arc::clone(&key.0);
    let mut newcomer = Task::new(group.claim(key));
    armed.store(true, SeqCst);
    assert!(panics(|| drop(newcomer.poll())));
    drop(newcomer);
    drop(lead(follower.ready()));
    assert_eq!(group.in_flight(), 0);
}
