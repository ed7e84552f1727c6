//! Groups that capture panics: the panic ends in the child, and the failure tells what it was.

use core::future::{pending, ready};
use core::panic::AssertUnwindSafe;
use std::panic::{catch_unwind, panic_any, resume_unwind};

use xsync::{ErrGroup, GroupError, Panic};

use crate::common::{block_on, panic_message, task::Task, yield_now};
use crate::panics::{Bomb, PLACES};
use crate::{Ended, Group, child, ended, running, well};

fn capturing() -> Group {
    Group::builder().capture_panics().build()
}

/// The panic of a child that does `f`.
#[track_caller]
fn panic_of(f: impl FnOnce() + Send + 'static) -> Panic {
    let group = capturing();
    let child = async move {
        f();
        well().await
    };
    group.try_spawn(child, Task::new).unwrap().ready();
    the_panic(group)
}

#[track_caller]
fn the_panic<E: core::fmt::Debug>(group: ErrGroup<E>) -> Panic {
    match block_on(group.join()) {
        Err(GroupError::Panicked(panic)) => panic,
        other => panic!("was to have panicked: {other:?}"),
    }
}

#[inline(never)]
fn a_function_that_panics(number: u32) {
    panic!("number {number} is out");
}

#[inline(never)]
fn another_that_panics() {
    panic!("another");
}

#[track_caller]
fn assert_began_in(panic: &Panic, function: &str) {
    let backtrace = panic.backtrace().expect("has a backtrace").to_string();
    assert!(backtrace.contains(function), "{backtrace}");
}

#[test]
fn a_panic_of_the_future_is_recorded_and_ends_there() {
    for (place, end, expected) in PLACES {
        for began in [true, false] {
            let mut group = Group::builder().abort_on_cancel().capture_panics().build();
            let (mut sibling, _steer) = running(&group);
            let (task, steer) = if began { running(&group) } else { child(&group) };
            end(&group, task, &steer);
            assert!(steer.is_dropped(), "{place}");
            assert!(group.token().is_cancelled(), "{place}");
            assert_eq!(sibling.wakes(), 1, "{place}");
            sibling.ready();
            assert_eq!(ended(&mut group), expected, "{place}");
            if expected == Ended::Panicked {
                assert_eq!(the_panic(group).message(), Some("on purpose"), "{place}");
            }
        }
    }
}

#[test]
fn so_does_one_in_the_drop_of_the_output() {
    let group = capturing();
    group.try_spawn(ready(Ok(Bomb)), Task::new).unwrap().ready();
    assert_eq!(the_panic(group).message(), Some("on purpose"));
}

/// The destructor of an error that came too late is the child's as well.
#[test]
fn so_does_one_in_the_drop_of_a_late_error() {
    let mut group = ErrGroup::<Option<Bomb>>::builder().capture_panics().build();
    let mut task = Task::new(group.member().run(async {
        yield_now().await;
        Err::<(), _>(Some(Bomb))
    }));
    task.assert_pending();
    group.member().finish(Err(None));
    task.ready();
    assert!(matches!(block_on(group.wait()), Err(GroupError::Task(None))));
}

/// Polled and dropped, and dropped in its place: once each.
#[test]
fn of_a_panic_in_poll_and_one_in_drop_the_first_stays() {
    let group = capturing();
    let (mut task, steer) = running(&group);
    steer.at_drop(|| resume_unwind(Box::new("the second")));
    steer.ends(|| resume_unwind(Box::new("the first")));
    task.ready();
    assert!(steer.is_dropped());
    assert_eq!(the_panic(group).message(), Some("the first"));
}

#[test]
fn it_tells_the_message_and_where_it_began() {
    let panic = panic_of(|| a_function_that_panics(42));
    assert_eq!(panic.message(), Some("number 42 is out"));
    assert_eq!(panic.to_string(), "a child of the group panicked: number 42 is out");
    assert!(format!("{panic:?}").contains("number 42 is out"));
    assert_began_in(&panic, "a_function_that_panics");
    assert_eq!(*panic.into_payload().unwrap().downcast::<String>().unwrap(), "number 42 is out");

    let panic = panic_of(|| panic!("a literal"));
    assert_eq!((panic.message(), panic.backtrace().is_some()), (Some("a literal"), true));
}

#[test]
fn a_payload_of_any_type_can_be_gone_on_with() {
    let panic = panic_of(|| panic_any(42_u8));
    assert_eq!(panic.message(), None);
    assert_eq!(panic.to_string(), "a child of the group panicked");
    let payload = panic.into_payload().unwrap();
    let caught = catch_unwind(AssertUnwindSafe(|| resume_unwind(payload))).unwrap_err();
    assert_eq!(*caught.downcast::<u8>().unwrap(), 42);
}

#[test]
fn a_panic_of_the_standard_library_is_captured_as_any() {
    let panic = panic_of(|| drop(Vec::<String>::new().pop().expect("nothing there")));
    assert_eq!(panic.message(), Some("nothing there"));
    let panic = panic_of(|| drop(Vec::<String>::new().remove(core::hint::black_box(0))));
    assert!(panic.message().unwrap().contains("removal index"));
}

#[test]
fn in_a_group_that_does_not_capture_nothing_is_known() {
    let group = Group::new();
    let (mut task, steer) = running(&group);
    steer.ends(|| resume_unwind(Box::new("seen by the poller")));
    assert_eq!(panic_message(|| task.poll()), "seen by the poller");
    let panic = the_panic(group);
    assert_eq!((panic.message(), panic.backtrace().is_none()), (None, true));
    assert_eq!(
        (panic.to_string().as_str(), format!("{panic:?}").as_str()),
        ("a child of the group panicked", "Panic { .. }")
    );
    assert!(panic.into_payload().is_none());
}

/// A panic that is gone on with calls no hook.
#[test]
fn a_resumed_panic_has_no_backtrace_and_not_that_of_another() {
    // Caught by the child itself, which ends well.
    let group = capturing();
    let careful = async {
        assert!(catch_unwind(another_that_panics).is_err());
        well().await
    };
    group.try_spawn(careful, Task::new).unwrap().ready();
    assert!(block_on(group.join()).is_ok());
    let panic = panic_of(|| resume_unwind(Box::new("resumed")));
    assert_eq!(panic.message(), Some("resumed"));
    assert!(panic.backtrace().is_none(), "{:?}", panic.backtrace());
}

#[test]
fn a_captured_child_inside_another_has_its_own_panic() {
    let outer = capturing();
    let (send, receive) = std::sync::mpsc::channel();
    let nested = async move {
        send.send(panic_of(another_that_panics)).unwrap();
        a_function_that_panics(1);
        well().await
    };
    outer.try_spawn(nested, Task::new).unwrap().ready();
    let (inner, outer) = (receive.recv().unwrap(), the_panic(outer));
    assert_eq!((inner.message(), outer.message()), (Some("another"), Some("number 1 is out")));
    assert_began_in(&inner, "another_that_panics");
    assert_began_in(&outer, "a_function_that_panics");
}

/// While one panic unwinds, it drops a child of another group whose future panics too: neither takes the other's place.
#[test]
fn a_panic_in_the_middle_of_another_takes_nothing_from_it() {
    struct Panics;

    impl Drop for Panics {
        fn drop(&mut self) {
            another_that_panics();
        }
    }

    let (outer, inner) = (capturing(), capturing());
    let held = Panics;
    let fragile = async move {
        let _held = held;
        pending::<()>().await;
        well().await
    };
    let dropped = inner.try_spawn(fragile, Task::new).unwrap();
    let unwinds = async move {
        let _dropped = dropped;
        a_function_that_panics(2);
        well().await
    };
    outer.try_spawn(unwinds, Task::new).unwrap().ready();
    let (inner, outer) = (the_panic(inner), the_panic(outer));
    assert_eq!((inner.message(), outer.message()), (Some("another"), Some("number 2 is out")));
    assert_began_in(&inner, "another_that_panics");
    assert_began_in(&outer, "a_function_that_panics");
}

#[test]
fn one_that_goes_on_from_a_group_inside_is_captured_outside() {
    let outer = capturing();
    let (send, receive) = std::sync::mpsc::channel();
    let contains = async move {
        let inner = Group::new();
        let panicking = async {
            a_function_that_panics(3);
            well().await
        };
        send.send(inner.spawner()).unwrap();
        block_on(inner.track(panicking));
        well().await
    };
    outer.try_spawn(contains, Task::new).unwrap().ready();
    assert!(receive.recv().unwrap().token().is_cancelled());
    let panic = the_panic(outer);
    assert_eq!(panic.message(), Some("number 3 is out"));
    assert_began_in(&panic, "a_function_that_panics");
}

/// The payload need not be `Sync` for the failure to be: nobody gets a reference to it.
#[test]
fn a_captured_panic_can_be_sent_and_shared() {
    fn both<T: Send + Sync>(value: T) -> T {
        value
    }

    let panic = both(panic_of(|| panic_any(core::cell::Cell::new(1))));
    let payload = std::thread::spawn(move || panic.into_payload().unwrap()).join().unwrap();
    assert_eq!(payload.downcast::<core::cell::Cell<i32>>().unwrap().get(), 1);
}
