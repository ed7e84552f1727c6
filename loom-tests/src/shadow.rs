//! Data that is not atomic, standing for what users protect.

use loom::cell::UnsafeCell;

/// A number that loom watches: reads and writes that are not ordered fail the model.
#[derive(Debug)]
pub struct Shadow(UnsafeCell<usize>);

// SAFETY: loom runs one thread at a time, and fails the model before two accesses that are not ordered can matter.
unsafe impl Sync for Shadow {}

impl Shadow {
    /// With a first value.
    #[must_use]
    pub fn new(value: usize) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// Reads it.
    pub fn get(&self) -> usize {
        // SAFETY: loom has checked that no write is concurrent.
        self.0.with(|value| unsafe { *value })
    }

    /// Writes it.
    pub fn set(&self, value: usize) {
        // SAFETY: loom has checked that no other access is concurrent.
        self.0.with_mut(|cell| unsafe { *cell = value });
    }

    /// Adds one.
    pub fn increment(&self) {
        self.set(self.get() + 1);
    }
}
