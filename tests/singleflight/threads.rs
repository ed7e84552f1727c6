//! Many threads at once, on few keys.

use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::task::{Context, Poll, Waker};
use std::sync::Arc;
use std::thread;

use xsync::{Claim, SingleFlight, StaticClaim, StaticSingleFlight};

use crate::common::{block_on, in_time, yield_now};

const THREADS: usize = 4;
const ROUNDS: usize = 2_000;
const KEYS: usize = 3;

/// Runs `f` on each thread, with its number.
fn on_threads(f: impl Fn(usize) + Send + Sync + 'static) {
    in_time(move || {
        let f = Arc::new(f);
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                let f = f.clone();
                thread::spawn(move || f(number))
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// One run of the work of a key, counted while it is there.
struct Run(&'static AtomicUsize);

impl Run {
    fn begin(active: &'static AtomicUsize) -> Self {
        active.fetch_add(1, SeqCst);
        Self(active)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[test]
fn one_run_of_a_key_at_a_time_however_it_is_called() {
    static GROUP: SingleFlight<usize, usize> = SingleFlight::new();
    static ACTIVE: [AtomicUsize; KEYS] = [const { AtomicUsize::new(0) }; KEYS];

    async fn work(key: usize) -> usize {
        let run = Run::begin(&ACTIVE[key]);
        assert_eq!(run.0.load(SeqCst), 1);
        yield_now().await;
        key + 1
    }

    on_threads(|number| {
        for round in 0..ROUNDS {
            let key = (round * 7 + number) % KEYS;
            let value = match (round + number) % 5 {
                0 => block_on(GROUP.work(key, move || work(key))),
                1 => {
                    let started = GROUP.start(key, move || work(key));
                    started.driver.map(block_on);
                    block_on(started.waiter)
                }
                2 => block_on(GROUP.work_scoped(key, async move || work(key).await)),
                3 => match block_on(GROUP.claim(key)) {
                    Claim::Lead(lead) => lead.complete(block_on(work(key))).value,
                    Claim::Value(value) => value,
                },
                _ => block_on(GROUP.work_ref(&key, move || work(key))),
            };
            assert_eq!(value, key + 1);
        }
    });
    assert_eq!(GROUP.in_flight(), 0);
    assert!(ACTIVE.iter().all(|active| active.load(SeqCst) == 0));
}

#[test]
fn callers_that_go_at_any_moment_leave_nothing() {
    static GROUP: SingleFlight<usize, Arc<()>> = SingleFlight::new();
    static ACTIVE: AtomicUsize = AtomicUsize::new(0);
    let kept = Arc::new(());
    let value = kept.clone();
    on_threads(move |number| {
        let mut cx = Context::from_waker(Waker::noop());
        for round in 0..ROUNDS {
            let key = round % KEYS;
            let value = value.clone();
            let work = move || async move {
                let _run = Run::begin(&ACTIVE);
                for _ in 0..3 {
                    yield_now().await;
                }
                value
            };
            let mut caller: Pin<Box<dyn Future<Output = Arc<()>>>> = match (round + number) % 3 {
                0 => Box::pin(GROUP.work(key, work)),
                1 => Box::pin(GROUP.start(key, work).waiter),
                _ => Box::pin(async move {
                    let started = GROUP.start(key, work);
                    if let Some(driver) = started.driver {
                        driver.await;
                    }
                    started.waiter.await
                }),
            };
            for _ in 0..(round / 3 + number) % 7 {
                if caller.as_mut().poll(&mut cx).is_ready() {
                    break;
                }
            }
            if (round + number) % 11 == 0 {
                GROUP.forget(&key);
            }
            drop(caller);
        }
    });
    assert_eq!((GROUP.in_flight(), ACTIVE.load(SeqCst)), (0, 0));
    assert_eq!(Arc::strong_count(&kept), 1);
}

#[test]
fn blocking_callers_and_tasks_share() {
    static GROUP: SingleFlight<usize, usize> = SingleFlight::new();
    static ACTIVE: AtomicUsize = AtomicUsize::new(0);
    on_threads(|number| {
        for round in 0..ROUNDS {
            let work = move || async move {
                let run = Run::begin(&ACTIVE);
                assert_eq!(run.0.load(SeqCst), 1);
                yield_now().await;
                1
            };
            let value = match (round + number) % 3 {
                0 => GROUP.work_blocking(1, || {
                    let run = Run::begin(&ACTIVE);
                    assert_eq!(run.0.load(SeqCst), 1);
                    1
                }),
                1 => GROUP.work(1, work).checked().wait(),
                _ => Ok(block_on(GROUP.work(1, work).outcome())),
            };
            assert_eq!(value.expect("nobody goes").value, 1);
        }
    });
    assert_eq!(GROUP.in_flight(), 0);
}

#[test]
fn the_static_form_has_one_leader_at_a_time() {
    static GROUP: StaticSingleFlight<usize, usize, KEYS> = StaticSingleFlight::new();
    static LEADERS: [AtomicUsize; KEYS] = [const { AtomicUsize::new(0) }; KEYS];
    on_threads(|number| {
        for round in 0..ROUNDS {
            let key = (round + number) % KEYS;
            match GROUP.claim(key).wait() {
                Ok(StaticClaim::Lead(lead)) => {
                    assert_eq!(LEADERS[key].fetch_add(1, SeqCst), 0);
                    thread::yield_now();
                    LEADERS[key].fetch_sub(1, SeqCst);
                    if round % 3 == 0 {
                        drop(lead);
                    } else {
                        assert_eq!(lead.complete(key + 1), key + 1);
                    }
                }
                Ok(StaticClaim::Value(value)) => assert_eq!(value, key + 1),
                // Callers that have not fetched yet may have all the slots.
                Err(_full) => thread::yield_now(),
            }
        }
    });
    assert_eq!(GROUP.in_flight(), 0);
    let mut all: Vec<_> = (0..KEYS).map(|key| Box::pin(GROUP.claim(key))).collect();
    let leads: Vec<_> =
        all.iter_mut().map(|claim| claim.as_mut().poll(&mut Context::from_waker(Waker::noop()))).collect();
    assert!(leads.iter().all(|lead| matches!(lead, Poll::Ready(Ok(StaticClaim::Lead(_))))), "all slots are free");
}
