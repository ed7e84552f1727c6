//! What a client may ask, and what it gets.

use hyper::{Method, StatusCode};

use crate::client::{ask, get};
use crate::origin::Origin;
use crate::running::Running;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_comes_with_its_own_headers_and_nobodys_cookies() {
    let origin = Origin::start_open().await;
    let shield = Running::start(&origin, |_| {}).await;
    for way in ["miss", "hit"] {
        let answer = get(shield.address, "/page").await;
        answer.is_the_page("/page");
        assert_eq!((answer.way(), &answer.headers["content-type"]), (way, &"text/plain".parse().unwrap()));
        assert!(!answer.headers.contains_key("set-cookie"));
    }
    assert_eq!((origin.requests(), origin.cookies()), (1, 0));
    shield.ends_gracefully().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn head_is_get_without_the_body_and_others_are_refused() {
    let origin = Origin::start_open().await;
    let shield = Running::start(&origin, |_| {}).await;
    let head = ask(shield.address, Method::HEAD, "/page").await;
    assert_eq!((head.status, head.way(), head.body.len()), (StatusCode::OK, "miss", 0));
    assert_eq!(head.headers["content-length"], "this is /page".len().to_string());
    assert_eq!(get(shield.address, "/page").await.way(), "hit");

    let post = ask(shield.address, Method::POST, "/page").await;
    assert_eq!((post.status, &post.headers["allow"]), (StatusCode::METHOD_NOT_ALLOWED, &"GET, HEAD".parse().unwrap()));
    assert_eq!((origin.requests(), shield.stats.requests.get()), (1, 2));
    shield.ends_gracefully().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_no_time_to_live_every_flight_asks() {
    let origin = Origin::start_open().await;
    let shield = Running::start(&origin, |options| options.ttl = std::time::Duration::ZERO).await;
    for asked in 1..=3 {
        assert_eq!(get(shield.address, "/page").await.way(), "miss");
        assert_eq!(origin.requests(), asked);
    }
    shield.ends_gracefully().await;
}
