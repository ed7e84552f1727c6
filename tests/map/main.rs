//! The map, as its users see it, and as those do who mean it harm.
#![cfg(feature = "alloc")]
#![expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]

mod alive;
#[path = "../common/mod.rs"]
mod common;
mod statics;
mod support;

mod api;
mod basic;
mod cursor;
mod differential;
mod garbage;
mod histories;
mod iteration;
mod leaks;
#[cfg(feature = "std")]
mod nested;
mod panics;
mod reentrant;
