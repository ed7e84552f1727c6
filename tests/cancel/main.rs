//! Dropping a future, in each state that it can be in, loses nothing and leaves nothing behind; and what
//! [`CancelFlag`](xsync::CancelFlag) promises.

#[path = "../common/mod.rs"]
mod common;

mod acquire;
mod flag;
mod handles;
mod queue;

/// Every way to leave out some of `len` places, each from the front and from the back.
fn drops(len: usize) -> impl Iterator<Item = Vec<usize>> {
    (0..1_u32 << len).flat_map(move |set| {
        let forward: Vec<usize> = (0..len).filter(|place| set >> place & 1 == 1).collect();
        let backward = forward.iter().rev().copied().collect();
        [forward, backward]
    })
}
