//! Of the cancel flag.

use super::Mutant;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "registration-does-not-look-again",
        file: "cancel/flag.rs",
        edits: &[("this.flag.is_cancelled().then_some(())", "None")],
        models: &["cancel::cancel_races_register_and_drop"],
    },
    Mutant {
        name: "cancel-cuts-nobody",
        file: "cancel/flag.rs",
        edits: &[("locked.cut_all(ring);", "locked.cut(ring, |()| false);")],
        models: &["cancel::cancel_races_register_and_drop", "cancel::two_cancels"],
    },
    Mutant {
        name: "raised-relaxed",
        file: "cancel/flag.rs",
        edits: &[("store(true, Ordering::Release)", "store(true, Ordering::Relaxed)")],
        models: &["cancel::cancelled_then_looked_at"],
    },
    Mutant {
        name: "look-relaxed",
        file: "cancel/flag.rs",
        edits: &[("self.cancelled.load(Ordering::Acquire)", "self.cancelled.load(Ordering::Relaxed)")],
        models: &["cancel::cancelled_then_looked_at"],
    },
];
