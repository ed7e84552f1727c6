//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use lexopt::prelude::{Long, Short, Value, ValueExt as _};
use xsync::Semaphore;

use crate::runtime::Kind;
use crate::size;

/// What `--help` prints.
pub const HELP: &str = "\
Prints the SHA-256 of every regular file below DIR as sha256sum does, sorted by the bytes of the paths.
`sha256sum -c` accepts the list.

Usage: treesum [OPTIONS] DIR

  -j, --jobs N        files that are read at the same time [4 per processor]
  -m, --memory SIZE   memory for buffers: bytes, or KiB, MiB, GiB, KB, MB, GB [512KiB per processor]
  -r, --runtime NAME  tokio, smol, async-std or threads [tokio]
  -k, --keep-going    after a failure, go on with the other files
  -s, --stats         counts and peak memory, on standard error
  -h, --help          this text

More memory is not faster: a small buffer is hashed while it is in the processor's cache.
DIR is printed as it is given. It may be a file. Symbolic links are not followed, unless DIR itself is one.

Exit code: 0 if every file was hashed; 1 if one could not be read: its path is on standard error, and without
--keep-going nothing is on standard output, so that no incomplete list is taken for a complete one; 2 for a command
line that is wrong; 130 after Ctrl-C, with nothing printed. A second Ctrl-C ends the program at once.
";

/// Files that are read at the same time, for each processor: enough to keep a disk busy.
const JOBS: NonZeroUsize = NonZeroUsize::new(4).unwrap();
/// Memory for buffers, for each processor: what is hashed should still be in the cache into which it was read.
const MEMORY: NonZeroUsize = NonZeroUsize::new(512 << 10).unwrap();

/// What the command line asks for.
#[derive(Debug)]
pub enum Command {
    /// To print the list.
    Run(Options),
    /// To print [`HELP`].
    Help,
}

/// How the list is made.
#[derive(Debug)]
pub struct Options {
    /// The directory, as given.
    pub root: PathBuf,
    /// How many files are read at the same time.
    pub jobs: NonZeroUsize,
    /// How many bytes the buffers may take.
    pub memory: NonZeroUsize,
    /// What the jobs run on.
    pub runtime: Kind,
    /// Whether a failure leaves the other files to be hashed.
    pub keep_going: bool,
    /// Whether [`crate::stats::Summary`] is printed.
    pub stats: bool,
}

impl Options {
    /// The defaults.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        let processors = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self {
            root: root.into(),
            jobs: processors.saturating_mul(JOBS),
            memory: processors.saturating_mul(MEMORY),
            runtime: Kind::Tokio,
            keep_going: false,
            stats: false,
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
    let mut root = None;
    while let Some(arg) = args.next()? {
        match arg {
            Short('j') | Long("jobs") => options.jobs = args.value()?.parse_with(jobs)?,
            Short('m') | Long("memory") => options.memory = args.value()?.parse_with(memory)?,
            Short('r') | Long("runtime") => options.runtime = args.value()?.parse()?,
            Short('k') | Long("keep-going") => options.keep_going = true,
            Short('s') | Long("stats") => options.stats = true,
            Short('h') | Long("help") => return Ok(Command::Help),
            Value(path) if root.is_none() => root = Some(PathBuf::from(path)),
            _ => return Err(arg.unexpected()),
        }
    }
    options.root = root.ok_or("no directory is given")?;
    Ok(Command::Run(options))
}

fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    let jobs: NonZeroUsize = text.parse().map_err(|_| "the number of jobs is a whole number above zero".to_owned())?;
    countable(jobs, "jobs")
}

fn memory(text: &str) -> Result<NonZeroUsize, String> {
    countable(size::parse(text)?, "bytes")
}

/// Both are permits of a semaphore.
fn countable(number: NonZeroUsize, what: &str) -> Result<NonZeroUsize, String> {
    if number.get() > Semaphore::MAX_PERMITS {
        return Err(format!("at most {} {what}", Semaphore::MAX_PERMITS));
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;
    use std::path::Path;

    use super::{Command, Options, parse};
    use crate::runtime::Kind;

    fn parsed(args: &[&str]) -> Result<Command, String> {
        parse(lexopt::Parser::from_args(args)).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn options(args: &[&str]) -> Options {
        match parsed(args) {
            Ok(Command::Run(options)) => options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn defaults_and_all_options() {
        let default = options(&["a/b"]);
        assert_eq!((default.root.as_path(), default.runtime), (Path::new("a/b"), Kind::Tokio));
        assert!(!default.keep_going && !default.stats);

        let args = ["-k", "--jobs", "3", "dir", "--memory=1MiB", "-r", "smol", "--stats"];
        let all = options(&args);
        assert_eq!((all.jobs.get(), all.memory.get(), all.runtime), (3, 1 << 20, Kind::Smol));
        assert!(all.keep_going && all.stats && all.root == Path::new("dir"));
        assert_eq!(options(&["--", "-k"]).root, Path::new("-k"));
        assert!(matches!(parsed(&["--help"]), Ok(Command::Help)));
    }

    #[test]
    fn a_directory_need_not_be_unicode() {
        let name = OsString::from_vec(b"caf\xe9".to_vec());
        let Ok(Command::Run(options)) = parse(lexopt::Parser::from_args([name.clone()])) else { panic!("parses") };
        assert_eq!(options.root.into_os_string(), name);
    }

    #[test]
    fn mistakes_are_named() {
        for (args, message) in [
            (&[][..], "no directory is given"),
            (&["a", "b"], "unexpected argument \"b\""),
            (&["a", "--fast"], "invalid option '--fast'"),
            (&["a", "--jobs"], "missing argument for option '--jobs'"),
            (&["a", "--jobs", "0"], "the number of jobs is a whole number above zero"),
            (&["a", "--jobs", "many"], "the number of jobs is a whole number above zero"),
            (&["a", "--jobs", "18446744073709551615"], "at most 1152921504606846975 jobs"),
            (&["a", "--memory", "0MiB"], "no memory at all"),
            (&["a", "--memory", "15EiB"], "is not a size"),
            (&["a", "--memory", "16383PiB"], "is not a size"),
            (&["a", "--memory", "16000000TiB"], "at most 1152921504606846975 bytes"),
            (&["a", "--runtime", "fuchsia"], "the runtimes are tokio, smol, async-std and threads"),
        ] {
            if !cfg!(target_pointer_width = "64") && message.contains("1152921504606846975") {
                continue;
            }
            let error = parsed(args).map(|command| format!("{command:?}")).unwrap_err();
            assert!(error.contains(message), "{args:?}: {error}");
        }
    }
}
