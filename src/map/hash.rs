//! Which bits of a hash serve what.

use super::slot::PACKED;
use crate::sync::tags::GROUP;

/// A hash of 32 bits.
///
/// | bits | serve |
/// |---|---|
/// | 24 to 31 | the shard |
/// | 23 and below | the place in the table, as many as it takes |
/// | 0 to 15 | the tag beside an entry's address in a packed slot |
/// | 0 to 5 (4) | the bit in a shard's news |
///
/// The upper half is kept in the entry's word and the lower in the slot, so that a table can be rebuilt without asking
/// the user's `Hash` again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hash(pub(super) u32);

/// The top bits of a word that leaves them free.
const TOP: usize = (usize::MAX >> 16) ^ usize::MAX;

impl Hash {
    /// The bits of an entry's word that hold its half.
    pub(super) const IN_WORD: usize = if PACKED { TOP } else { 0 };

    /// Mixes all bits of a user's hash: some hashers leave half of them alike (Fibonacci hashing, D. Knuth, 6.4).
    #[inline(always)]
    pub(super) const fn of(hash: u64) -> Self {
        Self((hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32)
    }

    #[inline(always)]
    pub(super) const fn shard(self) -> usize {
        (self.0 >> 24) as usize
    }

    /// Where to begin in a table of `1 << log` slots: at a group.
    #[inline(always)]
    pub(super) const fn place(self, log: u32) -> usize {
        (self.0.rotate_left(8) as usize) >> (32 - log) & !(GROUP - 1)
    }

    /// As one of a word's bits.
    #[inline(always)]
    pub(super) const fn bit(self) -> usize {
        1_usize.wrapping_shl(self.0)
    }

    /// The half for the entry's word, in its place.
    #[inline(always)]
    pub(super) const fn in_word(self) -> usize {
        if PACKED { (self.0 as usize).wrapping_shl(usize::BITS / 2) & TOP } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_in_its_table() {
        for seed in 0..1000_u64 {
            let hash = Hash::of(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
            assert!(hash.place(13) < 1 << 13);
            assert!(hash.shard() < 256);
        }
    }
}
