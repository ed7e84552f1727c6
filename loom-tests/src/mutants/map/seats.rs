//! Of the seats.

use crate::mutants::Mutant;

pub(crate) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "sits-without-a-barrier",
        file: "map/seats.rs",
        edits: &[(
            "self.inside.store(inside + 1, Ordering::Relaxed);\n        light();",
            "self.inside.store(inside + 1, Ordering::Relaxed);",
        )],
        models: &["seats::sitting_races_closing"],
    },
    Mutant {
        name: "rises-without-a-barrier",
        file: "map/seats.rs",
        edits: &[(
            "self.inside.store(inside, Ordering::Release);\n        light();",
            "self.inside.store(inside, Ordering::Release);",
        )],
        models: &["seats::flush_races_seated_reader"],
    },
    Mutant {
        name: "closed-without-a-barrier",
        file: "map/seats.rs",
        edits: &[("        heavy()\n", "        true\n")],
        models: &["seats::sitting_races_closing"],
    },
    Mutant {
        name: "sits-without-a-second-look",
        file: "map/seats.rs",
        edits: &[("if self.open.word() == word {", "if self.open.word() == word || true {")],
        models: &["seats::sitting_races_opening_anew"],
    },
    Mutant {
        name: "seats-are-not-waited-for",
        file: "map/collect.rs",
        edits: &[("if self.seated { SEATS } else { 0 }", "if self.seated { 0 } else { 0 }")],
        models: &["seats::sitting_races_closing", "seats::seated_search_promotes"],
    },
    Mutant {
        name: "one-seat-is-looked-at",
        file: "map/seats.rs",
        edits: &[("self.0.iter().all(|seat| seat.inside", "self.0.iter().take(1).all(|seat| seat.inside")],
        models: &["seats::sitting_races_closing"],
    },
    Mutant {
        name: "seats-are-not-awaited",
        file: "map/seats.rs",
        edits: &[("seats.expect(1);", "")],
        models: &["seats::flush_races_seated_reader"],
    },
    Mutant {
        name: "inner-leaves-for-the-outer",
        file: "map/seats.rs",
        edits: &[("let inside = self.inside.load(Ordering::Relaxed) - 1;", "let inside = 0;")],
        models: &["seats::sitting_within_races_closing"],
    },
    Mutant {
        name: "opened-without-an-order",
        file: "map/seats.rs",
        edits: &[("self.0.store(seats.word(), Ordering::Release);", "self.0.store(seats.word(), Ordering::Relaxed);")],
        models: &["seats::sitting_races_opening_anew"],
    },
    Mutant {
        name: "opened-while-awaited",
        file: "map/collect.rs",
        edits: &[("if !state.seated && state.batches.is_empty() {", "if true {")],
        models: &["seats::opening_anew_races_seated_reader"],
    },
];
