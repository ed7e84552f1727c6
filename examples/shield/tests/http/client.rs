//! Clients: hyper's, each on a connection of its own.

use std::net::SocketAddr;
use std::pin::pin;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{COOKIE, HOST, HeaderMap};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// What a client got.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// How the shield came to it.
    pub(crate) fn way(&self) -> &str {
        self.headers["x-cache"].to_str().unwrap()
    }

    #[track_caller]
    pub(crate) fn is_the_page(&self, target: &str) {
        assert_eq!((self.status, &self.body[..]), (StatusCode::OK, format!("this is {target}").as_bytes()));
    }
}

/// Asks on a new connection, which is closed when the future is dropped.
pub(crate) async fn ask(address: SocketAddr, method: Method, target: &str) -> Answer {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    let mut asked = pin!(ask_on(&mut sender, method, target));
    tokio::select! {
        answer = &mut asked => answer,
        _ = connection => asked.await,
    }
}

pub(crate) async fn ask_on(sender: &mut SendRequest<Empty<Bytes>>, method: Method, target: &str) -> Answer {
    let request = Request::builder().method(method).uri(target).header(HOST, "shield").header(COOKIE, "client=1");
    let (head, body) = sender.send_request(request.body(Empty::new()).unwrap()).await.unwrap().into_parts();
    Answer { status: head.status, headers: head.headers, body: body.collect().await.unwrap().to_bytes() }
}

pub(crate) async fn get(address: SocketAddr, target: &str) -> Answer {
    ask(address, Method::GET, target).await
}

/// So many clients at the same time.
pub(crate) fn burst(address: SocketAddr, count: usize, target: &'static str) -> JoinSet<Answer> {
    (0..count).map(|_| get(address, target)).collect()
}
