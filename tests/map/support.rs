//! Hashers of three qualities, values that count their drops, and a small generator.

use core::future::Future;
use core::hash::{BuildHasher, Hasher};
use core::pin::pin;
use core::sync::atomic::{AtomicIsize, Ordering};
use core::task::{Context, Waker};
use std::hash::DefaultHasher;
use std::sync::Arc;
use std::thread;

use xsync::Map;

/// Leaves `MASK` of a good hash.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Masked<const MASK: u64>;

pub(crate) type Good = Masked<{ u64::MAX }>;
pub(crate) type Constant = Masked<0>;
/// Eight hashes.
pub(crate) type Truncated = Masked<0b111>;

pub(crate) struct MaskedHasher<const MASK: u64>(DefaultHasher);

impl<const MASK: u64> BuildHasher for Masked<MASK> {
    type Hasher = MaskedHasher<MASK>;

    fn build_hasher(&self) -> Self::Hasher {
        MaskedHasher(DefaultHasher::new())
    }
}

impl<const MASK: u64> Hasher for MaskedHasher<MASK> {
    fn finish(&self) -> u64 {
        self.0.finish() & MASK
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }
}

pub(crate) trait Flushed {
    /// Waits, whatever there is to wait with, until all that was retired is dropped.
    fn flushed(&self);
}

impl<K, V, S> Flushed for Map<K, V, S> {
    fn flushed(&self) {
        let mut flush = pin!(self.flush());
        while flush.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            thread::yield_now();
        }
    }
}

/// How many things that count are alive.
#[derive(Debug, Clone, Default)]
pub(crate) struct Alive(Arc<AtomicIsize>);

impl Alive {
    pub(crate) fn count(&self) -> isize {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn with(&self, value: u64) -> Counted {
        self.0.fetch_add(1, Ordering::SeqCst);
        Counted { value, alive: self.clone() }
    }
}

/// Counts while it is alive; equal, and hashed, by its number.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) value: u64,
    alive: Alive,
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.alive.with(self.value)
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Counted {}

impl core::hash::Hash for Counted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let before = self.alive.0.fetch_sub(1, Ordering::SeqCst);
        assert!(before > 0, "dropped twice");
    }
}

/// Marsaglia's xorshift: the same numbers for the same seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}
