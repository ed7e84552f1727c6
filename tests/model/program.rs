//! Random programs: what a single caller can do with a semaphore.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use xsync::Semaphore;

const LIMIT: usize = Semaphore::MAX_PERMITS;

/// A number of permits, some of them relative to the maximum of the moment.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Amount {
    Exactly(usize),
    AboutMax(isize),
}

impl Amount {
    pub(crate) fn at(self, max: usize) -> usize {
        match self {
            Self::Exactly(n) => n,
            Self::AboutMax(distance) => max.saturating_add_signed(distance),
        }
    }
}

/// Indices stand for one of the requests or permits at hand, modulo their number.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Op {
    TryAcquire(Amount),
    /// A future that is not polled yet.
    Make(Amount),
    /// A future and its first poll.
    Start(Amount),
    /// Many at once.
    Crowd(Amount),
    Poll {
        request: usize,
        another_waker: bool,
    },
    DropRequest(usize),
    /// A blocking wait that may not block.
    WaitNoTime(Amount),
    DropPermit(usize),
    Split(usize, usize),
    Merge(usize, usize),
    Forget(usize),
    Release(Amount),
    Add(Amount),
    Reduce(Amount),
    Drain(Amount),
    Close,
}

#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) permits: usize,
    pub(crate) max: usize,
    pub(crate) ops: Vec<Op>,
}

fn amount() -> impl Strategy<Value = Amount> {
    prop_oneof![
        12 => (0..=6_usize).prop_map(Amount::Exactly),
        3 => (-2..=2_isize).prop_map(Amount::AboutMax),
        1 => (0..=2_usize).prop_map(|below| Amount::Exactly(LIMIT + 1 - below)),
        1 => (0..=1_usize).prop_map(|below| Amount::Exactly(usize::MAX - below)),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let index = || 0..8_usize;
    prop_oneof![
        6 => amount().prop_map(Op::TryAcquire),
        2 => amount().prop_map(Op::Make),
        12 => amount().prop_map(Op::Start),
        1 => (0..=2_usize).prop_map(|n| Op::Crowd(Amount::Exactly(n))),
        10 => (index(), any::<bool>()).prop_map(|(request, another_waker)| Op::Poll { request, another_waker }),
        5 => index().prop_map(Op::DropRequest),
        2 => amount().prop_map(Op::WaitNoTime),
        8 => index().prop_map(Op::DropPermit),
        2 => (index(), 0..=7_usize).prop_map(|(permit, n)| Op::Split(permit, n)),
        2 => (index(), index()).prop_map(|(into, from)| Op::Merge(into, from)),
        2 => index().prop_map(Op::Forget),
        5 => amount().prop_map(Op::Release),
        3 => amount().prop_map(Op::Add),
        3 => amount().prop_map(Op::Reduce),
        2 => amount().prop_map(Op::Drain),
        1 => Just(Op::Close),
    ]
}

pub(crate) fn program() -> impl Strategy<Value = Program> {
    let max = prop_oneof![9 => 0..=7_usize, 1 => LIMIT - 2..=LIMIT];
    (max, prop_oneof![Just(0), 0..=3_usize], vec(op(), 0..80)).prop_map(|(max, out, ops)| Program {
        permits: max.saturating_sub(out),
        max,
        ops,
    })
}
