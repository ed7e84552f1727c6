//! Buffers that are used again: for a new large one the system maps zeroed pages, each with a fault.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where large buffers rest between two uses. Together with those in use they take no more than the budget, as long as
/// whoever takes a buffer has permits for it.
#[derive(Debug)]
pub struct Buffers {
    budget: usize,
    large: usize,
    shelf: Mutex<Shelf>,
}

#[derive(Debug, Default)]
struct Shelf {
    resting: Vec<Box<[u8]>>,
    /// The bytes of all buffers, in use or resting.
    held: usize,
}

impl Buffers {
    /// The size of a large buffer, unless the budget is smaller.
    pub const LARGE: usize = 128 << 10;
    /// What a buffer counts for at least, unless the budget is smaller.
    pub const LEAST: usize = 4 << 10;

    /// For a budget of so many bytes.
    pub fn new(budget: usize) -> Arc<Self> {
        Arc::new(Self { budget, large: Self::LARGE.min(budget), shelf: Mutex::default() })
    }

    /// The size of the buffer to take next for a file that should have `rest` bytes more: with one byte too many, so
    /// that the end is seen without a second buffer.
    pub fn first_size(&self, rest: u64) -> usize {
        let size = usize::try_from(rest).unwrap_or(usize::MAX).saturating_add(1);
        size.max(Self::LEAST).min(self.large)
    }

    /// The same for a buffer that is not the file's first. Where the file should have ended, it has grown, or its size
    /// was not told.
    pub fn next_size(&self, rest: u64) -> usize {
        if rest == 0 { self.large } else { self.first_size(rest) }
    }

    /// An empty buffer of `size` bytes.
    pub fn take(self: &Arc<Self>, size: usize) -> Buffer {
        let bytes = self.rested(size).unwrap_or_else(|| vec![0; size].into_boxed_slice());
        Buffer { bytes, filled: 0, home: Arc::clone(self) }
    }

    /// A buffer of `size` bytes from the shelf, or room for a new one.
    fn rested(&self, size: usize) -> Option<Box<[u8]>> {
        let mut shelf = self.shelf();
        if size == self.large
            && let Some(bytes) = shelf.resting.pop()
        {
            return Some(bytes);
        }
        shelf.held += size;
        let excess = shelf.held.saturating_sub(self.budget).div_ceil(self.large);
        let kept = shelf.resting.len().saturating_sub(excess);
        let evicted = shelf.resting.split_off(kept);
        shelf.held -= evicted.len() * self.large;
        // Freed outside the lock.
        drop(shelf);
        drop(evicted);
        None
    }

    fn put_back(&self, bytes: Box<[u8]>) {
        let mut shelf = self.shelf();
        if bytes.len() == self.large {
            shelf.resting.push(bytes);
        } else {
            shelf.held -= bytes.len();
        }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A buffer, and the bytes that have been read into it.
#[derive(Debug)]
pub struct Buffer {
    bytes: Box<[u8]>,
    filled: usize,
    home: Arc<Buffers>,
}

impl Buffer {
    /// Where to read to.
    pub fn spare(&mut self) -> &mut [u8] {
        &mut self.bytes[self.filled..]
    }

    /// So many bytes of [`spare`](Self::spare) have been read.
    pub fn advance(&mut self, bytes: usize) {
        self.filled += bytes;
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.home.put_back(std::mem::take(&mut self.bytes));
    }
}

/// What the reading stage hands to the hashing stage. `P` are the permits for the memory of the buffer.
///
/// The fields are dropped in this order: who gets the permits finds the buffer.
#[derive(Debug)]
pub struct Chunk<P> {
    /// Bytes of a file.
    pub buffer: Buffer,
    /// One for each byte that the buffer can hold, and [`Buffers::LEAST`] at least.
    pub permit: P,
    /// Whether the file ends here.
    pub last: bool,
}

#[cfg(test)]
mod tests {
    use super::Buffers;

    #[test]
    fn a_buffer_is_large_enough_to_see_the_end() {
        let buffers = Buffers::new(1 << 20);
        let large = Buffers::LARGE;
        for (rest, size) in [
            (0, Buffers::LEAST),
            (1, Buffers::LEAST),
            (4095, Buffers::LEAST),
            (4096, 4097),
            (large as u64 - 1, large),
            (large as u64, large),
            (u64::MAX, large),
        ] {
            assert_eq!(buffers.first_size(rest), size);
            assert_eq!(buffers.next_size(rest), if rest == 0 { large } else { size });
        }
    }

    #[test]
    fn no_buffer_is_larger_than_the_budget() {
        for budget in [1, 4095, 4096, 100_000] {
            let buffers = Buffers::new(budget);
            for rest in [0, 1, 5000, u64::MAX] {
                assert!((1..=budget).contains(&buffers.first_size(rest)));
                assert!((1..=budget).contains(&buffers.next_size(rest)));
            }
        }
    }

    #[test]
    fn a_large_buffer_is_used_again_and_empty() {
        let buffers = Buffers::new(1 << 20);
        let mut buffer = buffers.take(Buffers::LARGE);
        buffer.spare()[..5].copy_from_slice(b"other");
        buffer.advance(5);
        assert_eq!(&*buffer, b"other");
        let address = buffer.as_ptr();
        drop(buffer);
        let again = buffers.take(Buffers::LARGE);
        assert_eq!((again.as_ptr(), again.len()), (address, 0));
        assert_eq!(buffers.shelf().resting.len(), 0);
        drop(again);
        drop(buffers.take(Buffers::LEAST));
        assert_eq!(buffers.shelf().resting.len(), 1, "a small one is not kept");
    }

    /// What rests makes way for what is taken.
    #[test]
    fn all_buffers_together_stay_within_the_budget() {
        let budget = 10 * Buffers::LARGE;
        let buffers = Buffers::new(budget);
        let held = || buffers.shelf().held;
        let mut taken: Vec<_> = (0..10).map(|_| buffers.take(Buffers::LARGE)).collect();
        assert_eq!(held(), budget);
        taken.clear();
        assert_eq!((held(), buffers.shelf().resting.len()), (budget, 10));

        for resting in [9, 9, 8, 8] {
            taken.push(buffers.take(Buffers::LARGE / 2));
            assert_eq!(buffers.shelf().resting.len(), resting);
            assert!(held() <= budget);
        }
        for resting in (0..8).rev() {
            taken.push(buffers.take(Buffers::LARGE));
            assert_eq!((held(), buffers.shelf().resting.len()), (budget, resting));
        }
        taken.clear();
        assert_eq!((held(), buffers.shelf().resting.len()), (8 * Buffers::LARGE, 8));
    }
}
