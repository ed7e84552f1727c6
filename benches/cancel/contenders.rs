//! The contenders behind two traits, so that every workload is written once: what can be cancelled, and what has
//! children. The traits add nothing at run time: a future is the peer's own.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::event::EventToken;

/// What is cancelled once and can be waited for.
pub trait Cancel: Send + Sync + 'static {
    const NAME: &'static str;

    fn new() -> Self;
    fn cancel(&self);
    fn is_cancelled(&self) -> bool;
    fn cancelled(&self) -> impl Future<Output = ()> + Send;
}

/// A handle of a token in a tree.
pub trait Token: Cancel + Clone {
    fn child(&self) -> Self;
    fn run_until_cancelled<F: Future>(&self, future: F) -> impl Future<Output = Option<F::Output>>;
}

impl Cancel for xsync::CancelToken {
    const NAME: &'static str = "xsync";

    fn new() -> Self {
        Self::new()
    }
    fn cancel(&self) {
        self.cancel();
    }
    fn is_cancelled(&self) -> bool {
        self.is_cancelled()
    }
    fn cancelled(&self) -> impl Future<Output = ()> + Send {
        self.cancelled()
    }
}

impl Token for xsync::CancelToken {
    fn child(&self) -> Self {
        self.child()
    }
    fn run_until_cancelled<F: Future>(&self, future: F) -> impl Future<Output = Option<F::Output>> {
        self.run_until_cancelled(future)
    }
}

impl Cancel for tokio_util::sync::CancellationToken {
    const NAME: &'static str = "tokio-util";

    fn new() -> Self {
        Self::new()
    }
    fn cancel(&self) {
        self.cancel();
    }
    fn is_cancelled(&self) -> bool {
        self.is_cancelled()
    }
    fn cancelled(&self) -> impl Future<Output = ()> + Send {
        self.cancelled()
    }
}

impl Token for tokio_util::sync::CancellationToken {
    fn child(&self) -> Self {
        self.child_token()
    }
    fn run_until_cancelled<F: Future>(&self, future: F) -> impl Future<Output = Option<F::Output>> {
        self.run_until_cancelled(future)
    }
}

impl Cancel for xsync::CancelFlag {
    const NAME: &'static str = "xsync, flag";

    fn new() -> Self {
        Self::new()
    }
    fn cancel(&self) {
        self.cancel();
    }
    fn is_cancelled(&self) -> bool {
        self.is_cancelled()
    }
    fn cancelled(&self) -> impl Future<Output = ()> + Send {
        self.cancelled()
    }
}

impl Cancel for EventToken {
    const NAME: &'static str = "Event, boxed";

    fn new() -> Self {
        Self::new()
    }
    fn cancel(&self) {
        self.cancel();
    }
    fn is_cancelled(&self) -> bool {
        self.is_cancelled()
    }
    fn cancelled(&self) -> impl Future<Output = ()> + Send {
        self.cancelled()
    }
}

/// The prototype on `Event`, whose listeners live in an unnamed future.
pub struct OnStack(pub EventToken);

impl Cancel for OnStack {
    const NAME: &'static str = "Event, on stack";

    fn new() -> Self {
        Self(EventToken::new())
    }
    fn cancel(&self) {
        self.0.cancel();
    }
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
    fn cancelled(&self) -> impl Future<Output = ()> + Send {
        self.0.cancelled_on_stack()
    }
}

/// What one writes without a token, on tokio.
pub struct Notified {
    cancelled: AtomicBool,
    notify: Notify,
}

impl Cancel for Notified {
    const NAME: &'static str = "tokio, Notify";

    fn new() -> Self {
        Self { cancelled: AtomicBool::new(false), notify: Notify::new() }
    }
    fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        self.notify.notify_waiters();
    }
    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }
    async fn cancelled(&self) {
        let mut notified = pin!(self.notify.notified());
        notified.as_mut().enable();
        if !self.is_cancelled() {
            notified.await;
        }
    }
}

/// Runs an expression once for each that can be cancelled, with its type under the given name; the subject first.
macro_rules! every_cancel {
    ($name:ident => $body:expr) => {
        $crate::contenders::every_cancel! { $name => $body;
            xsync::CancelToken,
            tokio_util::sync::CancellationToken,
            xsync::CancelFlag,
            $crate::contenders::Notified,
            $crate::event::EventToken,
            $crate::contenders::OnStack
        }
    };
    ($name:ident => $body:expr; $($contender:ty),*) => {{
        $({
            type $name = $contender;
            $body;
        })*
    }};
}
pub(crate) use every_cancel;

/// The same for each that has children.
macro_rules! every_token {
    ($name:ident => $body:expr) => {
        $crate::contenders::every_cancel! { $name => $body;
            xsync::CancelToken, tokio_util::sync::CancellationToken
        }
    };
}
pub(crate) use every_token;
