//! A service that often fails: do all callers of one key have to share each failure?
//!
//! ```text
//! cargo run --example forget_failing
//! ```
//!
//! A request takes a second, and the service could bear a dozen at the same time, but callers with one key share one: so
//! there is one try a second, and when it fails, it has failed for all. Forgotten every 100 ms, a flight goes on for those who
//! have joined it, and the next caller starts another: ten tries a second. Each caller gets the result of its own flight. The
//! rate is still bounded, by the period and not by the number of callers: a request in which ten periods end is one of eleven.
//!
//! tokio's clock is paused: it goes on whenever nothing is left to do, so the minute is over at once and its result is
//! always the same.
#![expect(clippy::std_instead_of_core, clippy::std_instead_of_alloc, reason = "a program, at home in std")]

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at, sleep, timeout};
use xsync::{CancelToken, SingleFlight};

const KEY: &str = "article 7";
/// How long a request takes.
const REQUEST: Duration = Duration::from_secs(1);
/// Between two calls of `forget`.
const PERIOD: Duration = Duration::from_millis(100);
/// Between two callers: never when a flight ends or is forgotten.
const CALLERS: Duration = Duration::from_millis(30);
/// Before the first caller.
const START: Duration = Duration::from_millis(5);
const MINUTE: Duration = Duration::from_secs(60);
/// Of so many requests, the service answers one.
const TRIES: usize = 10;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let shared = minute(None).await;
    println!("shared:        {shared}");
    let forgotten = minute(Some(PERIOD)).await;
    println!("and forgotten: {forgotten}");

    assert_eq!((shared.callers, shared.at_once), (forgotten.callers, 1));
    assert!(forgotten.tries > 9 * shared.tries, "ten times the rate, or nearly");
    let periods = REQUEST.as_millis() / PERIOD.as_millis();
    assert!(forgotten.at_once as u128 <= periods + 1, "as often as it was forgotten, and once more");
    assert!(forgotten.longest < shared.longest / 5, "an outage is over when the next try succeeds");
}

/// A minute of callers, with a periodic `forget` or without.
async fn minute(period: Option<Duration>) -> Minute {
    let (articles, service) = (Arc::new(Articles::new()), Arc::new(Service::default()));
    let stop = CancelToken::new();
    if let Some(period) = period {
        tokio::spawn(forget(Arc::clone(&articles), period, stop.clone()));
    }
    let mut callers = JoinSet::new();
    let mut arrivals = interval_at(Instant::now() + START, CALLERS);
    let arriving = timeout(MINUTE, async {
        loop {
            arrivals.tick().await;
            callers.spawn(call(Arc::clone(&articles), Arc::clone(&service)));
        }
    });
    arriving.await.expect_err("it goes on until the minute is over");
    let calls = callers.join_all().await;
    stop.cancel();
    Minute::of(calls, &service)
}

type Articles = SingleFlight<&'static str, Result<String, Unavailable>>;

/// When the caller came, and whether it got its article.
async fn call(articles: Arc<Articles>, service: Arc<Service>) -> (Instant, bool) {
    let came = Instant::now();
    let article = articles.work(KEY, move || service.request()).await;
    (came, article.is_ok())
}

/// The next caller after each period starts a flight of its own.
async fn forget(articles: Arc<Articles>, period: Duration, stop: CancelToken) {
    let mut periods = interval(period);
    periods.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(periods.tick()).await.is_some() {
        articles.forget(KEY);
    }
}

/// Answers one request of [`TRIES`].
#[derive(Default)]
struct Service {
    tries: AtomicUsize,
    now: AtomicUsize,
    at_once: AtomicUsize,
}

impl Service {
    async fn request(self: Arc<Self>) -> Result<String, Unavailable> {
        let tries = self.tries.fetch_add(1, Relaxed) + 1;
        self.at_once.fetch_max(self.now.fetch_add(1, Relaxed) + 1, Relaxed);
        sleep(REQUEST).await;
        self.now.fetch_sub(1, Relaxed);
        if tries % TRIES == 0 { Ok("an article".to_owned()) } else { Err(Unavailable) }
    }
}

#[derive(Debug, Clone)]
struct Unavailable;

/// How it went.
struct Minute {
    callers: usize,
    answered: usize,
    tries: usize,
    at_once: usize,
    /// The longest time in which no caller that came got an answer.
    longest: Duration,
}

impl Minute {
    fn of(calls: Vec<(Instant, bool)>, service: &Service) -> Self {
        let [tries, at_once] = [&service.tries, &service.at_once].map(|count| count.load(Relaxed));
        let mut served: Vec<Instant> = calls.iter().filter(|(_, answered)| *answered).map(|(came, _)| *came).collect();
        served.sort_unstable();
        let longest = served.windows(2).map(|pair| pair[1] - pair[0]).max().expect("some are answered");
        Self { callers: calls.len(), answered: served.len(), tries, at_once, longest }
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { callers, answered, tries, at_once, longest } = self;
        write!(f, "{callers} callers, {answered} answered; {tries} tries, {at_once} at the same time at most; ")?;
        write!(f, "the longest outage took {longest:?}")
    }
}
