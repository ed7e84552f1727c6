//! Cancellation: one model per race between two or three of its operations.
//!
//! Who holds a token holds all above it. So a token at the top with a [`tracked`] cause shows at the end of an
//! execution that no token below it was kept: loom misses what is not dropped.

mod cause;
mod child;
mod flag;
mod handles;
mod rounds;
mod walk;

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use loom::alloc::Track;
use xsync::{CancelToken, Cause};

#[derive(Debug)]
struct Why(&'static str, #[expect(dead_code, reason = "loom looks whether it was dropped")] Track<()>);

/// A cause that loom knows of until it is dropped.
fn tracked(name: &'static str) -> Arc<dyn Error + Send + Sync> {
    Arc::new(Why(name, Track::new(())))
}

/// A cause of which loom knows nothing, for tokens that are never freed.
fn named(name: &str) -> Arc<dyn Error + Send + Sync> {
    Arc::from(Box::from(name))
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Why {}

/// Why `token` was cancelled.
fn why(token: &CancelToken) -> String {
    token.cause().as_ref().map_or("not cancelled".into(), Cause::to_string)
}
