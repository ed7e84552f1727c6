//! One of many tasks fails: what do the others do?
//!
//! ```text
//! cargo run --example fail_fast
//! ```
//!
//! Five tasks fetch pages; one asks a server that is down. Joined one after the other, the four go on to their last
//! page before anybody hears of the failure. In a group the first failure cancels the others, and is what the wait
//! returns.
//!
//! No clock is used: that the others have stopped early shows in the pages that they have not fetched.
#![expect(clippy::std_instead_of_core, clippy::std_instead_of_alloc, reason = "a program, at home in std")]

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::task::yield_now;
use xsync::{ErrGroup, GroupError};

const SERVERS: [&str; 5] = ["a.example", "b.example", "down.example", "d.example", "e.example"];
const PAGES: usize = 1_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (failure, pages) = joined().await;
    println!("joined:       {failure}; the others have fetched {pages} pages");
    assert_eq!(pages, 4 * PAGES, "nobody told them");

    let (failure, pages) = in_a_group().await;
    println!("in a group:   {failure}; the others have fetched {pages} pages");
    assert!(pages < 4 * PAGES, "they were dropped where they were");

    let (failure, pages) = with_a_token().await;
    println!("with a token: {failure}; the others have fetched {pages} pages");
    assert!(pages < 4 * PAGES, "they looked, and stopped between two pages");
}

/// Without a group: every task is waited for, and the first failure looked up in the end.
async fn joined() -> (Down, usize) {
    let pages = Pages::default();
    let tasks = SERVERS.map(|server| tokio::spawn(fetch(server, Pages::clone(&pages))));
    let mut failure = None;
    for task in tasks {
        if let Err(error) = task.await.expect("no task panics") {
            failure.get_or_insert(error);
        }
    }
    (failure.expect("a server is down"), pages.load(Relaxed))
}

/// The same futures in a group that drops its children when it is cancelled.
async fn in_a_group() -> (Down, usize) {
    let pages = Pages::default();
    let group = ErrGroup::builder().abort_on_cancel().build();
    for server in SERVERS {
        // A group that has failed already starts nothing, and gives the future back.
        let started = group.spawn(fetch(server, Pages::clone(&pages)), tokio::spawn).await;
        started.expect("nothing has run yet");
    }
    (failure_of(group).await, pages.load(Relaxed))
}

/// Children that end by themselves: they see the cancellation by the group's token, between two pages.
async fn with_a_token() -> (Down, usize) {
    let pages = Pages::default();
    let group = ErrGroup::new();
    for server in SERVERS {
        let (token, pages) = (group.token().clone(), Pages::clone(&pages));
        let fetch = async move {
            for _ in 0..PAGES {
                if token.is_cancelled() {
                    break;
                }
                fetch_one(server, &pages).await?;
            }
            Ok(())
        };
        group.spawn(fetch, tokio::spawn).await.expect("nothing has run yet");
    }
    (failure_of(group).await, pages.load(Relaxed))
}

/// Waits for all children. When this returns, each of them has ended and been dropped.
async fn failure_of(group: ErrGroup<Down>) -> Down {
    match group.join().await {
        Err(GroupError::Task(failure)) => failure,
        other => panic!("a server is down: {other:?}"),
    }
}

async fn fetch(server: &'static str, pages: Pages) -> Result<(), Down> {
    for _ in 0..PAGES {
        fetch_one(server, &pages).await?;
    }
    Ok(())
}

/// Stands for a request: other tasks run meanwhile.
async fn fetch_one(server: &'static str, pages: &Pages) -> Result<(), Down> {
    yield_now().await;
    if server == "down.example" {
        return Err(Down(server));
    }
    pages.fetch_add(1, Relaxed);
    Ok(())
}

/// How many were fetched, from all servers together.
type Pages = Arc<AtomicUsize>;

#[derive(Debug)]
struct Down(&'static str);

impl fmt::Display for Down {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is down", self.0)
    }
}

impl std::error::Error for Down {}
