//! A shield in this process, whose counters the test sees.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use shield::args::Options;
use shield::serve::{Ended, serve};
use shield::stats::Stats;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use xsync::CancelToken;

use crate::origin::Origin;

/// Only a guard against a hang: no wait comes near.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) stats: Arc<Stats>,
    stop: CancelToken,
    server: JoinHandle<Ended>,
}

impl Running {
    /// In front of `origin`, with the options that `set` changes.
    pub(crate) async fn start(origin: &Origin, set: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options::new(origin.address.to_string());
        // The test decides how long an answer takes.
        options.timeout = PATIENCE;
        options.grace = PATIENCE;
        set(&mut options);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stats, stop) = (listener.local_addr().unwrap(), Arc::default(), CancelToken::new());
        let (its, until) = (Arc::clone(&stats), stop.clone());
        let server = tokio::spawn(async move { serve(listener, &options, &its, &until).await });
        Self { address, stats, stop, server }
    }

    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Stats) -> bool) {
        until(what, || holds(&self.stats)).await;
    }

    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    pub(crate) async fn ended(self) -> Ended {
        timeout(PATIENCE, self.server).await.expect("it ends").unwrap()
    }

    /// Stops it and sees it end.
    pub(crate) async fn ends_gracefully(self) {
        self.stop();
        let ended = self.ended().await;
        assert!(matches!(ended, Ended::Gracefully), "{ended:?}");
    }
}

pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
        sleep(Duration::from_millis(1)).await;
    }
}

/// Until nobody listens there any more.
pub(crate) async fn until_refused(address: SocketAddr) {
    let start = Instant::now();
    while TcpStream::connect(address).await.is_ok() {
        assert!(start.elapsed() < PATIENCE, "it goes on to listen");
        sleep(Duration::from_millis(1)).await;
    }
}
