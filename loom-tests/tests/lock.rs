//! The spin backend of the queue lock, with two threads. (Under loom the queue itself uses loom's mutex.)

use std::panic;

use xsync::internals::SpinLock;
use xsync_loom_tests::{Outcomes, forever, model, panics_with, spawn};

/// Property: two holders exclude each other, and the second sees what the first wrote.
/// Fails if: taking the lock is a load and a store (`spin-not-exchanged`), or unlocking publishes nothing
/// (`spin-unlock-relaxed`).
#[test]
fn two_holders() {
    model(3, || {
        let lock = forever(SpinLock::new(0));
        let thread = spawn(move || lock.with(|n| *n += 1));
        lock.with(|n| *n += 1);
        thread.join().unwrap();
        assert_eq!(lock.with(|n| *n), 2);
    });
}

/// Property: a holder that panics unlocks, and publishes what it wrote before.
/// Fails if: only a holder that returns unlocks (`spin-locked-after-panic`).
#[test]
fn panic_of_a_holder() {
    model(3, || {
        let lock = forever(SpinLock::new(0));
        let thread = spawn(move || {
            assert!(panics_with("planned", || {
                lock.with(|n| {
                    *n += 1;
                    panic::panic_any("planned");
                });
            }));
        });
        lock.with(|n| *n += 1);
        thread.join().unwrap();
        assert_eq!(lock.with(|n| *n), 2);
    });
}

/// Property: who tries gets the lock, and sees what the holder before wrote, or leaves it alone.
/// Fails if: trying takes what is taken (`spin-tried-is-taken`).
#[test]
fn try_beside_a_holder() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let lock = forever(SpinLock::new(0));
        let thread = spawn(move || lock.with(|n| *n += 1));
        let tried = lock.try_with(|n| {
            *n += 10;
            *n
        });
        thread.join().unwrap();
        assert_eq!(lock.with(|n| *n), if tried.is_some() { 11 } else { 1 });
        seen.saw(format!("{tried:?}"));
    });
    outcomes.were(&["None", "Some(10)", "Some(11)"]);
}
