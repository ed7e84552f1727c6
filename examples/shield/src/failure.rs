//! Why there is no page.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use hyper::StatusCode;

/// Why the origin gave no page. It goes to all who have waited for it, hence `Clone`.
#[derive(Debug, Clone)]
pub enum Failure {
    /// It cannot be reached, or breaks off.
    Broken(Arc<dyn Error + Send + Sync>),
    /// The body is longer than is read.
    TooLarge,
    /// It took too long.
    TimedOut,
    /// The program that asks it has a bug.
    Panicked,
}

impl Failure {
    /// As an answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Broken(_) | Self::TooLarge => StatusCode::BAD_GATEWAY,
            Self::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            Self::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(crate) fn broken(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Broken(error.into().into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(error) => write!(f, "the origin: {error}"),
            Self::TooLarge => f.write_str("the origin's answer is too large"),
            Self::TimedOut => f.write_str("the origin does not answer in time"),
            Self::Panicked => f.write_str("a bug"),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Broken(error) => error.source(),
            Self::TooLarge | Self::TimedOut | Self::Panicked => None,
        }
    }
}
