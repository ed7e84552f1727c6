//! The cancel token and the cancel flag in space: bytes, and allocations. No table here depends on the
//! machine's speed.
#![expect(dead_code, reason = "the timed rows need more of the contenders than this")]

use std::future::Future;
use std::task::{Context, Waker};

use xsync_benches::version;

mod contenders;
#[path = "../counting.rs"]
mod counting;
mod event;

use contenders::{Cancel, Token, every_cancel, every_token};
use counting::{Allocated, counted};

fn main() {
    println!(
        "| contender       | version | handle | new: bytes (allocations) | first wait | each other wait | future |"
    );
    println!(
        "|-----------------|---------|-------:|-------------------------:|-----------:|----------------:|-------:|"
    );
    every_cancel!(C => waits::<C>());
    println!();
    println!("| contender       | version | child: bytes (allocations) | each other child |");
    println!("|-----------------|---------|---------------------------:|-----------------:|");
    every_token!(T => children::<T>());
}

fn waits<C: Cancel>() {
    let (new, token) = counted(C::new);
    let first = wait(&token);
    let waiting: Vec<_> = (0..10).map(|_| poll(Box::pin(token.cancelled()))).collect();
    let other = wait(&token);
    if C::NAME.starts_with(xsync_benches::SUBJECT) {
        assert_eq!((first.times, other.times), (0, 0));
    }
    println!(
        "| {:<15} | {:<7} | {:>6} | {:>24} | {:>10} | {:>15} | {:>6} |",
        C::NAME,
        version(C::NAME),
        size_of::<C>(),
        cell(new),
        cell(first),
        cell(other),
        size_of_val(&*waiting[0])
    );
}

/// What is allocated to wait once, but for the box that the future is in here.
fn wait<C: Cancel>(token: &C) -> Allocated {
    let future = Box::pin(token.cancelled());
    let (allocated, _) = counted(|| poll(future));
    allocated
}

fn poll<F: Future>(mut future: std::pin::Pin<Box<F>>) -> std::pin::Pin<Box<F>> {
    assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    future
}

fn children<T: Token>() {
    let parent = T::new();
    let (first, child) = counted(|| parent.child());
    let (many, others) = counted(|| (0..1_000).map(|_| parent.child()).collect::<Vec<_>>());
    let vector = Allocated { times: 1, bytes: others.capacity() * size_of::<T>() };
    let each = (many.times - vector.times) as f64 / others.len() as f64;
    let bytes = (many.bytes - vector.bytes) / others.len();
    println!(
        "| {:<15} | {:<7} | {:>26} | {:>16} |",
        T::NAME,
        version(T::NAME),
        cell(first),
        format!("{bytes} ({each:.2})")
    );
    drop(child);
}

fn cell(Allocated { times, bytes }: Allocated) -> String {
    if times == 0 { "0".to_owned() } else { format!("{bytes} ({times})") }
}
