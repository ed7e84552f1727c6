//! Dropping a future, in each state that it can be in, loses nothing and leaves nothing behind; and what
//! [`CancelFlag`](xsync::CancelFlag), `CancelToken` and the futures that they end promise.
#![expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]

#[path = "../common/mod.rs"]
mod common;

#[macro_use]
mod source;

mod acquire;
mod acquire_until;
mod flag;
mod handles;
mod queue;
mod run;
mod until_program;
mod until_queue;
#[cfg(feature = "std")]
mod until_threads;

#[cfg(feature = "alloc")]
mod cause;
#[cfg(feature = "alloc")]
mod cause_drop;
#[cfg(feature = "alloc")]
mod depth;
#[cfg(feature = "alloc")]
mod go_context;
#[cfg(feature = "alloc")]
mod guard;
#[cfg(feature = "alloc")]
mod race;
#[cfg(feature = "alloc")]
mod token;
#[cfg(feature = "alloc")]
mod tree;

/// Every way to leave out some of `len` places, each from the front and from the back.
fn drops(len: usize) -> impl Iterator<Item = Vec<usize>> {
    (0..1_u32 << len).flat_map(move |set| {
        let forward: Vec<usize> = (0..len).filter(|place| set >> place & 1 == 1).collect();
        let backward = forward.iter().rev().copied().collect();
        [forward, backward]
    })
}
