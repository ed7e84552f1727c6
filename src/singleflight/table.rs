//! The flights of one shard, chained by their hashes. A chain's links live in the flights, so listing one allocates
//! nothing; only the heads of the chains grow, and are made and dropped outside of the lock.

use core::mem;

use alloc::boxed::Box;
use alloc::vec;

use super::flight::{Flight, Hold};
use crate::sync::small;

/// The heads that live in the table itself.
const FEW: usize = 8;

pub(super) struct Table<K, V> {
    few: [*const Flight<K, V>; FEW],
    /// In place of the few, once they are too few; else empty.
    many: Heads<K, V>,
    len: usize,
    last_serial: u64,
}

pub(super) type Heads<K, V> = Box<[*const Flight<K, V>]>;

// SAFETY: pointers to flights, which the table holds; the lock that it lives in says who uses them.
unsafe impl<K: Send + Sync, V: Send + Sync> Send for Table<K, V> {}

/// Which head a hash belongs to: the middle bits, since the upper ones chose the shard.
fn place(mixed: u64, heads: usize) -> usize {
    (mixed >> 16) as usize & (heads - 1)
}

/// All bits of a user's hash, mixed: some hashers leave half of them alike (Fibonacci hashing, D. Knuth, 6.4).
pub(super) const fn mixed(hash: u64) -> u64 {
    hash.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl<K, V> Table<K, V> {
    pub(super) fn new() -> Self {
        Self { few: [core::ptr::null(); FEW], many: Box::default(), len: 0, last_serial: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    fn heads(&mut self) -> &mut [*const Flight<K, V>] {
        if self.many.is_empty() { &mut self.few } else { &mut self.many }
    }

    fn head(&mut self, hash: u64) -> &mut *const Flight<K, V> {
        let heads = self.heads();
        &mut heads[place(mixed(hash), heads.len())]
    }

    /// The oldest flight with this hash that came after `serial`, with its own serial, and one hold of it.
    pub(super) fn next(&mut self, hash: u64, serial: u64) -> Option<(Hold<K, V>, u64)> {
        let mut best: Option<(*const Flight<K, V>, u64)> = None;
        let mut at = *self.head(hash);
        // SAFETY: null, or a flight in this table, whose lock is held (Y1).
        while let Some(flight) = unsafe { at.as_ref() } {
            let (next, its) = flight.listing.with(|listing| {
                // SAFETY: the lock is held (Y1).
                let listing = unsafe { &*listing };
                (listing.next, listing.serial)
            });
            if flight.hash == hash && its > serial && best.is_none_or(|(_, best)| its < best) {
                best = Some((at, its));
            }
            at = next;
        }
        // SAFETY: the table holds it, and its lock is held.
        best.map(|(flight, serial)| (unsafe { Hold::another(flight) }, serial))
    }

    /// Lists a flight. One hold of it becomes the table's.
    pub(super) fn insert(&mut self, hold: &Hold<K, V>) {
        self.last_serial += 1;
        self.len += 1;
        let serial = self.last_serial;
        let head = self.head(hold.hash);
        let next = mem::replace(head, hold.as_ptr());
        hold.listing.with_mut(|listing| {
            // SAFETY: the lock is held (Y1).
            let listing = unsafe { &mut *listing };
            listing.next = next;
            listing.serial = serial;
        });
    }

    /// Takes a flight out, which is in it; the table's hold of it.
    pub(super) fn remove(&mut self, flight: &Hold<K, V>) -> Hold<K, V> {
        let target = flight.as_ptr();
        let after = flight.listing.with(|listing| {
            // SAFETY: the lock is held (Y1).
            unsafe { (*listing).next }
        });
        let head = self.head(flight.hash);
        if core::ptr::eq(*head, target) {
            *head = after;
        } else {
            let mut at = *head;
            loop {
                // SAFETY: a flight in this table, before the one that is looked for; the lock is held (Y1).
                let listing = unsafe { &(*at).listing };
                // SAFETY: the lock is held (Y1).
                let next = listing.with(|listing| unsafe { (*listing).next });
                if core::ptr::eq(next, target) {
                    listing.with_mut(|listing| {
                        // SAFETY: the lock is held (Y1).
                        unsafe { (*listing).next = after };
                    });
                    break;
                }
                at = next;
            }
        }
        self.len -= 1;
        // SAFETY: the table's hold, given up by unlinking.
        unsafe { Hold::from_raw(target) }
    }

    /// How many heads there should be, if that is far from how many there are: zero for the few.
    pub(super) fn wants(&self) -> Option<usize> {
        const MOST: usize = small(FEW, 2);
        let heads = self.many.len().max(FEW);
        let much = self.len > self.many.len().max(MOST);
        let little = !self.many.is_empty() && self.len < heads / 8;
        if !much && !little {
            return None;
        }
        let wanted = self.len.next_power_of_two() * 2;
        Some(if wanted <= MOST { 0 } else { wanted })
    }

    /// Chains all flights anew to `heads`; the old ones are the caller's to drop, after the lock.
    pub(super) fn adopt(&mut self, heads: Heads<K, V>) -> Heads<K, V> {
        let few = mem::replace(&mut self.few, [core::ptr::null(); FEW]);
        let old = mem::replace(&mut self.many, heads);
        for &head in few.iter().chain(&*old) {
            let mut at = head;
            // SAFETY: null, or a flight in this table, whose lock is held (Y1).
            while let Some(flight) = unsafe { at.as_ref() } {
                let head = self.head(flight.hash);
                let next = mem::replace(head, at);
                at = flight.listing.with_mut(|listing| {
                    // SAFETY: the lock is held (Y1).
                    let listing = unsafe { &mut *listing };
                    mem::replace(&mut listing.next, next)
                });
            }
        }
        old
    }
}

/// Empty heads, as many as [`Table::wants`] said.
pub(super) fn heads<K, V>(wanted: usize) -> Heads<K, V> {
    vec![core::ptr::null(); wanted].into_boxed_slice()
}
