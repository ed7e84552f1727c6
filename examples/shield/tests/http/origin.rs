//! An origin that counts, and answers when it is told to.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, SET_COOKIE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use xsync::CancelToken;

use crate::running::until;

/// What the test and the origin share.
pub(crate) struct Origin {
    pub(crate) address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    requests: AtomicUsize,
    at_once: AtomicUsize,
    peak: AtomicUsize,
    cookies: AtomicUsize,
    /// Cancelled, it lets all answers out.
    gate: CancelToken,
}

impl Origin {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, seen) = (listener.local_addr().unwrap(), Arc::<Seen>::default());
        let its = Arc::clone(&seen);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&its)));
            }
        });
        Self { address, seen }
    }

    /// One that has its answers ready.
    pub(crate) async fn start_open() -> Self {
        let origin = Self::start().await;
        origin.open();
        origin
    }

    pub(crate) fn open(&self) {
        self.seen.gate.cancel();
    }

    pub(crate) fn requests(&self) -> usize {
        self.seen.requests.load(SeqCst)
    }

    /// The most that were there at the same time.
    pub(crate) fn peak(&self) -> usize {
        self.seen.peak.load(SeqCst)
    }

    pub(crate) fn cookies(&self) -> usize {
        self.seen.cookies.load(SeqCst)
    }

    pub(crate) async fn until_requests(&self, count: usize) {
        until("the origin is asked", || self.requests() == count).await;
    }
}

async fn serve(stream: TcpStream, seen: Arc<Seen>) {
    let service = service_fn(|request| answer(Arc::clone(&seen), request));
    // The shield may leave first.
    let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(seen: Arc<Seen>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    seen.requests.fetch_add(1, SeqCst);
    seen.cookies.fetch_add(usize::from(request.headers().contains_key(COOKIE)), SeqCst);
    seen.peak.fetch_max(seen.at_once.fetch_add(1, SeqCst) + 1, SeqCst);
    seen.gate.cancelled().await;
    seen.at_once.fetch_sub(1, SeqCst);

    let target = request.uri().path_and_query().unwrap().as_str();
    let mut answer = Response::new(Full::new(format!("this is {target}").into()));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, "text/plain".parse().unwrap());
    headers.insert(SET_COOKIE, "client=1".parse().unwrap());
    match target {
        "/broken" => *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE,
        "/private" => drop(headers.insert(CACHE_CONTROL, "private".parse().unwrap())),
        _ => {}
    }
    Ok(answer)
}
