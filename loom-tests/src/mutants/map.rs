//! Of the map.

use super::Mutant;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "leaver-does-not-see-the-depot",
        file: "map/collect.rs",
        edits: &[("self.depot.fetch_add(0, Ordering::Acquire);", "self.depot.load(Ordering::Acquire);")],
        models: &["flush::dropped_then_flushed", "reclaim::store_races_reader", "reclaim::store_races_last_guards"],
    },
    Mutant {
        name: "enter-sees-nothing",
        file: "map/reclaim.rs",
        edits: &[("lane.fetch_add(1, Ordering::Acquire)", "lane.fetch_add(1, Ordering::Relaxed)")],
        models: &[
            "promote::table_replaced_races_reader",
            "reclaim::store_races_reader",
            "reclaim::removal_races_reader",
            "reclaim::widening_races_reader",
        ],
    },
    Mutant {
        name: "leave-publishes-nothing",
        file: "map/reclaim.rs",
        edits: &[("self.lane.fetch_sub(1, Ordering::Release)", "self.lane.fetch_sub(1, Ordering::Relaxed)")],
        models: &[
            "promote::removal_races_build",
            "promote::table_replaced_races_reader",
            "reclaim::store_races_reader",
            "reclaim::removal_races_reader",
            "reclaim::store_races_last_guards",
        ],
    },
    Mutant {
        name: "last-to-leave-does-not-collect",
        file: "map/reclaim.rs",
        edits: &[("== WAITING | 1 {", "== WAITING | 1 && false {")],
        models: &[
            "flush::flush_races_last_guard",
            "flush::flush_given_up_races_last_guard",
            "reclaim::store_races_reader",
            "reclaim::store_races_last_guards",
        ],
    },
    Mutant {
        name: "clone-is-not-counted",
        file: "map/reclaim.rs",
        edits: &[(
            "let before = self.lane.fetch_add(1, Ordering::Relaxed);",
            "let before = self.lane.fetch_add(0, Ordering::Relaxed);",
        )],
        models: &["promote::iteration_races_stores", "reclaim::store_races_last_guards"],
    },
    Mutant {
        name: "nobody-is-waited-for",
        file: "map/collect.rs",
        edits: &[(
            "let Some(last) = state.batches.last() else { return };",
            "Self::cross_off(state, u32::MAX, dead);\n        let Some(last) = state.batches.last() else { return };",
        )],
        models: &["reclaim::older_leaves_beside_a_younger", "reclaim::two_collectors"],
    },
    Mutant {
        name: "only-the-active-epoch-is-waited-for",
        file: "map/collect.rs",
        edits: &[(
            "state.take(depot);\n        if state.batches",
            "state.take(depot);\n        let active = 1 << self.active(state);\n        state.batches.iter_mut().for_each(|batch| batch.needs &= active);\n        if state.batches",
        )],
        models: &[
            "promote::two_compactions",
            "reclaim::gate_moved_races_reader",
            "reclaim::older_leaves_beside_a_younger",
            "reclaim::widening_races_reader",
        ],
    },
    Mutant {
        name: "gate-does-not-move",
        file: "map/collect.rs",
        edits: &[("if last.needs & 1 << active != 0 {", "if last.needs & 1 << active != 0 && false {")],
        models: &["reclaim::older_leaves_beside_a_younger"],
    },
    Mutant {
        name: "nobody-is-told-to-look",
        file: "map/collect.rs",
        edits: &[("lane.fetch_or(WAITING, Ordering::AcqRel)", "lane.fetch_or(0, Ordering::AcqRel)")],
        models: &[
            "flush::flush_races_last_guard",
            "flush::flush_given_up_races_last_guard",
            "reclaim::gate_moved_races_reader",
        ],
    },
    Mutant {
        name: "request-while-collecting-is-lost",
        file: "map/collect.rs",
        edits: &[(
            "Err(now) => seen = now,",
            "Err(_) => {\n                    depot.requests.swap(0, Ordering::AcqRel);\n                    return dead;\n                }",
        )],
        models: &["flush::flush_races_last_guard", "reclaim::removal_races_reader", "reclaim::gate_moved_races_reader"],
    },
    Mutant {
        name: "new-bags-are-not-emptied",
        file: "map/collect.rs",
        edits: &[(
            "for bag in self.bags().unwrap_or_default() {",
            "for bag in self.bags().unwrap_or_default().iter().take(0) {",
        )],
        models: &["reclaim::two_readers_widen_beside_a_store", "reclaim::widening_races_reader"],
    },
    Mutant {
        name: "old-bag-is-not-emptied",
        file: "map/collect.rs",
        edits: &[(
            "let mut garbage = self.bag.with(core::mem::take);",
            "let mut garbage = if self.bags().is_some() { Vec::new() } else { self.bag.with(core::mem::take) };",
        )],
        models: &["reclaim::two_readers_widen_beside_a_store", "reclaim::widening_races_reader"],
    },
    Mutant {
        name: "one-lane-of-an-epoch-is-looked-at",
        file: "map/collect.rs",
        edits: &[("own.iter().map(|lane| &**lane)", "own.iter().take(1).map(|lane| &**lane)")],
        models: &[
            "reclaim::gate_moved_races_reader",
            "reclaim::two_readers_widen_beside_a_store",
            "reclaim::widening_races_reader",
        ],
    },
    Mutant {
        name: "done-before-the-destructor",
        file: "map/collect.rs",
        edits: &[(
            "drop(core::mem::take(&mut self.1.garbage));",
            "let garbage = core::mem::take(&mut self.1.garbage);\n                drop(_done);\n                drop(garbage);",
        )],
        models: &["flush::flush_races_last_guard", "flush::dropped_then_flushed", "flush::flush_races_retirement"],
    },
    Mutant {
        name: "dropping-is-not-noted",
        file: "map/collect.rs",
        edits: &[
            ("state.dropping.extend(", "core::mem::drop::<Vec<usize>>(FromIterator::from_iter("),
            (".map(|batch| batch.number));\n        dead", ".map(|batch| batch.number)));\n        dead"),
        ],
        models: &["flush::flush_races_last_guard", "flush::dropped_then_flushed", "flush::flush_races_retirement"],
    },
    Mutant {
        name: "flush-takes-nothing",
        file: "map/collect.rs",
        edits: &[("state.take(depot);\n            state.taken", "state.taken")],
        models: &["flush::flush_races_retirement"],
    },
    Mutant {
        name: "flush-does-not-collect",
        file: "map/collect.rs",
        edits: &[("self.collect();\n        ticket", "ticket")],
        models: &["reclaim::older_leaves_beside_a_younger"],
    },
    Mutant {
        name: "drop-wakes-no-flush",
        file: "map/collect.rs",
        edits: &[(
            "locked.cut(ring, |ticket| state.is_dropped(*ticket))",
            "locked.cut(ring, |ticket| state.is_dropped(*ticket) && false)",
        )],
        models: &["flush::flush_races_last_guard", "flush::flush_given_up_races_last_guard"],
    },
    Mutant {
        name: "drop-wakes-every-flush",
        file: "map/collect.rs",
        edits: &[(
            "locked.cut(ring, |ticket| state.is_dropped(*ticket))",
            "locked.cut(ring, |ticket| state.is_dropped(*ticket) || true)",
        )],
        models: &["flush::flush_races_retirement"],
    },
    Mutant {
        name: "flush-does-not-look-again",
        file: "map/flush.rs",
        edits: &[(
            "|| this.reclaim.is_dropped(ticket).then_some(())",
            "|| this.reclaim.is_dropped(ticket).then_some(()).filter(|()| false)",
        )],
        models: &["flush::flush_races_last_guard", "flush::dropped_then_flushed"],
    },
    Mutant {
        name: "flush-given-up-stays-queued",
        file: "map/flush.rs",
        edits: &[(
            "let left = queue.with(|locked| locked.leave(&this.waiter));\n                drop(left);",
            "let _ = queue;\n                let _ = this.waiter;",
        )],
        models: &["flush::flush_given_up_races_last_guard"],
    },
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
        edits: &[("self.put(dirty, hash, NonNull::from(entry));\n                        break;", "break;")],
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
        models: &["promote::store_to_the_expunged_races_promotion", "promote::two_stores_to_the_expunged"],
    },
    Mutant {
        name: "linked-without-a-look",
        file: "map/shard.rs",
        edits: &[(
            "dirty.candidates(fresh.hash(), cursor.of(self.books))",
            "dirty.candidates(fresh.hash(), cursor.of(self.books)).filter(|_| false)",
        )],
        models: &["promote::two_first_values", "split::split_by_contention"],
    },
    Mutant {
        name: "linked-beside-a-stale-table",
        file: "map/shard.rs",
        edits: &[(
            "if self.is_stale(dirty, seen) {\n                return Linked::Again(fresh);\n            }\n",
            "",
        )],
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
        file: "map/shard.rs",
        edits: &[("if self.is_stale(dirty, seen) {\n                return Look::Again;\n            }\n", "")],
        models: &["promote::two_misses", "promote::new_key_is_seen_from_then_on", "split::split_races_miss"],
    },
    Mutant {
        name: "table-freed-at-once",
        file: "map/shard.rs",
        edits: &[("retired.push(Garbage::Table(old));", "drop(Garbage::<K, V>::Table(old));")],
        models: &[
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
        models: &[
            "split::split_races_miss",
            "split::two_splits",
            "split::split_races_iteration",
            "split::split_and_shrink_race_lookup",
        ],
    },
    Mutant {
        name: "split-twice",
        file: "map/shard.rs",
        edits: &[("if dirty.split {\n                return;\n            }\n            if !dirty", "if !dirty")],
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
        edits: &[("if dirty.split || (!tight", "if (!tight")],
        models: &["split::split_and_shrink_race_lookup"],
    },
];
