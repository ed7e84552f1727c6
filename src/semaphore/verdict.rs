//! What a queued request is told.

use crate::wait;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The permits are the waiter's.
    Granted,
    /// The semaphore was closed first.
    Closed,
    /// A reduction to `max` made the request impossible.
    ExceedsMax { max: usize },
}

impl wait::Verdict for Verdict {
    #[inline]
    fn encode(self) -> usize {
        match self {
            Self::Granted => 0,
            Self::Closed => 1,
            // `max` is at most `MAX_PERMITS`, a sixteenth of the word.
            Self::ExceedsMax { max } => max + 2,
        }
    }

    #[inline]
    fn decode(word: usize) -> Self {
        match word {
            0 => Self::Granted,
            1 => Self::Closed,
            _ => Self::ExceedsMax { max: word - 2 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict;
    use crate::semaphore::state::MAX_PERMITS;
    use crate::wait::Verdict as _;

    #[test]
    fn verdicts_survive_the_word() {
        let maxima = [0, 1, 2, 3, MAX_PERMITS - 1, MAX_PERMITS];
        let refusals = maxima.map(|max| Verdict::ExceedsMax { max });
        for verdict in [Verdict::Granted, Verdict::Closed].into_iter().chain(refusals) {
            assert!(verdict.encode() < usize::MAX / 4);
            assert_eq!(Verdict::decode(verdict.encode()), verdict);
        }
    }
}
