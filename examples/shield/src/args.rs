//! The command line.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use hyper::Uri;
use lexopt::prelude::{Long, Short, Value, ValueExt as _};
use xsync::Semaphore;

/// What `--help` prints.
pub const HELP: &str = "\
A cache in front of a slow HTTP server: a burst of requests for a page that is not there reaches the server once.

Usage: shield [OPTIONS] http://HOST[:PORT]

  -l, --listen ADDRESS   where clients come [127.0.0.1:8080]; port 0 is any that is free
  -t, --ttl SECONDS      how long a page is kept [60]; 0: not at all
      --pages N          about how many are kept [1024]
      --max-body BYTES   the longest body that is read from the origin [1048576]
      --timeout SECONDS  for one request to the origin, the wait for a connection included [10]
      --connections N    to the origin [16]
      --clients N        connections of clients [1024]
      --grace SECONDS    how long a shutdown waits for what is in flight [30]
      --no-singleflight  every request that misses a page asks the origin for it
  -h, --help             this text

The first line on standard output says where it listens, the last what it did. Ctrl-C, or SIGTERM, ends it once what is in
flight has been answered; a second one at once.
";

/// What the command line asks for.
#[derive(Debug)]
pub enum Command {
    /// To serve.
    Serve(Options),
    /// To print [`HELP`].
    Help,
}

/// How it is served.
#[derive(Debug, Clone)]
pub struct Options {
    /// Host and port of the origin.
    pub origin: String,
    /// Where clients come.
    pub listen: SocketAddr,
    /// How long a page is kept.
    pub ttl: Duration,
    /// About how many are kept.
    pub pages: usize,
    /// The longest body that is read from the origin.
    pub max_body: usize,
    /// For one request to the origin.
    pub timeout: Duration,
    /// How many connections to the origin there may be.
    pub connections: NonZeroUsize,
    /// How many connections of clients there may be.
    pub clients: NonZeroUsize,
    /// How long a shutdown waits.
    pub grace: Duration,
    /// Whether requests for one page share one request to the origin.
    pub singleflight: bool,
}

impl Options {
    /// The defaults, for an origin at `origin`: host and port.
    pub fn new(origin: impl Into<String>) -> Self {
        Self {
            origin: origin.into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            ttl: Duration::from_secs(60),
            pages: 1024,
            max_body: 1 << 20,
            timeout: Duration::from_secs(10),
            connections: const { NonZeroUsize::new(16).unwrap() },
            clients: const { NonZeroUsize::new(1024).unwrap() },
            grace: Duration::from_secs(30),
            singleflight: true,
        }
    }
}

/// Reads the command line.
///
/// # Errors
///
/// What is wrong with it, for the user.
pub fn parse(mut args: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut options = Options::new("");
    while let Some(arg) = args.next()? {
        match arg {
            Short('l') | Long("listen") => options.listen = args.value()?.parse()?,
            Short('t') | Long("ttl") => options.ttl = args.value()?.parse_with(seconds)?,
            Long("pages") => options.pages = args.value()?.parse()?,
            Long("max-body") => options.max_body = args.value()?.parse()?,
            Long("timeout") => options.timeout = args.value()?.parse_with(seconds)?,
            Long("connections") => options.connections = args.value()?.parse_with(countable)?,
            Long("clients") => options.clients = args.value()?.parse_with(countable)?,
            Long("grace") => options.grace = args.value()?.parse_with(seconds)?,
            Long("no-singleflight") => options.singleflight = false,
            Short('h') | Long("help") => return Ok(Command::Help),
            Value(uri) if options.origin.is_empty() => options.origin = uri.parse_with(authority)?,
            _ => return Err(arg.unexpected()),
        }
    }
    if options.origin.is_empty() {
        return Err("no origin is given".into());
    }
    Ok(Command::Serve(options))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| format!("`{text}` is no number of seconds"))
}

/// Permits of a semaphore.
fn countable(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.parse().ok().filter(|number: &NonZeroUsize| number.get() <= Semaphore::MAX_PERMITS);
    number.ok_or_else(|| format!("a whole number above zero, and at most {}", Semaphore::MAX_PERMITS))
}

/// Host and port of an origin.
fn authority(text: &str) -> Result<String, String> {
    let named = || {
        let uri: Uri = text.parse().ok()?;
        let is_plain = uri.scheme_str() == Some("http") && uri.path() == "/" && uri.query().is_none();
        let authority = uri.authority().filter(|authority| is_plain && !authority.as_str().contains('@'))?;
        Some(format!("{}:{}", authority.host(), authority.port_u16().unwrap_or(80)))
    };
    named().ok_or_else(|| format!("`{text}` is not an origin, like http://localhost:9000"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Command, Options, parse};

    fn parsed(args: &[&str]) -> Result<Command, String> {
        parse(lexopt::Parser::from_args(args)).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn options(args: &[&str]) -> Options {
        match parsed(args) {
            Ok(Command::Serve(options)) => options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn defaults_and_all_options() {
        let default = options(&["http://example.org"]);
        assert_eq!((default.origin.as_str(), default.singleflight), ("example.org:80", true));

        let all = options(&[
            "--ttl=0.5",
            "http://[::1]:9000/",
            "--listen",
            "[::1]:0",
            "--pages=3",
            "--max-body=4",
            "--timeout=5",
            "--connections=6",
            "--clients=7",
            "--grace=8",
            "--no-singleflight",
        ]);
        assert_eq!((all.origin.as_str(), all.listen), ("[::1]:9000", "[::1]:0".parse().unwrap()));
        assert_eq!((all.ttl, all.timeout), (Duration::from_millis(500), Duration::from_secs(5)));
        assert_eq!((all.grace, all.pages, all.max_body), (Duration::from_secs(8), 3, 4));
        assert_eq!((all.connections.get(), all.clients.get(), all.singleflight), (6, 7, false));
        assert!(matches!(parsed(&["-h"]), Ok(Command::Help)));
    }

    #[test]
    fn mistakes_are_named() {
        for (args, message) in [
            (&[][..], "no origin is given"),
            (&["https://a"], "is not an origin, like"),
            (&["a:80"], "is not an origin, like"),
            (&["http://user@a"], "is not an origin, like"),
            (&["http://a/b"], "is not an origin, like"),
            (&["http://a", "http://b"], "unexpected argument \"http://b\""),
            (&["http://a", "--ttl=-1"], "`-1` is no number of seconds"),
            (&["http://a", "--connections=0"], "a whole number above zero"),
            (&["http://a", "--fast"], "invalid option '--fast'"),
        ] {
            let error = parsed(args).map(|command| format!("{command:?}")).unwrap_err();
            assert!(error.contains(message), "{args:?}: {error}");
        }
    }
}
