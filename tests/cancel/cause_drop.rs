//! A cause is the user's: its destructor may panic, or use the tree. It runs where no lock is held and no node is half
//! changed: when the token goes, or at the end of the call that came too late.

use core::error::Error;
use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::panic::resume_unwind;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use xsync::{CancelToken, Cause};

use crate::common::{in_time, on_wake, panic_message, task::Task};

type Act = Box<dyn FnOnce() + Send>;

/// An error that runs code when it is dropped.
struct Acting(Mutex<Option<Act>>);

impl Drop for Acting {
    fn drop(&mut self) {
        if let Some(act) = self.0.lock().unwrap().take() {
            act();
        }
    }
}

impl fmt::Debug for Acting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acting")
    }
}

impl fmt::Display for Acting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("acting")
    }
}

impl Error for Acting {}

fn acting(act: impl FnOnce() + Send + 'static) -> Arc<dyn Error + Send + Sync> {
    Arc::new(Acting(Mutex::new(Some(Box::new(act)))))
}

fn panicking() -> Arc<dyn Error + Send + Sync> {
    acting(|| resume_unwind(Box::new("a cause's drop")))
}

/// Counts the drops of the causes that it makes.
#[derive(Clone, Default)]
struct Drops(Arc<AtomicUsize>);

impl Drops {
    fn cause(&self) -> Arc<dyn Error + Send + Sync> {
        let count = Arc::clone(&self.0);
        acting(move || {
            count.fetch_add(1, SeqCst);
        })
    }

    fn count(&self) -> usize {
        self.0.load(SeqCst)
    }
}

#[test]
fn a_late_cause_that_panics_does_so_after_the_work() {
    let token = CancelToken::new();
    token.cancel();
    assert_eq!(panic_message(|| token.cancel_with(panicking())), "a cause's drop");
    assert!(matches!(token.cause(), Some(Cause::Requested)));
    assert!(token.child().is_cancelled());
}

/// A waker gives a cause too: too late, since the decision was made before anybody was woken.
#[test]
fn a_cause_that_loses_in_a_re_entrant_call_is_dropped_in_that_call() {
    let drops = Drops::default();
    let token = CancelToken::new();
    let (inner, counted) = (token.clone(), drops.clone());
    let seen = Arc::new(AtomicUsize::new(usize::MAX));
    let at_wake = Arc::clone(&seen);
    let waker = on_wake(move || {
        inner.cancel_with(counted.cause());
        at_wake.store(counted.count(), SeqCst);
    });
    let waited = token.clone();
    let waiting = Task::queued_with(async move { waited.cancelled().await }, &waker);
    token.cancel();
    assert_eq!((seen.load(SeqCst), drops.count()), (1, 1));
    assert!(matches!(token.cause(), Some(Cause::Requested)));
    drop(waiting);
}

#[test]
fn a_cause_is_dropped_once_with_the_last_that_may_ask_for_it() {
    let drops = Drops::default();
    let token = CancelToken::new();
    let (child, clone) = (token.child(), token.clone());
    token.cancel_with(drops.cause());
    drop((token, clone));
    assert_eq!(drops.count(), 0);
    let kept = child.cause();
    drop(child);
    assert_eq!(drops.count(), 0, "whoever asked has it");
    drop(kept);
    assert_eq!(drops.count(), 1);
}

#[test]
fn a_cause_that_panics_when_its_token_goes_costs_no_memory_above() {
    let drops = Drops::default();
    let root = CancelToken::new();
    let middle = root.child();
    let leaf = middle.child();
    // From below, so that each has a reason of its own.
    leaf.cancel_with(panicking());
    middle.cancel_with(drops.cause());
    root.cancel_with(drops.cause());
    drop((root, middle));
    assert_eq!(drops.count(), 0);
    assert_eq!(panic_message(|| drop(leaf)), "a cause's drop");
    assert_eq!(drops.count(), 2, "those above went too");
}

#[test]
fn a_cause_that_panics_in_the_middle_costs_no_memory_above() {
    let drops = Drops::default();
    let root = CancelToken::new();
    let middle = root.child();
    let leaf = middle.child();
    leaf.cancel_with(drops.cause());
    middle.cancel_with(panicking());
    root.cancel_with(drops.cause());
    drop((root, middle));
    assert_eq!(panic_message(|| drop(leaf)), "a cause's drop");
    assert_eq!(drops.count(), 2);
}

#[test]
fn a_cause_that_panics_leaves_the_parent_whole() {
    let root = CancelToken::new();
    let siblings = [root.child(), root.child(), root.child()];
    let waiting: Vec<_> = siblings.iter().map(|sibling| Task::queued(sibling.cancelled())).collect();
    let failing = root.child();
    failing.cancel_with(panicking());
    assert_eq!(panic_message(|| drop(failing)), "a cause's drop");
    let later = root.child();
    root.cancel();
    assert!(siblings.iter().chain([&later]).all(CancelToken::is_cancelled));
    assert!(waiting.iter().all(|task| task.wakes() == 1));
}

/// Something done to the root, and its name.
type Step = (&'static str, fn(&CancelToken));

#[test]
fn a_cause_may_use_the_tree_when_its_token_goes() {
    const ACTS: [Step; 5] = [
        ("cancel", CancelToken::cancel),
        ("cancel with", |root| root.cancel_with(acting(|| ()))),
        ("child", |root| drop(root.child().child())),
        ("wait", |root| {
            let mut waiting = Task::new(root.cancelled());
            let _ = waiting.poll();
        }),
        ("look", |root| assert!(format!("{root:?} {:?}", root.cause()).contains("cancelled"))),
    ];
    for (name, act) in ACTS {
        for own_last in [false, true] {
            let (ran, cancelled) = in_time(move || {
                let root = CancelToken::new();
                let sibling = root.child();
                let token = root.child();
                let below = token.child();
                let (inner, ran) = (root.clone(), Arc::new(AtomicUsize::new(0)));
                let runs = Arc::clone(&ran);
                token.cancel_with(acting(move || {
                    runs.fetch_add(1, SeqCst);
                    act(&inner);
                }));
                if own_last {
                    drop(below);
                    drop(token);
                } else {
                    drop(token);
                    drop(below);
                }
                let cancelled = root.is_cancelled();
                assert_eq!(sibling.is_cancelled(), cancelled);
                root.cancel();
                assert!(sibling.is_cancelled());
                (ran.load(SeqCst), cancelled)
            });
            assert_eq!((ran, cancelled), (1, name.starts_with("cancel")), "{name}");
        }
    }
}

#[test]
fn a_cause_may_drop_the_last_handle_of_its_parent() {
    in_time(|| {
        let drops = Drops::default();
        let root = CancelToken::new();
        let token = root.child();
        let last = root.clone();
        token.cancel_with(acting(move || drop(last)));
        root.cancel_with(drops.cause());
        drop(root);
        assert_eq!(drops.count(), 0);
        drop(token);
        assert_eq!(drops.count(), 1);
    });
}

/// Two calls are in the same node; the one whose cause it has ends, and all other handles go. So the other call drops
/// the node, and its cause, on the way up: it panics, but first does the rest.
#[test]
fn a_cause_that_goes_during_a_cancel_may_panic() {
    in_time(|| {
        // More than a batch, so that the second call finds some when the first has not fired its own yet.
        const WAITERS: usize = 200;
        let root = CancelToken::new();
        let token = root.child();
        let below = token.child();
        let siblings = [root.child(), root.child()];
        let waiting: Vec<_> = siblings.iter().map(|sibling| Task::queued(sibling.cancelled())).collect();

        let [started, inside, left] = [(), (), ()].map(|()| Arc::new(Barrier::new(2)));
        let (woken, this) = (Arc::new(AtomicUsize::new(0)), thread::current().id());
        let (start, entered, gone, wakes) =
            (Arc::clone(&started), Arc::clone(&inside), Arc::clone(&left), Arc::clone(&woken));
        let once = [AtomicUsize::new(0), AtomicUsize::new(0)];
        let waker = on_wake(move || {
            wakes.fetch_add(1, SeqCst);
            let second_call = thread::current().id() == this;
            if once[usize::from(second_call)].fetch_add(1, SeqCst) > 0 {
                return;
            }
            if second_call {
                entered.wait();
                gone.wait();
            } else {
                start.wait();
                entered.wait();
            }
        });
        let tasks: Vec<_> = (0..WAITERS)
            .map(|_| {
                let token = token.clone();
                Task::queued_with(async move { token.cancelled().await }, &waker)
            })
            .collect();
        let owner = thread::spawn(move || {
            token.cancel_with(panicking());
            drop((below, tasks, token));
            left.wait();
        });
        started.wait();
        assert_eq!(panic_message(|| root.cancel()), "a cause's drop");
        assert!(siblings.iter().all(CancelToken::is_cancelled));
        assert!(waiting.iter().all(|task| task.wakes() == 1));
        owner.join().unwrap();
        assert_eq!(woken.load(SeqCst), WAITERS);
    });
}
