//! Neither 10^5 children nor 10^5 generations recurse: all here runs on a stack that so many frames would not fit.

use core::error::Error;
use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::thread;

use xsync::{CancelToken, Cause};

use crate::common::{in_time, task::Task};

const MANY: usize = 100_000;
/// Less than a byte for each token.
const STACK: usize = 64 * 1024;

fn on_a_small_stack(f: impl FnOnce() + Send + 'static) {
    in_time(|| thread::Builder::new().stack_size(STACK).spawn(f).unwrap().join().unwrap());
}

/// A root, and `MANY` generations below it.
fn line() -> Vec<CancelToken> {
    let mut line = Vec::with_capacity(MANY + 1);
    line.push(CancelToken::new());
    for generation in 0..MANY {
        line.push(line[generation].child());
    }
    line
}

/// A root, and `MANY` children.
fn fan() -> Vec<CancelToken> {
    let root = CancelToken::new();
    let children: Vec<_> = (0..MANY).map(|_| root.child()).collect();
    [root].into_iter().chain(children).collect()
}

/// A line in which each generation has two children, one of which ends there.
fn comb() -> Vec<CancelToken> {
    let mut comb = vec![CancelToken::new()];
    for place in 1..=MANY {
        comb.push(comb[(place - 1) / 2 * 2].child());
    }
    comb
}

type Shape = (&'static str, fn() -> Vec<CancelToken>);

const SHAPES: [Shape; 3] = [("line", line), ("fan", fan), ("comb", comb)];

/// In which order the places of `0..len` go.
type Order = (&'static str, fn(usize) -> Vec<usize>);

const ORDERS: [Order; 5] = [
    ("root first", |len| (0..len).collect()),
    ("leaf first", |len| (0..len).rev().collect()),
    ("from the middle up, then down", |len| (0..len / 2).rev().chain(len / 2..len).collect()),
    ("every other first", |len| (0..len).step_by(2).chain((1..len).step_by(2)).collect()),
    // A factor without a common divisor with the length, which is prime to it, visits each place once.
    ("scattered", |len| (0..len).map(|i| i * 77_773 % len).collect()),
];

#[test]
fn each_order_visits_each_place_once() {
    for (name, order) in ORDERS {
        let mut places = order(MANY + 1);
        places.sort_unstable();
        assert!(places.into_iter().eq(0..=MANY), "{name}");
    }
}

#[test]
fn a_cancel_does_not_recurse() {
    for (name, shape) in SHAPES {
        on_a_small_stack(move || {
            let tokens = shape();
            let waiting: Vec<_> =
                tokens.iter().rev().step_by(997).map(|token| Task::queued(token.cancelled())).collect();
            tokens[0].cancel();
            assert!(tokens.iter().all(CancelToken::is_cancelled), "{name}");
            assert!(waiting.iter().all(|task| (task.wakes(), task.kept()) == (1, 0)), "{name}");
            assert!(matches!(tokens[MANY].cause(), Some(Cause::Requested)), "{name}");
            assert!(tokens[MANY].child().is_cancelled(), "{name}");
        });
    }
}

#[test]
fn a_cancel_of_the_middle_reaches_what_is_below() {
    on_a_small_stack(|| {
        let line = line();
        let (above, below) = line.split_at(MANY / 2);
        below[0].cancel();
        assert!(!above.iter().any(CancelToken::is_cancelled) && below.iter().all(CancelToken::is_cancelled));
        above[0].cancel();
        assert!(above.iter().all(CancelToken::is_cancelled));
    });
}

#[test]
fn a_drop_does_not_recurse_in_any_order() {
    for (name, shape) in SHAPES {
        for (order_name, order) in ORDERS {
            on_a_small_stack(move || {
                let mut tokens: Vec<_> = shape().into_iter().map(Some).collect();
                let kept = tokens[MANY / 2].clone().unwrap();
                order(MANY + 1).into_iter().for_each(|place| tokens[place] = None);
                let below = kept.child();
                assert!(!below.is_cancelled(), "{name}, {order_name}");
                kept.cancel();
                assert!(below.is_cancelled(), "{name}, {order_name}");
            });
        }
    }
}

/// Counts its drops.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Counted")
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("counted")
    }
}

impl Error for Counted {}

/// Each token has a cause of its own, so that it can be seen when it is freed.
fn count_drops(tokens: &[CancelToken]) -> Arc<AtomicUsize> {
    let drops = Arc::default();
    // From below: who is cancelled already is not asked why.
    for token in tokens.iter().rev() {
        token.cancel_with(Arc::new(Counted(Arc::clone(&drops))));
    }
    drops
}

#[test]
fn a_generation_is_freed_with_the_last_below_it() {
    on_a_small_stack(|| {
        let mut line = line();
        let drops = count_drops(&line);
        let leaf = line.pop();
        drop(line);
        assert_eq!(drops.load(SeqCst), 0, "the leaf keeps all above it");
        drop(leaf);
        assert_eq!(drops.load(SeqCst), MANY + 1);
    });
    on_a_small_stack(|| {
        let mut line = line();
        let drops = count_drops(&line);
        for freed in 0..=MANY {
            assert_eq!(drops.load(SeqCst), freed, "a leaf keeps nothing below it");
            line.pop();
        }
        assert_eq!(drops.load(SeqCst), MANY + 1);
    });
}

#[test]
fn cancelled_or_not_each_is_freed_once_in_any_order() {
    for (name, shape) in SHAPES {
        for (order_name, order) in ORDERS {
            on_a_small_stack(move || {
                let tokens = shape();
                let drops = count_drops(&tokens);
                let mut tokens: Vec<_> = tokens.into_iter().map(Some).collect();
                order(MANY + 1).into_iter().for_each(|place| tokens[place] = None);
                assert_eq!(drops.load(SeqCst), MANY + 1, "{name}, {order_name}");
            });
        }
    }
}

#[test]
fn whoever_is_left_is_still_reached() {
    for (name, shape) in SHAPES {
        on_a_small_stack(move || {
            let mut tokens: Vec<_> = shape().into_iter().map(Some).collect();
            for place in (1..MANY).filter(|place| place % 100 != 0) {
                tokens[place] = None;
            }
            tokens[0].as_ref().unwrap().cancel();
            let left: Vec<_> = tokens.into_iter().flatten().collect();
            assert_eq!(left.len(), MANY / 100 + 1);
            assert!(left.iter().all(CancelToken::is_cancelled), "{name}");
        });
    }
}
