//! What is frozen: sizes, auto traits, constness, names, warnings, and that waiting allocates nothing.
#![expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]

#[path = "../common/mod.rs"]
mod common;

mod allocations;
mod auto_traits;
#[path = "../common/counting.rs"]
mod counting;
#[cfg(feature = "alloc")]
mod group;
mod must_use;
mod names;
mod sizes;
#[cfg(feature = "alloc")]
mod tree;

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;
