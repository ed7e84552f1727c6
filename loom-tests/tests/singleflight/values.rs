//! The end of a flight, and who gets the value.

use std::sync::Arc;
use std::task::Poll;

use xsync::SingleFlight;
use xsync_loom_tests::{Counter, Shadow, forever, model, spawn};

use crate::{Group, kept, late, started};

/// A value whose reads, clones and drop loom sees.
struct Value(Arc<Seen>);

struct Seen(Shadow);

impl Clone for Value {
    fn clone(&self) -> Self {
        let read = self.0.0.get();
        Self(Arc::new(Seen(Shadow::new(read))))
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.0.0.set(0);
    }
}

/// Property: forgetting, finishing and a newcomer leave exactly the flights that go on.
/// Fails if: forgetting leaves the flight in its table (`forgotten-but-in-the-table`).
#[test]
fn forget_beside_the_end_and_a_newcomer() {
    model(2, || {
        let group = forever(Group::new());
        let (mut first, hand) = started(group, &Counter::new());
        hand.wake();
        let forgets = spawn(move || group.forget(&1));
        let ends = spawn(move || (Counter::new().poll(first.as_mut()), first));
        let (mut newcomer, own) = late(group);
        let polled = Counter::new().poll(newcomer.as_mut());
        forgets.join().unwrap();
        let (ended, mut first) = ends.join().unwrap();
        if ended.is_pending() {
            assert_eq!(Counter::new().poll(first.as_mut()), Poll::Ready(7));
        }
        match polled {
            Poll::Ready(value) => assert_eq!(value, 7),
            Poll::Pending if own.kept.lock().unwrap().is_some() => {
                own.wake();
                assert_eq!(Counter::new().poll(newcomer.as_mut()), Poll::Ready(7));
            }
            Poll::Pending => assert_eq!(Counter::new().poll(newcomer.as_mut()), Poll::Ready(7)),
        }
        assert_eq!((group.in_flight(), hand.dropped.get()), (0, 1));
    });
}

/// Property: the value is seen whole by all, cloned while it is there, and moved or dropped by the last alone.
/// Fails if: who moves or drops the value does not see that the others are done with it (`holder-goes-unpublished`,
/// `value-moved-unseen`).
#[test]
fn two_fetch_as_it_ends() {
    model(3, || {
        let group: &'static SingleFlight<u8, Value> = forever(SingleFlight::new());
        let joiner = || Box::pin(group.work(1, || async { unreachable!() }));
        let kept = kept();
        let mut first = {
            let kept = kept.clone();
            Box::pin(group.work(1, move || {
                let mut polls = 0;
                std::future::poll_fn(move |cx| {
                    polls += 1;
                    if polls == 1 {
                        let waker = cx.waker().clone();
                        *kept.lock().unwrap() = Some(waker);
                        return Poll::Pending;
                    }
                    Poll::Ready(Value(Arc::new(Seen(Shadow::new(7)))))
                })
            }))
        };
        assert!(Counter::new().poll(first.as_mut()).is_pending());
        let others = [joiner(), joiner()].map(|mut other| {
            assert!(Counter::new().poll(other.as_mut()).is_pending());
            other
        });
        let waker = kept.lock().unwrap().take();
        waker.unwrap().wake();
        assert!(Counter::new().poll(first.as_mut()).is_ready());
        drop(first);
        let [mut one, mut two] = others;
        let thread = spawn(move || match Counter::new().poll(one.as_mut()) {
            Poll::Ready(value) => assert_eq!(value.0.0.get(), 7),
            Poll::Pending => panic!("it has ended"),
        });
        match Counter::new().poll(two.as_mut()) {
            Poll::Ready(value) => assert_eq!(value.0.0.get(), 7),
            Poll::Pending => panic!("it has ended"),
        }
        thread.join().unwrap();
    });
}

/// Property: a joiner sees the value of a flight that ends meanwhile, or is woken for it.
/// Fails if: the end publishes nothing (`end-unpublished`).
#[test]
fn end_beside_a_waiter_that_looks() {
    model(3, || {
        let group = forever(Group::new());
        let (mut first, hand) = started(group, &Counter::new());
        let counter = Counter::new();
        let (mut late, _own) = late(group);
        assert!(counter.poll(late.as_mut()).is_pending());
        let ends = spawn(move || {
            hand.wake();
            let _ = Counter::new().poll(first.as_mut());
            drop(first);
        });
        let polled = counter.poll(late.as_mut());
        ends.join().unwrap();
        match polled {
            Poll::Ready(value) => assert_eq!(value, 7),
            Poll::Pending => {
                assert!(counter.wakes() > 0);
                assert_eq!(counter.poll(late.as_mut()), Poll::Ready(7));
            }
        }
        assert_eq!(group.in_flight(), 0);
    });
}
