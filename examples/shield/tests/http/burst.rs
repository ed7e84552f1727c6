//! A burst of requests for one cold page: once to the origin, or the stampede.

use std::num::NonZeroUsize;

use crate::client::{burst, get};
use crate::origin::Origin;
use crate::running::Running;

const CLIENTS: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn it_reaches_the_origin_once() {
    let origin = Origin::start().await;
    let shield = Running::start(&origin, |_| {}).await;
    let burst = burst(shield.address, CLIENTS, "/page?q=1");
    shield.until("all but one have joined", |stats| stats.joined.get() == CLIENTS as u64 - 1).await;
    origin.until_requests(1).await;
    origin.open();

    let answers = burst.join_all().await;
    answers.iter().for_each(|answer| answer.is_the_page("/page?q=1"));
    let count = |way| answers.iter().filter(|answer| answer.way() == way).count();
    assert_eq!((count("miss"), count("joined")), (1, CLIENTS - 1));
    assert_eq!((origin.requests(), shield.stats.asked.get()), (1, 1));

    // And it is there now.
    let answer = get(shield.address, "/page?q=1").await;
    answer.is_the_page("/page?q=1");
    assert_eq!((answer.way(), origin.requests()), ("hit", 1));
    shield.ends_gracefully().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_singleflight_all_of_it_reaches_the_origin() {
    let origin = Origin::start().await;
    let shield = Running::start(&origin, |options| {
        options.singleflight = false;
        options.connections = NonZeroUsize::new(CLIENTS).unwrap();
    });
    let shield = shield.await;
    let burst = burst(shield.address, CLIENTS, "/page");
    origin.until_requests(CLIENTS).await;
    origin.open();
    for answer in burst.join_all().await {
        answer.is_the_page("/page");
        assert_eq!(answer.way(), "miss");
    }
    assert_eq!((origin.requests(), shield.stats.joined.get()), (CLIENTS, 0));
    shield.ends_gracefully().await;
}

/// Whatever the reason that there are many requests to the origin.
#[tokio::test(flavor = "multi_thread")]
async fn the_origin_has_no_more_connections_than_it_is_given() {
    const CONNECTIONS: NonZeroUsize = NonZeroUsize::new(3).unwrap();
    let origin = Origin::start().await;
    let shield = Running::start(&origin, |options| {
        options.singleflight = false;
        options.connections = CONNECTIONS;
    });
    let shield = shield.await;
    let burst = burst(shield.address, 30, "/page");
    shield.until("all have missed the page", |stats| stats.asked.get() == 30).await;
    origin.until_requests(CONNECTIONS.get()).await;
    origin.open();
    burst.join_all().await.iter().for_each(|answer| answer.is_the_page("/page"));
    assert_eq!((origin.requests(), origin.peak()), (30, CONNECTIONS.get()));
    shield.ends_gracefully().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_do_not_wait_for_each_other() {
    let origin = Origin::start().await;
    let shield = Running::start(&origin, |_| {}).await;
    let (a, b) = (burst(shield.address, 5, "/a"), burst(shield.address, 5, "/b"));
    shield.until("the flights are complete", |stats| stats.joined.get() == 8).await;
    origin.until_requests(2).await;
    origin.open();
    a.join_all().await.iter().for_each(|answer| answer.is_the_page("/a"));
    b.join_all().await.iter().for_each(|answer| answer.is_the_page("/b"));
    assert_eq!(origin.requests(), 2);
    shield.ends_gracefully().await;
}
