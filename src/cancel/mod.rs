//! Cancellation.

mod flag;

pub use flag::{CancelFlag, Cancelled};
