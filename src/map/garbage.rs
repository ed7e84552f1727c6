//! What a map retires.

use core::ptr::NonNull;

use super::entry::{Entry, drop_boxed};
use super::table::Table;
use super::word::{Boxed, Place, State, Word};

/// Something that was unlinked. Dropping it frees it: by then nobody has it (R2).
///
/// A kind and an address, so that it is handed on in two registers.
pub(crate) enum Garbage<K, V> {
    /// A value whose word was moved away (E3).
    Value(NonNull<Boxed<V>>),
    /// The value in the first place of an entry whose word was moved away (E2).
    First(NonNull<Entry<K, V>>),
    /// The value in the second place of such an entry.
    Second(NonNull<Entry<K, V>>),
    /// An entry that no table holds any more; it is expunged, so that it has no value (E1).
    Entry(NonNull<Entry<K, V>>),
    /// A table that was replaced; its entries are others' to drop.
    Table(Table<K, V>),
}

// SAFETY: owned by whoever has the garbage: dropping it drops keys and values.
unsafe impl<K: Send, V: Send> Send for Garbage<K, V> {}

impl<K, V> Garbage<K, V> {
    /// The value that `word` of `entry` held, if the caller moved it away.
    #[inline]
    pub(super) fn of_word(entry: &Entry<K, V>, word: Word) -> Option<Self> {
        match word.state() {
            State::Boxed(value) => Some(Self::Value(value)),
            State::Inline(Place::FIRST) => Some(Self::First(NonNull::from(entry))),
            State::Inline(_) => Some(Self::Second(NonNull::from(entry))),
            State::Removed | State::Expunged => None,
        }
    }
}

impl<K, V> Drop for Garbage<K, V> {
    fn drop(&mut self) {
        // Without a branch, which nobody could foretell.
        let place = Place::of(usize::from(matches!(self, Self::Second(_))));
        match self {
            // SAFETY: it was unlinked, and nobody has it any more; dropped once.
            Self::Value(value) => unsafe { drop_boxed(*value) },
            // SAFETY: as above.
            Self::First(entry) | Self::Second(entry) => unsafe { Entry::drop_inline(*entry, place) },
            // SAFETY: as above.
            Self::Entry(entry) => unsafe { Entry::drop_rest(*entry) },
            // SAFETY: as above.
            Self::Table(table) => unsafe { table.free() },
        }
    }
}
