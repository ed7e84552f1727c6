//! The map in time: hits, misses, mixes, growth, Go's own list. README.md has the method and the goals.

use xsync_benches::{Go, Plan, heap};

#[path = "map/contenders.rs"]
mod contenders;
#[path = "map/go.rs"]
mod go;
#[path = "map/growth.rs"]
mod growth;
#[path = "map/keys.rs"]
mod keys;
#[path = "map/list.rs"]
mod list;
#[path = "map/mixes.rs"]
mod mixes;
#[path = "map/rows.rs"]
mod rows;
#[path = "map/whole.rs"]
mod whole;

fn main() {
    let plan = Plan::from_args();
    heap::keep();
    let go = Go::build(&plan);
    let maps = go.as_ref().map(Go::maps).unwrap_or_default();
    rows::hits(&plan, &maps);
    rows::misses(&plan, &maps);
    rows::mixes(&plan, &maps);
    growth::measure(&plan, &maps);
    list::measure(&plan, &maps);
}
