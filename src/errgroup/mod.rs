//! The group: children that run anywhere, one wait for all of them, the first failure.
//!
//! ```text
//!   ErrGroup (the owner: waits) --+--> Spawner --- Arc ---> Shared { count, first failure, token, slots }
//!   Spawner clones (anywhere) ----+                           ^
//!   Child, Tracked, Member: each a Seat ----------------------+   all seats together hold one Arc
//! ```
//!
//! A group does not know where its children run: it wraps a future in a [`Child`], which whoever polls it drives. A
//! [`Seat`](seat::Seat) is what a child has in the group, however it runs; it is counted out when dropped.
//!
//! # Invariants
//!
//! - **G1** The count is the number of seats. While it is above zero, the seats together own one reference of the
//!   `Arc`: who takes it from zero adds one, who brings it to zero gives one up, last of all. Taking a seat needs an
//!   `Arc`.
//! - **G2** `CLOSED` is set by the owner alone, in exchange for a count of zero. After it nobody gets a seat, so the
//!   outcome stands.
//! - **G3** `WAITING` is set before the owner's waiter is linked, and cleared when it is unlinked, under the queue's
//!   lock. Who brings the count to zero and sees it wakes the owner, who looks again: waking decides nothing. An owner
//!   who finds nobody to wait for leaves it set, at the cost of a look into an empty queue.
//! - **G4** A child counts itself out last: its future, its output and its waiter are gone, its failure is recorded,
//!   the token cancelled, its slot given back. A panic in any of these steps does not skip the later ones.
//! - **G5** The failure that is recorded first stays. It is recorded before the token is cancelled because of it.
//! - **G6** No foreign code runs under a lock: an error is moved in and out, and dropped outside.
//!
//! # Ordering
//!
//! Counting out is Release, and the owner closes with Acquire: it has seen all that the children did. Counting out is
//! Acquire too, for the one who gives the seats' reference up, and with it perhaps the memory. Taking a seat orders
//! nothing: whatever hands the future over to where it runs does.

mod builder;
#[cfg(feature = "std")]
mod capture;
mod child;
mod count;
mod error;
mod exclusive;
mod member;
mod owner;
mod panic;
mod seat;
mod shared;
mod spawn;
mod spawner;
mod tracked;

pub use builder::GroupBuilder;
pub use child::Child;
pub use error::{GroupError, Reason, Refused};
pub use member::Member;
pub use owner::{ErrGroup, Join, Wait};
pub use panic::Panic;
pub use spawn::Spawn;
pub use spawner::Spawner;
pub use tracked::Tracked;
