//! Of the spin lock.

use super::Mutant;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "spin-not-exchanged",
        file: "sync/lock/spin.rs",
        edits: &[(
            "self.locked.compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed).is_err()",
            "self.locked.load(Ordering::Acquire) || { self.locked.store(true, Ordering::Relaxed); false }",
        )],
        models: &["lock::two_holders"],
    },
    Mutant {
        name: "spin-unlock-relaxed",
        file: "sync/lock/spin.rs",
        edits: &[("store(false, Ordering::Release)", "store(false, Ordering::Relaxed)")],
        models: &["lock::two_holders"],
    },
    Mutant {
        name: "spin-locked-after-panic",
        file: "sync/lock/spin.rs",
        edits: &[("self.0.store(false", "if std::thread::panicking() { return; } self.0.store(false")],
        models: &["lock::panic_of_a_holder"],
    },
    Mutant {
        name: "spin-tried-is-taken",
        file: "sync/lock/spin.rs",
        edits: &[(
            "self.locked.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).ok()?;",
            "self.locked.swap(true, Ordering::Acquire);",
        )],
        models: &["lock::try_beside_a_holder"],
    },
];
