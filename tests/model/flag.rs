//! The cancel flag beside its own naive model: a bool, and who waits in which order.

use core::future::Future;
use core::pin::Pin;
use core::task::Context;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use xsync::{CancelFlag, Cancelled};

use crate::reference::WakerId;
use crate::world::{CROWD, Wakers};

#[derive(Debug, Clone, Copy)]
pub(crate) enum Op {
    Make,
    Start,
    /// Many at once.
    Crowd,
    Poll {
        wait: usize,
        another_waker: bool,
    },
    Drop(usize),
    WaitNoTime,
    Cancel,
}

pub(crate) fn program() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        2 => Just(Op::Make),
        6 => Just(Op::Start),
        1 => Just(Op::Crowd),
        8 => (0..8_usize, any::<bool>()).prop_map(|(wait, another_waker)| Op::Poll { wait, another_waker }),
        5 => (0..8_usize).prop_map(Op::Drop),
        1 => Just(Op::WaitNoTime),
        1 => Just(Op::Cancel),
    ];
    vec(op, 0..60)
}

/// Where a wait is in the queue, and the waker of its last poll.
#[derive(Clone, Copy)]
struct Queued {
    place: usize,
    waker: WakerId,
}

struct Wait<'a> {
    queued: Option<Queued>,
    future: Pin<Box<Cancelled<'a>>>,
}

struct World<'a> {
    flag: &'a CancelFlag,
    cancelled: bool,
    wakers: Wakers,
    woken: Vec<WakerId>,
    waits: Vec<Wait<'a>>,
    places: usize,
}

pub(crate) fn run(ops: &[Op]) {
    let flag = CancelFlag::new();
    let (wakers, woken, waits) = Default::default();
    let mut world = World { flag: &flag, cancelled: false, wakers, woken, waits, places: 0 };
    for &op in ops {
        world.step(op);
        assert_eq!(flag.is_cancelled(), world.cancelled);
        let kept = world.waits.iter().filter_map(|wait| Some(wait.queued?.waker)).collect();
        world.wakers.check(&world.woken, &kept);
    }
}

impl World<'_> {
    fn step(&mut self, op: Op) {
        let waits = self.waits.len();
        match op {
            Op::Make => self.make(),
            Op::Start => {
                self.make();
                self.poll(waits, true);
            }
            Op::Crowd => {
                for wait in waits..waits + CROWD {
                    self.make();
                    self.poll(wait, true);
                }
            }
            Op::Poll { wait, another_waker } if waits > 0 => self.poll(wait % waits, another_waker),
            Op::Drop(wait) if waits > 0 => drop(self.waits.swap_remove(wait % waits)),
            #[cfg(feature = "std")]
            Op::WaitNoTime => {
                assert_eq!(self.flag.cancelled().wait_timeout(core::time::Duration::ZERO), self.cancelled);
            }
            Op::Cancel => {
                self.cancelled = true;
                let mut queued: Vec<Queued> = self.waits.iter_mut().filter_map(|wait| wait.queued.take()).collect();
                queued.sort_by_key(|queued| queued.place);
                self.woken.extend(queued.iter().map(|queued| queued.waker));
                self.flag.cancel();
            }
            _ => {}
        }
    }

    fn make(&mut self) {
        self.waits.push(Wait { queued: None, future: Box::pin(self.flag.cancelled()) });
    }

    fn poll(&mut self, wait: usize, another_waker: bool) {
        let wait = &mut self.waits[wait];
        let waker = match wait.queued {
            Some(queued) if !another_waker => queued.waker,
            _ => self.wakers.make(),
        };
        if !self.cancelled {
            let place = wait.queued.map_or(self.places, |queued| queued.place);
            wait.queued = Some(Queued { place, waker });
            self.places += 1;
        }
        let poll = wait.future.as_mut().poll(&mut Context::from_waker(&self.wakers.waker(waker)));
        assert_eq!(poll.is_ready(), self.cancelled);
    }
}
