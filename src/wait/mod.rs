//! Layer 2, the waker core: how tasks and threads wait. One intrusive FIFO serves everything that waits.
//!
//! ```text
//!   a future                       a queue                            whoever resolves
//!   Acquire { Waiter } ---poll---> Lock<List>  <---------------------- release, cancel, close
//!                      <--status-- front .. back                        takes wakers out under the lock,
//!                      <---wake------------------- WakeBatch <--------- fires them after it
//! ```
//!
//! # The life of a [`Waiter`]
//!
//! The node lives inside the future, so waiting allocates nothing. Its status word says who may touch what:
//!
//! | status | links, and the waker in its slot | who moves it on |
//! |---|---|---|
//! | `Idle` | not initialised; the owner's | the owner: links it (`Waiting`) or answers it (`Resolved`), under the lock, or needs no queue (`Done`) |
//! | `Waiting` | initialised; the lock holder's | a lock holder: the resolver (`Resolved`), or the owner leaving (`Done`) |
//! | `Resolved(verdict)` | not initialised; nobody's | the owner, who reads the verdict (`Done`) |
//! | `Done` | not initialised; the owner's | the owner, if it waits in rounds (`Idle`) |
//!
//! The payload (a semaphore's weight) is written before the node is linked and never after.
//!
//! # Invariants
//!
//! - **W1** A node is linked into exactly one chain (its queue's list, or one [`Ring`] cut off from it) iff its
//!   status is `Waiting`; links, waker and that status change only under the queue's lock.
//! - **W2** A node is `!Unpin`, lives in pinned memory, and its owner unlinks it before it is dropped: a linked node
//!   is valid memory.
//! - **W3** Others reach a node only through raw pointers into its cells. All fields that change are cells or atomics,
//!   so shared references to a node may exist beside. The `Pin<&mut _>` that a poll or a drop is given covers a linked
//!   node too: it claims nothing, since `PhantomPinned` takes `noalias` from it, and is turned into a shared one at
//!   once.
//! - **W4** The resolver's last touch of a node is the Release store of `Resolved`: from then on the owner may
//!   complete, without the lock, and free the memory.
//! - **W5** No foreign code runs under the lock: wakers are cloned before it is taken, fired and dropped after.
//! - **W6** The waker slot is written by the owner alone, under the lock, when it queues and when it replaces the
//!   waker. While the node is `Waiting` the waker is in it; who moves it on moves the waker out, by a read. So the
//!   owner may look at the bits of the slot without the lock.
//! - **W7** A ring is emptied before its frame ends, also when a waker panics ([`wake_in_rounds`]).
//!
//! # Ordering
//!
//! The lock orders everything that is done under it: linking, unlinking, replacing a waker, resolving. One thing
//! happens outside: the owner's look at the status word. The resolver stores `Resolved` with Release, after it has
//! unlinked the node and taken the waker out; the owner loads the status with Acquire. So an owner that sees
//! `Resolved` also sees what the resolver did, and all that the resolver had seen before (for a semaphore: what the
//! holders of these permits wrote before they released them), and that the resolver has no further access to make.
//! `Idle`, `Waiting` and `Done`, and the verdict of a newcomer that never was in line, are stored by the owner itself,
//! or under the lock, and need no order.
//!
//! # Waking
//!
//! Wakers are taken out under the lock in bounded batches and fired after it, oldest first. A broadcast (a cancel, a
//! close) resolves from the front until the queue is empty: it comes after a state in which nobody queues, so that it
//! ends with the waiters it began with, and any number of callers can work at it together. Some of those in line, while
//! others may queue behind, are cut off into a [`Ring`] at once. A waker that panics does not cost the others their
//! wake; a second panic, while unwinding, aborts.

mod batch;
mod list;
mod queue;
mod waiter;

#[cfg(feature = "alloc")]
pub(crate) use batch::poll_again;
pub(crate) use batch::{WakeBatch, wake_in_rounds};
pub(crate) use list::Ring;
#[cfg(feature = "alloc")]
pub(crate) use list::{Link, List};
pub(crate) use queue::{Left, Locked, Queue};
pub(crate) use waiter::{Status, Verdict, Waiter};

#[cfg(feature = "std")]
mod block_on;
#[cfg(feature = "std")]
pub(crate) use block_on::{block_on, deadline_after};
