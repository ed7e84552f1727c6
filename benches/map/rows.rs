//! The rows on maps that stay about as large as they are.

use std::time::Duration;

use xsync_benches::{Plan, Row, version};

use crate::contenders::{Contender, Line, Value, every_map};
use crate::go::SyncMap;
use crate::keys::{Draw, Keys, Numbers, One, Strings, Uniform, Zipf};
use crate::mixes::{Mix, Work, Writes};

const SAMPLE: Duration = Duration::from_millis(8);

/// A question: which work, on how many keys, each stored how often before.
#[derive(Clone, Copy)]
struct Question {
    mix: Mix,
    count: u64,
    times: usize,
}

impl Question {
    fn reads(threads: u64, count: u64) -> Self {
        Self { mix: Mix { threads, writes: 0, kind: Writes::Over }, count, times: 1 }
    }
}

pub fn hits(plan: &Plan, go: &[SyncMap]) {
    let sizes = [(1_000, "1k"), (100_000, "100k"), (2_000_000, "2M")];
    // Filling the largest takes longer than all else when each row is only to be seen running.
    for (count, size) in sizes.into_iter().take(if plan.quick { 2 } else { 3 }) {
        for (times, state) in [(1, ""), (2, ", all overwritten")] {
            for threads in [1, 2] {
                let title = format!("hit: {size} keys{state}, {threads} threads");
                numbers(plan, go, &title, Question { times, ..Question::reads(threads, count) }, &Uniform(count));
            }
        }
    }
    let count = 100_000;
    for threads in [1, 2] {
        let title = format!("hit: 100k String keys, 64-byte values, {threads} threads");
        strings(plan, &title, Question::reads(threads, count), &Uniform(count));
    }
    for threads in [1, 2] {
        let title = format!("hit: zipf, 100k keys, {threads} threads");
        numbers(plan, go, &title, Question::reads(threads, count), &Zipf::new(count));
    }
    numbers(plan, go, "hit: one hot key, 2 threads", Question::reads(2, 1_000), &One);
}

pub fn misses(plan: &Plan, go: &[SyncMap]) {
    for threads in [1, 2] {
        let title = format!("miss: 9 of 10 reads, 100k keys, {threads} threads");
        numbers(plan, go, &title, Question::reads(threads, 100_000), &Uniform(1_000_000));
    }
}

pub fn mixes(plan: &Plan, go: &[SyncMap]) {
    for (kind, what, spread) in [(Writes::Over, "overwrites", 1), (Writes::Churn, "churn", 2)] {
        for writes in [10, 100, 500] {
            for threads in [1, 2] {
                let title = format!("mix: {} % {what}, 100k keys, {threads} threads", writes / 10);
                let question = Question { mix: Mix { threads, writes, kind }, count: 100_000, times: 1 };
                numbers(plan, go, &title, question, &Uniform(spread * question.count));
            }
        }
    }
}

/// A row on keys that are numbers.
fn numbers(plan: &Plan, go: &[SyncMap], title: &str, question: Question, draw: &impl Draw) {
    if !plan.wants(title) {
        return;
    }
    let mut row = Row::new(title, SAMPLE);
    every_map!(C, u64, u64 => add::<C, u64, _, _>(&mut row, question, &Numbers, draw));
    if let Some(spread) = draw.uniform() {
        let Question { mix, count, times } = question;
        go.iter().for_each(|go| go.add(&mut row, mix, count, times, spread));
    }
    row.measure(plan);
}

/// A row on keys that are strings.
fn strings(plan: &Plan, title: &str, question: Question, draw: &impl Draw) {
    if !plan.wants(title) {
        return;
    }
    let keys = Strings::new(question.count);
    let mut row = Row::new(title, SAMPLE);
    every_map!(C, String, Line => add::<C, Line, _, _>(&mut row, question, &keys, draw));
    row.measure(plan);
}

fn add<'a, C, V, K, D>(row: &mut Row<'a>, question: Question, keys: &'a K, draw: &'a D)
where
    C: Contender<K::Key, V> + 'a,
    V: Value,
    K: Keys,
    D: Draw,
{
    let work = Work::<C, V, K, D>::new(question.mix, keys, draw, question.count, question.times);
    row.foreign(C::NAME, &version(C::PACKAGE), move |operations| work.run(operations));
}
