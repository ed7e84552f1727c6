//! The server, from the first connection to the last answer.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use xsync::{CancelToken, ErrGroup, GroupError};

use crate::answer::answer;
use crate::args::Options;
use crate::cache::Cache;
use crate::stats::Stats;

/// After a connection could not be accepted: there may be no descriptor for it, until others have closed theirs.
const PAUSE: Duration = Duration::from_millis(100);

/// How a server has ended.
#[derive(Debug)]
pub enum Ended {
    /// Whatever was in flight has been answered.
    Gracefully,
    /// Something was still in flight after `--grace`.
    Cut,
    /// There is a bug: this is what panicked.
    Failed(GroupError<Infallible>),
}

/// Serves until `stop` is cancelled and whatever is in flight has been answered.
pub async fn serve(listener: TcpListener, options: &Options, stats: &Arc<Stats>, stop: &CancelToken) -> Ended {
    let group = ErrGroup::builder().parent(stop).limit(options.clients).build();
    let cache = Arc::new(Cache::new(options, group.spawner(), Arc::clone(stats)));
    tokio::spawn(group.member().run(sweep(Arc::clone(&cache), options.ttl, group.token().clone())));

    while let Some(accepted) = group.token().run_until_cancelled(accept(&listener)).await {
        let connection = connection(accepted, Arc::clone(&cache), Arc::clone(stats), group.token().clone());
        if group.spawn(connection, tokio::spawn).await.is_err() {
            // Cancelled while it waited for a slot.
            break;
        }
    }
    // New clients are refused from now on, rather than left waiting.
    drop(listener);
    match timeout(options.grace, group.join()).await {
        Err(_elapsed) => Ended::Cut,
        Ok(Ok(()) | Err(GroupError::Cancelled)) => Ended::Gracefully,
        Ok(Err(failure)) => Ended::Failed(failure),
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// Answers one request after the other, until the client leaves; once cancelled, until the answer that is due.
async fn connection(
    stream: TcpStream,
    cache: Arc<Cache>,
    stats: Arc<Stats>,
    stop: CancelToken,
) -> Result<(), Infallible> {
    let service = service_fn(|request| answer(Arc::clone(&cache), Arc::clone(&stats), request));
    let mut server = http1::Builder::new();
    // It bounds the time that a client takes for the head of a request.
    server.timer(TokioTimer::new());
    let mut connection = pin!(server.serve_connection(TokioIo::new(stream), service));
    let served = match stop.run_until_cancelled(connection.as_mut()).await {
        Some(served) => served,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    // What a client does wrong, or leaves undone, is no failure of the group.
    let (Ok(()) | Err(_)) = served;
    Ok(())
}

/// Drops what is out of date, from time to time.
async fn sweep(cache: Arc<Cache>, ttl: Duration, stop: CancelToken) -> Result<(), Infallible> {
    if ttl.is_zero() {
        return Ok(());
    }
    while stop.run_until_cancelled(sleep(ttl)).await.is_some() {
        cache.sweep();
    }
    Ok(())
}
