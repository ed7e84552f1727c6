//! Tokens that nobody waits for: a look, a new one, a child.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use xsync_benches::{Plan, Row, Sample};

use crate::contenders::{Cancel, Token, every_cancel, every_token};

/// Short, so that few samples meet a preemption.
const SAMPLE: Duration = Duration::from_millis(2);

/// Long enough that the start of a thread does not count.
const THREADS_SAMPLE: Duration = Duration::from_millis(8);

pub fn measure(plan: &Plan) {
    let mut row = Row::new("token: check, not cancelled", SAMPLE);
    every_cancel!(C => row.contender(C::NAME, check::<C>()));
    row.measure(plan);

    let mut row = Row::new("token: new and drop", SAMPLE);
    every_token!(T => row.contender(T::NAME, new::<T>()));
    row.measure(plan);

    let mut row = Row::new("token: clone and drop", SAMPLE);
    every_token!(T => row.contender(T::NAME, clone::<T>()));
    row.measure(plan);

    for (title, siblings) in [("token: child and drop", 0), ("token: child and drop, beside 1,000 others", 1_000)] {
        let mut row = Row::new(title, SAMPLE);
        every_token!(T => row.contender(T::NAME, child::<T>(siblings)));
        row.measure(plan);
    }

    let mut row = Row::new("token: child and drop, two threads under one parent", THREADS_SAMPLE);
    every_token!(T => row.contender(T::NAME, children_of_two_threads::<T>()));
    row.measure(plan);
}

fn check<C: Cancel>() -> impl FnMut(u64) -> Sample {
    let token = C::new();
    move |operations| {
        let mut seen = 0;
        let sample = Sample::of(operations, || {
            for _ in 0..operations {
                seen += u64::from(black_box(&token).is_cancelled());
            }
        });
        assert_eq!(seen, 0);
        sample
    }
}

fn new<T: Token>() -> impl FnMut(u64) -> Sample {
    |operations| {
        Sample::of(operations, || {
            for _ in 0..operations {
                drop(black_box(T::new()));
            }
        })
    }
}

fn clone<T: Token>() -> impl FnMut(u64) -> Sample {
    let token = T::new();
    move |operations| {
        Sample::of(operations, || {
            for _ in 0..operations {
                drop(black_box(token.clone()));
            }
        })
    }
}

fn child<T: Token>(siblings: usize) -> impl FnMut(u64) -> Sample {
    let parent = T::new();
    let others: Vec<_> = (0..siblings).map(|_| parent.child()).collect();
    move |operations| {
        let sample = Sample::of(operations, || {
            for _ in 0..operations {
                drop(black_box(parent.child()));
            }
        });
        assert!(others.iter().all(|other| !other.is_cancelled()));
        sample
    }
}

fn children_of_two_threads<T: Token>() -> impl FnMut(u64) -> Sample {
    let parent = T::new();
    move |operations| {
        let each = operations.div_ceil(2);
        let work = || {
            for _ in 0..each {
                drop(black_box(parent.child()));
            }
        };
        Sample::of(each * 2, || {
            thread::scope(|scope| {
                scope.spawn(work);
                work();
            });
        })
    }
}
