//! The state of an entry: Go's machine, as a typed word.
//!
//! | from | to | who | lock |
//! |---|---|---|---|
//! | live | live, another value | a store, an update | none |
//! | live | removed | a removal | none |
//! | removed | live | a store: the key comes back where it was | none |
//! | removed | expunged | only who builds a dirty table, in which the entry is left out | shard's |
//! | expunged | removed | un-expunging: the entry goes into the dirty table at once, in the same section | shard's |
//! | expunged | live | never: the store would be lost when the dirty table is promoted | |
//! | live | expunged | never: a value would be lost | |
//! | any | first | never: the first value's place is written once in an entry's life | |

use core::ptr::NonNull;

use super::hash::Hash;

/// A value on its own, as it is from the second on. Aligned, so that a word that points to it has low bits to spare.
#[repr(align(8))]
#[derive(Debug)]
pub(super) struct Boxed<V> {
    pub(super) value: V,
    pub(super) alive: crate::sync::Tracked,
}

/// What the low bits say, as bits of the word.
const KIND: usize = 0b011;
const BOXED: usize = 0b000;
const FIRST: usize = 0b001;
const REMOVED: usize = 0b010;
const EXPUNGED: usize = 0b011;

/// One of the two parts of an entry, its first value and the rest, has been dropped: who drops the other frees it.
const HALF: usize = 0b100;

/// Bits that no transition changes.
const FOREIGN: usize = HALF | Hash::IN_WORD;

/// The word of an entry.
///
/// | bits | meaning |
/// |---|---|
/// | 0 and 1 | boxed (live), first (live), removed, expunged |
/// | 2 | half of the entry has been dropped |
/// | above | boxed: the address of the value |
/// | top 16, where addresses leave them free | a half of the key's hash |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word(usize);

/// What a word says of the entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State<V> {
    /// Live, with the value that the entry was born with.
    First,
    /// Live, with a later value.
    Boxed(NonNull<Boxed<V>>),
    /// Without a value; in the dirty table too, if there is one.
    Removed,
    /// Without a value; not in the dirty table.
    Expunged,
}

impl Word {
    /// Live with its first value.
    pub(super) fn first(hash: Hash) -> Self {
        Self(hash.in_word() | FIRST)
    }

    pub(super) const fn from_bits(bits: usize) -> Self {
        Self(bits)
    }

    pub(super) const fn bits(self) -> usize {
        self.0
    }

    #[inline(always)]
    pub(super) fn state<V>(self) -> State<V> {
        match self.0 & KIND {
            BOXED => {
                let value = core::ptr::with_exposed_provenance_mut(self.0 & !(FOREIGN | KIND));
                // SAFETY: a word that says boxed was made by `boxed`, of an address.
                State::Boxed(unsafe { NonNull::new_unchecked(value) })
            }
            FIRST => State::First,
            REMOVED => State::Removed,
            _ => State::Expunged,
        }
    }

    #[inline(always)]
    pub(super) const fn is_live(self) -> bool {
        matches!(self.0 & KIND, BOXED | FIRST)
    }

    #[inline(always)]
    pub(super) const fn is_removed(self) -> bool {
        self.0 & KIND == REMOVED
    }

    #[inline(always)]
    pub(super) const fn is_expunged(self) -> bool {
        self.0 & KIND == EXPUNGED
    }

    /// Live or removed to live with `value`.
    #[inline(always)]
    pub(super) fn boxed<V>(self, value: NonNull<Boxed<V>>) -> Self {
        debug_assert!(!self.is_expunged(), "an expunged entry is un-expunged first");
        Self(self.0 & FOREIGN | value.as_ptr().expose_provenance())
    }

    /// Live to removed.
    #[inline(always)]
    pub(super) fn removed(self) -> Self {
        debug_assert!(self.is_live());
        Self(self.0 & FOREIGN | REMOVED)
    }

    /// Removed to expunged.
    pub(super) fn expunged(self) -> Self {
        debug_assert!(self.is_removed());
        Self(self.0 & FOREIGN | EXPUNGED)
    }

    /// Expunged to removed.
    pub(super) fn unexpunged(self) -> Self {
        debug_assert!(self.is_expunged());
        Self(self.0 & FOREIGN | REMOVED)
    }

    /// The bit to set when a part has been dropped.
    pub(super) const fn half() -> usize {
        HALF
    }

    /// Whether a part has been dropped.
    pub(super) const fn is_half(self) -> bool {
        self.0 & HALF != 0
    }

    /// The half of the hash that is kept here.
    pub(super) const fn hash_bits(self) -> usize {
        self.0 & Hash::IN_WORD
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_transition_keeps_the_foreign_bits() {
        let value = NonNull::from(alloc::boxed::Box::leak(alloc::boxed::Box::new(Boxed {
            value: 7_u64,
            alive: crate::sync::Tracked::new(),
        })));
        for foreign in [0, HALF] {
            let first = Word(Word::first(Hash::of(0x1234_5678_9abc_def0)).0 | foreign);
            let kept = first.0 & FOREIGN;
            assert_eq!(first.state::<u64>(), State::First);
            let boxed = first.boxed(value);
            assert_eq!(boxed.state(), State::Boxed(value));
            let removed = boxed.removed();
            assert_eq!(removed, first.removed());
            assert_eq!(removed.state::<u64>(), State::Removed);
            assert_eq!(removed.boxed(value), boxed);
            let expunged = removed.expunged();
            assert_eq!(expunged.state::<u64>(), State::Expunged);
            assert_eq!(expunged.unexpunged(), removed);
            for word in [boxed, removed, expunged] {
                assert_eq!(word.0 & FOREIGN, kept);
                assert_eq!(word.is_half(), foreign != 0);
            }
            assert_eq!([first, boxed, removed, expunged].map(Word::is_live), [true, true, false, false]);
        }
        // SAFETY: leaked above.
        drop(unsafe { alloc::boxed::Box::from_raw(value.as_ptr()) });
    }

    #[test]
    #[should_panic(expected = "un-expunged first")]
    #[cfg(debug_assertions)]
    fn an_expunged_entry_takes_no_value() {
        Word::first(Hash::of(1)).removed().expunged().boxed(NonNull::<Boxed<u64>>::dangling());
    }
}
