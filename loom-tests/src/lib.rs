//! What the models of `tests/` are written with, and the tools that show that they can fail.
//!
//! | module | what it is for |
//! |---|---|
//! | [`explore`] | [`model`] runs a closure in every interleaving and refuses one that has no race in it |
//! | [`tasks`] | polling by hand, with a waker that counts and orders nothing |
//! | [`shadow`] | data whose every unordered access loom reports |
//! | [`catalog`] | the models, as their docs describe them |
//! | [`mutants`] | what each model must notice: edits of the library's source |
//! | [`sites`] | where the library uses an ordering |
//! | [`unseen`] | the weakened orderings that no model can notice, with the argument for each |
//! | [`runner`] | building the models and running one of them in a process of its own |
//! | [`sandbox`] | a copy of the library to break on purpose |

#[cfg(not(xsync_loom))]
compile_error!(
    "the models need `--cfg xsync_loom`: run cargo from the folder loom-tests, whose .cargo/config.toml sets it, and \
     without RUSTFLAGS in the environment, which would replace it"
);

pub mod catalog;
pub mod explore;
pub mod mutants;
pub mod runner;
pub mod sandbox;
pub mod shadow;
pub mod sites;
pub mod tasks;
pub mod unseen;

pub use explore::{Outcomes, model, panics_with, spawn};
pub use shadow::Shadow;
pub use tasks::{Counter, forever, poll, poll_until_ready};
