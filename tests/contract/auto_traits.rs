//! Which types are `Send`, `Sync`, `Unpin` and `UnwindSafe`, and which are not.

use core::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

use xsync::{
    Acquire, AcquireError, AcquireUntil, AcquireUntilError, CancelFlag, Cancelled, Handle, Permit, RunUntilCancelled,
    Semaphore, TryAcquireError,
};

/// Whether a type has a trait, decided when this is compiled: the inherent function wins where its bound holds.
macro_rules! has {
    ($type:ty: $bound:path) => {{
        trait Otherwise {
            fn has() -> bool {
                false
            }
        }
        impl<T> Otherwise for Probe<T> {}
        struct Probe<T>(core::marker::PhantomData<T>);
        impl<T: $bound> Probe<T> {
            fn has() -> bool {
                true
            }
        }
        assert!(Probe::<u8>::has() && !<Probe<u8> as Otherwise>::has());
        Probe::<$type>::has()
    }};
}

/// Send, Sync, Unpin, UnwindSafe, RefUnwindSafe.
macro_rules! traits {
    ($type:ty) => {
        [
            has!($type: Send),
            has!($type: Sync),
            has!($type: Unpin),
            has!($type: UnwindSafe),
            has!($type: RefUnwindSafe),
        ]
    };
}

const ALL: [bool; 5] = [true; 5];
const ALL_BUT_UNPIN: [bool; 5] = [true, true, false, true, true];
/// Of what stays on its thread and is pinned, or is not.
const UNSENDABLE: [bool; 5] = [false, false, true, true, true];
const UNSENDABLE_AND_PINNED: [bool; 5] = [false, false, false, true, true];

/// A handle that stays on its thread.
struct Local(Rc<Semaphore>);

// SAFETY: the `Rc` owns the semaphore, which is never replaced.
unsafe impl Handle for Local {
    fn semaphore(&self) -> &Semaphore {
        &self.0
    }
}

#[test]
fn the_probe_tells_types_apart() {
    assert_eq!(traits!(u8), ALL);
    assert_eq!(traits!(Rc<u8>), UNSENDABLE);
    assert_eq!(traits!(core::marker::PhantomPinned), ALL_BUT_UNPIN);
    assert_eq!(traits!(core::cell::UnsafeCell<u8>), [true, false, true, true, false]);
}

#[test]
fn semaphores_and_flags_are_for_all_threads() {
    assert_eq!(traits!(Semaphore), ALL);
    assert_eq!(traits!(CancelFlag), ALL);
}

#[test]
fn futures_go_wherever_their_handle_goes_but_stay_pinned() {
    assert_eq!(traits!(Acquire<&'static Semaphore>), ALL_BUT_UNPIN);
    assert_eq!(traits!(Cancelled<'static>), ALL_BUT_UNPIN);
    assert_eq!(traits!(Acquire<Local>), UNSENDABLE_AND_PINNED);
    assert_eq!(traits!(AcquireUntil<'static, &'static Semaphore>), ALL_BUT_UNPIN);
    assert_eq!(traits!(AcquireUntil<'static, Local>), UNSENDABLE_AND_PINNED);
    assert_eq!(traits!(RunUntilCancelled<'static, u8>), ALL_BUT_UNPIN);
    assert_eq!(traits!(RunUntilCancelled<'static, Rc<u8>>), UNSENDABLE_AND_PINNED);
    #[cfg(feature = "alloc")]
    assert_eq!(traits!(xsync::AcquireOwned), ALL_BUT_UNPIN);
}

#[test]
fn permits_go_wherever_their_handle_goes() {
    assert_eq!(traits!(Permit<&'static Semaphore>), ALL);
    assert_eq!(traits!(Permit<Local>), UNSENDABLE);
    #[cfg(feature = "alloc")]
    assert_eq!(traits!(xsync::OwnedPermit), ALL);
}

#[test]
fn errors_are_plain_values() {
    assert_eq!(traits!(AcquireError), ALL);
    assert_eq!(traits!(AcquireUntilError), ALL);
    assert_eq!(traits!(TryAcquireError), ALL);
}

#[cfg(feature = "alloc")]
mod allocated {
    use core::cell::Cell;

    use xsync::{
        CancelToken, Cause, Child, DropGuard, ErrGroup, GroupBuilder, GroupError, Join, Member, Panic, Reason, Refused,
        Spawn, Spawner, Tracked, Wait,
    };

    use super::{ALL, ALL_BUT_UNPIN, RefUnwindSafe, UNSENDABLE, UnwindSafe};

    /// An error that may move to another thread, but not be shared with it.
    type Unshared = Cell<u8>;
    /// An error that stays on its thread: the address of something.
    type Unsent = *const u8;

    /// Send, Sync, Unpin.
    macro_rules! threads {
        ($type:ty) => {
            [has!($type: Send), has!($type: Sync), has!($type: Unpin)]
        };
    }

    #[test]
    fn tokens_are_for_all_threads() {
        assert_eq!(traits!(CancelToken), ALL);
        assert_eq!(traits!(DropGuard), ALL);
        // An error of the user's is inside.
        assert_eq!(traits!(Cause), [true, true, true, false, false]);
    }

    /// Of a future `u8`, which is no future, and an error of type `$error`; `$all` for those that may be moved freely,
    /// `$pinned` for the others.
    macro_rules! group_of {
        ($error:ty, $all:expr, $pinned:expr) => {
            for (name, traits, expected) in [
                ("ErrGroup", threads!(ErrGroup<$error>), $all),
                ("Spawner", threads!(Spawner<$error>), $all),
                ("Member", threads!(Member<$error>), $all),
                ("Child", threads!(Child<u8, $error>), $pinned),
                ("Tracked", threads!(Tracked<u8, $error>), $pinned),
                ("Spawn", threads!(Spawn<'static, u8, u8, $error>), $pinned),
                ("Wait", threads!(Wait<'static, $error>), $pinned),
                ("Join", threads!(Join<$error>), $pinned),
            ] {
                assert_eq!(traits, expected, "{name}");
            }
        };
    }

    #[test]
    fn a_group_of_sendable_errors_is_for_all_threads() {
        group_of!(u8, [true; 3], [true, true, false]);
        group_of!(Unshared, [true; 3], [true, true, false]);
    }

    #[test]
    fn a_group_of_other_errors_stays_on_its_thread() {
        group_of!(Unsent, [false, false, true], [false; 3]);
    }

    #[test]
    fn children_go_wherever_their_futures_go() {
        assert_eq!(threads!(Child<*const u8, u8>), [false; 3]);
        assert_eq!(threads!(Tracked<*const u8, u8>), [false; 3]);
        assert_eq!(threads!(Spawn<'static, *const u8, u8, u8>), [false; 3]);
        assert_eq!(threads!(Spawn<'static, u8, *const u8, u8>), [false; 3]);
        assert_eq!(threads!(Child<Cell<u8>, u8>), [true, false, false]);
    }

    #[test]
    fn what_comes_out_of_a_group_is_a_plain_value() {
        assert_eq!(traits!(GroupError<u8>), ALL);
        assert_eq!(threads!(GroupError<Unshared>), [true, false, true]);
        assert_eq!(threads!(GroupError<Unsent>), [false, false, true]);
        assert_eq!(traits!(Panic), ALL);
        assert_eq!(traits!(Reason), ALL);
        assert_eq!(traits!(Refused<u8>), ALL);
        assert_eq!(traits!(Refused<super::Rc<u8>>), UNSENDABLE);
        // A builder has no error yet.
        assert_eq!(threads!(GroupBuilder<Unsent>), [true; 3]);
    }

    #[test]
    fn a_group_may_cross_a_caught_panic() {
        let both = |traits: [bool; 5]| [traits[3], traits[4]];
        assert_eq!(both(traits!(ErrGroup<u8>)), [true; 2]);
        assert_eq!(both(traits!(Spawner<u8>)), [true; 2]);
        assert_eq!(both(traits!(Member<u8>)), [true; 2]);
        assert_eq!(traits!(Child<u8, u8>), ALL_BUT_UNPIN);
    }
}

#[cfg(feature = "alloc")]
mod flights {
    use core::cell::Cell;

    use xsync::{
        BorrowedKey, Checked, Claim, Claiming, Driver, LeadGuard, OwnKey, RandomState, SingleFlight, Started, Waiter,
        WithOutcome, Work, WorkRef,
    };

    /// Send, Sync, Unpin.
    macro_rules! threads {
        ($type:ty) => {
            [has!($type: Send), has!($type: Sync), has!($type: Unpin)]
        };
    }

    /// Of keys and values of type `$content`; `$all` for those that may be moved freely, `$pinned` for the others.
    macro_rules! flights_of {
        ($content:ty, $all:expr, $pinned:expr) => {
            for (name, traits, expected) in [
                ("SingleFlight", threads!(SingleFlight<$content, $content>), $all),
                ("LeadGuard", threads!(LeadGuard<'static, $content, $content>), $all),
                ("Claim", threads!(Claim<'static, $content, $content>), $all),
                ("Work", threads!(Work<'static, $content, $content, RandomState, u8>), $pinned),
                ("WorkRef", threads!(WorkRef<'static, 'static, $content, $content, RandomState, u8, u8>), $pinned),
                ("Claiming", threads!(Claiming<'static, $content, $content, RandomState>), $pinned),
                ("Started", threads!(Started<$content, $content, u8>), $pinned),
                ("Waiter", threads!(Waiter<$content, $content, u8>), $pinned),
                ("Driver", threads!(Driver<$content, $content>), $pinned),
                ("WithOutcome", threads!(WithOutcome<Waiter<$content, $content, u8>>), $pinned),
                ("Checked", threads!(Checked<Waiter<$content, $content, u8>>), $pinned),
            ] {
                assert_eq!(traits, expected, "{name}");
            }
        };
    }

    #[test]
    fn flights_of_what_threads_may_share_are_for_all_threads() {
        flights_of!(u8, [true; 3], [true, true, false]);
    }

    #[test]
    fn flights_of_what_threads_may_not_share_stay_on_their_thread() {
        // The last to take a value may be on another thread than the first who looked at it.
        flights_of!(Cell<u8>, [false, false, true], [false; 3]);
        flights_of!(*const u8, [false, false, true], [false; 3]);
    }

    #[test]
    fn callers_go_wherever_their_closures_go() {
        assert_eq!(threads!(Work<'static, u8, u8, RandomState, *const u8>), [false; 3]);
        assert_eq!(threads!(Work<'static, u8, u8, RandomState, Cell<u8>>), [true, false, false]);
        assert_eq!(threads!(Waiter<u8, u8, *const u8>), [false; 3]);
        assert_eq!(threads!(OwnKey<u8>), [true; 3]);
        assert_eq!(threads!(BorrowedKey<'static, u8, u8>), [true; 3]);
    }
}

#[test]
fn a_local_handle_serves_its_thread() {
    let handle = Local(Rc::new(Semaphore::new(1)));
    assert_eq!(Semaphore::try_acquire_with(handle, 1).unwrap().permits(), 1);
}
