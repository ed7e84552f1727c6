//! golang.org/x/sync and the read/dirty `sync.Map` for async Rust.
//!
//! | primitive | Go | needs |
//! |---|---|---|
//! | [`Semaphore`] | `semaphore.Weighted` | nothing |
//! | `Map` | `sync.Map` (up to 1.23) | `alloc` |
//! | `SingleFlight` | `singleflight.Group` | `alloc` |
//! | [`StaticSingleFlight`] | the same, for a fixed number of keys | nothing |
//! | `ErrGroup` | `errgroup.Group`, kratos' errgroup | `alloc` |
//! | `CancelToken` | `context.WithCancelCause` | `alloc` |
//! | [`CancelFlag`] | a `context` without children | nothing |
//!
//! Every wait is a plain future: no runtime is named, no reactor or timer is started, and nothing is allocated to
//! wait. With the `std` feature each of these futures can also block a thread: `wait`, and `wait_timeout` and
//! `wait_deadline` where giving up loses nothing. Tasks and threads share one queue, in order.
//!
//! ```
//! use xsync::Semaphore;
//!
//! static BUDGET: Semaphore = Semaphore::new(64);
//!
//! async fn fetch(weight: usize) {
//!     let permit = BUDGET.acquire(weight).await.expect("the budget is never closed");
//!     // ... at most 64 units of work are in flight here ...
//!     drop(permit);
//! }
//! # #[cfg(feature = "std")]
//! let permits = BUDGET.acquire(3).wait().unwrap(); // the same queue, from a thread
//! ```
//!
//! # Features
//!
//! `std` (default) adds blocking waits, captured panics and hashes that are keyed at random, and uses std's mutex as the lock of the wait queue (a
//! thread's first blocking wait allocates its parker, and so does the mutex's first use where std's is not a futex);
//! `alloc` adds owned permits, `Map`, `SingleFlight`, `CancelToken` and `ErrGroup`; `serde` makes `Map` serde's map; `critical-section` and `spin` choose the queue lock
//! without `std`; `portable-atomic` is for chips without compare-and-swap. What remains when a feature is off behaves
//! the same.
//!
//! # Layers
//!
//! A file imports only from its own layer or below: the primitives (`semaphore`, `map`, `singleflight`, `cancel`, `errgroup`) stand on the
//! waker core (`wait`: one intrusive FIFO of waiters), which stands on the facade (`sync`: atomics, cells, lock,
//! parker).
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(test)]
extern crate std;

// Layer 1: what the machine offers.
#[macro_use]
mod sync;
#[cfg(feature = "alloc")]
mod hasher;
mod message;

// Layer 2: how tasks and threads wait.
mod wait;

// Layer 3: the primitives.
mod cancel;
#[cfg(feature = "alloc")]
mod errgroup;
#[cfg(feature = "alloc")]
mod map;
mod semaphore;
mod singleflight;

pub use cancel::{CancelFlag, Cancellation, Cancelled, RunUntilCancelled};
#[cfg(feature = "alloc")]
pub use cancel::{CancelToken, Cause, DropGuard};
#[cfg(feature = "alloc")]
pub use errgroup::{
    Child, ErrGroup, GroupBuilder, GroupError, Join, Member, Panic, Reason, Refused, Spawn, Spawner, Tracked, Wait,
};
#[cfg(feature = "alloc")]
pub use hasher::{DefaultHasher, RandomState};
#[cfg(feature = "alloc")]
pub use map::{Computed, Flush, IntoIter, Iter, Map, Operation, OwnedRef, Ref, Session, SessionIter};
pub use semaphore::{
    Acquire, AcquireError, AcquireUntil, AcquireUntilError, Handle, Permit, Semaphore, TryAcquireError,
};
#[cfg(feature = "alloc")]
pub use singleflight::{
    Abandoned, BorrowedKey, Checked, Claim, Claiming, Driver, LeadGuard, Outcome, OwnKey, Panicked, Role, SingleFlight,
    Started, WaitError, Waiter, WithOutcome, Work, WorkRef,
};
pub use singleflight::{Full, StaticClaim, StaticClaiming, StaticLead, StaticSingleFlight};

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use semaphore::{AcquireOwned, OwnedPermit};

under_loom! {
    #[doc(hidden)]
    pub mod internals;
}

/// What threads share is invariant in what is put into it. Else something that lives shortly could be put in by one who has
/// shortened the type, and be got out by one who has not.
///
/// ```compile_fail
/// fn shorten<'a>(map: xsync::Map<&'static str, ()>) -> xsync::Map<&'a str, ()> { map }
/// ```
/// ```compile_fail
/// fn shorten<'a>(map: xsync::Map<(), &'static str>) -> xsync::Map<(), &'a str> { map }
/// ```
/// ```compile_fail
/// fn shorten<'a>(group: xsync::SingleFlight<&'static str, ()>) -> xsync::SingleFlight<&'a str, ()> { group }
/// ```
/// ```compile_fail
/// fn shorten<'a>(group: xsync::SingleFlight<(), &'static str>) -> xsync::SingleFlight<(), &'a str> { group }
/// ```
/// ```compile_fail
/// fn shorten<'a>(group: xsync::StaticSingleFlight<(), &'static str, 1>) -> xsync::StaticSingleFlight<(), &'a str, 1> { group }
/// ```
/// ```compile_fail
/// fn shorten<'g, 'a>(lead: xsync::LeadGuard<'g, (), &'static str>) -> xsync::LeadGuard<'g, (), &'a str> { lead }
/// ```
/// ```compile_fail
/// fn shorten<'a>(group: xsync::Spawner<&'static str>) -> xsync::Spawner<&'a str> { group }
/// ```
/// ```compile_fail
/// fn shorten<'a>(member: xsync::Member<&'static str>) -> xsync::Member<&'a str> { member }
/// ```
#[cfg(all(doctest, feature = "alloc"))]
struct Invariant;
