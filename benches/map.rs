//! The map in time: hits, misses, mixes, growth. README.md has the method and the goals.

use xsync_benches::{Go, Plan, heap};

#[path = "map/contenders.rs"]
mod contenders;
#[path = "map/go.rs"]
mod go;
#[path = "map/growth.rs"]
mod growth;
#[path = "map/keys.rs"]
mod keys;
#[path = "map/mixes.rs"]
mod mixes;
#[path = "map/rows.rs"]
mod rows;
#[path = "map/threads.rs"]
mod threads;

fn main() {
    let plan = Plan::from_args();
    heap::keep();
    let go: Vec<_> = Go::build(&plan).into_iter().map(go::SyncMap::new).collect();
    rows::hits(&plan, &go);
    rows::misses(&plan, &go);
    rows::mixes(&plan, &go);
    growth::measure(&plan);
}
