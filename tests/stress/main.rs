//! Many threads at once: exclusion, conservation, order, and nobody left asleep, with random choices.
//!
//! Bounded by default, so that it is quick; `make stress` runs it for minutes (`seed` says how), and so do the
//! sanitizers (`sanitize.sh`).
#![cfg(feature = "alloc")]
#![expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]

#[path = "../common/mod.rs"]
mod common;

mod cancel;
mod conservation;
mod exclusion;
mod flights;
mod groups;
mod maps;
mod order;
mod seed;
mod taking;
mod threads;
mod tokens;
