//! A child's panic, as a failure.

use core::fmt;

#[cfg(feature = "std")]
use {
    super::exclusive::Exclusive,
    alloc::{boxed::Box, string::String},
    core::any::Any,
    std::backtrace::Backtrace,
};

/// The panic of a child. What is known of it depends on whether the group captures panics
/// (`GroupBuilder::capture_panics`).
pub struct Panic {
    #[cfg(feature = "std")]
    captured: Option<Box<Captured>>,
}

#[cfg(feature = "std")]
struct Captured {
    message: Option<String>,
    backtrace: Option<Backtrace>,
    /// What was passed to `panic_any`, or a panic's message.
    payload: Exclusive<Box<dyn Any + Send>>,
}

impl Panic {
    /// One that goes on to whoever polls the child.
    pub(super) fn unseen() -> Self {
        Self {
            #[cfg(feature = "std")]
            captured: None,
        }
    }

    /// Whether this one was captured and `other` was not.
    pub(super) fn says_more_than(&self, other: &Self) -> bool {
        #[cfg(feature = "std")]
        return self.captured.is_some() && other.captured.is_none();
        #[cfg(not(feature = "std"))]
        {
            let _ = other;
            false
        }
    }

    #[cfg(feature = "std")]
    pub(super) fn captured(payload: Box<dyn Any + Send>, backtrace: Option<Backtrace>) -> Self {
        let message = match payload.downcast_ref::<&str>() {
            Some(message) => Some(String::from(*message)),
            None => payload.downcast_ref::<String>().cloned(),
        };
        Self { captured: Some(Box::new(Captured { message, backtrace, payload: Exclusive::new(payload) })) }
    }
}

#[cfg(feature = "std")]
impl Panic {
    /// The message of the panic, if it was captured and has one.
    pub fn message(&self) -> Option<&str> {
        self.captured.as_ref()?.message.as_deref()
    }

    /// Where the panic began, if it was captured and no other panic hook was in the way.
    pub fn backtrace(&self) -> Option<&Backtrace> {
        self.captured.as_ref()?.backtrace.as_ref()
    }

    /// What the panic carried, if it was captured: to go on with, by `std::panic::resume_unwind`, for example.
    pub fn into_payload(self) -> Option<Box<dyn Any + Send>> {
        Some(self.captured?.payload.into_value())
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Panic");
        #[cfg(feature = "std")]
        if let Some(captured) = &self.captured {
            debug.field("message", &captured.message).field("backtrace", &captured.backtrace);
        }
        debug.finish_non_exhaustive()
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a child of the group panicked")?;
        #[cfg(feature = "std")]
        if let Some(message) = self.message() {
            write!(f, ": {message}")?;
        }
        Ok(())
    }
}
