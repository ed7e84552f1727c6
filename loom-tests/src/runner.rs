//! Building the models, and running one of them in a process of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::catalog::Model;

/// The test binaries, by target.
#[derive(Debug)]
pub struct Built(BTreeMap<String, PathBuf>);

/// How a model ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// In every execution as its property says.
    Passed,
    /// With a panic or an abort; the first thing that it said.
    Failed(String),
    /// Not within the time limit.
    Hung,
}

/// Builds the models of `targets` in `root`, a folder with this crate or a copy, into `into` or where cargo does.
///
/// # Errors
///
/// What the compiler says, if it does not compile.
///
/// # Panics
///
/// If cargo cannot be run.
pub fn build(root: &Path, targets: &[&str], into: Option<&Path>) -> Result<Built, String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(root).args(["test", "--no-run", "--quiet", "--message-format=json"]);
    for target in targets {
        cargo.args(["--test", target]);
    }
    if let Some(into) = into {
        cargo.env("CARGO_TARGET_DIR", into);
    }
    let output = cargo.output().expect("cargo runs");
    let messages = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let rendered =
            messages.lines().filter_map(|line| field(line, "rendered")).find(|text| text.starts_with("error"));
        return Err(rendered.unwrap_or(&String::from_utf8_lossy(&output.stderr)).to_owned());
    }
    let binaries = messages.lines().filter(|line| line.contains(r#""kind":["test"]"#)).filter_map(|line| {
        let target = line.split_once(r#""target":"#)?.1;
        Some((field(target, "name")?.to_owned(), PathBuf::from(field(line, "executable")?)))
    });
    Ok(Built(binaries.collect()))
}

/// The string that `key` has in a line of JSON, as far as its first escape.
fn field<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let rest = line.split_once(&format!("\"{key}\":\""))?.1;
    rest.split(['"', '\\']).next()
}

impl Built {
    /// Runs `model`, with `variables` in its environment.
    ///
    /// # Panics
    ///
    /// If it cannot be run, or does not exist.
    #[must_use]
    pub fn run(&self, model: &Model, variables: &[(&str, &str)], limit: Duration) -> Outcome {
        let log = std::env::temp_dir().join(format!("xsync-model-{}.log", std::process::id()));
        let file = fs::File::create(&log).expect("a log");
        let mut child = Command::new(&self.0[&model.target])
            .args(["--exact", &model.path, "--nocapture", "--test-threads=1"])
            .env("RUST_BACKTRACE", "0")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a log"))
            .stderr(file)
            .spawn()
            .expect("the model runs");
        let deadline = Instant::now() + limit;
        let status = loop {
            if let Some(status) = child.try_wait().expect("a child") {
                break Some(status);
            }
            if Instant::now() >= deadline {
                child.kill().expect("a child");
                child.wait().expect("a child");
                break None;
            }
            thread::sleep(Duration::from_millis(5));
        };
        let said = String::from_utf8_lossy(&fs::read(&log).expect("a log")).into_owned();
        fs::remove_file(&log).expect("a log");
        match status {
            None => Outcome::Hung,
            Some(status) if status.success() => {
                assert!(said.contains("1 passed"), "{} does not exist", model.name);
                Outcome::Passed
            }
            Some(status) => Outcome::Failed(reason(&said).unwrap_or_else(|| status.to_string())),
        }
    }
}

/// The message of the first panic.
fn reason(said: &str) -> Option<String> {
    let mut lines = said.lines().skip_while(|line| !line.contains(" panicked at "));
    let place = lines.next()?;
    let message = lines.next()?.trim();
    let message = message.split("; threads").next().unwrap_or(message);
    // An assertion says what it compared on the next two lines.
    let compared: Vec<_> =
        lines.take(2).map(str::trim).filter(|line| line.starts_with("left:") || line.starts_with("right:")).collect();
    if compared.is_empty() {
        return Some(message.to_owned());
    }
    let place = place.rsplit('/').next().unwrap_or(place).trim_end_matches(':');
    Some(format!("{place}: {message} {}", compared.join(", ")))
}
