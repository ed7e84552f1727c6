//! The group in space: what a child allocates, its task included. The table does not depend on the machine's speed.
#![expect(dead_code, reason = "the timed rows need more of the contenders than this")]

use xsync_benches::{SUBJECT, Sample};

mod batch;
mod counter;
#[path = "../counting.rs"]
mod counting;
mod executors;
mod groups;
mod peers;

use batch::{CHILDREN, Sheet, Work};
use counting::{Allocated, counted};
use executors::{Executor, OnTokio};

/// The contenders, and what they allocate for one batch more.
#[derive(Default)]
struct Table(Vec<(String, Allocated)>);

impl Sheet for Table {
    fn enter(&mut self, name: &str, mut run: impl FnMut(u64) -> Sample + 'static) {
        let [one, two] = [1, 2].map(|batches| {
            let operations = batches * CHILDREN as u64;
            run(operations);
            counted(|| run(operations)).0
        });
        let one_more = Allocated { times: two.times - one.times, bytes: two.bytes - one.bytes };
        self.0.push((name.to_owned(), one_more));
    }
}

fn main() {
    let mut table = Table::default();
    let executor: &'static OnTokio = Box::leak(Box::new(OnTokio::new(1)));
    groups::add(&mut table, executor, Work::none());
    counter::add(&mut table, executor, Work::none());
    peers::add(&mut table, executor, Work::none());

    println!("| contender        | allocations per child | per batch | bytes per child, its task included |");
    println!("|------------------|----------------------:|----------:|-----------------------------------:|");
    for (name, Allocated { times, bytes }) in table.0 {
        let (each, rest) = (times / CHILDREN, times % CHILDREN);
        // The task is the executor's own.
        assert!(each == 1 || !(name == SUBJECT || name.starts_with("its ")));
        println!("| {name:<16} | {each:>21} | {rest:>9} | {:>34} |", bytes / CHILDREN);
    }
}
