//! Asking the origin.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::HOST;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use xsync::Semaphore;

use crate::args::Options;
use crate::failure::Failure;
use crate::page::Page;
use crate::stats::Stats;

/// The server behind, and how it is treated.
#[derive(Debug)]
pub struct Origin {
    /// Host and port.
    authority: String,
    /// A permit for each connection that may be open.
    connections: Semaphore,
    timeout: Duration,
    max_body: usize,
    stats: Arc<Stats>,
}

impl Origin {
    /// As the options say.
    pub fn new(options: &Options, stats: Arc<Stats>) -> Self {
        Self {
            authority: options.origin.clone(),
            connections: Semaphore::new(options.connections.get()),
            timeout: options.timeout,
            max_body: options.max_body,
            stats,
        }
    }

    /// The answer for `target`, a path and query.
    ///
    /// # Errors
    ///
    /// If there is none, or too much of it, or not in time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection, or leaves the queue for one.
    pub async fn fetch(&self, target: &str) -> Result<Page, Failure> {
        self.stats.asked.add_one();
        let fetched = timeout(self.timeout, self.connect_and_ask(target)).await.unwrap_or(Err(Failure::TimedOut));
        if fetched.is_err() {
            self.stats.failed.add_one();
        }
        fetched
    }

    async fn connect_and_ask(&self, target: &str) -> Result<Page, Failure> {
        let _permit = self.connections.acquire(1).await.expect("neither closed nor reduced");
        let stream = TcpStream::connect(&self.authority).await.map_err(Failure::broken)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(Failure::broken)?;
        let mut asked = pin!(self.ask(sender, target));
        // Both in this task: what drops the question closes the connection.
        tokio::select! {
            page = &mut asked => page,
            // What it has to say, the question says too.
            _ = connection => asked.await,
        }
    }

    async fn ask(&self, mut sender: SendRequest<Empty<Bytes>>, target: &str) -> Result<Page, Failure> {
        let request = Request::get(target).header(HOST, &self.authority).body(Empty::new()).map_err(Failure::broken)?;
        let answer = sender.send_request(request).await.map_err(Failure::broken)?;
        let (head, body) = answer.into_parts();
        Ok(Page::new(head, self.whole(body).await?))
    }

    async fn whole(&self, body: Incoming) -> Result<Bytes, Failure> {
        match Limited::new(body, self.max_body).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(Failure::TooLarge),
            Err(error) => Err(Failure::broken(error)),
        }
    }
}
