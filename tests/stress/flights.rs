//! Storms on a group of flights: callers that stay, leave, hold still or drive; work that is woken from elsewhere; keys
//! that are forgotten. Each gets the value of the flight that it was in, and nothing is left.

use core::future::poll_fn;
use core::hash::{Hash, Hasher};
use core::pin::{Pin, pin};
use core::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::SeqCst};
use core::task::{Poll, Waker};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use xsync::{Role, SingleFlight};

use crate::common::{block_on, poll};
use crate::seed::{Rng, rounds};
use crate::threads::{perhaps_yield, together};

const THREADS: usize = 4;
const KEYS: u64 = 3;

/// Counts while it is alive.
#[derive(Debug)]
struct Alive(Arc<AtomicIsize>);

impl Alive {
    fn new(count: &Arc<AtomicIsize>) -> Self {
        count.fetch_add(1, SeqCst);
        Self(Arc::clone(count))
    }
}

impl Clone for Alive {
    fn clone(&self) -> Self {
        Self::new(&self.0)
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[derive(Debug)]
struct Key(u64, #[expect(dead_code, reason = "it counts")] Alive);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// What a flight gives: its key, and the number of its run.
#[derive(Debug, Clone)]
struct Value {
    key: u64,
    run: usize,
    _alive: Alive,
}

type Work = Pin<Box<dyn Future<Output = Value> + Send>>;

struct Storm {
    group: SingleFlight<Key, Value>,
    alive: Arc<AtomicIsize>,
    runs: Arc<AtomicUsize>,
    /// Wakes what it is sent: the reactor.
    reactor: Sender<Waker>,
}

impl Storm {
    fn key(&self, key: u64) -> Key {
        Key(key, Alive::new(&self.alive))
    }

    /// Work of some steps, each of which ends when somebody else wakes it, or it itself.
    fn work(&self, key: u64, rng: &mut Rng) -> impl FnOnce() -> Work + use<> {
        let (alive, runs) = (Alive::new(&self.alive), Arc::clone(&self.runs));
        let reactor = self.reactor.clone();
        let (steps, mut rng) = (rng.below(4), rng.fork());
        move || {
            let run = runs.fetch_add(1, SeqCst);
            let steps: Work = Box::pin(async move {
                for _ in 0..steps {
                    let mut begun = false;
                    poll_fn(|cx| {
                        if core::mem::replace(&mut begun, true) {
                            return Poll::Ready(());
                        }
                        if rng.one_in(2) {
                            reactor.send(cx.waker().clone()).unwrap();
                        } else {
                            cx.waker().wake_by_ref();
                        }
                        Poll::Pending
                    })
                    .await;
                }
                Value { key, run, _alive: alive }
            });
            steps
        }
    }

    /// A caller of some kind; the run whose value it got, if it got one, and in what role.
    fn call(&self, key: u64, rng: &mut Rng) -> Option<(usize, Role)> {
        let own = self.key(key);
        let work = self.work(key, rng);
        match rng.below(6) {
            0 => {
                // Stays for a few polls only.
                let mut call = pin!(self.group.work(own, work).outcome());
                for _ in 0..rng.below(3) {
                    if let Poll::Ready(outcome) = poll(call.as_mut()) {
                        assert_eq!(outcome.value.key, key);
                        return Some((outcome.value.run, outcome.role));
                    }
                    perhaps_yield(rng);
                }
                None
            }
            1 => {
                let started = self.group.start(own, work);
                if let Some(driver) = started.driver {
                    let mut driver = Box::pin(driver);
                    if rng.one_in(2) {
                        // The callers take over from it.
                        let _ = poll(driver.as_mut());
                    } else {
                        thread::spawn(move || block_on(driver));
                    }
                }
                if rng.one_in(3) {
                    return None;
                }
                let outcome = block_on(started.waiter.outcome());
                assert_eq!(outcome.value.key, key);
                Some((outcome.value.run, outcome.role))
            }
            2 => {
                self.group.forget(&own);
                None
            }
            #[cfg(feature = "std")]
            3 => {
                let run = self.runs.fetch_add(1, SeqCst);
                let alive = Alive::new(&self.alive);
                // It waits for others' work, which is dropped if all of these go.
                let outcome = self.group.work_blocking(own, move || Value { key, run, _alive: alive }).ok()?;
                assert_eq!(outcome.value.key, key);
                Some((outcome.value.run, outcome.role))
            }
            _ => {
                // Held still for a while, which must hold up nobody.
                let mut call = Box::pin(self.group.work(own, work).outcome());
                let ended = if rng.one_in(2) { poll(call.as_mut()) } else { Poll::Pending };
                perhaps_yield(rng);
                let outcome = match ended {
                    Poll::Ready(outcome) => outcome,
                    Poll::Pending => block_on(call),
                };
                assert_eq!(outcome.value.key, key);
                Some((outcome.value.run, outcome.role))
            }
        }
    }
}

fn react(wakers: &Receiver<Waker>) {
    wakers.iter().for_each(Waker::wake);
}

fn round(rng: &mut Rng) {
    let (reactor, wakers) = channel();
    let reactor_thread = thread::spawn(move || react(&wakers));
    let storm = Storm { group: SingleFlight::new(), alive: Arc::default(), runs: Arc::default(), reactor };
    let started = Mutex::new(Vec::new());
    together(THREADS, rng, |_, mut rng| {
        for _ in 0..400 {
            let key = rng.next() % KEYS;
            if let Some((run, Role::Started)) = storm.call(key, &mut rng) {
                started.lock().unwrap().push(run);
            }
        }
    });
    // Nobody starts a run twice.
    let mut started = started.into_inner().unwrap();
    let count = started.len();
    started.sort_unstable();
    started.dedup();
    assert_eq!(started.len(), count);
    let (group, alive) = (storm.group, storm.alive);
    drop(storm.reactor);
    // The drivers that were spawned end by themselves, and with the last of them the reactor.
    reactor_thread.join().unwrap();
    while group.in_flight() > 0 || alive.load(SeqCst) > 0 {
        thread::yield_now();
    }
}

#[test]
fn each_gets_the_value_of_its_flight_and_nothing_is_left() {
    rounds(6, round);
}
