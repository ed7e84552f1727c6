//! Wakers are foreign code: they may call back, panic, or do either when they are cloned or dropped.
#![expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]

#[path = "../common/mod.rs"]
mod common;

mod broadcast;
mod hooked;
mod order;
mod panics;
mod reentry;
#[cfg(feature = "alloc")]
mod tree;
#[cfg(feature = "alloc")]
mod tree_panics;
mod until;

use common::{shared::Shared, task::Task};
use xsync::Acquire;

/// An acquisition that owns its semaphore, so that a waker can keep it.
type Request = Task<Acquire<Shared>>;
