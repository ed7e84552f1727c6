//! Of cancellation: the flag, and the tree of tokens.

use super::Mutant;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "registration-does-not-look-again",
        file: "cancel/flag.rs",
        edits: &[("self.is_cancelled().then_some(())", "None")],
        models: &[
            "flag::cancel_races_register_and_drop",
            "child::cancel_races_register_on_a_child",
            "until::cancel_races_enqueue",
        ],
    },
    Mutant {
        name: "cancel-resolves-nobody",
        file: "cancel/flag.rs",
        edits: &[("!locked.resolve_all((), batch)", "false")],
        models: &["flag::cancel_races_register_and_drop", "flag::two_cancels"],
    },
    Mutant {
        name: "raised-relaxed",
        file: "cancel/flag.rs",
        edits: &[("store(true, Ordering::Release)", "store(true, Ordering::Relaxed)")],
        models: &[
            "flag::cancelled_then_looked_at",
            "cause::cancelled_above_then_looked_at",
            "effects::ended_then_refused",
        ],
    },
    Mutant {
        name: "look-relaxed",
        file: "cancel/flag.rs",
        edits: &[("self.cancelled.load(Ordering::Acquire)", "self.cancelled.load(Ordering::Relaxed)")],
        models: &[
            "flag::cancelled_then_looked_at",
            "cause::cancelled_above_then_looked_at",
            "effects::ended_then_refused",
        ],
    },
    Mutant {
        name: "creation-does-not-look",
        file: "cancel/node.rs",
        edits: &[("return true;", "")],
        models: &["child::cancel_races_creation", "rounds::a_batch_across_children_and_a_newcomer"],
    },
    Mutant {
        name: "born-uncancelled",
        file: "cancel/node.rs",
        edits: &[("if born_cancelled {", "if false {")],
        models: &["child::cancel_races_creation"],
    },
    Mutant {
        name: "born-without-a-decision",
        file: "cancel/node.rs",
        edits: &[("node.decide(Decision::Inherited);", "")],
        models: &["child::cancel_races_creation"],
    },
    Mutant {
        name: "cancel-stays-at-the-top",
        file: "cancel/walk.rs",
        edits: &[("at.cancel_children(ended.as_ref(), batch)", "Progress::Done")],
        models: &["child::cancel_races_register_on_a_child", "child::cancel_races_a_thread_at_a_grandchild"],
    },
    Mutant {
        name: "cancel-does-not-descend",
        file: "cancel/node.rs",
        edits: &[("return Progress::Into(Handle(node));", "drop(Handle(node));")],
        models: &["child::cancel_races_a_thread_at_a_grandchild"],
    },
    Mutant {
        name: "walk-raises-no-flag",
        file: "cancel/walk.rs",
        edits: &[("*at = child;", "*at = child; continue;")],
        models: &["child::cancel_races_a_thread_at_a_grandchild", "walk::parent_and_grandchild_at_once"],
    },
    Mutant {
        name: "walk-skips-the-cancelled",
        file: "cancel/node.rs",
        edits: &[(
            "if child.inherit() {",
            "if child.flag.is_cancelled() { family.remove(child); continue; } if child.inherit() {",
        )],
        models: &["walk::parent_and_child_at_once", "walk::parent_and_grandchild_at_once"],
    },
    Mutant {
        name: "unlinked-before-its-children",
        file: "cancel/node.rs",
        edits: &[("if child.inherit() {", "if child.inherit() { family.remove(child);")],
        models: &["walk::parent_and_child_at_once"],
    },
    Mutant {
        name: "unlinked-before-its-waiters",
        file: "cancel/node.rs",
        edits: &[("if child.flag.raise(batch) {", "family.remove(child); if child.flag.raise(batch) {")],
        models: &[
            "walk::two_cancels_of_a_parent",
            "rounds::three_waiters_of_a_child_one_leaves",
            "rounds::a_batch_across_children_and_a_newcomer",
        ],
    },
    Mutant {
        name: "one-section-only",
        file: "cancel/node.rs",
        edits: &[("Progress::More\n", "Progress::Done\n")],
        models: &["rounds::three_children_two_dropped_meanwhile"],
    },
    Mutant {
        name: "unlinked-twice",
        file: "cancel/node.rs",
        edits: &[("if child.linked.load(Ordering::Relaxed) {", "{")],
        models: &["rounds::three_children_two_dropped_meanwhile"],
    },
    Mutant {
        name: "flag-before-decision",
        file: "cancel/walk.rs",
        edits: &[("let unused = top.decide(", "top.flag().cancel(); let unused = top.decide(")],
        models: &["cause::cancelled_then_asked_why", "cause::cancelled_above_then_born"],
    },
    Mutant {
        name: "flag-before-inheritance",
        file: "cancel/node.rs",
        edits: &[("if child.inherit() {", "child.flag.raise(batch); if child.inherit() {")],
        models: &["cause::cancelled_then_asked_why"],
    },
    Mutant {
        name: "decision-replaced",
        file: "cancel/node.rs",
        edits: &[("return Some(decision);", "return family.decision.replace(decision);")],
        models: &["cause::two_causes_at_once"],
    },
    Mutant {
        name: "freed-while-linked",
        file: "cancel/node.rs",
        edits: &[("parent.disown(dying);", "let _ = parent;")],
        models: &[
            "handles::cancel_races_drop_of_a_child",
            "handles::cancel_races_drop_of_a_grandchild",
            "handles::last_handles_of_parent_and_child",
            "handles::two_children_leave_and_one_comes",
        ],
    },
    Mutant {
        name: "locked-upwards",
        file: "cancel/node.rs",
        edits: &[("parent.disown(dying);", "dying.family.with(|_| parent.disown(dying));")],
        models: &["handles::cancel_races_drop_of_a_child", "handles::cancel_races_drop_of_a_grandchild"],
    },
    Mutant {
        name: "freed-too-early",
        file: "cancel/node.rs",
        edits: &[("handles.fetch_sub(1, Ordering::Release) > 1", "handles.fetch_sub(1, Ordering::Release) > 2")],
        models: &["handles::last_handles_of_parent_and_child", "handles::three_last_handles"],
    },
    Mutant {
        name: "parent-handle-kept",
        file: "cancel/node.rs",
        edits: &[(
            "let parent = node.parent.take();",
            "core::mem::forget(node.parent.clone()); let parent = node.parent.take();",
        )],
        models: &[
            "handles::cancel_races_drop_of_a_child",
            "handles::cancel_races_drop_of_a_grandchild",
            "handles::last_handles_of_parent_and_child",
            "handles::two_children_leave_and_one_comes",
        ],
    },
    Mutant {
        name: "walk-without-a-handle",
        file: "cancel/node.rs",
        edits: &[("if has_children {", "if has_children && false {")],
        models: &["handles::cancel_races_drop_of_a_grandchild"],
    },
    Mutant {
        name: "handle-given-up-relaxed",
        file: "cancel/node.rs",
        edits: &[("handles.fetch_sub(1, Ordering::Release)", "handles.fetch_sub(1, Ordering::Relaxed)")],
        models: &["handles::three_last_handles"],
    },
    Mutant {
        name: "last-handle-relaxed",
        file: "cancel/node.rs",
        edits: &[("handles.load(Ordering::Acquire)", "handles.load(Ordering::Relaxed)")],
        models: &["handles::three_last_handles"],
    },
];
