//! Of the two tables of a shard, and of its split.

use crate::mutants::Mutant;

pub(crate) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "removed-is-left-out-unexpunged",
        file: "map/shard.rs",
        edits: &[
            ("while word.is_removed() {", "while word.is_removed() && false {"),
            (
                "if !word.is_expunged() {\n                // SAFETY: nobody else",
                "if word.is_live() {\n                // SAFETY: nobody else",
            ),
        ],
        models: &["promote::store_races_build"],
    },
    Mutant {
        name: "expunged-without-success",
        file: "map/shard.rs",
        edits: &[(
            "Ok(()) => word = word.expunged(),\n                    Err(now) => word = now,",
            "Ok(()) | Err(_) => word = word.expunged(),",
        )],
        models: &["entry::get_or_insert_races_removal", "entry::clear_races_store"],
    },
    Mutant {
        name: "unexpunged-is-put-nowhere",
        file: "map/shard.rs",
        edits: &[("self.put(hash, NonNull::from(entry));\n                        break;", "break;")],
        models: &["promote::store_to_the_expunged_races_promotion", "promote::two_stores_to_the_expunged"],
    },
    Mutant {
        name: "unexpunged-on-a-stale-table",
        file: "map/shard.rs",
        edits: &[(
            "if self.is_stale(dirty, seen) {\n                return false;\n            }\n            if !entry",
            "if !entry",
        )],
        models: &[
            "promote::store_to_the_expunged_races_promotion",
            "promote::two_stores_across_a_promotion",
            "promote::compaction_races_store",
        ],
    },
    Mutant {
        name: "unexpunged-is-retired",
        file: "map/shard.rs",
        edits: &[(".filter(|entry| unsafe { entry.as_ref() }.word().is_expunged())", ".filter(|_| true)")],
        models: &["memory::brought_back_beside_promotion"],
    },
    Mutant {
        name: "linked-without-a-look",
        file: "map/shard.rs",
        edits: &[("!unsafe { cursor.is_at_end(self.dirty_table(), fresh.hash()) }", "{ let _ = cursor; false }")],
        models: &["promote::two_first_values_beside_a_dirty_table"],
    },
    Mutant {
        name: "linked-beside-a-stale-table",
        file: "map/shard.rs",
        edits: &[("if self.is_stale(dirty, seen) || !unsafe", "if !unsafe")],
        models: &["promote::first_value_races_promotion", "split::two_splits"],
    },
    Mutant {
        name: "amended-is-not-said",
        file: "map/shard.rs",
        edits: &[(
            "if !read.is_amended() {\n            self.set_read(read.amended());",
            "if !read.is_amended() && false {\n            self.set_read(read.amended());",
        )],
        models: &[
            "promote::two_new_keys_beside_a_miss",
            "promote::two_misses",
            "promote::new_key_is_seen_from_then_on",
        ],
    },
    Mutant {
        name: "looked-beside-a-stale-table",
        file: "map/find.rs",
        edits: &[("if read != *searched {", "if read != *searched && false {")],
        models: &["promote::two_misses", "promote::new_key_is_seen_from_then_on", "split::split_races_miss"],
    },
    Mutant {
        name: "table-freed-at-once",
        file: "map/shard.rs",
        edits: &[("retired.push(Garbage::Table(old));", "drop(Garbage::<K, V>::Table(old));")],
        models: &[
            "memory::compaction_races_reader",
            "promote::new_key_is_seen_from_then_on",
            "promote::history_of_a_key",
            "promote::table_replaced_races_reader",
        ],
    },
    Mutant {
        name: "walk-does-not-promote",
        file: "map/shard.rs",
        edits: &[(
            "self.promote(dirty, &mut retired);\n            }\n            Some(self.read().table())",
            "{}\n            }\n            Some(self.read().table())",
        )],
        models: &[
            "promote::two_new_keys_beside_a_miss",
            "promote::history_of_a_key",
            "promote::iteration_races_stores",
        ],
    },
    Mutant {
        name: "split-looks-complete",
        file: "map/shard.rs",
        edits: &[("Read::NONE.amended(), &mut retired", "Read::NONE, &mut retired")],
        models: &[
            "split::split_races_lookup",
            "split::split_races_miss",
            "split::split_races_store_and_removal",
            "split::split_races_iteration",
        ],
    },
    Mutant {
        name: "split-is-not-said",
        file: "map/shard.rs",
        edits: &[("dirty.split = true;", "")],
        models: &["split::two_splits", "split::split_races_iteration", "split::split_and_shrink_race_lookup"],
    },
    Mutant {
        name: "split-twice",
        file: "map/shard.rs",
        edits: &[(
            "if dirty.split {\n                return;\n            }\n            if !self.dirty_table",
            "if !self.dirty_table",
        )],
        models: &["split::two_splits"],
    },
    Mutant {
        name: "split-forgets-the-dirty",
        file: "map/shard.rs",
        edits: &[(
            "self.promote(dirty, &mut retired);\n            }\n            let read = self.read().table::<K, V>();\n            self.expunge",
            "{}\n            }\n            let read = self.read().table::<K, V>();\n            self.expunge",
        )],
        models: &["split::split_races_miss"],
    },
    Mutant {
        name: "compacted-after-the-split",
        file: "map/shard.rs",
        edits: &[(
            "if dirty.split {\n            return;\n        }\n        if !self.dirty_table().is_none() {\n            self.promote(dirty, retired);",
            "if !self.dirty_table().is_none() {\n            self.promote(dirty, retired);",
        )],
        models: &["split::split_and_shrink_race_lookup"],
    },
    Mutant {
        name: "expunged-is-not-listed",
        file: "map/shard.rs",
        edits: &[("dirty.expunged.get_or_insert_default().push(pointer);", "")],
        models: &["memory::parts_dropped_by_two"],
    },
    Mutant {
        name: "expunged-is-listed-twice",
        file: "map/shard.rs",
        edits: &[(
            "dirty.expunged.get_or_insert_default().push(pointer);",
            "dirty.expunged.get_or_insert_default().extend([pointer; 2]);",
        )],
        models: &["memory::parts_dropped_by_two"],
    },
    Mutant {
        name: "nothing-is-compacted",
        file: "map/shard.rs",
        edits: &[(
            "if dead >= DEAD as isize && dead >= entries / 2 {",
            "if dead >= DEAD as isize && dead < entries / 2 {",
        )],
        models: &["memory::compaction_races_reader"],
    },
    Mutant {
        name: "search-goes-on-in-another-table",
        file: "map/look.rs",
        edits: &[("if self.table == table.word() {", "if self.table == table.word() || true {")],
        models: &["promote::search_races_promotion"],
    },
    Mutant {
        name: "search-goes-on-too-far",
        file: "map/look.rs",
        edits: &[("step: search.step() }", "step: search.step() + 1 }")],
        models: &["promote::search_races_promotion"],
    },
    Mutant {
        name: "promoted-stays-dirty",
        file: "map/shard.rs",
        edits: &[("self.set_dirty(Table::NONE);\n        self.books.forget", "self.books.forget")],
        models: &["promote::store_races_build", "promote::two_new_keys_beside_a_miss"],
    },
    Mutant {
        name: "shards-published-empty",
        file: "map/find.rs",
        edits: &[
            (
                "alloc::boxed::Box::new(Shards::new());\n            shards.spread(entries);",
                "alloc::boxed::Box::new(Shards::<K, V>::new());",
            ),
            (
                "self.shards.store(shards, Ordering::Release);",
                "self.shards.store(shards, Ordering::Release);\n            self.shards().expect(\"just stored\").spread(entries);",
            ),
        ],
        models: &[
            "split::split_races_lookup",
            "split::split_races_miss",
            "split::split_races_store_and_removal",
            "split::split_races_iteration",
        ],
    },
    Mutant {
        name: "dirty-is-there-before-it-is-built",
        file: "map/shard.rs",
        edits: &[
            (
                "let table = Table::new(Table::<K, V>::log_for(wanted));\n        // SAFETY: it is the read table, which",
                "let table = Table::new(Table::<K, V>::log_for(wanted));\n        self.set_dirty(table);\n        // SAFETY: it is the read table, which",
            ),
            ("            }\n        }\n        self.set_dirty(table);", "            }\n        }"),
        ],
        models: &["promote::lookup_races_promotion_and_build"],
    },
    Mutant {
        name: "dirty-goes-before-it-is-the-read-table",
        file: "map/shard.rs",
        edits: &[(
            "        self.set_read(read);\n        self.set_dirty(Table::NONE);",
            "        self.set_dirty(Table::NONE);\n        self.set_read(read);",
        )],
        models: &["promote::lookup_races_promotion_and_build"],
    },
    Mutant {
        name: "key-is-no-news",
        file: "map/shard.rs",
        edits: &[("self.books.note_news(hash);", "")],
        models: &["promote::new_key_met_by_a_store_is_seen"],
    },
    Mutant {
        name: "news-after-the-key",
        file: "map/shard.rs",
        edits: &[
            ("self.books.note_news(hash);", ""),
            ("self.put(hash, entry);\n", "self.put(hash, entry);\n            self.books.note_news(hash);\n"),
        ],
        models: &["promote::new_key_met_by_a_store_is_seen"],
    },
    Mutant {
        name: "news-end-before-the-promotion",
        file: "map/shard.rs",
        edits: &[
            ("        self.books.forget_news();\n", ""),
            (
                "        self.replace(dirty, Read::of(self.dirty_table()), retired);",
                "        self.books.forget_news();\n        self.replace(dirty, Read::of(self.dirty_table()), retired);",
            ),
        ],
        models: &["promote::lookup_races_promotion_and_build"],
    },
    Mutant {
        name: "news-of-another-table",
        file: "map/shard.rs",
        edits: &[("self.books.is_news(hash) || self.read() != seen", "self.books.is_news(hash)")],
        models: &["promote::lookup_races_promotion_and_build"],
    },
    Mutant {
        name: "news-of-the-shard-that-was",
        file: "map/find.rs",
        edits: &[("self.shard(hash).may_have_more(", "self.only().may_have_more(")],
        models: &["split::split_races_miss"],
    },
];
