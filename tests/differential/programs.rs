//! Random programs, run on the library and on the reference, with the same trace on both.
//!
//! The reference hands nothing over: a request takes its permits when it is polled. So after each step whoever was
//! woken is polled, until nobody is; and a lost wake shows as a request that is answered on one side only.

use core::future::Future;
use core::pin::Pin;
use core::task::Poll;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_oneof, proptest};
use xsync::{AcquireError, CancelFlag, Permit, Semaphore, TryAcquireError};

use crate::common::{CountingWaker, poll_with};
use crate::reference::{EventFlag, EventSemaphore};

/// A future that is polled only when it was woken.
struct Task<'a, T> {
    number: usize,
    waker: Arc<CountingWaker>,
    polled_at: Option<usize>,
    future: Pin<Box<dyn Future<Output = T> + 'a>>,
}

/// Tasks that were started and have not ended.
struct Tasks<'a, T> {
    started: usize,
    all: Vec<Task<'a, T>>,
}

impl<'a, T> Tasks<'a, T> {
    fn new() -> Self {
        Self { started: 0, all: Vec::new() }
    }

    fn start(&mut self, future: impl Future<Output = T> + 'a) {
        let (number, waker) = (self.started, CountingWaker::new());
        self.all.push(Task { number, waker, polled_at: None, future: Box::pin(future) });
        self.started += 1;
    }

    fn drop_one(&mut self, index: usize) {
        if !self.all.is_empty() {
            // The others keep their order.
            drop(self.all.remove(index % self.all.len()));
        }
    }

    /// Polls whoever was woken until nobody is; who has ended, sorted, with its answer.
    fn settle(&mut self) -> Vec<(usize, T)> {
        let mut ended = Vec::new();
        while let Some(index) = self.all.iter().position(|task| task.polled_at != Some(task.waker.wakes())) {
            let task = &mut self.all[index];
            task.polled_at = Some(task.waker.wakes());
            if let Poll::Ready(answer) = poll_with(Pin::new(&mut task.future), &task.waker.waker()) {
                ended.push((self.all.remove(index).number, answer));
            }
        }
        ended.sort_by_key(|&(number, _)| number);
        ended
    }
}

trait Permits {
    fn try_take(&self, n: usize) -> Result<(), TryAcquireError>;
    fn take(&self, n: usize) -> impl Future<Output = Result<(), AcquireError>>;
    fn give(&self, n: usize);
    fn add(&self, n: usize);
    fn reduce(&self, n: usize);
    fn close(&self);
    fn counts(&self) -> (usize, usize);
}

impl Permits for Semaphore {
    fn try_take(&self, n: usize) -> Result<(), TryAcquireError> {
        self.try_acquire(n).map(Permit::forget)
    }

    async fn take(&self, n: usize) -> Result<(), AcquireError> {
        self.acquire(n).await.map(Permit::forget)
    }

    fn give(&self, n: usize) {
        self.release(n);
    }

    fn add(&self, n: usize) {
        self.add_permits(n);
    }

    fn reduce(&self, n: usize) {
        self.reduce_permits(n);
    }

    fn close(&self) {
        self.close();
    }

    fn counts(&self) -> (usize, usize) {
        (self.available_permits(), self.max_permits())
    }
}

impl Permits for EventSemaphore {
    fn try_take(&self, n: usize) -> Result<(), TryAcquireError> {
        self.try_acquire(n)
    }

    fn take(&self, n: usize) -> impl Future<Output = Result<(), AcquireError>> {
        self.acquire(n)
    }

    fn give(&self, n: usize) {
        self.release(n);
    }

    fn add(&self, n: usize) {
        self.add(n);
    }

    fn reduce(&self, n: usize) {
        self.reduce(n);
    }

    fn close(&self) {
        self.close();
    }

    fn counts(&self) -> (usize, usize) {
        (self.available(), self.max())
    }
}

#[derive(Debug, Clone, Copy)]
enum Op {
    Try(usize),
    Start(usize),
    Drop(usize),
    /// Gives back one of the takings.
    Give(usize),
    Add(usize),
    Reduce(usize),
    Close,
}

fn program() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        4 => (0..6_usize).prop_map(Op::Try),
        10 => (0..6_usize).prop_map(Op::Start),
        4 => (0..6_usize).prop_map(Op::Drop),
        10 => (0..6_usize).prop_map(Op::Give),
        1 => (0..4_usize).prop_map(Op::Add),
        1 => (0..4_usize).prop_map(Op::Reduce),
        1 => Just(Op::Close),
    ];
    vec(op, 0..80)
}

#[derive(Debug, PartialEq)]
struct Seen {
    tried: Option<Result<(), TryAcquireError>>,
    ended: Vec<(usize, Result<(), AcquireError>)>,
    counts: (usize, usize),
}

fn trace(semaphore: &impl Permits, ops: &[Op]) -> Vec<Seen> {
    let mut tasks = Tasks::new();
    let mut weights = Vec::new();
    let mut held = Vec::new();
    let mut step = |op: Op| {
        let mut tried = None;
        match op {
            Op::Try(n) => {
                tried = Some(semaphore.try_take(n));
                held.extend(tried.and_then(Result::ok).map(|()| n));
            }
            Op::Start(n) => {
                weights.push(n);
                tasks.start(semaphore.take(n));
            }
            Op::Drop(index) => tasks.drop_one(index),
            Op::Give(index) if !held.is_empty() => semaphore.give(held.swap_remove(index % held.len())),
            Op::Give(_) => {}
            Op::Add(n) => semaphore.add(n),
            Op::Reduce(n) => semaphore.reduce(n.min(semaphore.counts().1)),
            Op::Close => semaphore.close(),
        }
        let ended = tasks.settle();
        held.extend(ended.iter().filter(|(_, answer)| answer.is_ok()).map(|&(number, _)| weights[number]));
        Seen { tried, ended, counts: semaphore.counts() }
    };
    ops.iter().map(|&op| step(op)).collect()
}

trait Flag {
    fn raise(&self);
    fn is_raised(&self) -> bool;
    fn raised(&self) -> impl Future<Output = ()>;
}

impl Flag for CancelFlag {
    fn raise(&self) {
        self.cancel();
    }

    fn is_raised(&self) -> bool {
        self.is_cancelled()
    }

    fn raised(&self) -> impl Future<Output = ()> {
        self.cancelled()
    }
}

impl Flag for EventFlag {
    fn raise(&self) {
        self.cancel();
    }

    fn is_raised(&self) -> bool {
        self.is_cancelled()
    }

    fn raised(&self) -> impl Future<Output = ()> {
        self.cancelled()
    }
}

/// Starts and drops waits; raises the flag at `raise_at`. Who has ended after each step.
fn flag_trace(flag: &impl Flag, drops: &[Option<usize>], raise_at: usize) -> Vec<(bool, Vec<usize>)> {
    let mut tasks = Tasks::new();
    let step = |(at, &drop): (usize, &Option<usize>)| {
        if at == raise_at {
            flag.raise();
        }
        match drop {
            None => tasks.start(flag.raised()),
            Some(index) => tasks.drop_one(index),
        }
        let ended = tasks.settle().into_iter().map(|(number, ())| number).collect();
        (flag.is_raised(), ended)
    };
    drops.iter().enumerate().map(step).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_semaphore_does_what_the_reference_does(permits in 0..6_usize, ops in program()) {
        assert_eq!(trace(&Semaphore::new(permits), &ops), trace(&EventSemaphore::new(permits), &ops));
    }

    #[test]
    fn a_flag_does_what_the_reference_does(drops in vec(proptest::option::of(0..4_usize), 0..40), raise_at in 0..40_usize) {
        let reference = flag_trace(&EventFlag::default(), &drops, raise_at);
        assert_eq!(flag_trace(&CancelFlag::new(), &drops, raise_at), reference);
    }
}
