//! Children that panic.
//!
//! loom runs all threads of a model on one of the system's, so while one unwinds, all seem to; a lock that another has
//! taken before is then poisoned, which loom does not forgive. So whoever else is there comes after the failure is
//! recorded. (Groups that capture panics differ only in who catches them, which no other thread sees.)

use std::panic::panic_any;

use loom::future::block_on;
use loom::thread;
use xsync::Cause;
use xsync_loom_tests::{Shadow, forever, model, panics_with, poll, spawn};

use crate::{Group, OnDrop, told};

/// Property: a child that panics in its poll ends as panicked, with its future gone, before the wait ends; its drop
/// afterwards, by another thread, adds nothing.
/// Fails if: the panic is not recorded (`panic-not-recorded`), or a failure does not cancel
/// (`failure-does-not-cancel`).
#[test]
fn panic_races_wait() {
    model(3, || {
        let data = forever(Shadow::new(0));
        let mut group = Group::new();
        let guard = OnDrop(data);
        let body = std::future::poll_fn(move |_| {
            let _ = &guard;
            panic_any("planned")
        });
        let child = group.try_spawn::<_, _, _, ()>(body, |child| child).unwrap();
        let mut child = Box::pin(child);
        let owner = spawn(move || {
            while !group.token().is_cancelled() {
                thread::yield_now();
            }
            assert!(matches!(group.token().cause(), Some(Cause::Failed)));
            let outcome = told(block_on(group.wait()));
            assert_eq!(data.get(), 1);
            outcome
        });
        assert!(panics_with("planned", || {
            let _ = poll(child.as_mut());
        }));
        let dropper = spawn(move || drop(child));
        assert_eq!(owner.join().unwrap(), "Err(Panicked(Panic { .. }))");
        dropper.join().unwrap();
    });
}
