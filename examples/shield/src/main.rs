//! `shield http://ORIGIN`: see [`shield`].

use std::fmt::Display;
use std::io::{self, Write as _};
use std::process::{ExitCode, exit};
use std::sync::Arc;

use shield::args::{self, Command, Options};
use shield::serve::{Ended, serve};
use shield::stats::Stats;
use tokio::net::TcpListener;
use xsync::CancelToken;

const INTERRUPTED: i32 = 130;
const USAGE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    match args::parse(lexopt::Parser::from_env()) {
        Ok(Command::Help) => {
            say(args::HELP.trim_end());
            ExitCode::SUCCESS
        }
        Ok(Command::Serve(options)) => match run(&options).await {
            Ok(code) => code,
            Err(error) => {
                complain(error);
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            complain(format_args!("{error}\nTry `shield --help`."));
            ExitCode::from(USAGE)
        }
    }
}

async fn run(options: &Options) -> io::Result<ExitCode> {
    let listener = TcpListener::bind(options.listen).await?;
    let address = listener.local_addr()?;
    let (stop, stats) = (CancelToken::new(), Arc::<Stats>::default());
    let mut signals = Signals::new()?;
    let first = stop.clone();
    tokio::spawn(async move {
        signals.next().await;
        first.cancel();
        signals.next().await;
        exit(INTERRUPTED);
    });
    say(format_args!("listening on http://{address}"));
    let ended = serve(listener, options, &stats, &stop).await;
    say(&stats);
    Ok(match ended {
        Ended::Gracefully => ExitCode::SUCCESS,
        Ended::Cut => {
            complain("not all that was in flight has been answered");
            ExitCode::FAILURE
        }
        Ended::Failed(failure) => {
            complain(failure);
            ExitCode::FAILURE
        }
    })
}

/// What asks the program to end.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// What asks the program to end.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}

/// Says it on standard output, if somebody still reads that.
fn say(message: impl Display) {
    let mut out = io::stdout();
    let _unless_closed = writeln!(out, "{message}").and_then(|()| out.flush());
}

/// Says it on standard error, if somebody still reads that.
fn complain(message: impl Display) {
    let _unless_closed = writeln!(io::stderr(), "shield: {message}");
}
