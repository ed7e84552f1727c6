//! Which maps' garbage this thread is dropping right now.

/// That this thread drops what a map has retired. A destructor that uses the map again must not begin to drop there: a
/// chain of such destructors would nest as deep as it is long.
#[derive(Debug)]
pub(super) struct Frame {
    #[cfg(feature = "std")]
    map: usize,
}

#[cfg(feature = "std")]
mod stack {
    #![expect(clippy::missing_const_for_thread_local, reason = "loom's macro has no const form")]

    use core::cell::RefCell;

    use alloc::vec::Vec;

    use super::Frame;

    crate::sync::thread_local! {
        /// Each with whether it was asked for again meanwhile.
        static MAPS: RefCell<Vec<(usize, bool)>> = RefCell::new(Vec::new());
    }

    impl Frame {
        /// None if this thread is at it, for this map: whoever began goes on when that is done.
        pub(in crate::map) fn begin(map: usize) -> Option<Self> {
            // A thread that is ending has no list any more: there destructors may nest.
            let is_first = MAPS.try_with(|maps| {
                let mut maps = maps.borrow_mut();
                let at_it = maps.iter_mut().find(|(other, _)| *other == map);
                let is_first = at_it.map(|(_, again)| *again = true).is_none();
                if is_first {
                    maps.push((map, false));
                }
                is_first
            });
            // Made only then: one that is dropped ends what is under way.
            is_first.unwrap_or(true).then(|| Self { map })
        }

        /// Whether somebody tried to begin since the last question.
        pub(in crate::map) fn was_asked_again(&self) -> bool {
            let asked = MAPS.try_with(|maps| {
                let mut maps = maps.borrow_mut();
                maps.iter_mut().find(|(map, _)| *map == self.map).is_some_and(|(_, again)| core::mem::take(again))
            });
            asked.unwrap_or(false)
        }
    }

    impl Drop for Frame {
        fn drop(&mut self) {
            let _ended = MAPS.try_with(|maps| maps.borrow_mut().retain(|(map, _)| *map != self.map));
        }
    }
}

/// Without threads that can be told apart, destructors may nest.
#[cfg(not(feature = "std"))]
impl Frame {
    pub(super) fn begin(_map: usize) -> Option<Self> {
        Some(Self {})
    }

    pub(super) fn was_asked_again(&self) -> bool {
        false
    }
}
