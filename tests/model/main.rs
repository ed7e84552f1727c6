//! What a single caller can see of a semaphore and of a cancel flag, in random programs, beside naive models: every
//! result, the counts, the flags, who is woken and in which order, and that no waker is kept too long.

#![expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]

mod flag;
mod program;
mod quiet;
mod reference;
mod world;

use proptest::prelude::{ProptestConfig, proptest};

/// Nothing is written: a failing program is printed in full.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 20_000, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn a_semaphore_does_what_its_contract_says(program in program::program()) {
        world::World::run(&program);
    }
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn a_cancel_flag_does_what_its_contract_says(ops in flag::program()) {
        flag::run(&ops);
    }
}
