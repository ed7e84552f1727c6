//! The group in time: what a child costs beside a bare spawn, in batches that are started and waited for. README.md has
//! the method and the goals.

use std::time::Duration;

use xsync_benches::{Go, Plan, heap};

#[path = "errgroup/batch.rs"]
mod batch;
#[path = "errgroup/counter.rs"]
mod counter;
#[path = "errgroup/executors.rs"]
mod executors;
#[path = "errgroup/go.rs"]
mod go;
#[path = "errgroup/groups.rs"]
mod groups;
#[path = "errgroup/peers.rs"]
mod peers;

use batch::{Question, Work};
use executors::{OnAsyncExecutor, OnTokio};

fn main() {
    let plan = Plan::from_args();
    heap::keep();
    let go = Go::build(&plan);
    for work in [Work::none(), Work::spin(Duration::from_micros(1))] {
        for workers in [1, 2] {
            let question = Question { workers, work };
            batch::measure::<OnTokio>(&plan, question, |row, executor| {
                peers::add(row, executor, work);
                if let Some(go) = &go {
                    go::add(go, row, question);
                }
            });
        }
        batch::measure::<OnAsyncExecutor>(&plan, Question { workers: 1, work }, |_, _| {});
    }
}
