//! Cancellation: a flag without an allocator, and a tree of tokens.
//!
//! A [`CancelToken`] is a handle of a [`Node`](node::Node): a [`CancelFlag`], which holds who waits, and a family: the
//! node's children, in an intrusive list, and why it was cancelled.
//!
//! ```text
//!   CancelToken ----> Node { flag, family { children, decision }, parent }
//!                       ^              |
//!                       | a handle     | links, no handles
//!                       |              v
//!   CancelToken ----> Node { .. } <-> Node { .. } <---- CancelToken
//! ```
//!
//! # Invariants
//!
//! - **T1** A node is freed by whoever gives its last handle up. A child holds a handle on its parent, a parent none on
//!   its children: so a node with linked children has a handle, and a chain of generations is freed in a loop.
//! - **T2** A node's `sibling` link and `linked` change only under its parent's family lock. A linked node is valid
//!   memory: whoever frees it unlinks it first, under that lock.
//! - **T3** Under a family lock, a child is linked only if there is no decision; a decision is made once and never
//!   changes. So a node that was decided gains no more children, and any number of cancels can empty it together.
//! - **T4** The decision precedes the flag: who sees the flag finds the reason. Who cancels a parent decides a child
//!   before it is unlinked, and unlinks it only when the child's own waiters and children are done: a parent without
//!   children after its flag was raised has no descendant that is not cancelled.
//! - **T5** Locks are taken downwards: a parent's family, a child's family, a flag's queue. No foreign code runs under
//!   them.
//!
//! # Ordering
//!
//! Everything in a family is ordered by its lock. The flag is raised with Release and looked at with Acquire
//! ([`flag`]); handles are counted as `Arc` counts them: each is given up with Release, the last one is Acquire, so
//! that who frees a node has seen all that was done with it.

mod flag;
mod run;

pub use flag::{CancelFlag, Cancelled};
pub use run::RunUntilCancelled;

#[cfg(feature = "alloc")]
mod cause;
#[cfg(feature = "alloc")]
mod node;
#[cfg(feature = "alloc")]
mod token;
#[cfg(feature = "alloc")]
mod walk;

#[cfg(feature = "alloc")]
pub use cause::Cause;
#[cfg(feature = "alloc")]
pub use token::{CancelToken, DropGuard};

/// What an acquisition can be ended by: a [`CancelFlag`], or a `CancelToken`. Nothing else implements it.
pub trait Cancellation: sealed::Cancellation {}

impl Cancellation for CancelFlag {}

#[cfg(feature = "alloc")]
impl Cancellation for CancelToken {}

pub(crate) mod sealed {
    use super::CancelFlag;

    /// What has a flag that can be waited for.
    pub trait Cancellation {
        fn flag(&self) -> &CancelFlag;
    }

    impl Cancellation for CancelFlag {
        fn flag(&self) -> &CancelFlag {
            self
        }
    }

    #[cfg(feature = "alloc")]
    impl Cancellation for super::CancelToken {
        fn flag(&self) -> &CancelFlag {
            self.flag()
        }
    }
}
