//! Storms on trees of tokens.

use core::error::Error;
use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;

use xsync::{CancelToken, Cause};

use crate::common::{block_on, poll, task::Task};
use crate::seed::{Rng, rounds};
use crate::threads::{perhaps_yield, together};

const THREADS: usize = 4;

/// A thread's own part of the tree: tokens, and for each the place of its parent in this part, or none if that is
/// shared.
struct Branch<'a> {
    shared: &'a [CancelToken],
    tokens: Vec<(CancelToken, Option<usize>)>,
}

impl Branch<'_> {
    fn pick(&self, rng: &mut Rng) -> Option<usize> {
        (!self.tokens.is_empty()).then(|| rng.below(self.tokens.len()))
    }

    fn grow(&mut self, rng: &mut Rng) {
        let parent = if rng.one_in(3) { None } else { self.pick(rng) };
        let above = parent.map_or_else(|| &self.shared[rng.below(self.shared.len())], |place| &self.tokens[place].0);
        let was_cancelled = above.is_cancelled();
        let child = above.child();
        assert!(child.is_cancelled() || !was_cancelled, "born of a cancelled one");
        self.tokens.push((child, parent));
    }

    fn is_below(&self, mut place: usize, top: usize) -> bool {
        loop {
            if place == top {
                return true;
            }
            match self.tokens[place].1 {
                Some(parent) => place = parent,
                None => return false,
            }
        }
    }

    /// The call that decides returns when all below are cancelled, and whoever waits for one of them is released.
    fn cancel(&self, reason: Reason, rng: &mut Rng) {
        let Some(top) = self.pick(rng) else { return };
        let below: Vec<_> = (0..self.tokens.len()).filter(|&place| self.is_below(place, top)).collect();
        let below: Vec<_> = below.into_iter().map(|place| &self.tokens[place].0).collect();
        let mut waits: Vec<_> = below.iter().map(|token| Task::new(token.cancelled())).collect();
        let pending: Vec<_> = waits.iter_mut().map(|wait| wait.poll().is_pending()).collect();
        let reason: Arc<dyn Error + Send + Sync> = Arc::new(reason);
        let top = &self.tokens[top].0;
        top.cancel_with(Arc::clone(&reason));
        let is_mine = matches!(top.cause(), Some(Cause::Custom(cause)) if Arc::ptr_eq(&cause, &reason));
        if !is_mine {
            // Another thread had begun, above: it may not have come to the leaves yet.
            return assert!(top.is_cancelled());
        }
        assert!(below.iter().all(|token| token.is_cancelled() && token.cause().is_some()));
        for (wait, pending) in waits.iter_mut().zip(pending) {
            // Another thread may be about to wake it.
            assert!(wait.poll().is_ready() && wait.wakes() <= usize::from(pending));
        }
    }

    /// Drops the newest ones, so that no place is left without its parent.
    fn drop_some(&mut self, rng: &mut Rng) {
        let keep = self.tokens.len() - rng.below(self.tokens.len().min(4) + 1);
        self.tokens.truncate(keep);
    }
}

#[derive(Debug)]
struct Reason(#[expect(dead_code, reason = "dropped with the cause")] Arc<()>);

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reason")
    }
}

impl Error for Reason {}

#[test]
fn a_cancel_returns_when_all_below_are_cancelled() {
    rounds(300, |rng| {
        let reasons = Arc::new(());
        let root = CancelToken::new();
        // A small tree that all threads grow from.
        let mut shared = vec![root.clone()];
        for _ in 0..6 {
            let parent = shared[rng.below(shared.len())].clone();
            shared.push(parent.child());
        }
        let branches = together(THREADS, rng, |number, mut rng| {
            let mut branch = Branch { shared: &shared, tokens: Vec::new() };
            for _ in 0..60 {
                match rng.below(20) {
                    0 => branch.cancel(Reason(Arc::clone(&reasons)), &mut rng),
                    1 => branch.drop_some(&mut rng),
                    2 if rng.one_in(10) => {
                        let token = &shared[1 + rng.below(shared.len() - 1)];
                        token.cancel_with(Arc::new(Reason(Arc::clone(&reasons))));
                        assert!(token.is_cancelled());
                    }
                    _ => branch.grow(&mut rng),
                }
            }
            if number == 0 {
                root.cancel();
            }
            branch.tokens.into_iter().map(|(token, _)| token).collect::<Vec<_>>()
        });
        for token in branches.iter().flatten().chain(&shared) {
            assert!(token.is_cancelled());
            assert!(matches!(token.cause(), Some(Cause::Requested | Cause::Custom(_))));
        }
        drop((branches, shared, root));
        assert_eq!(Arc::strong_count(&reasons), 1, "every node and every cause is gone");
    });
}

/// Who waits for a leaf is released by whichever of its ancestors is cancelled, once.
#[test]
fn waiters_of_leaves_are_released_once() {
    rounds(300, |rng| {
        let root = CancelToken::new();
        let nodes: Vec<_> = (0..8).map(|_| root.child()).collect();
        let leaves: Vec<_> = (0..64).map(|_| nodes[rng.below(8)].child()).collect();
        let released = AtomicUsize::new(0);
        let mut waits: Vec<_> = leaves.iter().map(|leaf| Box::pin(leaf.cancelled())).collect();
        for wait in &mut waits {
            assert!(poll(wait.as_mut()).is_pending());
        }
        let waits = std::sync::Mutex::new(waits);
        together(THREADS, rng, |number, mut rng| match number {
            0 => {
                perhaps_yield(&mut rng);
                root.cancel();
                assert!(leaves.iter().all(CancelToken::is_cancelled));
            }
            1 => nodes.iter().for_each(CancelToken::cancel),
            _ => loop {
                let Some(wait) = waits.lock().unwrap().pop() else { break };
                if rng.one_in(4) {
                    drop(wait);
                } else {
                    block_on(wait);
                }
                released.fetch_add(1, SeqCst);
            },
        });
        assert_eq!(released.into_inner(), 64);
    });
}

/// Parents and children dropped and made while the tree is cancelled: nothing is freed twice, or not at all.
#[test]
fn handles_come_and_go_while_the_tree_is_cancelled() {
    rounds(500, |rng| {
        let reasons = Arc::new(());
        let root = CancelToken::new();
        together(THREADS, rng, |number, mut rng| {
            if number == 0 {
                perhaps_yield(&mut rng);
                return root.cancel_with(Arc::new(Reason(Arc::clone(&reasons))));
            }
            for _ in 0..50 {
                // A chain whose upper handles are gone.
                let mut leaf = root.child();
                for _ in 0..rng.below(4) {
                    leaf = leaf.child();
                }
                let sibling = leaf.clone();
                if rng.one_in(3) {
                    drop(leaf);
                    assert!(!sibling.is_cancelled() || sibling.cause().is_some());
                } else if rng.one_in(3) {
                    leaf.cancel();
                    assert!(sibling.is_cancelled());
                }
            }
        });
        assert!(root.child().is_cancelled());
        assert!(matches!(root.child().cause(), Some(Cause::Custom(_))));
        drop(root);
        assert_eq!(Arc::strong_count(&reasons), 1);
    });
}
