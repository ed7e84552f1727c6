//! The races of [`SingleFlight`] and [`StaticSingleFlight`](xsync::StaticSingleFlight).

mod fixed;
mod flight;
mod handles;
mod leads;
mod values;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use loom::sync::Mutex;
use xsync::SingleFlight;
use xsync_loom_tests::{Counter, Shadow, forever};

type Group = SingleFlight<u8, usize>;
/// The waker of work that was polled.
type Kept = Arc<Mutex<Option<Waker>>>;

fn kept() -> Kept {
    Arc::new(Mutex::new(None))
}

/// Work that is ready at its second poll (or the one that is said), with what `news` holds then: that poll follows a wake.
struct Work {
    kept: Kept,
    news: &'static Shadow,
    /// Written by each poll and by the drop.
    own: Shadow,
    polls: usize,
    ready_at: usize,
    /// What that poll does first.
    at_end: Option<Box<dyn FnOnce() + Send>>,
    dropped: &'static Shadow,
}

impl Future for Work {
    type Output = usize;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
        self.own.increment();
        self.polls += 1;
        if self.polls < self.ready_at {
            let waker = cx.waker().clone();
            *self.kept.lock().unwrap() = Some(waker);
            return Poll::Pending;
        }
        if let Some(at_end) = self.at_end.take() {
            at_end();
        }
        Poll::Ready(self.news.get())
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.own.increment();
        self.dropped.increment();
    }
}

struct Hand {
    kept: Kept,
    news: &'static Shadow,
    dropped: &'static Shadow,
}

impl Hand {
    /// Writes the news, and wakes.
    fn wake(&self) {
        self.news.set(7);
        let waker = self.kept.lock().unwrap().take();
        waker.expect("was polled").wake();
    }
}

fn work() -> (Work, Hand) {
    let kept = kept();
    let (news, dropped) = (forever(Shadow::new(0)), forever(Shadow::new(0)));
    (
        Work { kept: kept.clone(), news, own: Shadow::new(0), polls: 0, ready_at: 2, at_end: None, dropped },
        Hand { kept, news, dropped },
    )
}

type Boxed = Pin<Box<Pin<Box<dyn Future<Output = usize>>>>>;

fn caller(group: &'static Group, work: Work) -> Boxed {
    let caller: Pin<Box<dyn Future<Output = usize>>> = Box::pin(group.work(1, move || work));
    Box::pin(caller)
}

/// A flight whose work was polled once.
fn started(group: &'static Group, counter: &Counter) -> (Boxed, Hand) {
    let (work, hand) = work();
    let mut first = caller(group, work);
    assert!(counter.poll(first.as_mut()).is_pending());
    (first, hand)
}

/// A joiner, or the starter of another flight.
fn late(group: &'static Group) -> (Boxed, Hand) {
    let (work, hand) = work();
    (caller(group, work), hand)
}
