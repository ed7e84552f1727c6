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
//!
//! Beside the state the word says which of the entry's places are vacant: who clears such a bit has the place for itself.

use core::ptr::NonNull;

use super::hash::Hash;

/// A value on its own, for which the entry had no place. Aligned, so that a word that points to it has low bits to spare.
#[repr(align(8))]
#[derive(Debug)]
pub(super) struct Boxed<V> {
    pub(super) value: V,
    pub(super) alive: crate::sync::Tracked,
}

/// One of the two places for a value inside an entry; only small values have the second. A number, so that from a word to
/// the place there is no branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(usize);

impl Place {
    pub(super) const FIRST: Self = Self(0);
    pub(super) const SECOND: Self = Self(1);

    pub(super) const fn of(index: usize) -> Self {
        Self(index)
    }

    #[inline(always)]
    pub(super) const fn index(self) -> usize {
        self.0
    }

    /// The bit that says that it is vacant.
    #[inline(always)]
    const fn bit(self) -> usize {
        1 << self.0
    }
}

/// Both places.
const PLACES: usize = Place::FIRST.bit() | Place::SECOND.bit();

/// Not an address: the bits of [`KIND`] say what.
const PLAIN: usize = 0b100;

const KIND: usize = DEAD | 1 << 3 | PLAIN;
/// With the number of the place in bit 3.
const INLINE: usize = PLAIN;
const DEAD: usize = 1 << 4;
const REMOVED: usize = DEAD | PLAIN;
const EXPUNGED: usize = DEAD | 1 << 3 | PLAIN;

/// All of the entry but what is in its places has been dropped. Never beside an address.
const GONE: usize = 1 << 5;

/// Nothing of the entry is left but its memory.
const BARE: usize = PLACES | PLAIN | GONE;

/// Bits that no transition of the state changes.
const FOREIGN: usize = PLACES | Hash::IN_WORD;

/// The word of an entry.
///
/// | bits | meaning |
/// |---|---|
/// | 0, 1 | the first place is vacant, the second (or there is none) |
/// | 2 | clear: live, with a boxed value, whose address is above |
/// | 3, 4 | if 2 is set: live in the first place, in the second, removed, expunged |
/// | 5 | if 2 is set: the rest of the entry has been dropped |
/// | top 16, where addresses leave them free | a half of the key's hash |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word(usize);

/// What a word says of the entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State<V> {
    /// Live, with a value inside the entry.
    Inline(Place),
    /// Live, with a value on its own.
    Boxed(NonNull<Boxed<V>>),
    /// Without a value; in the dirty table too, if there is one.
    Removed,
    /// Without a value; not in the dirty table.
    Expunged,
}

impl Word {
    /// Live with the value that the entry was born with.
    pub(super) fn born(hash: Hash) -> Self {
        Self(hash.in_word() | INLINE | Place::SECOND.bit())
    }

    pub(super) const fn from_bits(bits: usize) -> Self {
        Self(bits)
    }

    pub(super) const fn bits(self) -> usize {
        self.0
    }

    #[inline(always)]
    pub(super) fn state<V>(self) -> State<V> {
        if self.0 & PLAIN == 0 {
            let value = core::ptr::with_exposed_provenance_mut(self.0 & !FOREIGN);
            // SAFETY: a word without this bit was made by `boxed`, of an address.
            return State::Boxed(unsafe { NonNull::new_unchecked(value) });
        }
        match self.0 & KIND {
            REMOVED => State::Removed,
            EXPUNGED => State::Expunged,
            _ => State::Inline(Place(self.0 >> 3 & 1)),
        }
    }

    #[inline(always)]
    pub(super) const fn is_live(self) -> bool {
        !self.is_removed() && !self.is_expunged()
    }

    #[inline(always)]
    pub(super) const fn is_removed(self) -> bool {
        self.0 & KIND == REMOVED
    }

    #[inline(always)]
    pub(super) const fn is_expunged(self) -> bool {
        self.0 & KIND == EXPUNGED
    }

    #[inline(always)]
    const fn with_state(self, state: usize) -> Self {
        Self(self.0 & FOREIGN | state)
    }

    /// Whether a word can hold the address of a value.
    ///
    /// # Panics
    ///
    /// If it cannot.
    pub(super) fn assert_fits<V>(boxed: &Boxed<V>) {
        let address = core::ptr::from_ref(boxed).addr();
        assert!(address & FOREIGN == 0, "xsync: the address {address:#x} has bits that a word uses");
    }

    /// Live or removed to live with `value`.
    #[inline(always)]
    pub(super) fn boxed<V>(self, value: NonNull<Boxed<V>>) -> Self {
        debug_assert!(!self.is_expunged(), "an expunged entry is un-expunged first");
        self.with_state(value.as_ptr().expose_provenance())
    }

    /// Live or removed to live with the value in `place`.
    #[inline(always)]
    pub(super) fn inline(self, place: Place) -> Self {
        debug_assert!(!self.is_expunged(), "an expunged entry is un-expunged first");
        self.with_state(place.0 << 3 | INLINE)
    }

    /// Live to removed.
    #[inline(always)]
    pub(super) fn removed(self) -> Self {
        debug_assert!(self.is_live());
        self.with_state(REMOVED)
    }

    /// Removed to expunged.
    pub(super) fn expunged(self) -> Self {
        debug_assert!(self.is_removed());
        self.with_state(EXPUNGED)
    }

    /// Expunged to removed.
    pub(super) fn unexpunged(self) -> Self {
        debug_assert!(self.is_expunged());
        self.with_state(REMOVED)
    }

    /// Whether nobody has `place`.
    #[inline(always)]
    pub(super) const fn is_vacant(self, place: Place) -> bool {
        self.0 & place.bit() != 0
    }

    /// `place` belongs to who makes this the entry's word.
    #[inline(always)]
    pub(super) fn claimed(self, place: Place) -> Self {
        debug_assert!(self.is_vacant(place));
        Self(self.0 & !place.bit())
    }

    /// The bit to set when a place was vacated.
    pub(super) const fn vacated(place: Place) -> Self {
        Self(place.bit())
    }

    /// The bit to set when the rest of the entry has been dropped.
    pub(super) const fn gone() -> Self {
        Self(GONE)
    }

    /// With what has been set.
    pub(super) const fn and(self, set: Self) -> Self {
        Self(self.0 | set.0)
    }

    /// Whether nothing of the entry is left but its memory.
    pub(super) const fn is_bare(self) -> bool {
        self.0 & BARE == BARE
    }

    /// Whether it says the same of the entry's value as `other`.
    #[inline(always)]
    pub(super) const fn has_state_of(self, other: Self) -> bool {
        (self.0 ^ other.0) & !PLACES == 0
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
        for vacant in [0, 0b01, 0b10, 0b11] {
            let born = Word::born(Hash::of(0x1234_5678_9abc_def0));
            let first = Word(born.0 & !PLACES | vacant);
            let kept = first.0 & FOREIGN;
            assert_eq!(first.state::<u64>(), State::Inline(Place::FIRST));
            let boxed = first.boxed(value);
            assert_eq!(boxed.state(), State::Boxed(value));
            let second = boxed.inline(Place::SECOND);
            assert_eq!(second.state::<u64>(), State::Inline(Place::SECOND));
            assert_eq!(second.inline(Place::FIRST), first);
            assert!(second.has_state_of(Word(second.0 ^ PLACES)) && !second.has_state_of(first));
            let removed = boxed.removed();
            assert_eq!(removed, first.removed());
            assert_eq!(removed, second.removed());
            assert_eq!(removed.state::<u64>(), State::Removed);
            assert_eq!(removed.boxed(value), boxed);
            let expunged = removed.expunged();
            assert_eq!(expunged.state::<u64>(), State::Expunged);
            assert_eq!(expunged.unexpunged(), removed);
            for word in [boxed, second, removed, expunged] {
                assert_eq!(word.0 & FOREIGN, kept);
                assert_eq!(word.is_vacant(Place::FIRST), vacant & 1 != 0);
                assert_eq!(word.is_vacant(Place::SECOND), vacant & 2 != 0);
            }
            assert_eq!([first, second, boxed, removed, expunged].map(Word::is_live), [true, true, true, false, false]);
        }
        // SAFETY: leaked above.
        drop(unsafe { alloc::boxed::Box::from_raw(value.as_ptr()) });
    }

    #[test]
    fn a_place_is_claimed_and_vacated() {
        let word = Word::born(Hash::of(1));
        assert!(!word.is_vacant(Place::FIRST) && word.is_vacant(Place::SECOND));
        let claimed = word.claimed(Place::SECOND);
        assert!(!claimed.is_vacant(Place::SECOND));
        assert_eq!(claimed.state::<u64>(), State::Inline(Place::FIRST));
        assert_eq!(claimed.and(Word::vacated(Place::SECOND)), word);
    }

    #[test]
    fn an_entry_is_bare_when_both_places_and_the_rest_are_gone() {
        let removed = Word::born(Hash::of(1)).removed();
        let vacant = removed.and(Word::vacated(Place::FIRST));
        assert!(!removed.and(Word::gone()).is_bare());
        assert!(!vacant.is_bare());
        assert!(vacant.and(Word::gone()).is_bare());
        // An address may have any bits above the low three.
        let boxed = Word(PLACES | 0xfff8);
        assert!(!boxed.is_bare());
    }

    #[test]
    #[should_panic(expected = "un-expunged first")]
    #[cfg(debug_assertions)]
    fn an_expunged_entry_takes_no_value() {
        Word::born(Hash::of(1)).removed().expunged().boxed(NonNull::<Boxed<u64>>::dangling());
    }
}
