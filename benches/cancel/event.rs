//! The prototype that the broadcast was chosen against: a token without children on `event_listener::Event`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use event_listener::{Event, EventListener, listener};

#[derive(Clone)]
pub struct EventToken(pub Arc<Node>);

pub struct Node {
    cancelled: AtomicBool,
    event: Event,
}

impl EventToken {
    pub fn new() -> Self {
        Self(Arc::new(Node { cancelled: AtomicBool::new(false), event: Event::new() }))
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Acquire)
    }

    pub fn cancel(&self) {
        if !self.0.cancelled.swap(true, Ordering::AcqRel) {
            self.0.event.notify(usize::MAX);
        }
    }

    /// A future with a name, which a field or a `static` can hold: each wait is an allocation.
    pub fn cancelled(&self) -> Cancelled<'_> {
        Cancelled { token: self, listener: None }
    }

    /// The same without that allocation: the listener borrows from the frame that it lives in, so this has no name.
    pub async fn cancelled_on_stack(&self) {
        while !self.is_cancelled() {
            listener!(self.0.event => listener);
            if self.is_cancelled() {
                return;
            }
            listener.await;
        }
    }
}

pub struct Cancelled<'a> {
    token: &'a EventToken,
    listener: Option<EventListener>,
}

impl Future for Cancelled<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        while !self.token.is_cancelled() {
            match &mut self.listener {
                None => self.listener = Some(self.token.0.event.listen()),
                Some(listener) => {
                    ready!(Pin::new(listener).poll(cx));
                    self.listener = None;
                }
            }
        }
        Poll::Ready(())
    }
}
