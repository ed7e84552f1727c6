//! Of when what was taken out is dropped.

use crate::mutants::Mutant;

pub(crate) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "leaver-does-not-see-the-depot",
        file: "map/reclaim.rs",
        edits: &[("self.lane.load(Ordering::Acquire);", "self.lane.load(Ordering::Relaxed);")],
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
        models: &[
            "place::reader_races_reuse",
            "place::reader_races_reuse_of_the_only_place",
            "reclaim::older_leaves_beside_a_younger",
            "reclaim::two_collectors",
        ],
    },
    Mutant {
        name: "only-the-active-epoch-is-waited-for",
        file: "map/collect.rs",
        edits: &[(
            "let Some(last) = state.batches.last() else { return };",
            "if state.batches.is_empty() {\n            return;\n        }\n        let active = 1 << self.active(state);\n        state.batches.iter_mut().for_each(|batch| batch.needs &= active);\n        let Some(last) = state.batches.last() else { return };",
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
            "flush::flush_races_guard_of_another_lane",
            "flush::flush_races_retirement",
            "flush::flushes_of_two_ages",
        ],
    },
    Mutant {
        name: "request-while-collecting-is-lost",
        file: "map/depot.rs",
        edits: &[(
            "self.asked.fetch_add(0, Ordering::AcqRel) != 0",
            "self.asked.fetch_add(0, Ordering::AcqRel) == usize::MAX",
        )],
        models: &["flush::flush_races_last_guard"],
    },
    Mutant {
        name: "new-bags-are-not-emptied",
        file: "map/depot.rs",
        edits: &[(
            "self.bags().unwrap_or_default().iter().map(",
            "self.bags().unwrap_or_default().iter().take(0).map(",
        )],
        models: &["reclaim::retired_beside_the_widening"],
    },
    Mutant {
        name: "old-bag-is-not-emptied",
        file: "map/depot.rs",
        edits: &[
            ("if self.is_wide() { self.bag", "if self.is_wide() && false { self.bag"),
            (
                "let only = self.bag.with(core::mem::take);",
                "let only = if self.is_wide() { Vec::new() } else { self.bag.with(core::mem::take) };",
            ),
        ],
        models: &["reclaim::two_readers_widen_beside_a_store", "reclaim::widening_races_reader"],
    },
    Mutant {
        name: "one-lane-of-an-epoch-is-looked-at",
        file: "map/collect.rs",
        edits: &[("own.iter().map(|lane| &**lane)", "own.iter().take(1).map(|lane| &**lane)")],
        models: &["reclaim::widening_races_reader"],
    },
    Mutant {
        name: "done-before-the-destructor",
        file: "map/collect.rs",
        edits: &[(
            "let _done = Done(self.0, self.1.iter().map(|batch| batch.number).collect());",
            "drop(Done(self.0, self.1.iter().map(|batch| batch.number).collect()));",
        )],
        models: &["flush::flush_races_last_guard", "flush::dropped_then_flushed", "flush::flush_races_retirement"],
    },
    Mutant {
        name: "dropping-is-not-noted",
        file: "map/collect.rs",
        edits: &[
            ("state.dropping.extend(", "core::mem::drop::<Vec<u64>>(FromIterator::from_iter("),
            (".map(|batch| batch.number));\n        dead", ".map(|batch| batch.number)));\n        dead"),
        ],
        models: &["flush::flush_races_last_guard", "flush::dropped_then_flushed", "flush::flush_races_retirement"],
    },
    Mutant {
        name: "flush-takes-nothing",
        file: "map/collect.rs",
        edits: &[("state.take(depot.gather_all());\n            state.taken", "state.taken")],
        models: &["flush::flush_races_retirement"],
    },
    Mutant {
        name: "flush-does-not-collect",
        file: "map/collect.rs",
        edits: &[("self.collect();\n        // In a destructor", "// In a destructor")],
        models: &["reclaim::retired_beside_the_widening"],
    },
    Mutant {
        name: "drop-wakes-no-flush",
        file: "map/collect.rs",
        edits: &[("room > 0 && self.is_dropped(*ticket);", "room > 0 && self.is_dropped(*ticket) && false;")],
        models: &["flush::flush_races_last_guard", "flush::flush_given_up_races_last_guard"],
    },
    Mutant {
        name: "drop-wakes-every-flush",
        file: "map/collect.rs",
        edits: &[("room > 0 && self.is_dropped(*ticket);", "room > 0 && (self.is_dropped(*ticket) || true);")],
        models: &["flush::flushes_of_two_ages"],
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
        name: "lanes-go-with-the-batches",
        file: "map/collect.rs",
        edits: &[(
            "let Some(last) = state.batches.last() else { return };",
            "if state.batches.is_empty() {\n            let gate = self.gate.load(Ordering::Relaxed);\n            state.epochs.retain(|epoch| epoch.gate().bits() == gate);\n        }\n        let Some(last) = state.batches.last() else { return };",
        )],
        models: &["reclaim::wide_gate_moved_races_reader"],
    },
    Mutant {
        name: "flush-takes-one-bag",
        file: "map/collect.rs",
        edits: &[(
            "state.take(depot.gather_all());\n            state.taken",
            "state.take(depot.gather());\n            state.taken",
        )],
        models: &["reclaim::retired_beside_the_widening"],
    },
    Mutant {
        name: "flushing-is-not-said",
        file: "map/collect.rs",
        edits: &[("state.flushing |= !is_dropped;", "")],
        models: &[
            "flush::flush_races_last_guard",
            "flush::flush_races_guard_of_another_lane",
            "flush::flush_given_up_races_last_guard",
        ],
    },
    Mutant {
        name: "flushing-is-forgotten",
        file: "map/collect.rs",
        edits: &[("self.flushing = flushes.payloads().next().is_some();", "self.flushing = false;")],
        models: &["flush::flushes_of_two_ages"],
    },
    Mutant {
        name: "bag-in-nobodys-hands",
        file: "map/collect.rs",
        edits: &[
            (
                "let seen = depot.state.try_with(",
                "let garbage = depot.gather();\n        let seen = depot.state.try_with(",
            ),
            ("state.take(depot.gather());\n            self.sweep", "state.take(garbage);\n            self.sweep"),
        ],
        models: &["flush::flush_races_last_guard", "flush::dropped_then_flushed", "flush::flush_races_retirement"],
    },
    Mutant {
        name: "collector-takes-nothing",
        file: "map/collect.rs",
        edits: &[("state.take(depot.gather());\n            self.sweep", "self.sweep")],
        models: &["reclaim::store_races_reader"],
    },
    Mutant {
        name: "what-finds-no-bag-is-lost",
        file: "map/depot.rs",
        edits: &[("self.overflow.push(garbage);\n        if urgent", "core::mem::forget(garbage);\n        if urgent")],
        models: &["reclaim::two_stores_to_a_full_bag", "flush::flush_races_retirement"],
    },
    Mutant {
        name: "overflow-is-not-taken",
        file: "map/depot.rs",
        edits: &[("pieces.extend(self.overflow.take());", "")],
        models: &["reclaim::two_collectors"],
    },
    Mutant {
        name: "overflow-is-taken-before-the-bags",
        file: "map/depot.rs",
        edits: &[
            (
                "let only = self.bag.with(core::mem::take);",
                "let early = self.overflow.take();\n        let only = self.bag.with(core::mem::take);",
            ),
            (
                "self.with_overflow(core::iter::once(only).chain(bags).collect())",
                "core::iter::once(only).chain(bags).chain(early).filter(|piece| !piece.is_empty()).collect()",
            ),
        ],
        models: &["flush::flush_races_full_bag"],
    },
    Mutant {
        name: "full-bag-in-nobodys-hands",
        file: "map/depot.rs",
        edits: &[
            (
                "let mut garbage = Some(garbage);",
                "let mut garbage = Some(garbage);\n        let mut full = Vec::new();",
            ),
            ("self.overflow.push(core::mem::take(bag));", ""),
            (
                "self.due(bag, 1, false)\n",
                "let due = self.due(bag, 1, false);
            if due == Due::Now {
                full = core::mem::take(bag);
            }
            due
",
            ),
            (
                "due.unwrap_or_else(|| self.put_over(garbage.into_iter()",
                "self.overflow.push(full);\n        due.unwrap_or_else(|| self.put_over(garbage.into_iter()",
            ),
        ],
        models: &["flush::flush_races_full_bag"],
    },
    Mutant {
        name: "flush-does-not-attend",
        file: "map/collect.rs",
        edits: &[("            && depot.is_asked()\n", "            && depot.is_asked()\n            && false\n")],
        models: &["flush::flush_races_last_guard"],
    },
    Mutant {
        name: "wake-is-not-asked-for",
        file: "map/collect.rs",
        edits: &[("depot.ask();\n        let mut is_free", "let mut is_free")],
        models: &["flush::flush_races_last_guard"],
    },
    Mutant {
        name: "end-of-a-batch-is-not-told",
        file: "map/collect.rs",
        edits: &[(
            "self.0.done.push(core::mem::take(&mut self.1));\n                self.0.ask();",
            "self.0.done.push(core::mem::take(&mut self.1));",
        )],
        models: &["flush::flush_races_last_guard"],
    },
    Mutant {
        name: "overflow-is-taken-in-two-steps",
        file: "map/stack.rs",
        edits: &[(
            "let mut address = self.head.swap(0, Ordering::Acquire);",
            "let mut address = self.head.load(Ordering::Acquire);\n        self.head.store(0, Ordering::Relaxed);",
        )],
        models: &["reclaim::two_collectors", "flush::flush_races_full_bag"],
    },
    Mutant {
        name: "destructors-come-first",
        file: "map/collect.rs",
        edits: &[(
            "!is_left_to_others && depot.is_asked()",
            "!is_left_to_others && dead.is_empty() && depot.is_asked()",
        )],
        models: &["nested::a_destructor_waits_for_who_leaves_it_the_rest"],
    },
    Mutant {
        name: "flush-in-a-destructor-does-not-attend",
        file: "map/collect.rs",
        edits: &[("self.attend();\n        ticket", "ticket")],
        models: &["nested::a_flush_begins_in_a_destructor"],
    },
];
