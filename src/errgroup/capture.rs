//! Catching panics, with a backtrace from where the panic began: when it is caught the stack is gone, so a hook takes
//! it.

use alloc::boxed::Box;
use core::cell::{Cell, RefCell};
use core::mem;
use core::panic::AssertUnwindSafe;
use std::backtrace::Backtrace;
use std::panic::{catch_unwind, set_hook, take_hook};
use std::thread_local;

use super::Panic;
use crate::sync::Once;

thread_local! {
    /// How many captures this thread is in.
    static CAPTURES: Cell<usize> = const { Cell::new(0) };
    /// Of the last panic in one of them.
    static BACKTRACE: RefCell<Option<Backtrace>> = const { RefCell::new(None) };
}

/// Puts a hook before the present one, once in the life of the process.
pub(super) fn install_hook() {
    static INSTALLED: Once = Once::new();
    // A thread that is panicking cannot change hooks: the next group does.
    if std::thread::panicking() {
        return;
    }
    INSTALLED.call_once(|| {
        let next = take_hook();
        set_hook(Box::new(move |info| {
            if CAPTURES.try_with(Cell::get).is_ok_and(|captures| captures > 0) {
                // Not resolved to names here, which is the greater part of the cost.
                let backtrace = Backtrace::force_capture();
                let _ = BACKTRACE.try_with(|last| last.replace(Some(backtrace)));
            }
            next(info);
        }));
    });
}

/// Drops `value` and catches its panic, then that panic's payload likewise. What the payload's own panic carries is
/// forgotten: somewhere this has to end.
pub(super) fn drop_caught<T>(value: T) {
    if let Err(panic) = catch(|| drop(value)) {
        if let Err(left) = catch(|| drop(panic)) {
            mem::forget(left);
        }
    }
}

/// Runs `f`, and catches its panic.
pub(super) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Panic> {
    /// One capture, and the backtrace of the one around it, which it gives back: a destructor that panics on the way
    /// of another panic may be caught in a capture of its own.
    struct Capture(Option<Backtrace>);

    impl Drop for Capture {
        fn drop(&mut self) {
            let _ = CAPTURES.try_with(|captures| captures.set(captures.get() - 1));
            let _ = BACKTRACE.try_with(|last| last.replace(self.0.take()));
        }
    }

    let _ = CAPTURES.try_with(|captures| captures.set(captures.get() + 1));
    let capture = Capture(BACKTRACE.try_with(RefCell::take).unwrap_or(None));
    // What a panic leaves behind in a future is dropped, and never polled again.
    let caught = catch_unwind(AssertUnwindSafe(f));
    let backtrace = BACKTRACE.try_with(RefCell::take).unwrap_or(None);
    drop(capture);
    caught.map_err(|payload| Panic::captured(payload, backtrace))
}
