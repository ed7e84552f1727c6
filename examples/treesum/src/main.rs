//! `treesum DIR`: see [`treesum`].

use std::fmt::Display;
use std::io::{self, ErrorKind, Write as _};
use std::process::{ExitCode, exit};

use treesum::args::{self, Command};
use treesum::{Outcome, output, run, stats};
use xsync::CancelToken;

const INTERRUPTED: u8 = 130;
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let options = match args::parse(lexopt::Parser::from_env()) {
        Ok(Command::Run(options)) => options,
        Ok(Command::Help) => return finished(io::stdout().write_all(args::HELP.as_bytes())),
        Err(error) => {
            complain(format_args!("{error}\nTry `treesum --help`."));
            return ExitCode::from(USAGE);
        }
    };
    let interrupt = CancelToken::new();
    cancel_on_ctrl_c(interrupt.clone());

    let report = run(&options, &interrupt);
    let code = match &report.outcome {
        Outcome::Complete { sums, failures } => {
            failures.iter().for_each(complain);
            let printed = finished(output::write(&mut io::stdout().lock(), sums));
            if failures.is_empty() { printed } else { ExitCode::FAILURE }
        }
        Outcome::Failed(failure) => {
            complain(failure);
            ExitCode::FAILURE
        }
        Outcome::Interrupted => ExitCode::from(INTERRUPTED),
    };
    if options.stats {
        let _unless_closed = write!(io::stderr(), "{}", stats::Summary::of(&report.counters));
    }
    code
}

/// The first Ctrl-C asks every job to stop; a second one does not wait for a read that hangs.
fn cancel_on_ctrl_c(token: CancelToken) {
    let handler = move || {
        if token.is_cancelled() {
            exit(INTERRUPTED.into());
        }
        token.cancel();
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        complain(format_args!("Ctrl-C will not be handled: {error}"));
    }
}

/// The reader of a pipe may have seen enough.
fn finished(written: io::Result<()>) -> ExitCode {
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            complain(format_args!("standard output: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Says it on standard error, if somebody still reads that.
fn complain(message: impl Display) {
    let _unless_closed = writeln!(io::stderr(), "treesum: {message}");
}
