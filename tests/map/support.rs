//! Hashers of three qualities, and a small generator.

use core::hash::{BuildHasher, Hasher};
use std::hash::DefaultHasher;

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
