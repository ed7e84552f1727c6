//! The panic hook, which belongs to the whole process: hence one test, in a process of its own.
#![cfg(feature = "std")]
#![expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]

mod common;

use core::num::NonZeroUsize;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::panic::{set_hook, take_hook};
use std::sync::{Arc, Mutex};

use common::{panic_message, task::Task};
use xsync::{ErrGroup, GroupError, Panic};

type Group = ErrGroup<&'static str>;

/// A hook that counts its calls, and passes them on to `next`.
fn count(calls: &Arc<AtomicUsize>, next: impl Fn(&std::panic::PanicHookInfo<'_>) + Send + Sync + 'static) {
    let calls = Arc::clone(calls);
    set_hook(Box::new(move |info| {
        calls.fetch_add(1, SeqCst);
        next(info);
    }));
}

/// The panic of a child, captured.
#[track_caller]
fn captured() -> Panic {
    let group = Group::builder().capture_panics().build();
    let child = async {
        panic!("on purpose");
        #[expect(unreachable_code, reason = "gives the block its type")]
        Ok(())
    };
    group.try_spawn(child, Task::new).unwrap().ready();
    match Task::new(group.join()).ready() {
        Err(GroupError::Panicked(panic)) => panic,
        other => panic!("was to have panicked: {other:?}"),
    }
}

#[test]
fn a_capturing_group_puts_its_hook_before_the_one_that_is_there() {
    let [first, second, third] = [(); 3].map(|()| Arc::new(AtomicUsize::new(0)));
    let counts = || [&first, &second, &third].map(|calls| calls.load(SeqCst));
    let place = Arc::new(Mutex::new(String::new()));

    // The user's hook, then a group: both are called.
    let places = Arc::clone(&place);
    count(&first, move |info| *places.lock().unwrap() = info.location().unwrap().file().to_owned());
    drop(Group::builder().limit(NonZeroUsize::MIN).build());
    for calls in 1..=3 {
        let panic = captured();
        assert_eq!((panic.message(), panic.backtrace().is_some()), (Some("on purpose"), true));
        assert_eq!(counts(), [calls, 0, 0]);
    }

    // Panics outside of children are the user's alone. And they name the caller, if it is one who misuses a group.
    assert_eq!(panic_message(|| panic!("elsewhere")), "elsewhere");
    assert_eq!(counts(), [4, 0, 0]);
    let mut group = Group::new();
    assert!(Task::new(group.wait()).ready().is_ok());
    for misuse in [|group: &Group| drop(group.track(async { Ok(()) })), |group: &Group| drop(group.member())] {
        place.lock().unwrap().clear();
        assert!(panic_message(|| misuse(&group)).starts_with("the group has ended"));
        // Not under the lock, which the hook takes.
        let place = place.lock().unwrap().clone();
        assert_eq!(place, file!());
    }
    assert_eq!(counts(), [6, 0, 0]);

    // A hook that passes on to the one before it, as hooks should: all three are called.
    let before = take_hook();
    count(&second, before);
    assert!(captured().backtrace().is_some());
    assert_eq!(counts(), [7, 1, 0]);

    // One that does not: there is no backtrace any more, and everything else is as before.
    count(&third, |_| ());
    let panic = captured();
    assert_eq!((panic.message(), panic.backtrace().is_none()), (Some("on purpose"), true));
    assert!(panic.into_payload().is_some());
    assert_eq!(counts(), [7, 1, 1]);
    drop(take_hook());
}
