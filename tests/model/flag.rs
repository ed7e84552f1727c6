//! The cancel flag beside its own naive model: a bool, and who waits in which order.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use xsync::{CancelFlag, Cancelled};

use crate::reference::WakerId;
use crate::world::Wakers;

#[derive(Debug, Clone, Copy)]
pub enum Op {
    Make,
    Start,
    Poll { wait: usize, another_waker: bool },
    Drop(usize),
    WaitNoTime,
    Cancel,
}

pub fn program() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        2 => Just(Op::Make),
        6 => Just(Op::Start),
        8 => (0..8_usize, any::<bool>()).prop_map(|(wait, another_waker)| Op::Poll { wait, another_waker }),
        5 => (0..8_usize).prop_map(Op::Drop),
        1 => Just(Op::WaitNoTime),
        1 => Just(Op::Cancel),
    ];
    vec(op, 0..60)
}

struct Wait<'a> {
    /// The waker of the last poll, if it is queued.
    queued: Option<WakerId>,
    polled_with: Option<WakerId>,
    future: Pin<Box<Cancelled<'a>>>,
}

pub fn run(ops: &[Op]) {
    let flag = CancelFlag::new();
    let mut wakers = Wakers::default();
    let mut waits: Vec<Wait<'_>> = Vec::new();
    let mut cancelled = false;
    let mut woken = Vec::new();
    let make = |waits: &mut Vec<Wait<'_>>| {
        waits.push(Wait { queued: None, polled_with: None, future: Box::pin(flag.cancelled()) });
    };
    let mut poll = |wait: &mut Wait<'_>, wakers: &mut Wakers, cancelled: bool, another_waker: bool| {
        let waker = match wait.polled_with {
            Some(waker) if !another_waker => waker,
            _ => wakers.make(),
        };
        wait.polled_with = Some(waker);
        wait.queued = (!cancelled).then_some(waker);
        let poll = wait.future.as_mut().poll(&mut Context::from_waker(&wakers.waker(waker)));
        assert_eq!(poll.is_ready(), cancelled);
    };
    for &op in ops {
        let count = waits.len();
        match op {
            Op::Make => make(&mut waits),
            Op::Start => {
                make(&mut waits);
                poll(&mut waits[count], &mut wakers, cancelled, true);
            }
            Op::Poll { wait, another_waker } if count > 0 => {
                poll(&mut waits[wait % count], &mut wakers, cancelled, another_waker);
            }
            // The order of who is left does not change.
            Op::Drop(wait) if count > 0 => drop(waits.remove(wait % count)),
            #[cfg(feature = "std")]
            Op::WaitNoTime => assert_eq!(flag.cancelled().wait_timeout(std::time::Duration::ZERO), cancelled),
            Op::Cancel => {
                cancelled = true;
                flag.cancel();
                woken.extend(in_order_of_first_poll(&mut waits));
            }
            _ => {}
        }
        assert_eq!(flag.is_cancelled(), cancelled);
        let queued: Vec<WakerId> = waits.iter().filter_map(|wait| wait.queued).collect();
        wakers.check(&woken, |waker| queued.contains(&waker));
    }
}
