//! Singleflight: callers with one key share one run of the work, which belongs to the flight and not to a caller.
//!
//! | file | what |
//! |---|---|
//! | [`word`] | the state of a flight, as one word |
//! | [`header`] | what a waker reaches: the word, who is woken, the memory's references |
//! | [`flight`], [`place`] | a flight's memory, and who keeps which part of it: F2 |
//! | [`turn`], [`pilot`] | having the work, and ending it; who is polled, and goes: F1, F3 to F5 |
//! | [`table`], [`registry`] | which flights there are, by key: Y1 to Y4 |
//! | [`ticket`], [`key`] | a caller's way through a flight, and what it needs to start one |
//! | [`group`], [`work`], [`started`], [`claim`], `blocking`, [`forms`], [`outcome`] | what users see |
//! | [`slots`], [`fixed`] | the form without an allocator, with invariants of its own |
//!
//! ```text
//!   SingleFlight --> Registry { shards: Lock<Table> } --hold--> Flight { word, waiters, driver, key, value } + future
//!   Work, Waiter, Claiming (a Ticket) ------------------hold------^  ^  ^
//!   Driver ---------------------------------------------hold---------|  |
//!   the work's wakers --------------------------------reference---------|
//! ```
//!
//! # Invariants
//!
//! Of a flight:
//!
//! - **F1** Who sets `POLLING` has the work to itself, until it clears it or ends the flight: it alone touches the future and
//!   the place of the value. A flight is born with it set, by the caller that makes its work. Who closes a flight, with
//!   `POLLING` clear, has ended it, and so has the future to itself too.
//! - **F2** There are three lives in one allocation. The future is there from the end of the closure that made it to the end of
//!   the flight. Key and value are there while a *holder* is: the table, a waiter, a driver, one who compares the key. The
//!   memory is there while a *reference* is: the holders together have one, each waker has one. So a waker that a reactor keeps
//!   has memory only, and runs no destructor of the user's.
//! - **F3** The work is polled only when it has news (`WOKEN`), which it has from its first moment until it is first polled. A
//!   waker sets `WOKEN`; if the work had no news before and nobody has it, that waker wakes whoever may take it: the driver, or,
//!   without one, all who wait. Who has the work finds `WOKEN` set when it gives the work back, and does the same. A driver
//!   that goes does the same for the waiters.
//! - **F4** A waiter is in line before it looks for the last time whether it may take the work, or whether the flight has ended.
//!   So a wake that finds it not in line comes before that look, which finds the news. One who gives back work that has news is
//!   not in line, and wakes itself after that.
//! - **F5** A flight ends once, in one exchange that also takes it off the list: by who has the work (a value, a panic, a leader
//!   that gives up), or by the last of its callers and driver (closed). Nobody joins it after that. Work that has given its
//!   value is dropped before the end is seen; the value is in its place then, if anybody but its finder is to have it.
//!
//! All waiters are woken when the work has news, not one: any subset of them may never be polled again, and a wake that is given
//! to one of these would be lost. That is also why a waiter that goes has no wake to pass on: each of the others has its own.
//!
//! Of the registry:
//!
//! - **Y1** A flight's link and serial number change under its shard's lock. While it is in a table, the table holds it.
//! - **Y2** A flight is in its table from its launch until `LISTED` is cleared and whoever cleared it has unlinked it: by
//!   identity, once. Callers join only while `LISTED` is set, in the exchange that counts them.
//! - **Y3** Under the lock only hashes are compared. A candidate is held, and its key compared outside; then the search goes on
//!   with those that came later. So a search that ends under the lock has seen all, and can list a new flight.
//! - **Y4** No foreign code runs under a lock: flights, keys and heads are allocated before and dropped after.
//!
//! # Ordering
//!
//! The future passes from hand to hand by the word: given back with Release, taken with Acquire. What a waker's owner has done is
//! released by the exchange that sets `WOKEN`, also where another wake has come before, and acquired by who takes the work. The
//! value is published by the Release exchange that ends the flight, to the Acquire load of who looks for the end. Holders and
//! references are counted as `Arc` counts them. Who is in line is ordered by the queue's lock.

#[cfg(feature = "std")]
mod blocking;
#[cfg(feature = "alloc")]
mod claim;
mod fixed;
#[cfg(feature = "alloc")]
mod flight;
#[cfg(feature = "alloc")]
mod forms;
#[cfg(feature = "alloc")]
mod group;
#[cfg(feature = "alloc")]
mod header;
#[cfg(feature = "alloc")]
mod key;
#[cfg(feature = "alloc")]
mod outcome;
#[cfg(feature = "alloc")]
mod pilot;
mod place;
#[cfg(feature = "alloc")]
mod registry;
mod slots;
#[cfg(feature = "alloc")]
mod started;
#[cfg(feature = "alloc")]
mod table;
#[cfg(feature = "alloc")]
mod ticket;
#[cfg(feature = "alloc")]
mod turn;
#[cfg(feature = "alloc")]
mod word;
#[cfg(feature = "alloc")]
mod work;

pub use fixed::{Full, StaticClaim, StaticClaiming, StaticLead, StaticSingleFlight};
#[cfg(feature = "alloc")]
pub use {
    claim::{Claim, Claiming, LeadGuard},
    forms::{Checked, WithOutcome},
    group::SingleFlight,
    key::{BorrowedKey, OwnKey},
    outcome::{Abandoned, Outcome, Panicked, Role, WaitError},
    started::{Driver, Started, Waiter},
    work::{Work, WorkRef},
};
