//! What a caller gets.

use core::error::Error;
use core::fmt;

/// The value of a flight, and how this caller came to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome<V> {
    /// What the work gave.
    pub value: V,
    /// Whether it went to other callers too: those who waited when the work ended, whether or not they fetched it.
    pub shared: bool,
    /// Whose work it was.
    pub role: Role,
}

/// Whether a caller has started its flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It has: its closure was called, or it had the lead.
    Started,
    /// Another has; this one's closure was not called.
    Joined,
}

/// The work that this caller shared has panicked, where somebody else polled it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panicked;

/// Everybody who could go on with the work has gone, so it was dropped. Only a blocking caller can be left behind like
/// this: it polls no future that was made for a runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abandoned;

/// Why a blocking caller got no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitError {
    /// As [`Panicked`].
    Panicked,
    /// As [`Abandoned`].
    Abandoned,
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the shared work has panicked")
    }
}

impl fmt::Display for Abandoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the shared work was dropped: everybody who could go on with it has gone")
    }
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked => Panicked.fmt(f),
            Self::Abandoned => Abandoned.fmt(f),
        }
    }
}

impl Error for Panicked {}

impl Error for Abandoned {}

impl Error for WaitError {}

/// How a flight has ended for one caller.
#[derive(Debug)]
pub enum Ending<V> {
    /// With a value.
    Value(Outcome<V>),
    /// The work has panicked.
    Panicked,
    /// Nobody was left to go on with it.
    Closed,
}

impl<V> Ending<V> {
    /// Of a task, which keeps its flight going.
    ///
    /// # Panics
    ///
    /// If the work has panicked.
    #[track_caller]
    pub(super) fn outcome(self) -> Outcome<V> {
        match self {
            Self::Value(outcome) => outcome,
            Self::Panicked => panic!("xsync: {Panicked}"),
            Self::Closed => unreachable!("a flight is open while one of its tasks waits"),
        }
    }

    /// Of a task that looks at panics.
    pub(super) fn checked(self) -> Result<Outcome<V>, Panicked> {
        match self {
            Self::Panicked => Err(Panicked),
            ending => Ok(ending.outcome()),
        }
    }
}

#[cfg(feature = "std")]
impl<V> Ending<V> {
    /// Of a thread.
    ///
    /// # Panics
    ///
    /// If the work has panicked.
    #[track_caller]
    pub(super) fn waited(self) -> Result<Outcome<V>, Abandoned> {
        match self {
            Self::Closed => Err(Abandoned),
            ending => Ok(ending.outcome()),
        }
    }

    /// Of a thread that looks at panics.
    pub(super) fn waited_checked(self) -> Result<Outcome<V>, WaitError> {
        match self {
            Self::Value(outcome) => Ok(outcome),
            Self::Panicked => Err(WaitError::Panicked),
            Self::Closed => Err(WaitError::Abandoned),
        }
    }
}
