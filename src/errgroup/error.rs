//! How a group ends, and why a child was not started.

use core::error::Error;
use core::fmt;

use super::Panic;

/// The first failure of a group.
#[derive(Debug)]
#[non_exhaustive]
pub enum GroupError<E> {
    /// A child returned this error.
    Task(E),
    /// A child panicked.
    Panicked(Panic),
    /// A child was dropped before it had finished, perhaps before it was ever polled: by its executor, by whoever holds
    /// its handle, or with the runtime. Neither the group nor a token above it had been cancelled before.
    Aborted,
    /// Nothing failed, but a cancellation has ended a child or refused one.
    Cancelled,
}

impl<E> GroupError<E> {
    /// The error of the child, if it is one.
    pub fn as_task(&self) -> Option<&E> {
        match self {
            Self::Task(error) => Some(error),
            _ => None,
        }
    }

    /// The error of the child, by value, if it is one.
    pub fn into_task(self) -> Option<E> {
        match self {
            Self::Task(error) => Some(error),
            _ => None,
        }
    }
}

impl<E: fmt::Display> fmt::Display for GroupError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Task(error) => error.fmt(f),
            Self::Panicked(panic) => panic.fmt(f),
            Self::Aborted => f.write_str("a child of the group was dropped before it had finished"),
            Self::Cancelled => f.write_str("the group was cancelled"),
        }
    }
}

impl<E: Error + 'static> Error for GroupError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // Its text is this one's: what is below it comes next.
            Self::Task(error) => error.source(),
            Self::Panicked(_) | Self::Aborted | Self::Cancelled => None,
        }
    }
}

/// A child that was not started, and its future.
pub struct Refused<F> {
    /// The future, never polled.
    pub future: F,
    /// Why.
    pub reason: Reason,
}

/// Why a group did not start a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// As many children as the limit allows are running, or others are queued for a slot.
    Full,
    /// The group was cancelled, or a child has failed.
    Cancelled,
    /// The group has ended: it was waited for, and all its children had ended.
    Finished,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the group's limit is reached",
            Self::Cancelled => "the group was cancelled",
            Self::Finished => "the group has ended and was waited for",
        })
    }
}

impl Error for Reason {}

impl<F> fmt::Display for Refused<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl<F> fmt::Debug for Refused<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refused").field("reason", &self.reason).finish_non_exhaustive()
    }
}

impl<F> Error for Refused<F> {}
