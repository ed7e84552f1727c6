//! [`SingleFlight`](xsync::SingleFlight): callers and work that are polled by hand, so that each moment between two of their
//! steps can be looked at; and [`StaticSingleFlight`](xsync::StaticSingleFlight).
#![expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/counting.rs"]
mod counting;

#[cfg(feature = "alloc")]
mod allocations;
#[cfg(feature = "alloc")]
mod between;
#[cfg(feature = "std")]
mod blocking;
#[cfg(feature = "alloc")]
mod callers;
#[cfg(feature = "alloc")]
mod claiming;
#[cfg(feature = "alloc")]
mod dropping;
#[cfg(feature = "std")]
mod dying;
mod fixed;
#[cfg(feature = "alloc")]
mod forgetting;
#[cfg(feature = "alloc")]
mod go;
#[cfg(feature = "alloc")]
mod joining;
#[cfg(feature = "alloc")]
mod keys;
#[cfg(feature = "alloc")]
mod panics;
#[cfg(feature = "alloc")]
mod probes;
#[cfg(feature = "alloc")]
mod program;
#[cfg(feature = "alloc")]
mod reentry;
#[cfg(feature = "alloc")]
mod starting;
#[cfg_attr(not(feature = "alloc"), expect(dead_code, reason = "the static form needs a part of it"))]
mod steered;
#[cfg(feature = "std")]
mod threads;
#[cfg(feature = "std")]
mod types;
#[cfg(feature = "alloc")]
mod unwinding;
#[cfg(feature = "alloc")]
mod wakers;

#[cfg(feature = "alloc")]
use callers::{Caller, Group, boxed, caller, joined, leaked, started, unwanted};
use steered::steered;
#[cfg(feature = "alloc")]
use steered::{Steer, Steered};

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;
