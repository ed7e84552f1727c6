//! What happened, in order.

use core::cell::Cell;

use critical_section::Mutex;

/// Up to eight names, written by tasks and read by the interrupt handler.
pub struct Log(Mutex<Cell<([&'static str; 8], usize)>>);

impl Log {
    pub const fn new() -> Self {
        Self(Mutex::new(Cell::new(([""; 8], 0))))
    }

    pub fn push(&self, name: &'static str) {
        critical_section::with(|cs| {
            let (mut names, len) = self.0.borrow(cs).get();
            names[len] = name;
            self.0.borrow(cs).set((names, len + 1));
        });
    }

    /// Asserts that this, and no more, has happened.
    #[track_caller]
    pub fn assert(&self, expected: &[&str]) {
        let (names, len) = critical_section::with(|cs| self.0.borrow(cs).get());
        assert_eq!(&names[..len], expected);
    }
}
