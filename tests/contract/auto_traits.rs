//! Which types are `Send`, `Sync`, `Unpin` and `UnwindSafe`, and which are not.

use core::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

use xsync::{Acquire, AcquireError, CancelFlag, Cancelled, Handle, Permit, Semaphore, TryAcquireError};

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
    assert_eq!(traits!(TryAcquireError), ALL);
}

#[test]
fn a_local_handle_serves_its_thread() {
    let handle = Local(Rc::new(Semaphore::new(1)));
    assert_eq!(Semaphore::try_acquire_with(handle, 1).unwrap().permits(), 1);
}
