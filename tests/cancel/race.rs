//! Several threads in one tree: when the first cancel of a token returns, every descendant is cancelled and resolved,
//! whoever else was cancelling, creating or dropping a part of it.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use xsync::{CancelToken, Cause};

use crate::common::{in_time, kept, task::Task};

const ROUNDS: usize = 300;

/// A root, children of it, and grandchildren: the root first, then each child with its own.
fn tree(children: usize, each: usize) -> Vec<Vec<CancelToken>> {
    let root = CancelToken::new();
    let mut families = vec![vec![root.clone()]];
    for _ in 0..children {
        let child = root.child();
        let below: Vec<_> = (0..each).map(|_| child.child()).collect();
        families.push([child].into_iter().chain(below).collect());
    }
    families
}

#[test]
fn a_cancel_returns_after_all_below_is_cancelled_whoever_cancels_a_part() {
    in_time(|| {
        for round in 0..ROUNDS {
            let families = tree(5, 20);
            let go = Arc::new(Barrier::new(3));
            // One cancels a child, one a grandchild and then another child, while this thread cancels the root.
            let parts =
                [vec![families[1 + round % 5][0].clone()], vec![families[2][7].clone(), families[3][0].clone()]];
            let threads = parts.map(|tokens| {
                let go = Arc::clone(&go);
                thread::spawn(move || {
                    go.wait();
                    tokens.iter().for_each(CancelToken::cancel);
                })
            });
            let mut waiting: Vec<_> = families.iter().flatten().map(|token| Task::queued(token.cancelled())).collect();
            go.wait();
            families[0][0].cancel();
            // At once, before the others are known to be done.
            for token in families.iter().flatten() {
                assert!(token.is_cancelled() && token.cause().is_some());
            }
            waiting.iter_mut().for_each(|task| task.ready());
            threads.into_iter().for_each(|thread| thread.join().unwrap());
            assert!(waiting.iter().all(|task| (task.wakes(), task.kept()) == (1, 0)), "each is woken, once");
        }
    });
}

#[test]
fn a_cancel_of_a_part_returns_after_the_part_is_cancelled() {
    in_time(|| {
        for _ in 0..ROUNDS {
            let families = tree(4, 30);
            let root = families[0][0].clone();
            let go = Arc::new(Barrier::new(5));
            let threads: Vec<_> = families[1..]
                .iter()
                .cloned()
                .map(|family| {
                    let go = Arc::clone(&go);
                    thread::spawn(move || {
                        let token = family[0].clone();
                        go.wait();
                        let was_first = !token.is_cancelled();
                        token.cancel_with(Arc::from(Box::<dyn core::error::Error + Send + Sync>::from("part")));
                        let own = matches!(token.cause(), Some(Cause::Custom(_)));
                        // A call that finds it cancelled returns at once; only one that decided has an own cause.
                        assert!(was_first || !own);
                        assert!(!own || family.iter().all(CancelToken::is_cancelled));
                    })
                })
                .collect();
            go.wait();
            root.cancel();
            assert!(families.iter().flatten().all(CancelToken::is_cancelled));
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        }
    });
}

#[test]
fn children_that_are_born_during_a_cancel_are_cancelled() {
    in_time(|| {
        for _ in 0..ROUNDS {
            let families = tree(3, 10);
            let root = families[0][0].clone();
            let done = Arc::new(AtomicBool::new(false));
            let go = Arc::new(Barrier::new(3));
            let threads: Vec<_> = [0, 2]
                .into_iter()
                .map(|family| {
                    let parent = families[family][0].clone();
                    let (done, go) = (Arc::clone(&done), Arc::clone(&go));
                    thread::spawn(move || {
                        go.wait();
                        let mut born = Vec::new();
                        loop {
                            let last = done.load(SeqCst);
                            let child = parent.child();
                            // After the cancel has returned, at birth; before, by the time it returns.
                            assert!(!last || child.is_cancelled());
                            born.push(child.child());
                            born.push(child);
                            if last {
                                return born;
                            }
                        }
                    })
                })
                .collect();
            go.wait();
            root.cancel();
            assert!(families.iter().flatten().all(CancelToken::is_cancelled));
            done.store(true, SeqCst);
            for thread in threads {
                assert!(thread.join().unwrap().iter().all(CancelToken::is_cancelled));
            }
        }
    });
}

#[test]
fn tokens_that_are_dropped_during_a_cancel_cost_nobody_theirs() {
    in_time(|| {
        for round in 0..ROUNDS {
            let families = tree(4, 12);
            let root = families[0][0].clone();
            let kept: Vec<_> = families.iter().flatten().step_by(5).cloned().collect();
            let go = Arc::new(Barrier::new(3));
            let mut tokens: Vec<_> = families.into_iter().flatten().collect();
            if round % 2 == 0 {
                tokens.reverse();
            }
            let half = tokens.split_off(tokens.len() / 2);
            let threads = [tokens, half].map(|tokens| {
                let go = Arc::clone(&go);
                thread::spawn(move || {
                    go.wait();
                    drop(tokens);
                })
            });
            go.wait();
            root.cancel();
            assert!(kept.iter().all(CancelToken::is_cancelled));
            threads.into_iter().for_each(|thread| thread.join().unwrap());
            drop(kept);
            assert!(root.child().is_cancelled());
        }
    });
}

#[test]
fn whoever_finds_a_cause_finds_the_token_cancelled() {
    in_time(|| {
        for _ in 0..2 * ROUNDS {
            let token = CancelToken::new();
            let started = Arc::new(AtomicBool::new(false));
            let (seen, reading) = (token.clone(), Arc::clone(&started));
            let thread = thread::spawn(move || {
                reading.store(true, SeqCst);
                loop {
                    let cause = seen.cause();
                    let cancelled = seen.is_cancelled();
                    assert!(cancelled || cause.is_none());
                    if cancelled {
                        break;
                    }
                    thread::yield_now();
                }
            });
            while !started.load(SeqCst) {
                thread::yield_now();
            }
            token.cancel();
            thread.join().unwrap();
        }
    });
}

/// A cause that notes, when it is dropped, whether a token was cancelled by then.
#[derive(Debug)]
struct Noting {
    token: Arc<Mutex<Option<CancelToken>>>,
    notes: Arc<Mutex<Vec<bool>>>,
}

impl core::fmt::Display for Noting {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("noting")
    }
}

impl core::error::Error for Noting {}

impl Drop for Noting {
    fn drop(&mut self) {
        let token = self.token.lock().unwrap().clone();
        // Takes the locks of the tree.
        let cancelled = token.is_none_or(|token| token.cause().is_some() && token.child().is_cancelled());
        self.notes.lock().unwrap().push(cancelled);
    }
}

/// Two causes at once: one stays, the other is dropped by the call that gave it, when the token is cancelled, and
/// without a lock.
#[test]
fn a_cause_that_loses_a_race_is_dropped_when_the_token_is_cancelled() {
    in_time(|| {
        for _ in 0..2 * ROUNDS {
            let root = CancelToken::new();
            let (notes, watched) = (Arc::default(), Arc::new(Mutex::new(Some(root.clone()))));
            let ready = Arc::new(AtomicUsize::new(0));
            let cause = || Arc::new(Noting { token: Arc::clone(&watched), notes: Arc::clone(&notes) });
            let race = |token: CancelToken, cause: Arc<Noting>| {
                let ready = Arc::clone(&ready);
                move || {
                    ready.fetch_add(1, SeqCst);
                    while ready.load(SeqCst) < 2 {
                        thread::yield_now();
                    }
                    token.cancel_with(cause);
                }
            };
            let other = thread::spawn(race(root.clone(), cause()));
            race(root.clone(), cause())();
            other.join().unwrap();
            assert_eq!(*notes.lock().unwrap(), [true]);
            // The one that stayed keeps this cell, which keeps the token.
            *watched.lock().unwrap() = None;
            drop(root);
            assert_eq!(notes.lock().unwrap().len(), 2);
        }
    });
}

/// Two threads drop the last handles of a parent and of its child.
#[test]
fn a_line_whose_ends_are_dropped_at_once_is_freed_once() {
    in_time(|| {
        for round in 0..ROUNDS {
            let (cause, go) = (Arc::new(core::fmt::Error), Arc::new(Barrier::new(2)));
            let parent = CancelToken::new();
            let child = parent.child();
            if round % 2 == 0 {
                child.cancel_with(Arc::<core::fmt::Error>::clone(&cause));
            }
            parent.cancel_with(Arc::<core::fmt::Error>::clone(&cause));
            let meet = Arc::clone(&go);
            let thread = thread::spawn(move || {
                meet.wait();
                drop(child);
            });
            go.wait();
            drop(parent);
            thread.join().unwrap();
            assert_eq!(Arc::strong_count(&cause), 1);
        }
    });
}

#[test]
fn waits_that_begin_and_end_during_a_cancel_are_resolved() {
    in_time(|| {
        for _ in 0..ROUNDS {
            let root = CancelToken::new();
            let child = root.child();
            let go = Arc::new(Barrier::new(2));
            let (meet, token) = (Arc::clone(&go), child.clone());
            let thread = thread::spawn(move || {
                meet.wait();
                let mut counters = Vec::new();
                loop {
                    let mut waiting = Task::new(token.cancelled());
                    let ready = waiting.poll().is_ready();
                    counters.push(waiting.cancel());
                    if ready {
                        return counters;
                    }
                }
            });
            go.wait();
            root.cancel();
            let counters = thread.join().unwrap();
            // One at most was there when the cancel came, and its waker may have been on its way.
            assert!(counters.iter().all(|counter| kept(counter) == 0));
            assert!(counters.iter().map(|counter| counter.wakes()).sum::<usize>() <= 1);
            Task::new(child.cancelled()).ready();
        }
    });
}
