//! Panics that are part of the contract: caught, and not reported, since there are thousands of them.

use core::any::Any;
use core::cell::Cell;
use core::panic::AssertUnwindSafe;
use std::panic::{catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `f`; its panic, if it has one, is reported unless it is `expected`.
pub(crate) fn caught<R>(expected: bool, f: impl FnOnce() -> R) -> Result<R, Box<dyn Any + Send>> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let report = take_hook();
        set_hook(Box::new(move |panic| {
            if !EXPECTED.get() {
                report(panic);
            }
        }));
    });
    EXPECTED.set(expected);
    let result = catch_unwind(AssertUnwindSafe(f));
    EXPECTED.set(false);
    result
}
