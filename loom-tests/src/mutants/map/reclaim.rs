//! Of when what was taken out is dropped.

use crate::mutants::Mutant;

pub(crate) const MUTANTS: &[Mutant] = &[
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
        file: "map/collect.rs",
        edits: &[(
            "Err(now) => seen = now,",
            "Err(_) => {\n                    depot.requests.swap(0, Ordering::AcqRel);\n                    return dead;\n                }",
        )],
        models: &["flush::flush_races_last_guard", "reclaim::removal_races_reader"],
    },
    Mutant {
        name: "new-bags-are-not-emptied",
        file: "map/collect.rs",
        edits: &[(
            "for bag in self.bags().unwrap_or_default() {",
            "for bag in self.bags().unwrap_or_default().iter().take(0) {",
        )],
        models: &["reclaim::retired_beside_the_widening"],
    },
    Mutant {
        name: "old-bag-is-not-emptied",
        file: "map/collect.rs",
        edits: &[
            ("state.take(depot.bag.with(core::mem::take));", ""),
            (
                "let mut garbage = self.bag.with(core::mem::take);",
                "let mut garbage = if self.bags().is_some() { Vec::new() } else { self.bag.with(core::mem::take) };",
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
            "let _dropped = Dropped(self, dead.iter().map(|batch| batch.number).collect());",
            "drop(Dropped(self, dead.iter().map(|batch| batch.number).collect()));",
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
        edits: &[("state.take(depot.empty_bags());\n            state.taken", "state.taken")],
        models: &["flush::flush_races_retirement"],
    },
    Mutant {
        name: "flush-does-not-collect",
        file: "map/collect.rs",
        edits: &[("self.collect();\n        ticket", "ticket")],
        models: &["reclaim::retired_beside_the_widening"],
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
            "state.take(depot.empty_bags());\n            state.taken",
            "state.take(depot.empty_bag());\n            state.taken",
        )],
        models: &["reclaim::retired_beside_the_widening"],
    },
    Mutant {
        name: "only-bag-is-not-closed",
        file: "map/collect.rs",
        edits: &[(
            "None => self.bag.with(|only| match self.bags() {\n                Some(bags) => bags[lane].with(f),\n                None => f(only),\n            }),",
            "None => self.bag.with(f),",
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
        edits: &[("state.flushing = locked.payloads().next().is_some();", "state.flushing = false;")],
        models: &["flush::flushes_of_two_ages"],
    },
    Mutant {
        name: "bag-in-nobodys-hands",
        file: "map/collect.rs",
        edits: &[
            (
                "depot.state.with(|state| {\n                // This lane's bag",
                "let garbage = depot.empty_bag();\n            depot.state.with(|state| {\n                // This lane's bag",
            ),
            (
                "state.take(depot.empty_bag());\n                self.sweep",
                "state.take(garbage);\n                self.sweep",
            ),
        ],
        models: &["flush::flush_races_last_guard", "flush::dropped_then_flushed", "flush::flush_races_retirement"],
    },
    Mutant {
        name: "collector-takes-nothing",
        file: "map/collect.rs",
        edits: &[("state.take(depot.empty_bag());\n                self.sweep", "self.sweep")],
        models: &["reclaim::store_races_reader"],
    },
];
