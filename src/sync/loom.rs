//! The facade under loom.
//!
//! Known gaps of loom 0.7: no const constructors; SeqCst accesses are treated as AcqRel (fences are right); load
//! buffering is not explored; at most five threads; no timed park.
//!
//! The atomics here are loom's behind thin wrappers, so that the ordering audit can weaken one call site without a
//! rebuild: `XSYNC_WEAKEN=file:line:column:slot=Ordering`, where `slot` is `0` for the (success) ordering and `1` for
//! the failure ordering of a compare-exchange. `XSYNC_SITES=path` appends each site reached, with its ordering.

pub(crate) use loom::cell::UnsafeCell;
pub(crate) use loom::sync::Arc;

use core::panic::Location;
use core::sync::atomic::Ordering;
use std::collections::HashSet;
use std::io::Write;
use std::sync::{LazyLock, Mutex};

struct Weaken {
    site: String,
    ordering: Ordering,
}

static WEAKEN: LazyLock<Option<Weaken>> = LazyLock::new(|| {
    let spec = std::env::var("XSYNC_WEAKEN").ok()?;
    let (site, ordering) = spec.split_once('=').expect("XSYNC_WEAKEN is site=Ordering");
    let ordering = match ordering {
        "Relaxed" => Ordering::Relaxed,
        "Acquire" => Ordering::Acquire,
        "Release" => Ordering::Release,
        other => panic!("XSYNC_WEAKEN cannot weaken to {other}"),
    };
    Some(Weaken { site: site.to_owned(), ordering })
});

static SITES: LazyLock<Option<(std::path::PathBuf, Mutex<HashSet<String>>)>> =
    LazyLock::new(|| Some((std::env::var_os("XSYNC_SITES")?.into(), Mutex::default())));

/// The ordering to use at `at`: the one asked for, unless the audit weakens this site.
fn audited(operation: &str, at: &'static Location<'static>, slot: u8, ordering: Ordering) -> Ordering {
    if WEAKEN.is_none() && SITES.is_none() {
        return ordering;
    }
    let site = format!("{}:{}:{}:{slot}", at.file(), at.line(), at.column());
    if let Some((path, seen)) = SITES.as_ref() {
        if seen.lock().unwrap().insert(site.clone()) {
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
            writeln!(file, "{site} {operation} {ordering:?}").unwrap();
        }
    }
    match WEAKEN.as_ref() {
        Some(weaken) if weaken.site == site => weaken.ordering,
        _ => ordering,
    }
}

macro_rules! audited_atomic {
    ($(#[$meta:meta])* $name:ident, $value:ty) => {
        #[derive(Debug)]
        pub(crate) struct $name(loom::sync::atomic::$name);

        $(#[$meta])*
        impl $name {
            #[track_caller]
            pub(crate) fn new(value: $value) -> Self {
                Self(loom::sync::atomic::$name::new(value))
            }

            #[track_caller]
            pub(crate) fn load(&self, order: Ordering) -> $value {
                self.0.load(audited("load", Location::caller(), 0, order))
            }

            #[track_caller]
            pub(crate) fn store(&self, value: $value, order: Ordering) {
                self.0.store(value, audited("store", Location::caller(), 0, order));
            }

            #[track_caller]
            pub(crate) fn swap(&self, value: $value, order: Ordering) -> $value {
                self.0.swap(value, audited("swap", Location::caller(), 0, order))
            }

            #[track_caller]
            pub(crate) fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                let success = audited("compare_exchange", Location::caller(), 0, success);
                let failure = audited("compare_exchange", Location::caller(), 1, failure);
                self.0.compare_exchange(current, new, success, failure)
            }

            /// Never fails spuriously here: a spurious failure only repeats a loop.
            #[track_caller]
            pub(crate) fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.compare_exchange(current, new, success, failure)
            }
        }
    };
}

audited_atomic!(AtomicUsize, usize);

impl AtomicUsize {
    #[track_caller]
    pub(crate) fn fetch_add(&self, value: usize, order: Ordering) -> usize {
        self.0.fetch_add(value, audited("fetch_add", Location::caller(), 0, order))
    }

    #[track_caller]
    pub(crate) fn fetch_sub(&self, value: usize, order: Ordering) -> usize {
        self.0.fetch_sub(value, audited("fetch_sub", Location::caller(), 0, order))
    }

    #[track_caller]
    pub(crate) fn fetch_or(&self, value: usize, order: Ordering) -> usize {
        self.0.fetch_or(value, audited("fetch_or", Location::caller(), 0, order))
    }

    #[track_caller]
    pub(crate) fn fetch_and(&self, value: usize, order: Ordering) -> usize {
        self.0.fetch_and(value, audited("fetch_and", Location::caller(), 0, order))
    }
}

audited_atomic!(
    #[expect(dead_code, reason = "each atomic type offers the same operations, used or not")]
    AtomicBool,
    bool
);

/// States that nobody else touches `word` any more; loom reports an access that does not happen before this.
pub(crate) fn assert_exclusive(word: &mut AtomicUsize) {
    word.0.with_mut(|_| ());
}

/// Makes words.
///
/// # Safety
/// There is room for `words` words.
#[track_caller]
pub(crate) unsafe fn assume_zeroed(first: *mut AtomicUsize, words: usize) {
    for index in 0..words {
        // SAFETY: by the caller.
        let word = unsafe { first.add(index) };
        // SAFETY: by the caller.
        unsafe { word.write(AtomicUsize::new(0)) };
    }
}

/// The word that nobody writes any more, as plain memory; loom reports a write that did not happen before this.
///
/// # Safety
/// As said.
#[track_caller]
pub(crate) unsafe fn read_settled(word: &AtomicUsize) -> usize {
    // SAFETY: by the caller; and loom looks.
    unsafe { word.0.unsync_load() }
}

/// Models walk from the beginning.
pub(crate) fn next_of_all() -> u32 {
    0
}
