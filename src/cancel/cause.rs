//! Why a token was cancelled.

use core::error::Error;
use core::fmt;

#[cfg(target_has_atomic = "ptr")]
use alloc::sync::Arc;
#[cfg(not(target_has_atomic = "ptr"))]
use portable_atomic_util::Arc;

/// Why a `CancelToken` was cancelled.
///
/// # Go
///
/// `context.Cause`. The errors of an `ErrGroup` are not here: the first goes to whoever waits for the group.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Cause {
    /// `CancelToken::cancel` was called.
    Requested,
    /// Its drop guard, or the group that it belongs to, was dropped.
    Dropped,
    /// A child of the group that it belongs to failed.
    Failed,
    /// The group that it belongs to has ended, and was waited for.
    Finished,
    /// `CancelToken::cancel_with` was called with this.
    Custom(Arc<dyn Error + Send + Sync>),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requested => f.write_str("cancelled"),
            Self::Dropped => f.write_str("cancelled by a drop"),
            Self::Failed => f.write_str("cancelled by a failure in the group"),
            Self::Finished => f.write_str("cancelled because the group has ended"),
            Self::Custom(cause) => cause.fmt(f),
        }
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Custom(cause) => cause.source(),
            _ => None,
        }
    }
}
