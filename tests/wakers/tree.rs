//! Wakers of tokens that, inside `wake`, use the tree that is being cancelled: cancel, create, drop and wait, at every
//! node. All below is still cancelled, all who wait are woken once, and every node is freed.

use core::pin::Pin;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use xsync::{CancelToken, Cause};

use crate::common::{CountingWaker, in_time, on_wake, task::Task};

/// The parent of each node; the root is its own.
const PARENTS: [usize; 8] = [0, 0, 0, 1, 1, 3, 2, 5];
/// At each node: with those of the others, some batches.
const WAITERS: usize = 7;

type Wait = Task<Pin<Box<dyn Future<Output = ()> + Send>>>;

/// What wakers find: handles of all nodes, and all who wait. Each can be taken away.
#[derive(Default)]
struct World {
    tokens: Mutex<Vec<CancelToken>>,
    waits: Mutex<Vec<Wait>>,
    born: Mutex<Vec<CancelToken>>,
    /// Of waits that were dropped.
    gone: Mutex<Vec<Arc<CountingWaker>>>,
    runs: AtomicUsize,
}

fn take<T: Default>(cell: &Mutex<T>) -> T {
    core::mem::take(&mut *cell.lock().unwrap())
}

fn wait(token: &CancelToken) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    let token = token.clone();
    Box::pin(async move { token.cancelled().await })
}

/// Whether `place` is `top` or below it.
fn is_below(place: usize, top: usize) -> bool {
    place == top || place != 0 && is_below(PARENTS[place], top)
}

impl World {
    fn token(&self, place: usize) -> Option<CancelToken> {
        self.tokens.lock().unwrap().get(place).cloned()
    }

    /// The handles that are there.
    fn all(&self) -> Vec<CancelToken> {
        self.tokens.lock().unwrap().clone()
    }

    fn bear(&self, parent: &CancelToken) {
        let child = parent.child();
        assert!(child.is_cancelled() || !parent.is_cancelled(), "born cancelled");
        let grandchild = child.child();
        self.born.lock().unwrap().extend([child, grandchild]);
    }

    /// Drops those who wait, as far as `picked` says, in the order of `last_first`.
    fn drop_waits(&self, picked: fn(usize) -> bool, last_first: bool) {
        let (mut leaving, staying) = (Vec::new(), Vec::new());
        let mut staying: Vec<Wait> = staying;
        for (place, wait) in take(&self.waits).into_iter().enumerate() {
            if picked(place) { leaving.push(wait) } else { staying.push(wait) }
        }
        *self.waits.lock().unwrap() = staying;
        if last_first {
            leaving.reverse();
        }
        for wait in leaving {
            let counter = wait.cancel();
            self.gone.lock().unwrap().push(counter);
        }
    }
}

type Act = (&'static str, fn(&World));

const ACTS: [Act; 14] = [
    ("nothing", |_| ()),
    ("cancel the root", |world| world.token(0).unwrap().cancel()),
    ("cancel all, the root first", |world| world.all().iter().for_each(CancelToken::cancel)),
    ("cancel all, the leaves first", |world| world.all().iter().rev().for_each(CancelToken::cancel)),
    ("cancel a branch by a guard", |world| drop(world.token(1).unwrap().drop_guard())),
    ("cancel with a reason", |world| {
        for token in world.all() {
            token.cancel_with(Arc::new(core::fmt::Error));
        }
    }),
    ("create children", |world| world.all().iter().for_each(|token| world.bear(token))),
    ("create a family and cancel it", |world| {
        for token in world.all() {
            let child = token.child();
            let grandchild = child.child();
            child.cancel();
            assert!(grandchild.is_cancelled());
        }
    }),
    ("create children and drop them", |world| {
        for token in world.all() {
            drop(token.child().child());
        }
    }),
    ("wait", |world| {
        for token in world.all() {
            let mut task = Task::new(wait(&token));
            assert_eq!(task.poll().is_ready(), token.is_cancelled());
            if !token.is_cancelled() {
                world.waits.lock().unwrap().push(task);
            }
        }
    }),
    ("drop handles", |world| drop(take(&world.tokens))),
    ("drop some who wait", |world| world.drop_waits(|place| place % 3 == 0, false)),
    ("drop all who wait, the last first", |world| world.drop_waits(|_| true, true)),
    ("drop all", |world| {
        let tokens = take(&world.tokens);
        world.drop_waits(|_| true, false);
        drop(tokens);
    }),
];

/// Cancels `top`, while the waker at `place` of node `at` does `act`.
fn run(top: usize, at: usize, place: usize, (act_name, act): Act) {
    let name = format!("cancel {top}: at {at}.{place}, {act_name}");
    let world = Arc::new(World::default());
    for parent in PARENTS {
        let token = world.token(parent).map_or_else(CancelToken::new, |parent| parent.child());
        world.tokens.lock().unwrap().push(token);
    }
    let acting = Arc::clone(&world);
    let waker = on_wake(move || {
        acting.runs.fetch_add(1, SeqCst);
        act(&acting);
    });
    let tokens = world.all();
    let mut actor = None;
    let mut counted = Vec::new();
    for (node, token) in tokens.iter().enumerate() {
        for waiter in 0..WAITERS {
            if (node, waiter) == (at, place) {
                actor = Some(Task::queued_with(wait(token), &waker));
            } else {
                counted.push(node);
                world.waits.lock().unwrap().push(Task::queued(wait(token)));
            }
        }
    }
    drop(waker);
    let cause = Arc::new(core::fmt::Error);
    let cancelled = tokens[top].clone();
    drop(tokens);
    cancelled.cancel_with(Arc::<core::fmt::Error>::clone(&cause));
    assert_eq!(world.runs.load(SeqCst), 1, "{name}");
    assert!(matches!(cancelled.cause(), Some(Cause::Custom(_))), "{name}");

    // All that is below, and all that the act has cancelled, and nothing else.
    let tokens = take(&world.tokens);
    let reached = |node: usize| match act_name {
        _ if is_below(node, top) => true,
        "cancel a branch by a guard" => is_below(node, 1),
        "cancel the root" | "cancel with a reason" => true,
        text => text.starts_with("cancel all"),
    };
    for (node, token) in tokens.iter().enumerate() {
        assert_eq!(token.is_cancelled(), reached(node), "{name}: {node}");
    }
    assert!(world.born.lock().unwrap().iter().all(|token| top != 0 || token.is_cancelled()), "{name}");
    let waits = take(&world.waits);
    let all_there = waits.len() >= counted.len();
    for (place, task) in waits.iter().enumerate() {
        assert!(task.wakes() + task.kept() == 1, "{name}: woken once, or still waiting");
        // Those who came meanwhile are behind those who were counted.
        if let (true, Some(&node)) = (all_there, counted.get(place)) {
            assert_eq!(task.wakes(), usize::from(reached(node)), "{name}: at {node}");
        }
    }
    for counter in &*world.gone.lock().unwrap() {
        assert!(counter.wakes() <= 1 && Arc::strong_count(counter) == 1, "{name}");
    }
    actor.as_mut().unwrap().ready();

    // Every node below keeps the one that has the cause.
    drop((tokens, waits, actor, cancelled));
    drop(take(&world.born));
    assert_eq!(Arc::strong_count(&cause), 1, "{name}: all are freed");
    assert_eq!(Arc::strong_count(&world), 1, "{name}: no waker is kept");
}

#[test]
fn whatever_is_cancelled_its_wakers_may_do_anything_with_the_tree() {
    in_time(|| {
        for top in [0, 1, 2, 3, 5] {
            for at in (0..PARENTS.len()).filter(|&at| is_below(at, top)) {
                for place in [0, 3, WAITERS - 1] {
                    ACTS.into_iter().for_each(|act| run(top, at, place, act));
                }
            }
        }
    });
}

/// Each waker cancels the next generation's parent before the walk comes there; the stack of nested calls is the
/// user's, so the line is short.
#[test]
fn a_chain_of_wakers_that_cancel_reaches_the_end() {
    in_time(|| {
        const LEN: usize = 100;
        let mut line = vec![CancelToken::new()];
        for at in 0..LEN {
            line.push(line[at].child());
        }
        let tasks: Vec<_> = (0..LEN)
            .map(|at| {
                let next = line[at + 1].clone();
                Task::queued_with(wait(&line[at]), &on_wake(move || next.cancel()))
            })
            .collect();
        let mut last = Task::queued(wait(&line[LEN]));
        line[0].cancel();
        assert!(line.iter().all(CancelToken::is_cancelled));
        assert_eq!(last.wakes(), 1);
        last.ready();
        drop(tasks);
    });
}

/// The first call does the work, and a later one nothing, also while the first is at it.
#[test]
fn a_later_cancel_returns_at_once_even_during_the_first() {
    in_time(|| {
        let root = CancelToken::new();
        let child = root.child();
        let others: Arc<Mutex<Vec<Wait>>> = Arc::default();
        let woken = Arc::new(AtomicUsize::new(usize::MAX));
        let (token, seen, count) = (root.clone(), Arc::clone(&others), Arc::clone(&woken));
        let waker = on_wake(move || {
            token.cancel();
            token.cancel_with(Arc::new(core::fmt::Error));
            count.store(seen.lock().unwrap().iter().map(Task::wakes).sum(), SeqCst);
        });
        let first = Task::queued_with(wait(&root), &waker);
        drop(waker);
        others.lock().unwrap().extend((0..100).map(|_| Task::queued(wait(&child))));
        root.cancel();
        assert_eq!(woken.load(SeqCst), 0, "the first is woken first");
        assert!(others.lock().unwrap().iter().all(|task| task.wakes() == 1));
        drop(first);
    });
}

/// Who is woken sees its own token and all above, up to the one that was cancelled.
#[test]
fn a_waker_sees_what_it_was_woken_for() {
    in_time(|| {
        let root = CancelToken::new();
        let outside = root.clone();
        let top = root.child();
        let middle = top.child();
        let leaf = middle.child();
        let line = [top.clone(), middle, leaf.clone()];
        let seen = Arc::new(Mutex::new(Vec::new()));
        let note = Arc::clone(&seen);
        let waker = on_wake(move || {
            let cancelled = line.each_ref().map(CancelToken::is_cancelled);
            let cause = line[2].cause().map(|cause| cause.to_string());
            note.lock().unwrap().push((cancelled, cause, outside.is_cancelled()));
        });
        let task = Task::queued_with(wait(&leaf), &waker);
        drop(waker);
        top.cancel();
        assert_eq!(*seen.lock().unwrap(), [([true; 3], Some(String::from("cancelled")), false)]);
        drop(task);
    });
}
