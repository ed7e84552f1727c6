//! What goes wrong at the origin is told to all who have waited, and to nobody later.

use std::time::Duration;

use hyper::StatusCode;
use tokio::net::TcpListener;

use crate::client::{burst, get};
use crate::origin::Origin;
use crate::running::Running;

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_shared_and_not_kept() {
    for (target, status) in [("/broken", StatusCode::SERVICE_UNAVAILABLE), ("/private", StatusCode::OK)] {
        let origin = Origin::start().await;
        let shield = Running::start(&origin, |_| {}).await;
        let burst = burst(shield.address, 20, target);
        shield.until("all but one have joined", |stats| stats.joined.get() == 19).await;
        origin.until_requests(1).await;
        origin.open();
        for answer in burst.join_all().await {
            assert_eq!(answer.status, status, "{target}");
            assert!(!answer.headers.contains_key("set-cookie"));
        }
        assert_eq!(origin.requests(), 1, "{target}");

        assert_eq!(get(shield.address, target).await.way(), "miss", "{target}");
        assert_eq!(origin.requests(), 2, "{target}");
        shield.ends_gracefully().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_too_large_is_not_read_to_its_end() {
    let origin = Origin::start_open().await;
    let shield = Running::start(&origin, |options| options.max_body = "this is /fits".len()).await;
    get(shield.address, "/fits").await.is_the_page("/fits");
    let answer = get(shield.address, "/too/long").await;
    assert_eq!(
        (answer.status, &answer.body[..]),
        (StatusCode::BAD_GATEWAY, &b"the origin's answer is too large\n"[..])
    );
    assert_eq!((shield.stats.asked.get(), shield.stats.failed.get()), (2, 1));
    shield.ends_gracefully().await;
}

/// The gate stays shut, so however long it takes, the answer comes later.
#[tokio::test(flavor = "multi_thread")]
async fn an_origin_that_does_not_answer_is_given_up() {
    let origin = Origin::start().await;
    let shield = Running::start(&origin, |options| options.timeout = Duration::from_millis(50)).await;
    for answer in burst(shield.address, 5, "/page").join_all().await {
        assert_eq!(answer.status, StatusCode::GATEWAY_TIMEOUT);
    }
    origin.open();
    shield.ends_gracefully().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_origin_that_is_not_there_is_no_end_of_the_shield() {
    let origin = Origin::start_open().await;
    let vacant = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let shield = Running::start(&origin, |options| options.origin = vacant.to_string()).await;
    for _ in 0..2 {
        let answer = get(shield.address, "/page").await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
        assert!(answer.body.starts_with(b"the origin: "), "{answer:?}");
    }
    assert_eq!((shield.stats.failed.get(), origin.requests()), (2, 0));
    shield.ends_gracefully().await;
}
