//! From a request to its answer.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

use crate::cache::{Cache, Way};
use crate::failure::Failure;
use crate::page::Page;
use crate::stats::Stats;

/// How the request came to its page: `hit`, `miss` or `joined`.
pub const X_CACHE: HeaderName = HeaderName::from_static("x-cache");

/// Answers one request.
///
/// # Errors
///
/// None: what fails is an answer too.
pub async fn answer(
    cache: Arc<Cache>,
    stats: Arc<Stats>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(refused());
    }
    stats.requests.add_one();
    let waits = Waits { stats: &stats, answered: false };
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let (way, fetched) = cache.page(target).await;
    waits.end();

    let mut response = match fetched {
        Ok(page) => found(&page),
        Err(failure) => failed(&failure),
    };
    let way = match way {
        Way::Hit => "hit",
        Way::Miss => "miss",
        Way::Joined => "joined",
    };
    response.headers_mut().insert(X_CACHE, HeaderValue::from_static(way));
    Ok(response)
}

fn found(page: &Page) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(page.body.clone()));
    *response.status_mut() = page.status;
    *response.headers_mut() = page.headers.clone();
    response
}

fn failed(failure: &Failure) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(format!("{failure}\n").into()));
    *response.status_mut() = failure.status();
    response
}

fn refused() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

/// A request that waits for its page. Dropped while it does, its client has left.
struct Waits<'a> {
    stats: &'a Stats,
    answered: bool,
}

impl Waits<'_> {
    fn end(mut self) {
        self.answered = true;
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.stats.left.add_one();
        }
    }
}
