//! Why there is no digest.

use std::io;
use std::sync::Arc;

/// Why a file was not read and hashed to its end. All links to it share it.
#[derive(Debug, Clone)]
pub(crate) enum Stop {
    /// The run is cancelled.
    Cancelled,
    /// It cannot be read.
    Failed(Arc<io::Error>),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.into())
    }
}
