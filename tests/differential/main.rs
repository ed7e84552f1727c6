//! The library beside a semaphore and a flag built on `event_listener::Event`: the same programs with the same outcome,
//! and what could not be built on it.
#![expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]

#[path = "../common/mod.rs"]
mod common;

mod allocations;
#[cfg(target_os = "linux")]
mod asleep;
mod programs;
mod reference;
mod reproductions;
