//! What the origin has answered.

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, LAST_MODIFIED, LOCATION,
};
use hyper::http::response::Parts;

/// What describes the page rather than the connection or one client: all else is left out.
const PASSED_ON: [HeaderName; 6] = [CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, LAST_MODIFIED, LOCATION];

/// An answer of the origin, whole.
#[derive(Debug)]
pub struct Page {
    /// Its status.
    pub status: StatusCode,
    /// Those of its headers that are passed on.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Page {
    pub(crate) fn new(mut answer: Parts, body: Bytes) -> Self {
        let mut headers = HeaderMap::with_capacity(PASSED_ON.len());
        for name in PASSED_ON {
            if let Some(value) = answer.headers.remove(&name) {
                headers.insert(name, value);
            }
        }
        Self { status: answer.status, headers, body }
    }

    /// Whether it answers later requests too: a success, unless the origin says otherwise.
    pub fn is_to_be_kept(&self) -> bool {
        self.status == StatusCode::OK && !self.headers.get(CACHE_CONTROL).is_some_and(|value| forbids(value.as_bytes()))
    }
}

fn forbids(cache_control: &[u8]) -> bool {
    cache_control.split(|&byte| byte == b',').any(|directive| {
        let name = directive.split(|&byte| byte == b'=').next().unwrap_or_default().trim_ascii();
        [&b"no-store"[..], b"no-cache", b"private"].iter().any(|forbidding| name.eq_ignore_ascii_case(forbidding))
    })
}

#[cfg(test)]
mod tests {
    use hyper::body::Bytes;
    use hyper::{Response, StatusCode};

    use super::Page;

    fn page(status: StatusCode, headers: &[(&str, &str)]) -> Page {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        Page::new(response.body(()).unwrap().into_parts().0, Bytes::new())
    }

    #[test]
    fn only_successes_are_kept_and_not_against_the_origins_will() {
        assert!(page(StatusCode::OK, &[]).is_to_be_kept());
        assert!(page(StatusCode::OK, &[("cache-control", "public, max-age=5")]).is_to_be_kept());
        for cache_control in ["no-store", "max-age=5, Private", "no-cache=\"set-cookie\""] {
            assert!(!page(StatusCode::OK, &[("cache-control", cache_control)]).is_to_be_kept(), "{cache_control}");
        }
        for status in [StatusCode::NOT_FOUND, StatusCode::FOUND, StatusCode::SERVICE_UNAVAILABLE] {
            assert!(!page(status, &[]).is_to_be_kept(), "{status}");
        }
    }

    #[test]
    fn what_is_for_one_client_or_connection_is_not_passed_on() {
        let headers =
            [("content-type", "text/plain"), ("set-cookie", "a=b"), ("connection", "close"), ("etag", "\"1\"")];
        let page = page(StatusCode::OK, &headers);
        let names: Vec<_> = page.headers.keys().map(|name| name.as_str()).collect();
        assert_eq!(names, ["content-type", "etag"]);
    }
}
