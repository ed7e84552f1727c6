//! How much to measure.

use std::time::Duration;

/// What the command line asks for: `--quick`, `--rounds N`, and words that a row's title must contain one of.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Only show that every row runs and conserves its permits.
    pub quick: bool,
    /// How often each contender is measured.
    pub rounds: usize,
    words: Vec<String>,
}

impl Plan {
    /// From the arguments of the process. Options of `cargo bench` itself are ignored.
    ///
    /// # Panics
    ///
    /// If `--rounds` is not followed by a number.
    pub fn from_args() -> Self {
        let mut plan = Self { quick: false, rounds: 101, words: Vec::new() };
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--quick" => (plan.quick, plan.rounds) = (true, 1),
                "--rounds" => {
                    plan.rounds = args.next().and_then(|n| n.parse().ok()).expect("--rounds needs a number");
                }
                option if option.starts_with('-') => {}
                word => plan.words.push(word.to_owned()),
            }
        }
        plan
    }

    /// Whether a row with this title is asked for.
    pub fn wants(&self, title: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| title.contains(word.as_str()))
    }

    /// How long a sample of a row should take that would like `full`.
    pub fn sample(&self, full: Duration) -> Duration {
        if self.quick { Duration::from_micros(200) } else { full }
    }
}
