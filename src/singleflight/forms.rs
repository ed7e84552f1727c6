//! The forms in which callers want the end of a flight: the value, the outcome, panics as errors; and to block for it.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::outcome::{Ending, Outcome, Panicked};

/// A caller of a flight, as a future.
pub trait Flying {
    type Value;

    fn poll_ending(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ending<Self::Value>>;

    /// Before its first poll: it is a thread that waits, and no task.
    #[cfg(feature = "std")]
    fn block(&mut self);
}

pin_project! {
    /// A caller that gets an [`Outcome`]: by [`Work::outcome`](crate::Work::outcome) and
    /// [`Waiter::outcome`](crate::Waiter::outcome).
    ///
    /// # Cancel safety
    ///
    /// As of the caller that it was made of.
    ///
    /// # Panics
    ///
    /// As that.
    #[must_use = "nothing happens unless this is polled or waited for"]
    pub struct WithOutcome<W> {
        #[pin]
        caller: W,
    }
}

pin_project! {
    /// A caller that gets panics of others as errors: by [`Work::checked`](crate::Work::checked) and
    /// [`Waiter::checked`](crate::Waiter::checked).
    ///
    /// # Cancel safety
    ///
    /// As of the caller that it was made of.
    ///
    /// # Panics
    ///
    /// If polled after it completed; and a panic of the work goes on in the caller that polled it, this one included.
    #[must_use = "nothing happens unless this is polled or waited for"]
    pub struct Checked<W> {
        #[pin]
        caller: W,
    }
}

impl<W> WithOutcome<W> {
    pub(super) fn new(caller: W) -> Self {
        Self { caller }
    }
}

impl<W> Checked<W> {
    pub(super) fn new(caller: W) -> Self {
        Self { caller }
    }
}

impl<W: Flying> Future for WithOutcome<W> {
    type Output = Outcome<W::Value>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().caller.poll_ending(cx).map(Ending::outcome)
    }
}

impl<W: Flying> Future for Checked<W> {
    type Output = Result<Outcome<W::Value>, Panicked>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().caller.poll_ending(cx).map(Ending::checked)
    }
}

impl<W: Flying + FusedFuture> FusedFuture for WithOutcome<W> {
    fn is_terminated(&self) -> bool {
        self.caller.is_terminated()
    }
}

impl<W: Flying + FusedFuture> FusedFuture for Checked<W> {
    fn is_terminated(&self) -> bool {
        self.caller.is_terminated()
    }
}

impl<W: fmt::Debug> fmt::Debug for WithOutcome<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WithOutcome").field(&self.caller).finish()
    }
}

impl<W: fmt::Debug> fmt::Debug for Checked<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Checked").field(&self.caller).finish()
    }
}

#[cfg(feature = "std")]
pub(super) use blocking::{blocking_forms, ends};

#[cfg(feature = "std")]
mod blocking {
    use core::future::Future;
    use core::pin::Pin;
    use core::task::{Context, Poll};
    use std::time::Instant;

    use pin_project_lite::pin_project;

    use super::{Checked, Ending, Flying, WithOutcome};
    use crate::singleflight::outcome::{Abandoned, Outcome, WaitError};

    pin_project! {
        struct Ends<W> {
            #[pin]
            caller: W,
        }
    }

    impl<W: Flying> Future for Ends<W> {
        type Output = Ending<W::Value>;

        fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
            self.project().caller.poll_ending(cx)
        }
    }

    /// Blocks this thread until the end, or `deadline`.
    #[track_caller]
    pub(in crate::singleflight) fn ends<W: Flying>(
        mut caller: W,
        deadline: Option<Instant>,
    ) -> Option<Ending<W::Value>> {
        caller.block();
        crate::wait::block_on(Ends { caller }, deadline)
    }

    /// `wait`, `wait_timeout` and `wait_deadline`, which give what `$form` makes of the end.
    macro_rules! blocking_forms {
        ($caller:expr, $output:ty, $form:expr) => {
            /// Blocks this thread until the flight has ended.
            ///
            /// If another's flight is joined, or one that has been started by `start`, the thread only waits: it polls no
            /// future that was made by a task, which may need its runtime. If it starts the flight, it polls the work itself.
            ///
            /// # Errors
            ///
            /// If every task that could go on with the work has gone, and for the checked form if the work has panicked.
            ///
            /// # Panics
            ///
            /// If the work that this very thread is polling or running is waited for; else as awaiting it.
            #[cfg(feature = "std")]
            #[track_caller]
            pub fn wait(self) -> $output {
                crate::singleflight::forms::ends($caller(self), None).map($form).expect("waits without a deadline")
            }

            /// As [`wait`](Self::wait), or until `timeout` has passed: then `None`, and it has left.
            ///
            /// # Errors
            ///
            /// As [`wait`](Self::wait).
            #[cfg(feature = "std")]
            #[must_use = "it may not have ended"]
            #[track_caller]
            pub fn wait_timeout(self, timeout: core::time::Duration) -> Option<$output> {
                crate::singleflight::forms::ends($caller(self), crate::wait::deadline_after(timeout)).map($form)
            }

            /// As [`wait`](Self::wait), or until `deadline` has passed: then `None`, and it has left.
            ///
            /// # Errors
            ///
            /// As [`wait`](Self::wait).
            #[cfg(feature = "std")]
            #[must_use = "it may not have ended"]
            #[track_caller]
            pub fn wait_deadline(self, deadline: std::time::Instant) -> Option<$output> {
                crate::singleflight::forms::ends($caller(self), Some(deadline)).map($form)
            }
        };
    }
    pub(in crate::singleflight) use blocking_forms;

    impl<W: Flying> WithOutcome<W> {
        blocking_forms!(|this: Self| this.caller, Result<Outcome<W::Value>, Abandoned>, Ending::waited);
    }

    impl<W: Flying> Checked<W> {
        blocking_forms!(|this: Self| this.caller, Result<Outcome<W::Value>, WaitError>, Ending::waited_checked);
    }
}
