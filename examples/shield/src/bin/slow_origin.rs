//! An origin that takes its time, for `burst.sh`.
//!
//! ```text
//! slow_origin [LISTEN [SECONDS]]       127.0.0.1:9000 and 0.3 unless given
//! ```
//!
//! It says where it listens, and after Ctrl-C how many requests have come.

use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::ctrl_c;
use tokio::time::sleep;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let listen = args.next().unwrap_or_else(|| "127.0.0.1:9000".to_owned());
    let time = Duration::try_from_secs_f64(args.next().map_or(Ok(0.3), |seconds| seconds.parse())?)?;
    let listener = TcpListener::bind(listen).await?;
    println!("origin at http://{}", listener.local_addr()?);

    let requests = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, Arc::clone(&counted), time));
        }
    });
    ctrl_c().await?;
    println!("origin: {} requests", requests.load(Relaxed));
    Ok(())
}

async fn answer(stream: TcpStream, requests: Arc<AtomicU64>, time: Duration) {
    let service = service_fn(|_| async {
        requests.fetch_add(1, Relaxed);
        sleep(time).await;
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"a page\n"))))
    });
    // A client that leaves is no concern of this one.
    let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}
