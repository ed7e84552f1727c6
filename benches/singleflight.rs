//! Singleflight in time: calls that share nothing, joiners of one flight, many keys at once. README.md has the method and
//! the goals.

use xsync_benches::{Go, Plan, heap};

#[path = "singleflight/alone.rs"]
mod alone;
#[expect(dead_code, reason = "the counts need more of it than this")]
#[path = "singleflight/contenders.rs"]
mod contenders;
#[path = "singleflight/gate.rs"]
mod gate;
#[path = "singleflight/go.rs"]
mod go;
#[path = "singleflight/joiners.rs"]
mod joiners;
#[path = "singleflight/keys.rs"]
mod keys;
#[path = "singleflight/tasks.rs"]
mod tasks;

fn main() {
    let plan = Plan::from_args();
    heap::keep();
    let go = Go::build(&plan);
    alone::measure(&plan, go.as_ref());
    joiners::measure(&plan);
    tasks::measure(&plan, go.as_ref());
    keys::measure(&plan, go.as_ref());
}
