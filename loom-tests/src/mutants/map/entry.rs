//! Of an entry: its word, its places, its memory.

use crate::mutants::Mutant;

pub(crate) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "word-is-swapped",
        file: "map/entry.rs",
        edits: &[(
            "self.word.compare_exchange(from.bits(), to.bits(), Ordering::AcqRel, Ordering::Acquire)",
            "Ok::<usize, usize>(self.word.swap(to.bits(), Ordering::AcqRel))",
        )],
        models: &[
            "entry::two_removals",
            "entry::two_updates",
            "entry::two_exchanges",
            "entry::get_or_insert_races_removal",
            "entry::store_races_removal",
            "entry::clear_races_store",
            "promote::store_races_build",
            "split::split_races_store_to_the_removed",
        ],
    },
    Mutant {
        name: "store-publishes-nothing",
        file: "map/entry.rs",
        edits: &[(
            "to.bits(), Ordering::AcqRel, Ordering::Acquire)",
            "to.bits(), Ordering::Acquire, Ordering::Acquire)",
        )],
        models: &[
            "entry::stored_then_read",
            "entry::stored_removed_and_stored_again",
            "entry::removed_again_then_stored",
        ],
    },
    Mutant {
        name: "removal-sees-nothing",
        file: "map/entry.rs",
        edits: &[(
            "to.bits(), Ordering::AcqRel, Ordering::Acquire)",
            "to.bits(), Ordering::Release, Ordering::Acquire)",
        )],
        models: &["entry::removed_again_then_stored"],
    },
    Mutant {
        name: "word-is-read-relaxed",
        file: "map/entry.rs",
        edits: &[("self.word.load(Ordering::Acquire)", "self.word.load(Ordering::Relaxed)")],
        models: &["entry::stored_then_read"],
    },
    Mutant {
        name: "replaced-is-not-retired",
        file: "map/write.rs",
        edits: &[(
            "self.retire_word(inside, entry, word);\n                    return Set::Replaced(old);",
            "return Set::Replaced(old);",
        )],
        models: &["reclaim::store_races_reader"],
    },
    Mutant {
        name: "removed-is-not-retired",
        file: "map/write.rs",
        edits: &[("self.retire_word(inside, found.entry, word);\n        if half_dead", "if half_dead")],
        models: &[
            "entry::two_removals",
            "promote::removal_races_build",
            "promote::two_compactions",
            "reclaim::removal_races_reader",
        ],
    },
    Mutant {
        name: "revived-is-not-counted",
        file: "map/write.rs",
        edits: &[("found.shard.books.count_revived();", "")],
        models: &[
            "entry::get_or_insert_races_removal",
            "entry::store_races_removal",
            "entry::clear_races_store",
            "promote::compaction_races_store",
        ],
    },
    Mutant {
        name: "value-there-is-replaced",
        file: "map/write.rs",
        edits: &[("Some(old) if !replaces => return", "Some(old) if !replaces && false => return")],
        models: &["entry::get_or_insert_races_removal", "promote::two_first_values", "split::split_by_contention"],
    },
    Mutant {
        name: "claimed-without-success",
        file: "map/entry.rs",
        edits: &[(
            "if let Err(now) = self.advance(from, claimed) {\n            return Err((value, now));\n        }",
            "let _ = self.advance(from, claimed);",
        )],
        models: &["place::two_claims"],
    },
    Mutant {
        name: "claim-is-kept",
        file: "map/entry.rs",
        edits: &[("Err((value, Self::set(&self.word, Word::vacated(place))))", "Err((value, self.word()))")],
        models: &["place::two_claims", "place::two_claims_of_the_removed", "place::claim_races_build"],
    },
    Mutant {
        name: "vacated-when-replaced",
        file: "map/entry.rs",
        edits: &[(
            "if self.advance_state(claimed, |word| word.inline(place)).is_ok() {",
            "if self.advance_state(claimed, |word| word.inline(place)).is_ok() {\n            if let State::Inline(old) = from.state::<V>() {\n                Self::set(&self.word, Word::vacated(old));\n            }",
        )],
        models: &["place::reader_races_reuse"],
    },
    Mutant {
        name: "boxed-vacates-the-place",
        file: "map/entry.rs",
        edits: &[("|word| word.boxed(boxed)", "|word| word.boxed(boxed).and(Word::vacated(Place::FIRST))")],
        models: &["place::reader_races_reuse_of_the_only_place"],
    },
    Mutant {
        name: "vacating-publishes-nothing",
        file: "map/entry.rs",
        edits: &[("word.fetch_or(bits.bits(), Ordering::AcqRel)", "word.fetch_or(bits.bits(), Ordering::Acquire)")],
        models: &["place::vacated_beside_a_claim", "place::reader_races_reuse"],
    },
    Mutant {
        name: "freed-with-its-key",
        file: "map/entry.rs",
        edits: &[(
            "if Self::set(&this.word, part).is_bare() {",
            "Self::set(&this.word, part);\n        if part == Word::gone() {",
        )],
        models: &["memory::parts_dropped_by_two"],
    },
    Mutant {
        name: "freed-with-its-values",
        file: "map/entry.rs",
        edits: &[(
            "if Self::set(&this.word, part).is_bare() {",
            "if Self::set(&this.word, part).and(Word::gone()).is_bare() {",
        )],
        models: &["memory::parts_dropped_by_two"],
    },
    Mutant {
        name: "claimed-but-once",
        file: "map/entry.rs",
        edits: &[(
            "Err((back, now)) if now.has_state_of(from) => ",
            "Err((back, now)) if now.has_state_of(from) && false => ",
        )],
        models: &["place::vacated_beside_an_update"],
    },
];
