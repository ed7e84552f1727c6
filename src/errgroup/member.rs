//! A child as a token: for threads, callbacks, and tasks that take no future.

use core::fmt;
use core::future::Future;

use super::seat::Seat;
use super::{Child, GroupError};
use crate::cancel::CancelToken;

/// A child of a group that is not a future: whoever holds it is counted until it [finishes](Self::finish) or drops it.
///
/// Dropped unfinished, it counts as [aborted](GroupError::Aborted), unless the group, or a token above it, was
/// cancelled; with `std`, as [panicked](GroupError::Panicked) while its thread is panicking. One that another child's
/// future holds is dropped before that one's error is known.
///
/// It takes no slot of a group with a limit.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "std")] {
/// use xsync::ErrGroup;
///
/// let mut group = ErrGroup::<std::num::ParseIntError>::new();
/// for text in ["1", "2", "three"] {
///     let member = group.member();
///     std::thread::spawn(move || member.finish(text.parse::<i32>().map(drop)));
/// }
/// assert!(group.wait().wait().is_err());
/// # }
/// ```
#[must_use = "a member that is dropped unfinished fails its group"]
pub struct Member<E> {
    // None once it has ended.
    seat: Option<Seat<E>>,
}

impl<E> Member<E> {
    pub(super) fn new(seat: Seat<E>) -> Self {
        Self { seat: Some(seat) }
    }

    fn seat(&self) -> &Seat<E> {
        self.seat.as_ref().expect("until it ends")
    }

    /// The group's token: cancelled when the group is.
    pub fn token(&self) -> &CancelToken {
        &self.seat().shared().token
    }

    /// Ends the child; an error is recorded and cancels the group.
    ///
    /// # Panics
    ///
    /// If a waker that it fires panics, after all the others were fired.
    pub fn finish(mut self, result: Result<(), E>) {
        let seat = self.seat.take().expect("ends once");
        if let Err(error) = result {
            seat.shared().fail(GroupError::Task(error));
        }
    }

    /// A future in place of this member, without a slot.
    pub fn run<F, T>(mut self, future: F) -> Child<F, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        Child::new(self.seat.take().expect("ends once"), future)
    }
}

impl<E> Drop for Member<E> {
    fn drop(&mut self) {
        if let Some(seat) = self.seat.take() {
            seat.abandon();
        }
    }
}

impl<E> fmt::Debug for Member<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").field("cancelled", &self.token().is_cancelled()).finish_non_exhaustive()
    }
}
