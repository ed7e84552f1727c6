//! Singleflight in what can be counted, and in what goes wrong: allocations, wakes, runs of the work. The tables do not
//! depend on the machine's speed.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use xsync_benches::SUBJECT;

#[expect(dead_code, reason = "the timed rows need more of it than this")]
mod contenders;
#[path = "../counting.rs"]
mod counting;
mod gate;

use contenders::{Contender, Failed, ForEach};
use counting::counted;
use gate::Gate;

const CALLERS: usize = 100;

fn main() {
    println!("| contender       | a flight | a joiner | a call, bytes | woken by the work | woken at the end |");
    println!("|-----------------|---------:|---------:|--------------:|------------------:|-----------------:|");
    Costs.each();
    println!();
    println!(
        "| contender       | beside a leader that is not polled | runs, leader dropped | runs, 4 callers, error |"
    );
    println!(
        "|-----------------|------------------------------------|---------------------:|-----------------------:|"
    );
    Failures.each();
}

/// A call, and how often it was woken.
struct Caller<F> {
    call: Pin<Box<F>>,
    wakes: Arc<Wakes>,
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl<F: Future> Caller<F> {
    fn new(call: F) -> Self {
        Self { call: Box::pin(call), wakes: Arc::default() }
    }

    fn poll(&mut self) -> Poll<F::Output> {
        self.call.as_mut().poll(&mut Context::from_waker(&Waker::from(Arc::clone(&self.wakes))))
    }

    fn wakes(&self) -> usize {
        self.wakes.0.load(Ordering::Relaxed)
    }
}

/// What all callers together were woken meanwhile.
fn woken<F: Future>(callers: &[Caller<F>], meanwhile: impl FnOnce()) -> usize {
    let sum = || callers.iter().map(Caller::wakes).sum::<usize>();
    let before = sum();
    meanwhile();
    sum() - before
}

struct Costs;

impl ForEach for Costs {
    fn with<C: Contender>(&mut self) {
        let (contender, gate) = (C::new(), Arc::<Gate>::default());
        let caller = || Caller::new(contender.call(7, || gate.pass()));
        let mut callers: Vec<_> = (0..CALLERS).map(|_| caller()).collect();
        // What it makes once.
        let mut before = Caller::new(contender.call(8, || std::future::ready(1)));
        assert_eq!(before.poll(), Poll::Ready(1));
        let (leader, joiners) = callers.split_first_mut().expect("some callers");
        let flight = counted(|| assert!(leader.poll().is_pending())).0.times;
        let joins = counted(|| joiners.iter_mut().for_each(|joiner| assert!(joiner.poll().is_pending()))).0.times;
        let by_the_work = woken(&callers, || gate.wake());
        // All are polled, as they were perhaps woken: they line up again.
        callers.iter_mut().for_each(|caller| assert!(caller.poll().is_pending()));
        gate.open();
        // The first has the work, whoever was woken for it.
        let (leader, joiners) = callers.split_first_mut().expect("some callers");
        let mut ended = Poll::Pending;
        let at_the_end = woken(joiners, || ended = leader.poll());
        assert_eq!(ended, Poll::Ready(1));
        assert!(joiners.iter_mut().all(|joiner| joiner.poll() == Poll::Ready(1)));
        let each = |total: usize| total as f64 / (CALLERS - 1) as f64;
        println!(
            "| {:<15} | {flight:>8} | {:>8.2} | {:>13} | {by_the_work:>17} | {at_the_end:>16} |",
            C::NAME,
            each(joins),
            size_of_val(&*callers[0].call),
        );
        if C::NAME == SUBJECT {
            assert_eq!((flight, joins, by_the_work), (1, 0, CALLERS));
            // Each was woken for the news by which the work ends: for the end it is woken no more.
            assert_eq!(at_the_end, 0);
        }
        if C::NAME == "its start" {
            assert_eq!((flight, joins, by_the_work, at_the_end), (1, 0, 1, CALLERS - 1));
        }
    }
}

struct Failures;

impl ForEach for Failures {
    fn with<C: Contender>(&mut self) {
        let ends = ends_beside_an_unpolled_leader::<C>();
        let [dropped, error] = [runs_after_a_dropped_leader::<C>(), runs_with_an_error::<C>()];
        let ends = if ends { "the others end" } else { "the others wait for ever" };
        println!("| {:<15} | {ends:<34} | {dropped:>20} | {error:>22} |", C::NAME);
        if C::NAME == SUBJECT {
            assert_eq!((ends, dropped, error), ("the others end", 1, 1));
        }
    }
}

/// A leader that is polled once and kept: does a joiner that is polled get the value?
fn ends_beside_an_unpolled_leader<C: Contender>() -> bool {
    let (contender, gate) = (C::new(), Arc::<Gate>::default());
    let mut leader = Caller::new(contender.call(7, || gate.pass()));
    assert!(leader.poll().is_pending());
    let mut joiner = Caller::new(contender.call(7, || gate.pass()));
    assert!(joiner.poll().is_pending());
    gate.open();
    let ends = (0..100).any(|_| joiner.poll().is_ready());
    // Whoever waits for it has to be able to go.
    drop(joiner);
    ends
}

/// A leader that goes: how often is the work begun until a joiner has the value?
fn runs_after_a_dropped_leader<C: Contender>() -> usize {
    let (contender, gate, runs) = (C::new(), Arc::<Gate>::default(), AtomicUsize::new(0));
    let caller = || {
        Caller::new(contender.call(7, || {
            runs.fetch_add(1, Ordering::Relaxed);
            gate.pass()
        }))
    };
    let (mut leader, mut joiner) = (caller(), caller());
    assert!(leader.poll().is_pending());
    assert!(joiner.poll().is_pending());
    drop(leader);
    assert!(joiner.poll().is_pending());
    gate.open();
    assert_eq!(joiner.poll(), Poll::Ready(1));
    drop(joiner);
    runs.load(Ordering::Relaxed)
}

/// Four callers of work that fails: how often is it run?
fn runs_with_an_error<C: Contender>() -> usize {
    let (contender, gate, runs) = (C::new(), Arc::<Gate>::default(), AtomicUsize::new(0));
    let caller = || {
        Caller::new(contender.try_call(7, || {
            runs.fetch_add(1, Ordering::Relaxed);
            let pass = gate.pass();
            async {
                pass.await;
                Err(Failed)
            }
        }))
    };
    let mut callers: Vec<_> = (0..4).map(|_| caller()).collect();
    callers.iter_mut().for_each(|caller| assert!(caller.poll().is_pending()));
    gate.open();
    while !callers.is_empty() {
        callers.retain_mut(|caller| caller.poll().is_pending());
    }
    runs.load(Ordering::Relaxed)
}
