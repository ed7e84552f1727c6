//! Clients that leave while the origin is being asked.

use tokio::task::JoinSet;

use crate::client::{Answer, burst, get};
use crate::origin::Origin;
use crate::running::Running;

/// So that the first, whose request started the flight, is among them.
async fn first_and_joiners(shield: &Running, origin: &Origin, joiners: usize) -> (JoinSet<Answer>, JoinSet<Answer>) {
    let first = burst(shield.address, 1, "/page");
    origin.until_requests(1).await;
    let others = burst(shield.address, joiners, "/page");
    shield.until("they have joined", |stats| stats.joined.get() == joiners as u64).await;
    (first, others)
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_leave_take_nothing_with_them() {
    let origin = Origin::start().await;
    let shield = Running::start(&origin, |_| {}).await;
    let (mut first, patient) = first_and_joiners(&shield, &origin, 5).await;
    let mut impatient = burst(shield.address, 5, "/page");
    shield.until("more have joined", |stats| stats.joined.get() == 10).await;

    first.shutdown().await;
    impatient.shutdown().await;
    shield.until("they have left", |stats| stats.left.get() == 6).await;
    origin.open();
    let answers = patient.join_all().await;
    assert_eq!(answers.len(), 5);
    answers.iter().for_each(|answer| answer.is_the_page("/page"));
    assert_eq!((origin.requests(), shield.stats.asked.get()), (1, 1));
    shield.ends_gracefully().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_all_have_left_the_page_comes_nevertheless() {
    let origin = Origin::start().await;
    let shield = Running::start(&origin, |_| {}).await;
    let (mut first, mut others) = first_and_joiners(&shield, &origin, 3).await;
    first.shutdown().await;
    others.shutdown().await;
    shield.until("they have left", |stats| stats.left.get() == 4).await;

    // Joins what is in flight, which nobody has waited for.
    let late = burst(shield.address, 1, "/page");
    shield.until("it has joined", |stats| stats.joined.get() == 4).await;
    origin.open();
    late.join_all().await.iter().for_each(|answer| answer.is_the_page("/page"));
    assert_eq!(get(shield.address, "/page").await.way(), "hit");
    assert_eq!(origin.requests(), 1);
    shield.ends_gracefully().await;
}

/// Without singleflight, a request is its client's: it ends with it.
#[tokio::test(flavor = "multi_thread")]
async fn without_singleflight_a_request_leaves_with_its_client() {
    let origin = Origin::start().await;
    let shield = Running::start(&origin, |options| options.singleflight = false).await;
    let mut first = burst(shield.address, 1, "/page");
    origin.until_requests(1).await;
    first.shutdown().await;
    shield.until("it has left", |stats| stats.left.get() == 1).await;
    origin.open();
    assert_eq!(get(shield.address, "/page").await.way(), "miss");
    assert_eq!(origin.requests(), 2);
    shield.ends_gracefully().await;
}
