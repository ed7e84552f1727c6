//! A small HTTP cache in front of a slow origin.
//!
//! ```text
//!   client ──▶ connection: a child of the group, at most --clients
//!                 │ store.get(target)                            a hit ends here
//!                 ▼
//!              flights.start_ref(target, fill) ──▶ waiter: this request waits
//!                 │
//!                 └──▶ driver: a member of the group
//!                         │ store.get(target)                    again: see below
//!                         │ connections.acquire(1)               at most --connections to the origin
//!                         │ ask the origin, within --timeout; read at most --max-body bytes
//!                         ▼
//!                      store.keep(target, page), then the end of the flight
//! ```
//!
//! # What holds
//!
//! - However many ask for a page that is not there, the origin is asked once. The page is stored before the flight ends, and a
//!   new flight looks into the store before it asks: so a request that has missed the page and comes too late for the flight
//!   finds it there.
//! - What the origin answers goes to all who have waited for it, a failure too: an outage is felt once for each flight and not
//!   once for each client in turn. Only what [`Page::is_to_be_kept`](page::Page::is_to_be_kept) outlives its flight.
//! - Clients come and go: the work is the driver's, which the group runs whoever has left. A request that leaves as the last
//!   one still leaves a page behind. The driver is also why a wait for a connection to the origin holds up nobody: whoever is
//!   granted one is polled.
//! - Nothing of a client's request but its path and query reaches the origin, so what comes back may go to anybody.
//!
//! # How it ends
//!
//! The first signal cancels the group's token: no connection is accepted any more, the idle ones are closed, and those with a
//! request in flight after its answer. When the last child of the group has ended the wait returns, or after `--grace`. A
//! panic anywhere ends the server in the same way, and is what the wait returns.

pub mod answer;
pub mod args;
pub mod cache;
pub mod failure;
pub mod origin;
pub mod page;
pub mod serve;
pub mod stats;
pub mod store;
