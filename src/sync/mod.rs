//! Layer 1, the facade: everything that the crate takes from the machine, and the only place that knows of loom.
//!
//! | item | native | under `--cfg xsync_loom` |
//! |---|---|---|
//! | [`AtomicUsize`], [`AtomicBool`] | `core` or `portable_atomic` | loom, with orderings that the audit can weaken |
//! | [`Arc`] | `alloc`'s, or `portable_atomic_util`'s | loom's |
//! | [`UnsafeCell`] | `core`'s, reached through closures | loom's, which reports unsynchronised access |
//! | [`Lock`] | std mutex, critical section or spin | loom's mutex; the spin lock is modelled by itself |
//! | [`Parker`] | crossbeam-utils' | loom's mutex and condition variable |
//! | [`assert_exclusive`] | nothing | a check that all other accesses happened before |
//! | [`assume_zeroed`], [`read_settled`] | atomics of zeroed memory; a plain read of one that is written no more | loom's, checked |
//! | [`next_of_all`] | numbers that spread evenly over all of 32 bits | zero |
//! | [`barrier`] | `membarrier(2)`, where there is one | a fence on both sides |
//! | [`tags`] | vector instructions | a loop over one |
//! | [`Tracked`] | nothing | a cell without content: reads and the end of what it stands in, for what loom cannot see |
//! | `each!` | an array repeated from a constant | built by calls, likewise |
//! | `const_fn!` | `const fn` | `fn`: loom's types have no const constructors |
//! | [`small`] | its first argument | its second: bounds shrink so that models reach the slow paths |

#[macro_use]
mod macros;

#[cfg(not(xsync_loom))]
mod native;
#[cfg(all(feature = "alloc", not(xsync_loom)))]
pub(crate) use native::{Arc, assume_zeroed, next_of_all, read_settled};
#[cfg(not(xsync_loom))]
pub(crate) use native::{AtomicBool, AtomicUsize, UnsafeCell, assert_exclusive};

#[cfg(xsync_loom)]
mod loom;
#[cfg(xsync_loom)]
pub(crate) use self::loom::{
    Arc, AtomicBool, AtomicUsize, UnsafeCell, assert_exclusive, assume_zeroed, next_of_all, read_settled,
};

pub(crate) use core::sync::atomic::Ordering;
#[cfg(feature = "alloc")]
pub(crate) use crossbeam_utils::CachePadded;

mod lock;
pub(crate) use lock::Lock;
#[cfg(xsync_loom)]
pub(crate) use lock::SpinLock;

#[cfg(feature = "std")]
mod parker;
#[cfg(feature = "std")]
pub(crate) use parker::{Parker, Unparker, thread_local, yield_now};
#[cfg(feature = "std")]
pub(crate) use std::sync::{Once, OnceLock};

#[cfg(feature = "alloc")]
pub(crate) mod barrier;

#[cfg(feature = "alloc")]
pub(crate) mod tags;

#[cfg(feature = "alloc")]
mod thread;
#[cfg(feature = "std")]
pub(crate) use thread::this_thread;
#[cfg(feature = "alloc")]
pub(crate) use thread::{is_now_and_then, lanes, thread_index};

#[cfg(feature = "alloc")]
mod tracked;
#[cfg(feature = "alloc")]
pub(crate) use tracked::Tracked;

/// `native`, or `model` under loom.
pub(crate) const fn small(native: usize, model: usize) -> usize {
    if cfg!(xsync_loom) { model } else { native }
}
