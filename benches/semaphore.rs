//! The semaphore in time: one file per kind of question. README.md has the method and the goals.

use xsync_benches::{Go, Plan};

#[path = "semaphore/floor.rs"]
mod floor;
#[path = "semaphore/free.rs"]
mod free;
#[path = "semaphore/go.rs"]
mod go;
#[path = "semaphore/tasks.rs"]
mod tasks;
#[path = "semaphore/threads.rs"]
mod threads;

fn main() {
    let plan = Plan::from_args();
    free::measure(&plan);
    let go = Go::build(&plan);
    tasks::measure(&plan, go.as_ref());
    threads::measure(&plan);
    go::measure(&plan, go.as_ref());
}
