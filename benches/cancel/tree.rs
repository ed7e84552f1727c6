//! Trees: many children of one token, and many generations. An operation is one descendant; only the cancel, or the
//! drop, is timed.

use std::future::Future;
use std::iter::successors;
use std::task::{Context, Waker};
use std::time::Duration;

use xsync_benches::{Plan, Row, Sample};

use crate::contenders::{Cancel, Token, every_token};

pub fn measure(plan: &Plan) {
    let (children, generations) = if plan.quick { (1_000, 100) } else { (100_000, 10_000) };

    let mut row = Row::new(format!("tree: cancel {children} children with a waiter each"), Duration::ZERO);
    every_token!(T => row.contender(T::NAME, cancel_waited_for::<T>(children)));
    row.measure(plan);

    let mut row = Row::new(format!("tree: cancel {children} children"), Duration::ZERO);
    every_token!(T => row.contender(T::NAME, cancel_children::<T>(children)));
    row.measure(plan);

    let mut row = Row::new(format!("tree: drop {children} children, the oldest first"), Duration::ZERO);
    every_token!(T => row.contender(T::NAME, drop_children::<T>(children)));
    row.measure(plan);

    let mut row = Row::new(format!("tree: cancel {generations} generations"), Duration::ZERO);
    every_token!(T => row.contender(T::NAME, cancel_generations::<T>(generations)));
    row.measure(plan);

    let mut row = Row::new(format!("tree: drop {generations} generations, the oldest first"), Duration::ZERO);
    every_token!(T => row.contender(T::NAME, drop_generations::<T>(generations, false)));
    row.measure(plan);

    let mut row = Row::new(format!("tree: drop {generations} generations, the youngest first"), Duration::ZERO);
    every_token!(T => row.contender(T::NAME, drop_generations::<T>(generations, true)));
    row.measure(plan);
}

fn cancel_waited_for<T: Token>(count: usize) -> impl FnMut(u64) -> Sample {
    move |_| {
        let parent = T::new();
        let children: Vec<_> = (0..count).map(|_| parent.child()).collect();
        let mut cx = Context::from_waker(Waker::noop());
        let mut futures: Vec<_> = children.iter().map(|child| Box::pin(child.cancelled())).collect();
        assert!(futures.iter_mut().all(|future| future.as_mut().poll(&mut cx).is_pending()));
        let sample = Sample::of(count as u64, || parent.cancel());
        assert!(futures.iter_mut().all(|future| future.as_mut().poll(&mut cx).is_ready()));
        sample
    }
}

fn cancel_children<T: Token>(count: usize) -> impl FnMut(u64) -> Sample {
    move |_| {
        let parent = T::new();
        let children: Vec<_> = (0..count).map(|_| parent.child()).collect();
        let sample = Sample::of(count as u64, || parent.cancel());
        assert!(children.iter().all(Cancel::is_cancelled));
        sample
    }
}

fn drop_children<T: Token>(count: usize) -> impl FnMut(u64) -> Sample {
    move |_| {
        let parent = T::new();
        let children: Vec<_> = (0..count).map(|_| parent.child()).collect();
        let sample = Sample::of(count as u64, || drop(children));
        assert!(!parent.is_cancelled());
        sample
    }
}

/// Each the child of the one before.
fn generations<T: Token>(count: usize) -> Vec<T> {
    successors(Some(T::new()), |parent| Some(parent.child())).take(count).collect()
}

fn cancel_generations<T: Token>(count: usize) -> impl FnMut(u64) -> Sample {
    move |_| {
        let tokens = generations::<T>(count);
        let sample = Sample::of(count as u64, || tokens[0].cancel());
        assert!(tokens.iter().all(Cancel::is_cancelled));
        sample
    }
}

fn drop_generations<T: Token>(count: usize, youngest_first: bool) -> impl FnMut(u64) -> Sample {
    move |_| {
        let mut tokens = generations::<T>(count);
        if youngest_first {
            tokens.reverse();
        }
        Sample::of(count as u64, || drop(tokens))
    }
}
