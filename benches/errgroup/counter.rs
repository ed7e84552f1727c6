//! The baselines: a bare spawn, and a spawn with the least that can tell the end: one shared counter, and a signal.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;
use xsync::ErrGroup;

use crate::batch::{CHILDREN, Sheet, Work, contender};
use crate::executors::Executor;

pub fn add<E: Executor>(sheet: &mut impl Sheet, executor: &'static E, work: Work) {
    contender(sheet, "spawn, handles", executor, move || async move {
        let handles: Vec<_> = (0..CHILDREN).map(|_| executor.spawn(work.child())).collect();
        for handle in handles {
            handle.await;
        }
    });
    contender(sheet, "spawn, counter", executor, move || async move {
        let counter = Arc::new(Counter::new());
        for _ in 0..CHILDREN {
            let counter = Arc::clone(&counter);
            counter.children.fetch_add(1, Ordering::Relaxed);
            E::detach(executor.spawn(async move {
                work.run();
                counter.end();
            }));
        }
        counter.wait().await;
    });
    // What both do, one after the other: on two workers, where it is faster than either, a row is the scheduler's.
    contender(sheet, "counter and member", executor, move || async move {
        let group = ErrGroup::<Infallible>::new();
        let counter = Arc::new(Counter::new());
        for _ in 0..CHILDREN {
            let counter = Arc::clone(&counter);
            counter.children.fetch_add(1, Ordering::Relaxed);
            let member = group.member();
            E::detach(executor.spawn(async move {
                work.run();
                counter.end();
                member.finish(Ok(()));
            }));
        }
        group.join().await.expect("no child fails");
    });
    // The same without the counting of references: the number of children is known before, the counter is never freed.
    let counter: &'static Counter = Box::leak(Box::new(Counter::new()));
    contender(sheet, "one subtraction", executor, move || async move {
        counter.children.fetch_add(CHILDREN, Ordering::Relaxed);
        for _ in 0..CHILDREN {
            E::detach(executor.spawn(async move {
                work.run();
                counter.end();
            }));
        }
        counter.wait().await;
    });
}

/// How many children there are, the starter among them until it waits; the last one signals.
struct Counter {
    children: AtomicUsize,
    ended: Notify,
}

impl Counter {
    fn new() -> Self {
        Self { children: AtomicUsize::new(1), ended: Notify::new() }
    }

    fn end(&self) {
        if self.children.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.ended.notify_one();
        }
    }

    async fn wait(&self) {
        self.end();
        self.ended.notified().await;
        self.children.fetch_add(1, Ordering::Relaxed);
    }
}
