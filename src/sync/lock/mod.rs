//! The queue lock: `with` runs a closure under mutual exclusion.
//!
//! The holder runs a few dozen instructions of this crate and nothing else: no waker, destructor or closure of a
//! user (rule 1 of ARCHITECTURE.md), so a holder cannot re-enter, and cannot panic but for a bug of ours.
//!
//! | backend | chosen by | re-entry (a bug of ours) |
//! |---|---|---|
//! | [`standard`] | `std` | as std's mutex: deadlock or panic |
//! | [`critical`] | `critical-section` without `std` | panics: critical sections nest, and a second `&mut` would be undefined behaviour |
//! | [`spin`] | neither (feature `spin`, or a hosted target) | deadlock |

#[cfg(any(xsync_loom, not(any(feature = "std", feature = "critical-section"))))]
mod spin;
#[cfg(xsync_loom)]
pub(crate) use spin::Lock as SpinLock;
#[cfg(not(any(xsync_loom, feature = "std", feature = "critical-section")))]
pub(crate) use spin::Lock;

#[cfg(all(not(any(xsync_loom, feature = "std")), feature = "critical-section"))]
mod critical;
#[cfg(all(not(any(xsync_loom, feature = "std")), feature = "critical-section"))]
pub(crate) use critical::Lock;

#[cfg(all(feature = "std", not(xsync_loom)))]
mod standard;
#[cfg(all(feature = "std", not(xsync_loom)))]
pub(crate) use standard::Lock;

#[cfg(xsync_loom)]
mod model;
#[cfg(xsync_loom)]
pub(crate) use model::Lock;

#[cfg(all(target_os = "none", not(any(feature = "std", feature = "critical-section", feature = "spin"))))]
compile_error!(
    "xsync needs a queue lock on this target: enable the feature `critical-section` (an interrupt handler or a second \
     executor priority can preempt a holder), `spin` (nothing preempts a holder for good), or `std`"
);
