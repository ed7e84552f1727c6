//! The rows on maps that stay about as large as they are.

use std::time::Duration;

use xsync_benches::{GoMap, Plan, Row, version};

use crate::contenders::{Contender, Line, Value, every_map};
use crate::go;
use crate::keys::{Draw, Keys, Numbers, One, Strings, Uniform, Zipf};
use crate::mixes::{Mix, Work, Writes};

const SAMPLE: Duration = Duration::from_millis(8);

/// Keys, where a row says nothing else.
const COUNT: u64 = 100_000;

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

    fn writes(threads: u64, writes: u64, kind: Writes) -> Self {
        Self { mix: Mix { threads, writes, kind }, count: COUNT, times: 1 }
    }
}

pub fn hits(plan: &Plan, maps: &[GoMap]) {
    let sizes = [(1_000, "1k"), (COUNT, "100k"), (2_000_000, "2M")];
    // Filling the largest takes longer than all else when each row is only to be seen running.
    for (count, size) in sizes.into_iter().take(if plan.quick { 2 } else { 3 }) {
        for (times, state) in [(1, ""), (2, ", all overwritten")] {
            for threads in [1, 2] {
                let title = format!("hit: {size} keys{state}, {threads} threads");
                let question = Question { times, ..Question::reads(threads, count) };
                ask::<u64, _, _>(plan, maps, &title, question, &Numbers, &Uniform(count));
            }
        }
    }
    let (strings, uniform, zipf) = (Strings::new(COUNT), Uniform(COUNT), Zipf::new(COUNT));
    for threads in [1, 2] {
        let question = Question::reads(threads, COUNT);
        let title = |what| format!("hit: {what}, {threads} threads");
        ask::<Line, _, _>(plan, maps, &title("100k keys, 64-byte values"), question, &Numbers, &uniform);
        ask::<u64, _, _>(plan, maps, &title("100k String keys"), question, &strings, &uniform);
        ask::<Line, _, _>(plan, maps, &title("100k String keys, 64-byte values"), question, &strings, &uniform);
        ask::<u64, _, _>(plan, maps, &title("zipf, 100k keys"), question, &Numbers, &zipf);
    }
    ask::<u64, _, _>(plan, maps, "hit: one hot key, 2 threads", Question::reads(2, 1_000), &Numbers, &One);
}

pub fn misses(plan: &Plan, maps: &[GoMap]) {
    for threads in [1, 2] {
        let title = format!("miss: 9 of 10 reads, 100k keys, {threads} threads");
        ask::<u64, _, _>(plan, maps, &title, Question::reads(threads, COUNT), &Numbers, &Uniform(10 * COUNT));
    }
}

pub fn mixes(plan: &Plan, maps: &[GoMap]) {
    for (kind, what, spread) in [(Writes::Over, "overwrites", 1), (Writes::Churn, "churn", 2)] {
        for writes in [10, 100, 500] {
            for threads in [1, 2] {
                let title = format!("mix: {} % {what}, 100k keys, {threads} threads", writes / 10);
                let question = Question::writes(threads, writes, kind);
                ask::<u64, _, _>(plan, maps, &title, question, &Numbers, &Uniform(spread * COUNT));
            }
        }
    }
    let (strings, uniform, zipf) = (Strings::new(COUNT), Uniform(COUNT), Zipf::new(COUNT));
    for threads in [1, 2] {
        let question = Question::writes(threads, 100, Writes::Over);
        let title = |what| format!("mix: 10 % overwrites, {what}, {threads} threads");
        ask::<u64, _, _>(plan, maps, &title("zipf, 100k keys"), question, &Numbers, &zipf);
        ask::<Line, _, _>(plan, maps, &title("100k String keys, 64-byte values"), question, &strings, &uniform);
    }
}

fn ask<V, K, D>(plan: &Plan, maps: &[GoMap], title: &str, question: Question, keys: &K, draw: &D)
where
    V: Value,
    K: Keys,
    D: Draw,
{
    if !plan.wants(title) {
        return;
    }
    let mut row = Row::new(title, SAMPLE);
    every_map!(M => add::<M<K::Key, V>, V, K, D>(&mut row, question, keys, draw));
    let Question { mix, count, times } = question;
    let flags = [
        format!("-threads={}", mix.threads),
        format!("-writes={}", mix.writes),
        format!("-churn={}", mix.kind == Writes::Churn),
        format!("-count={count}"),
        format!("-times={times}"),
        format!("-draw={}", D::NAME),
        format!("-spread={}", draw.spread()),
        format!("-strings={}", K::STRINGS),
        format!("-lines={}", V::LINE),
    ];
    go::add(&mut row, maps, None, &flags);
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
