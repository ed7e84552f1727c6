//! A shutdown finishes what is in flight.

use std::time::Duration;

use hyper::Method;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use shield::serve::Ended;
use tokio::net::TcpStream;

use crate::client::{ask_on, burst};
use crate::origin::Origin;
use crate::running::{Running, until_refused};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_flight_is_answered_and_idle_clients_are_not_waited_for() {
    let origin = Origin::start().await;
    let shield = Running::start(&origin, |_| {}).await;
    // One that has asked nothing yet, one that keeps its connection, ten that wait.
    let silent = TcpStream::connect(shield.address).await.unwrap();
    let stream = TcpStream::connect(shield.address).await.unwrap();
    let (mut idle, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    let idles = tokio::spawn(connection);
    assert_eq!(ask_on(&mut idle, Method::POST, "/page").await.status, 405);
    let waiting = burst(shield.address, 10, "/page");
    shield.until("they have joined", |stats| stats.joined.get() == 9).await;
    origin.until_requests(1).await;

    shield.stop();
    until_refused(shield.address).await;
    // The shield has closed it.
    idles.await.unwrap().unwrap();
    origin.open();
    let answers = waiting.join_all().await;
    assert_eq!(answers.len(), 10);
    answers.iter().for_each(|answer| answer.is_the_page("/page"));
    let ended = shield.ended().await;
    assert!(matches!(ended, Ended::Gracefully), "{ended:?}");
    drop(silent);
}

/// The driver is a member of the group: it is waited for, though no client is left.
#[tokio::test(flavor = "multi_thread")]
async fn a_flight_without_clients_is_finished_too() {
    let origin = Origin::start().await;
    let shield = Running::start(&origin, |_| {}).await;
    let mut only = burst(shield.address, 1, "/page");
    origin.until_requests(1).await;
    only.shutdown().await;
    shield.until("it has left", |stats| stats.left.get() == 1).await;
    shield.stop();
    until_refused(shield.address).await;
    origin.open();
    let stats = std::sync::Arc::clone(&shield.stats);
    let ended = shield.ended().await;
    assert!(matches!(ended, Ended::Gracefully), "{ended:?}");
    assert_eq!((stats.asked.get(), stats.failed.get()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_origin_that_never_answers_holds_up_the_end_for_the_grace_only() {
    let origin = Origin::start().await;
    let shield = Running::start(&origin, |options| options.grace = Duration::from_millis(50)).await;
    let _waiting = burst(shield.address, 2, "/page");
    origin.until_requests(1).await;
    shield.stop();
    let ended = shield.ended().await;
    assert!(matches!(ended, Ended::Cut), "{ended:?}");
}
