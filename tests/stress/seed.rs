//! Seeded randomness and the scale of a run.
//!
//! `XSYNC_SEED=n` repeats the choices of a run, though not its schedule; `XSYNC_STRESS_SECONDS=n` repeats the rounds of
//! each test with new seeds for that long.

use core::hash::BuildHasher;
use core::time::Duration;
use std::hash::RandomState;
use std::time::Instant;

use crate::common::in_time;

/// SplitMix64.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// True once in `n`.
    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// A generator of its own, for another thread.
    pub(crate) fn fork(&mut self) -> Self {
        Self(self.next())
    }
}

fn number(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is a number, not {value:?}")))
}

/// Runs `round` with a seeded generator: `rounds` times, or for as long as `XSYNC_STRESS_SECONDS` says. Each round has
/// to end in good time. The seed is printed, and shown by the harness if the test fails.
pub(crate) fn rounds(rounds: usize, round: fn(&mut Rng)) {
    let seed = number("XSYNC_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("XSYNC_SEED={seed}");
    let mut rng = Rng(seed);
    let mut run = || {
        let mut rng = rng.fork();
        in_time(move || round(&mut rng));
    };
    match number("XSYNC_STRESS_SECONDS") {
        None => (0..rounds).for_each(|_| run()),
        Some(seconds) => {
            let end = Instant::now() + Duration::from_secs(seconds);
            while Instant::now() < end {
                run();
            }
        }
    }
}
