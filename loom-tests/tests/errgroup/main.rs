//! The group: one model per race between two or three of what its owner, its children and its spawners do.

mod abort;
mod effects;
mod end;
mod failure;
mod memory;
mod panics;
mod slots;

use std::fmt::Debug;

use xsync::GroupError;
use xsync_loom_tests::Shadow;

/// Errors are numbers here.
type Group = xsync::ErrGroup<usize>;

/// The end of a wait, in words.
fn told<E: Debug>(outcome: Result<(), &GroupError<E>>) -> String {
    format!("{outcome:?}")
}

/// The work of a child: to count itself.
async fn count(data: &'static Shadow) -> Result<(), usize> {
    data.increment();
    Ok(())
}

/// Writes when it is dropped.
struct OnDrop(&'static Shadow);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.increment();
    }
}
