//! One caller's work hangs: what do the others who share it do?
//!
//! ```text
//! cargo run --example stuck_flight
//! ```
//!
//! Callers with one key share one run, so a run that hangs would hang them all. A caller that has a deadline leaves at it,
//! and takes nothing with it: whoever is more patient goes on to wait, and gets the value if it comes after all. When the
//! last one has left, the work is dropped and the key is free: the next caller starts anew.
//!
//! No result depends on how long anything takes: the database answers when it is told to.
#![expect(clippy::std_instead_of_core, clippy::std_instead_of_alloc, reason = "a program, at home in std")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use tokio::time::{error::Elapsed, timeout};
use xsync::{CancelToken, SingleFlight};

/// What a caller is ready to wait.
const DEADLINE: Duration = Duration::from_millis(20);

type Articles = SingleFlight<u32, String>;

#[tokio::main]
async fn main() {
    all_leave().await;
    one_stays().await;
    a_thread_leaves().await;
}

/// Nobody stays: the work ends with the last caller, and the next one has another try.
async fn all_leave() {
    let (articles, database) = (Arc::new(Articles::new()), Database::default());
    let callers: Vec<_> = (0..10).map(|_| tokio::spawn(with_deadline(&articles, &database))).collect();
    let mut left = 0;
    for caller in callers {
        left += usize::from(caller.await.expect("no caller panics").is_err());
    }
    println!("all leave:       {left} of 10 callers left at their deadline; in flight: {}", articles.in_flight());
    assert_eq!((left, articles.in_flight()), (10, 0));

    database.answer();
    let article = get(articles, database).await;
    println!("                 the next one got {article:?}");
}

/// One that has no deadline: those who leave do not stop the work.
async fn one_stays() {
    let (articles, database) = (Arc::new(Articles::new()), Database::default());
    let patient = tokio::spawn(get(Arc::clone(&articles), database.clone()));
    database.until_asked().await;
    for _ in 0..10 {
        with_deadline(&articles, &database).await.expect_err("the database hangs");
    }
    database.answer();
    let article = patient.await.expect("no caller panics");
    println!("one stays:       10 left, the one that stayed got {article:?}; asked: {}", database.asked());
    assert_eq!((database.asked(), articles.in_flight()), (1, 0));
}

/// A thread may be a caller of the same flight, and has deadlines too.
async fn a_thread_leaves() {
    let (articles, database) = (Arc::new(Articles::new()), Database::default());
    let patient = tokio::spawn(get(Arc::clone(&articles), database.clone()));
    database.until_asked().await;
    let (shared, its) = (Arc::clone(&articles), database.clone());
    let caller = thread::spawn(move || shared.work(7, || its.article(7)).wait_timeout(DEADLINE));
    let left = tokio::task::spawn_blocking(|| caller.join()).await.expect("not cancelled").expect("no caller panics");
    assert_eq!(left, None);
    database.answer();
    let article = patient.await.expect("no caller panics");
    println!("a thread leaves: the task that stayed got {article:?}; asked: {}", database.asked());
    assert_eq!(database.asked(), 1);
}

/// Waits no longer than it is ready to.
fn with_deadline(
    articles: &Arc<Articles>,
    database: &Database,
) -> impl Future<Output = Result<String, Elapsed>> + use<> {
    let (articles, database) = (Arc::clone(articles), database.clone());
    async move { timeout(DEADLINE, get(articles, database)).await }
}

async fn get(articles: Arc<Articles>, database: Database) -> String {
    articles.work(7, move || database.article(7)).await
}

/// It hangs, until it is told to answer.
#[derive(Clone, Default)]
struct Database {
    asked: Arc<AtomicUsize>,
    is_asked: CancelToken,
    answers: CancelToken,
}

impl Database {
    fn article(self, id: u32) -> impl Future<Output = String> + Send {
        self.asked.fetch_add(1, Relaxed);
        self.is_asked.cancel();
        async move {
            self.answers.cancelled().await;
            format!("article {id}")
        }
    }

    fn answer(&self) {
        self.answers.cancel();
    }

    fn asked(&self) -> usize {
        self.asked.load(Relaxed)
    }

    async fn until_asked(&self) {
        self.is_asked.cancelled().await;
    }
}
