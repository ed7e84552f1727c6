//! A place in a table: an entry's address and what there is room for of its key's hash. All zero is an empty one.

pub(super) use layout::{PACKED, Slot, SlotCell};

/// User space of the usual 64-bit systems: an address leaves the top 16 bits of a word free. (Android tags the addresses
/// of its heap there, and bare metal may run in the upper half.)
#[cfg(all(
    target_pointer_width = "64",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(any(target_os = "none", target_os = "android"))
))]
mod layout {
    use core::ptr::NonNull;

    use super::super::entry::Entry;
    use super::super::hash::Hash;
    use crate::sync::tags::equal_tags;
    use crate::sync::{AtomicUsize, Ordering, read_settled};

    pub(in crate::map) const PACKED: bool = true;

    /// The lower half of the hash in the top 16 bits, the address below.
    #[derive(Clone, Copy)]
    #[repr(transparent)]
    pub(in crate::map) struct Slot(usize);

    const TOP: usize = 0xffff << 48;

    /// The lower half of the hash, in its place.
    #[inline(always)]
    const fn half(hash: Hash) -> usize {
        (hash.0 as usize) << 48
    }

    impl Slot {
        /// Whether a slot can hold an entry: to be asked before a lock is taken.
        ///
        /// # Panics
        ///
        /// If it cannot.
        #[inline(always)]
        pub(in crate::map) fn assert_fits<K, V>(entry: &Entry<K, V>) {
            let address = core::ptr::from_ref(entry).addr();
            assert!(address & TOP == 0, "xsync: the address {address:#x} has no 16 bits to spare");
        }

        pub(in crate::map) fn new<K, V>(hash: Hash, entry: NonNull<Entry<K, V>>) -> Self {
            Self(half(hash) | entry.as_ptr().expose_provenance())
        }

        #[inline(always)]
        pub(in crate::map) const fn is_empty(self) -> bool {
            self.0 == 0
        }

        /// Whether the hash may be this one; false only if it is not.
        #[inline(always)]
        pub(in crate::map) const fn may_be(self, hash: Hash) -> bool {
            (self.0 ^ half(hash)) & TOP == 0
        }

        /// # Safety
        /// It is not empty.
        #[inline(always)]
        pub(in crate::map) unsafe fn entry<K, V>(self) -> NonNull<Entry<K, V>> {
            // SAFETY: not empty, so made by `new`.
            unsafe { NonNull::new_unchecked(core::ptr::with_exposed_provenance_mut(self.0 & !TOP)) }
        }

        /// The whole hash; `in_word` is the half that the entry's word has.
        pub(in crate::map) const fn hash(self, in_word: usize) -> Hash {
            Hash((in_word >> 48 << 16) as u32 | (self.0 >> 48) as u32)
        }
    }

    /// The memory of a slot; all zero is an empty one.
    #[repr(transparent)]
    pub(in crate::map) struct SlotCell(AtomicUsize);

    impl SlotCell {
        /// The slot, which may be filled meanwhile.
        #[inline(always)]
        pub(in crate::map) fn current(&self) -> Slot {
            // ORDERING: Acquire: the entry, from the store in `fill`.
            Slot(self.0.load(Ordering::Acquire))
        }

        pub(in crate::map) fn fill(&self, slot: Slot) {
            // ORDERING: Release: the entry, to the load in `current`.
            self.0.store(slot.0, Ordering::Release);
        }

        /// # Safety
        /// Nobody writes it any more, or only this thread.
        #[inline(always)]
        pub(in crate::map) unsafe fn settled(&self) -> Slot {
            // SAFETY: by the caller.
            Slot(unsafe { read_settled(&self.0) })
        }

        /// Which slots of a group may have the hash, as bits; empty ones among them. Without a branch for each, since half of
        /// those would be mispredicted, each at the end of a cache miss.
        ///
        /// # Safety
        /// A group of slots is there, aligned to its size, and as for [`settled`](Self::settled).
        #[inline(always)]
        pub(in crate::map) unsafe fn candidates(group: *const Self, hash: Hash) -> u32 {
            // SAFETY: the same; a slot is a word.
            unsafe { equal_tags(group.cast(), hash.0 as u16) }
        }

        /// Which slots of a group may be empty, as bits: all that are, and few others.
        ///
        /// # Safety
        /// As for [`candidates`](Self::candidates).
        #[inline(always)]
        pub(in crate::map) unsafe fn vacancies(group: *const Self) -> u32 {
            // SAFETY: the same; a slot is a word, and an empty one has the tag zero.
            unsafe { equal_tags(group.cast(), 0) }
        }
    }
}

#[cfg(not(all(
    target_pointer_width = "64",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(any(target_os = "none", target_os = "android"))
)))]
mod layout {
    use core::ptr::NonNull;

    use super::super::entry::Entry;
    use super::super::hash::Hash;
    use crate::sync::tags::GROUP;
    use crate::sync::{AtomicUsize, Ordering, read_settled};

    pub(in crate::map) const PACKED: bool = false;

    /// The hash and the address, side by side.
    #[derive(Clone, Copy)]
    pub(in crate::map) struct Slot {
        hash: u32,
        address: usize,
    }

    impl Slot {
        /// Any address does.
        pub(in crate::map) fn assert_fits<K, V>(_entry: &Entry<K, V>) {}

        pub(in crate::map) fn new<K, V>(hash: Hash, entry: NonNull<Entry<K, V>>) -> Self {
            Self { hash: hash.0, address: entry.as_ptr().expose_provenance() }
        }

        #[inline(always)]
        pub(in crate::map) const fn is_empty(self) -> bool {
            self.address == 0
        }

        /// Whether the hash may be this one; false only if it is not.
        #[inline(always)]
        pub(in crate::map) const fn may_be(self, hash: Hash) -> bool {
            self.hash == hash.0
        }

        /// # Safety
        /// It is not empty.
        #[inline(always)]
        pub(in crate::map) unsafe fn entry<K, V>(self) -> NonNull<Entry<K, V>> {
            // SAFETY: not empty, so made by `new`.
            unsafe { NonNull::new_unchecked(core::ptr::with_exposed_provenance_mut(self.address)) }
        }

        /// The whole hash.
        pub(in crate::map) const fn hash(self, _in_word: usize) -> Hash {
            Hash(self.hash)
        }
    }

    /// The memory of a slot; all zero is an empty one. The hash is written first.
    pub(in crate::map) struct SlotCell {
        hash: AtomicUsize,
        address: AtomicUsize,
    }

    impl SlotCell {
        /// The slot, which may be filled meanwhile.
        pub(in crate::map) fn current(&self) -> Slot {
            // ORDERING: Acquire: the entry and the hash, from the store in `fill`.
            let address = self.address.load(Ordering::Acquire);
            // ORDERING: Relaxed: ordered by the address, unless that is null.
            Slot { hash: self.hash.load(Ordering::Relaxed) as u32, address }
        }

        pub(in crate::map) fn fill(&self, slot: Slot) {
            // ORDERING: Relaxed: published by the next.
            self.hash.store(slot.hash as usize, Ordering::Relaxed);
            // ORDERING: Release: the entry and the hash, to the load in `current`.
            self.address.store(slot.address, Ordering::Release);
        }

        /// # Safety
        /// Nobody writes it any more, or only this thread.
        pub(in crate::map) unsafe fn settled(&self) -> Slot {
            // SAFETY: by the caller.
            let hash = unsafe { read_settled(&self.hash) } as u32;
            // SAFETY: by the caller.
            Slot { hash, address: unsafe { read_settled(&self.address) } }
        }

        /// Which slots of a group may have the hash, as bits.
        ///
        /// # Safety
        /// A group of slots is there, and as for [`settled`](Self::settled).
        #[inline(always)]
        pub(in crate::map) unsafe fn candidates(group: *const Self, hash: Hash) -> u32 {
            // SAFETY: the same.
            unsafe { Self::those(group, |slot| slot.may_be(hash)) }
        }

        /// Which slots of a group are empty, as bits.
        ///
        /// # Safety
        /// As for [`candidates`](Self::candidates).
        #[inline(always)]
        pub(in crate::map) unsafe fn vacancies(group: *const Self) -> u32 {
            // SAFETY: the same.
            unsafe { Self::those(group, Slot::is_empty) }
        }

        /// # Safety
        /// As for [`candidates`](Self::candidates).
        #[inline(always)]
        unsafe fn those(group: *const Self, is: impl Fn(Slot) -> bool) -> u32 {
            (0..GROUP).fold(0, |set, index| {
                // SAFETY: one of the group, by the caller.
                let cell = unsafe { &*group.add(index) };
                // SAFETY: by the caller.
                set | u32::from(is(unsafe { cell.settled() })) << index
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use core::ptr::NonNull;

    use super::super::entry::Entry;
    use super::super::hash::Hash;
    use super::Slot;

    #[test]
    fn a_slot_and_a_word_keep_the_whole_hash() {
        for seed in 0..1000_u64 {
            let hash = Hash::of(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
            let entry = NonNull::<Entry<u8, u8>>::dangling();
            let slot = Slot::new(hash, entry);
            assert_eq!(slot.hash(hash.in_word()), hash);
            // SAFETY: made of an entry.
            assert_eq!(unsafe { slot.entry::<u8, u8>() }, entry);
            assert!(slot.may_be(hash) && !slot.may_be(Hash(hash.0 ^ 1)));
        }
    }
}
