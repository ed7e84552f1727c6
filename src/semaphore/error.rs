//! Why an acquisition did not take place.

use core::error::Error;
use core::fmt;

/// Why [`acquire`](crate::Semaphore::acquire) gave no permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AcquireError {
    /// The semaphore was closed.
    Closed,
    /// The request can never be granted: it is above the semaphore's maximum.
    ExceedsMax {
        /// The number of permits asked for.
        requested: usize,
        /// The semaphore's maximum at that moment.
        max: usize,
    },
}

/// Why [`acquire_until`](crate::Semaphore::acquire_until) gave no permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AcquireUntilError {
    /// The cancellation came first.
    Cancelled,
    /// The semaphore was closed.
    Closed,
    /// The request can never be granted: it is above the semaphore's maximum.
    ExceedsMax {
        /// The number of permits asked for.
        requested: usize,
        /// The semaphore's maximum at that moment.
        max: usize,
    },
}

/// Why [`try_acquire`](crate::Semaphore::try_acquire) gave no permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TryAcquireError {
    /// Too few permits are free, or somebody is queued, whom nobody may pass.
    NoPermits,
    /// The semaphore was closed.
    Closed,
    /// The request can never be granted: it is above the semaphore's maximum.
    ExceedsMax {
        /// The number of permits asked for.
        requested: usize,
        /// The semaphore's maximum at that moment.
        max: usize,
    },
}

impl From<AcquireError> for TryAcquireError {
    fn from(error: AcquireError) -> Self {
        match error {
            AcquireError::Closed => Self::Closed,
            AcquireError::ExceedsMax { requested, max } => Self::ExceedsMax { requested, max },
        }
    }
}

impl From<AcquireError> for AcquireUntilError {
    fn from(error: AcquireError) -> Self {
        match error {
            AcquireError::Closed => Self::Closed,
            AcquireError::ExceedsMax { requested, max } => Self::ExceedsMax { requested, max },
        }
    }
}

impl fmt::Display for AcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the semaphore is closed"),
            Self::ExceedsMax { requested, max } => {
                write!(f, "{requested} permits were requested of a semaphore whose maximum is {max}")
            }
        }
    }
}

impl fmt::Display for TryAcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NoPermits => f.write_str("no permits are free, or others are queued for them"),
            Self::Closed => AcquireError::Closed.fmt(f),
            Self::ExceedsMax { requested, max } => AcquireError::ExceedsMax { requested, max }.fmt(f),
        }
    }
}

impl fmt::Display for AcquireUntilError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Cancelled => f.write_str("the acquisition was cancelled"),
            Self::Closed => AcquireError::Closed.fmt(f),
            Self::ExceedsMax { requested, max } => AcquireError::ExceedsMax { requested, max }.fmt(f),
        }
    }
}

impl Error for AcquireError {}

impl Error for AcquireUntilError {}

impl Error for TryAcquireError {}
