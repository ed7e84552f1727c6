//! The state of a flight, as one word.
//!
//! | bits | field | who changes it |
//! |---|---|---|
//! | 0 | `POLLING`: somebody has the work to itself | who takes it sets it, and clears it |
//! | 1 | `WOKEN`: the work has news, and was not polled since | any waker sets it; who takes the work clears it |
//! | 2 | `LISTED`: new callers join; whoever clears it unlinks the flight from its table | cleared once |
//! | 3 | `DRIVER`: a driver is attached, and it alone takes the work | cleared once, by its drop or the end |
//! | 4 | `SHARED`: the value went to more than one | the end |
//! | 5 | `STORED`: the value is in its place | the end; cleared by who moves the value out |
//! | 6, 7 | the [`Phase`] | the end |
//! | 8 and up | callers that keep the flight going | each, as it joins and leaves |
//! | the topmost | guests: threads that only wait | each, as it joins and leaves |
//!
//! In any phase but `Running` only `WOKEN` (to no effect) and `STORED` still change.

use core::fmt;

use crate::sync::{AtomicUsize, Ordering};

/// What has become of a flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It goes on.
    Running,
    /// The work has given a value.
    Done,
    /// The work has panicked.
    Panicked,
    /// Nobody was left to go on with it, or its leader gave up.
    Closed,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Word(usize);

/// In what capacity a caller is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seat {
    /// Keeps the flight going.
    Keeper,
    /// A thread that waits for what others keep going.
    Guest,
}

impl Seat {
    const KEEPER: usize = 1 << 8;
    /// 24 bits for guests on 64-bit targets, 10 on others.
    const GUEST: usize = 1 << if usize::BITS < 64 { 22 } else { 40 };

    const fn unit(self) -> usize {
        match self {
            Self::Keeper => Self::KEEPER,
            Self::Guest => Self::GUEST,
        }
    }

    /// How many there can be in one flight.
    pub(super) const fn most(self) -> usize {
        match self {
            Self::Keeper => Self::GUEST / Self::KEEPER - 1,
            Self::Guest => usize::MAX / Self::GUEST,
        }
    }
}

impl Word {
    const POLLING: usize = 1;
    const WOKEN: usize = 1 << 1;
    const LISTED: usize = 1 << 2;
    const DRIVER: usize = 1 << 3;
    const SHARED: usize = 1 << 4;
    const STORED: usize = 1 << 5;
    const PHASE: usize = 3 << 6;
    const DONE: usize = 1 << 6;
    const PANICKED: usize = 2 << 6;
    const CLOSED: usize = 3 << 6;

    /// The work has news: to be set.
    pub(super) const NEWS: Self = Self(Self::WOKEN);
    /// Nobody has the work: to be kept.
    pub(super) const RELEASED: Self = Self(!Self::POLLING);
    /// The value is not in its place: to be kept.
    pub(super) const EMPTIED: Self = Self(!Self::STORED);

    /// A listed flight with its first caller, who has the work to itself.
    pub(super) const fn started() -> Self {
        Self(Self::POLLING | Self::LISTED | Seat::KEEPER)
    }

    /// With a driver beside the first caller; the work waits to be polled.
    pub(super) const fn with_driver(self) -> Self {
        Self(self.0 | Self::DRIVER | Self::WOKEN)
    }

    pub(super) const fn phase(self) -> Phase {
        match self.0 & Self::PHASE {
            0 => Phase::Running,
            Self::DONE => Phase::Done,
            Self::PANICKED => Phase::Panicked,
            _ => Phase::Closed,
        }
    }

    pub(super) const fn is_running(self) -> bool {
        self.0 & Self::PHASE == 0
    }

    pub(super) const fn is_polling(self) -> bool {
        self.0 & Self::POLLING != 0
    }

    pub(super) const fn is_woken(self) -> bool {
        self.0 & Self::WOKEN != 0
    }

    pub(super) const fn is_listed(self) -> bool {
        self.0 & Self::LISTED != 0
    }

    pub(super) const fn has_driver(self) -> bool {
        self.0 & Self::DRIVER != 0
    }

    pub(super) const fn is_shared(self) -> bool {
        self.0 & Self::SHARED != 0
    }

    pub(super) const fn is_stored(self) -> bool {
        self.0 & Self::STORED != 0
    }

    pub(super) const fn keepers(self) -> usize {
        self.0 / Seat::KEEPER % (Seat::GUEST / Seat::KEEPER)
    }

    pub(super) const fn guests(self) -> usize {
        self.0 / Seat::GUEST
    }

    /// All who wait for the value.
    pub(super) const fn callers(self) -> usize {
        self.keepers() + self.guests()
    }

    /// With one caller more, if callers join still.
    ///
    /// # Panics
    ///
    /// If there are as many as can be.
    pub(super) fn joined(self, seat: Seat) -> Option<Self> {
        if !self.is_listed() {
            return None;
        }
        let now = if seat == Seat::Keeper { self.keepers() } else { self.guests() };
        assert!(now < seat.most(), "xsync: {now} callers of one key are as many as there can be");
        Some(Self(self.0 + seat.unit()))
    }

    /// With one caller less. If nobody is left to go on with the work, the flight is closed, and not listed any more.
    pub(super) const fn left(self, seat: Seat) -> Self {
        Self(self.0 - seat.unit()).settled()
    }

    /// With its driver gone, likewise.
    pub(super) const fn undriven(self) -> Self {
        Self(self.0 & !Self::DRIVER).settled()
    }

    /// With a keeper turned into a guest, likewise.
    #[cfg(feature = "std")]
    pub(super) fn demoted(self) -> Self {
        assert!(self.guests() < Seat::Guest.most(), "xsync: as many threads wait for one key as there can be");
        Self(self.0 - Seat::KEEPER + Seat::GUEST).settled()
    }

    const fn settled(self) -> Self {
        if self.is_running() && self.keepers() == 0 && self.0 & (Self::DRIVER | Self::POLLING) == 0 {
            Self(self.0 & !Self::LISTED | Self::CLOSED)
        } else {
            self
        }
    }

    /// With the work taken by a waiter, or by the driver; only if it has news, and nobody else has it.
    pub(super) const fn taken(self, by_driver: bool) -> Option<Self> {
        let free = self.is_running() && self.is_woken() && !self.is_polling() && self.has_driver() == by_driver;
        if free { Some(Self(self.0 & !Self::WOKEN | Self::POLLING)) } else { None }
    }

    /// Not listed any more.
    pub(super) const fn unlisted(self) -> Self {
        Self(self.0 & !Self::LISTED)
    }

    /// Ended by who has the work: with a value, which is in its place or not.
    pub(super) const fn done(self, stored: bool) -> Self {
        let shared = if self.callers() > 1 { Self::SHARED } else { 0 };
        let stored = if stored { Self::STORED } else { 0 };
        self.ended(Self::DONE | shared | stored)
    }

    pub(super) const fn panicked(self) -> Self {
        self.ended(Self::PANICKED)
    }

    /// Given up by its leader.
    pub(super) const fn closed(self) -> Self {
        self.ended(Self::CLOSED)
    }

    const fn ended(self, how: usize) -> Self {
        Self(self.0 & !(Self::LISTED | Self::DRIVER | Self::POLLING) | how)
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Word")
            .field("phase", &self.phase())
            .field("polling", &self.is_polling())
            .field("woken", &self.is_woken())
            .field("listed", &self.is_listed())
            .field("driver", &self.has_driver())
            .field("shared", &self.is_shared())
            .field("stored", &self.is_stored())
            .field("keepers", &self.keepers())
            .field("guests", &self.guests())
            .finish()
    }
}

/// A [`Word`] that threads share.
pub(super) struct AtomicWord(AtomicUsize);

impl AtomicWord {
    pub(super) fn new(word: Word) -> Self {
        Self(AtomicUsize::new(word.0))
    }

    #[inline]
    #[track_caller]
    pub(super) fn load(&self, order: Ordering) -> Word {
        // ORDERING: the caller's.
        Word(self.0.load(order))
    }

    /// One attempt; may fail spuriously.
    #[inline]
    #[track_caller]
    pub(super) fn exchange(&self, from: Word, to: Word, success: Ordering, failure: Ordering) -> Result<(), Word> {
        // ORDERING: the caller's.
        match self.0.compare_exchange_weak(from.0, to.0, success, failure) {
            Ok(_) => Ok(()),
            Err(now) => Err(Word(now)),
        }
    }

    /// Sets the bits of `word`; the word before.
    #[inline]
    #[track_caller]
    pub(super) fn fetch_or(&self, word: Word, order: Ordering) -> Word {
        // ORDERING: the caller's.
        Word(self.0.fetch_or(word.0, order))
    }

    /// Keeps the bits of `word`, and no others; the word before.
    #[inline]
    #[track_caller]
    pub(super) fn fetch_and(&self, word: Word, order: Ordering) -> Word {
        // ORDERING: the caller's.
        Word(self.0.fetch_and(word.0, order))
    }
}

#[cfg(test)]
mod tests {
    use super::{Phase, Seat, Word};

    /// Every combination of the low bits, with counts around zero and at both ends.
    fn words() -> impl Iterator<Item = Word> {
        let keepers = [0, 1, 2, Seat::Keeper.most() - 1, Seat::Keeper.most()];
        let guests = [0, 1, 2, Seat::Guest.most()];
        let counts = keepers.into_iter().flat_map(move |k| guests.map(|g| k * Seat::KEEPER + g * Seat::GUEST));
        counts.flat_map(|counts| (0..256).map(move |low| Word(counts | low)))
    }

    fn others(word: Word, bits: usize) -> usize {
        word.0 & !bits
    }

    #[test]
    fn a_word_is_its_parts() {
        for word in words() {
            assert_eq!(word.0 >> 8, word.keepers() + word.guests() * (Seat::GUEST / Seat::KEEPER));
            assert_eq!(word.is_running(), word.phase() == Phase::Running);
        }
        let started = Word::started();
        assert_eq!((started.keepers(), started.guests(), started.phase()), (1, 0, Phase::Running));
        assert!(started.is_polling() && started.is_listed() && !started.is_woken() && !started.has_driver());
        let driven = started.with_driver();
        assert!(driven.has_driver() && driven.is_woken());
    }

    #[test]
    fn joining_is_for_listed_words_and_adds_one() {
        for word in words() {
            for seat in [Seat::Keeper, Seat::Guest] {
                let room = if seat == Seat::Keeper { word.keepers() } else { word.guests() } < seat.most();
                if !word.is_listed() {
                    assert_eq!(word.joined(seat), None);
                } else if room {
                    assert_eq!(word.joined(seat), Some(Word(word.0 + seat.unit())));
                }
            }
        }
    }

    #[test]
    fn who_leaves_closes_only_what_nobody_can_go_on_with() {
        for word in words().filter(|word| word.keepers() > 0) {
            let left = word.left(Seat::Keeper);
            assert_eq!((left.keepers(), left.guests()), (word.keepers() - 1, word.guests()));
            let closes = word.is_running() && word.keepers() == 1 && !word.has_driver() && !word.is_polling();
            let expected = if closes { (Phase::Closed, false) } else { (word.phase(), word.is_listed()) };
            assert_eq!((left.phase(), left.is_listed()), expected);
            let kept = Word::PHASE | Word::LISTED | usize::MAX << 8;
            assert_eq!(others(left, kept), others(word, kept));
        }
    }

    #[test]
    fn a_driver_that_goes_closes_likewise() {
        for word in words() {
            let undriven = word.undriven();
            assert!(!undriven.has_driver());
            let closes = word.is_running() && word.keepers() == 0 && !word.is_polling();
            let expected = if closes { (Phase::Closed, false) } else { (word.phase(), word.is_listed()) };
            assert_eq!((undriven.phase(), undriven.is_listed()), expected);
        }
    }

    #[test]
    fn the_work_is_taken_with_news_by_who_may() {
        for word in words() {
            for by_driver in [false, true] {
                let may = word.is_running() && word.is_woken() && !word.is_polling() && word.has_driver() == by_driver;
                let taken = word.taken(by_driver);
                assert_eq!(taken.is_some(), may);
                if let Some(taken) = taken {
                    assert!(taken.is_polling() && !taken.is_woken());
                    let bits = Word::POLLING | Word::WOKEN;
                    assert_eq!(others(taken, bits), others(word, bits));
                }
            }
        }
    }

    #[test]
    fn an_end_takes_it_off_the_list_and_keeps_the_counts() {
        for word in words().filter(|word| word.is_running() && !word.is_stored() && !word.is_shared()) {
            for (ended, phase) in [
                (word.done(false), Phase::Done),
                (word.done(true), Phase::Done),
                (word.panicked(), Phase::Panicked),
                (word.closed(), Phase::Closed),
            ] {
                assert_eq!(ended.phase(), phase);
                assert!(!ended.is_listed() && !ended.is_polling() && !ended.has_driver());
                assert_eq!((ended.callers(), ended.is_woken()), (word.callers(), word.is_woken()));
                assert_eq!(ended.is_shared(), phase == Phase::Done && word.callers() > 1);
            }
            assert!(word.done(true).is_stored() && !word.done(false).is_stored());
        }
    }
}
