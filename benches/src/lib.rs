//! The measuring: contenders side by side, interleaved, as ratios.
//!
//! A machine's speed drifts within seconds, so a time alone says little. One [`Row`] holds all contenders of one
//! question. A round measures each of them once; the order rotates from round to round; many rounds give a median and
//! quartiles. The result is the ratio to the [`SUBJECT`], formed within each round, between two samples that were taken
//! a few milliseconds apart, and only then reduced to its own median and quartiles.

pub mod heap;
pub mod semaphores;
pub mod threads;

mod go;
mod plan;
mod row;
mod versions;

pub use go::{Go, GoMap};
pub use plan::Plan;
pub use row::{Row, Sample};
pub use versions::version;

/// Whom the others are compared with.
pub const SUBJECT: &str = "xsync";
