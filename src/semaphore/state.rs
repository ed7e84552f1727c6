//! The semaphore's state word.

use core::fmt;

use crate::sync::{AtomicUsize, Ordering};

/// The largest number of permits. Two bits go to the flags, one to the sign, and one makes room for a guard that comes
/// back too many and is taken out again.
pub(super) const MAX_PERMITS: usize = usize::MAX >> 4;

/// A count of free permits and two flags.
///
/// | part | legal values | meaning |
/// |---|---|---|
/// | count (signed, bits 2..) | `-MAX_PERMITS ..= MAX_PERMITS` | free permits; below zero: debt of a reduction, which releases pay first |
/// | | `..= 2 * MAX_PERMITS` | for a moment: a guard came back whose permits had been released already (P5) |
/// | `QUEUED` (bit 1) | 0 | nobody waits; the count changes without the lock |
/// | | 1 | somebody waits, or is about to; the count falls only under the queue's lock |
/// | `CLOSED` (bit 0) | 0 | open |
/// | | 1 | closed for good; `QUEUED` is not set any more |
///
/// Each transition changes its own part and keeps the others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct State(usize);

impl State {
    const CLOSED: usize = 1;
    const QUEUED: usize = 2;
    const SHIFT: u32 = 2;

    /// Open, with nobody queued. `permits` is at most [`MAX_PERMITS`].
    pub(super) const fn new(permits: usize) -> Self {
        Self(permits << Self::SHIFT)
    }

    /// Free permits; below zero while there is debt.
    #[inline]
    pub(super) const fn count(self) -> isize {
        self.0 as isize >> Self::SHIFT
    }

    #[inline]
    pub(super) const fn is_closed(self) -> bool {
        self.0 & Self::CLOSED != 0
    }

    #[inline]
    pub(super) const fn is_queued(self) -> bool {
        self.0 & Self::QUEUED != 0
    }

    /// Whether a request for `n` fits the count. Zero always does, whatever the debt.
    #[inline]
    pub(super) const fn fits(self, n: usize) -> bool {
        n == 0 || (self.count() > 0 && self.count() as usize >= n)
    }

    /// Less `n` permits, if a newcomer may take them now: open, nobody queued, and `n` fits.
    #[inline]
    pub(super) const fn taken(self, n: usize) -> Option<Self> {
        if self.0 & (Self::CLOSED | Self::QUEUED) == 0 && self.fits(n) { Some(self.less(n)) } else { None }
    }

    /// `n` permits less, below zero if need be. `n` is at most [`MAX_PERMITS`].
    #[inline]
    pub(super) const fn less(self, n: usize) -> Self {
        Self(self.0.wrapping_sub(n << Self::SHIFT))
    }

    /// `n` permits more, unless they pass `max`. Zero never does.
    #[inline]
    pub(super) const fn more(self, n: usize, max: usize) -> Option<Self> {
        let room = max as isize - self.count();
        if n == 0 || (n <= MAX_PERMITS && n as isize <= room) {
            Some(Self(self.0.wrapping_add(n << Self::SHIFT)))
        } else {
            None
        }
    }

    #[cfg(test)]
    pub(super) const fn with_count(self, count: isize) -> Self {
        Self((count << Self::SHIFT) as usize | self.0 & (Self::CLOSED | Self::QUEUED))
    }

    #[inline]
    pub(super) const fn with_queued(self, queued: bool) -> Self {
        Self(if queued { self.0 | Self::QUEUED } else { self.0 & !Self::QUEUED })
    }

    pub(super) const fn closed(self) -> Self {
        Self(self.0 | Self::CLOSED)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("count", &self.count())
            .field("queued", &self.is_queued())
            .field("closed", &self.is_closed())
            .finish()
    }
}

/// A [`State`] that threads share.
pub(super) struct AtomicState(AtomicUsize);

impl AtomicState {
    const_fn! {
        pub(super) const fn new(state: State) -> Self {
            Self(AtomicUsize::new(state.0))
        }
    }

    #[inline]
    #[track_caller]
    pub(super) fn load(&self, order: Ordering) -> State {
        // ORDERING: the caller's.
        State(self.0.load(order))
    }

    /// Adds `n` permits, whatever is there; the state before.
    #[inline]
    #[track_caller]
    pub(super) fn add(&self, n: usize, order: Ordering) -> State {
        // ORDERING: the caller's.
        State(self.0.fetch_add(n << State::SHIFT, order))
    }

    /// Moves the word by the difference between two states, which share what others may change meanwhile.
    #[inline]
    #[track_caller]
    pub(super) fn step(&self, from: State, to: State, order: Ordering) {
        // ORDERING: the caller's.
        self.0.fetch_add(to.0.wrapping_sub(from.0), order);
    }

    /// One attempt; may fail spuriously.
    #[inline]
    #[track_caller]
    pub(super) fn exchange(&self, from: State, to: State, success: Ordering, failure: Ordering) -> Result<(), State> {
        // ORDERING: the caller's.
        match self.0.compare_exchange_weak(from.0, to.0, success, failure) {
            Ok(_) => Ok(()),
            Err(now) => Err(State(now)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_PERMITS, State};

    /// Every combination of flags with counts around zero and at both ends.
    fn states() -> impl Iterator<Item = State> {
        let max = MAX_PERMITS as isize;
        let counts = (-4..=4).chain([max - 1, max, -max, 1 - max]);
        counts.flat_map(|count| {
            (0..4).map(move |flags| {
                let state = State::new(0).with_count(count).with_queued(flags & 1 != 0);
                if flags & 2 != 0 { state.closed() } else { state }
            })
        })
    }

    fn flags(state: State) -> (bool, bool) {
        (state.is_queued(), state.is_closed())
    }

    #[test]
    fn a_new_word_is_open_and_has_its_permits() {
        for permits in [0, 1, 2, 3, MAX_PERMITS] {
            let state = State::new(permits);
            assert_eq!((state.count(), flags(state)), (permits as isize, (false, false)));
        }
    }

    #[test]
    fn each_transition_changes_its_own_part_only() {
        for state in states() {
            for count in -4..=4 {
                let next = state.with_count(count);
                assert_eq!((next.count(), flags(next)), (count, flags(state)));
            }
            for queued in [false, true] {
                let next = state.with_queued(queued);
                assert_eq!((next.count(), flags(next)), (state.count(), (queued, state.is_closed())));
            }
            let next = state.closed();
            assert_eq!((next.count(), flags(next)), (state.count(), (state.is_queued(), true)));
            if state.count() > 4 - MAX_PERMITS as isize {
                for n in 0..4 {
                    let next = state.less(n);
                    assert_eq!((next.count(), flags(next)), (state.count() - n as isize, flags(state)));
                }
            }
        }
    }

    #[test]
    fn taken_is_for_open_words_with_nobody_queued_and_room() {
        for state in states() {
            for n in [0, 1, 2, 3, 4, 5, MAX_PERMITS - 1, MAX_PERMITS, MAX_PERMITS + 1, usize::MAX] {
                let room = n == 0 || (state.count() > 0 && state.count() as usize >= n);
                let expected = (room && flags(state) == (false, false)).then(|| state.count() - n as isize);
                assert_eq!(state.taken(n).map(State::count), expected, "{state:?} taken({n})");
            }
        }
    }

    #[test]
    fn more_refuses_to_pass_the_maximum_and_never_overflows() {
        for state in states() {
            for max in [0, 1, 3, 4, 5, MAX_PERMITS] {
                for n in [0, 1, 2, 3, MAX_PERMITS, usize::MAX / 2, usize::MAX - 1, usize::MAX] {
                    let sum = state.count() as i128 + n as i128;
                    let expected = (n == 0 || sum <= max as i128).then_some((sum, flags(state)));
                    let got = state.more(n, max).map(|next| (next.count() as i128, flags(next)));
                    assert_eq!(got, expected, "{state:?} more({n}, {max})");
                }
            }
        }
    }
}
