//! The cancellation of a whole tree: a walk in rounds, without recursion and without memory of its own.

use core::mem;

use super::Cause;
use super::node::{Decision, Handle, Progress};
use crate::wait::{WakeBatch, wake_in_rounds};

/// Cancels `top` and all below it. It returns when each of them is cancelled and woken, whoever else is cancelling some
/// of them at the same time: it goes wherever something is left to do (T4).
pub(super) fn cancel(top: &Handle, cause: Cause) {
    let unused = top.decide(Decision::Own(cause));
    let mut at = top.clone();
    wake_in_rounds(|batch| round(top, &mut at, batch));
    // A cause that came too late is the user's to drop: after everything else, since that may panic.
    drop(unused);
}

/// Depth first, as far as the batch reaches; true if there is more to do.
fn round(top: &Handle, at: &mut Handle, batch: &mut WakeBatch) -> bool {
    // Each flag is raised on the way down: nobody queues after that, so there is nothing left on the way up.
    if at.flag().raise(batch) {
        return true;
    }
    let mut ended: Option<Handle> = None;
    loop {
        let progress = at.cancel_children(ended.as_ref(), batch);
        // It may have been the last handle, and then a cause of the user's goes: no lock is held.
        drop(ended.take());
        match progress {
            Progress::More => return true,
            Progress::Into(child) => {
                *at = child;
                if at.flag().raise(batch) {
                    return true;
                }
            }
            Progress::Done if at == top => return false,
            Progress::Done => {
                let parent = at.parent().expect("below `top`").clone();
                ended = Some(mem::replace(at, parent));
            }
        }
    }
}
