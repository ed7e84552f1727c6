//! Of the group.

use super::Mutant;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "owner-does-not-look-again",
        file: "errgroup/count.rs",
        edits: &[("before.children() > 0", "before.children() > 0 || true")],
        models: &["end::last_child_races_wait", "end::last_child_races_wait_and_cancel"],
    },
    Mutant {
        name: "end-not-exchanged",
        file: "errgroup/count.rs",
        edits: &[(
            "self.0.compare_exchange(now, now | CLOSED, Ordering::Acquire, Ordering::Relaxed)",
            "Ok::<usize, usize>(self.0.swap(now | CLOSED, Ordering::Acquire))",
        )],
        models: &["end::spawn_races_end"],
    },
    Mutant {
        name: "count-out-publishes-nothing",
        file: "errgroup/count.rs",
        edits: &[("fetch_sub(ONE, Ordering::AcqRel)", "fetch_sub(ONE, Ordering::Acquire)")],
        models: &[
            "memory::failure_freed_by_another_child",
            "effects::two_members_then_waited",
            "effects::destructors_then_waited",
            "effects::child_of_a_child_then_waited",
        ],
    },
    Mutant {
        name: "count-out-sees-nothing",
        file: "errgroup/count.rs",
        edits: &[("fetch_sub(ONE, Ordering::AcqRel)", "fetch_sub(ONE, Ordering::Release)")],
        models: &["memory::failure_freed_by_another_child"],
    },
    Mutant {
        name: "end-sees-nothing",
        file: "errgroup/count.rs",
        edits: &[("now | CLOSED, Ordering::Acquire", "now | CLOSED, Ordering::Relaxed")],
        models: &["effects::two_members_then_waited", "effects::child_of_a_child_then_waited"],
    },
    Mutant {
        name: "woken-is-the-end",
        file: "errgroup/owner.rs",
        edits: &[(
            "ready!(shared.queue.poll_waiting(waiter, cx.waker()));",
            "ready!(shared.queue.poll_waiting(waiter, cx.waker())); *outcome = Some(Ok(())); return Poll::Ready(());",
        )],
        models: &["end::another_child_races_the_wake"],
    },
    Mutant {
        name: "given-up-hides-the-failure",
        file: "errgroup/owner.rs",
        edits: &[("match shared.take_failure() {", "match shared.take_failure().filter(|_| !count.is_cut()) {")],
        models: &["failure::cancelled_by_a_failure_then_waited", "failure::failure_races_spawn"],
    },
    Mutant {
        name: "last-child-wakes-nobody",
        file: "errgroup/seat.rs",
        edits: &[("if waiting {", "if waiting && false {")],
        models: &["end::last_child_races_wait", "end::two_last_children", "memory::join_races_last_child"],
    },
    Mutant {
        name: "last-child-wakes-the-front",
        file: "errgroup/seat.rs",
        edits: &[("let empty = locked.resolve_all((), batch);", "locked.resolve_front((), batch); let empty = true;")],
        models: &["end::leaked_wait_before_one_that_races_last_child"],
    },
    Mutant {
        name: "last-child-closes",
        file: "errgroup/seat.rs",
        edits: &[("shared.count.end_wait();", "shared.count.end_wait(); shared.count.close();")],
        models: &["end::dropped_wait_races_last_child"],
    },
    Mutant {
        name: "two-are-the-last",
        file: "errgroup/seat.rs",
        edits: &[("if before.children() == 1 {", "if before.children() <= 2 {")],
        models: &["end::two_last_children", "memory::count_returns_to_one"],
    },
    Mutant {
        name: "seat-after-the-end",
        file: "errgroup/seat.rs",
        edits: &[("if before.is_closed() {", "if false {")],
        models: &["end::spawn_races_end"],
    },
    Mutant {
        name: "given-up-leaves-no-trace",
        file: "errgroup/seat.rs",
        edits: &[("shared.count.cut();", "")],
        models: &["end::last_child_races_wait_and_cancel", "failure::drop_of_a_child_races_cancel"],
    },
    Mutant {
        name: "given-up-looks-no-higher",
        file: "errgroup/seat.rs",
        edits: &[("is_cancelled_above()", "is_cancelled()")],
        models: &["failure::drop_of_a_child_that_saw_the_cancel_above"],
    },
    Mutant {
        name: "refused-before-it-is-cut",
        file: "errgroup/spawner.rs",
        edits: &[(
            "let before = self.shared.count.cut();",
            "let before = self.shared.count.now(); self.shared.count.cut();",
        )],
        models: &["failure::refusal_races_end"],
    },
    Mutant {
        name: "seats-have-no-reference",
        file: "errgroup/seat.rs",
        edits: &[("if before.children() == 0 {", "if false {")],
        models: &[
            "memory::owner_and_spawner_and_child_go",
            "memory::count_returns_to_one",
            "slots::tracked_and_owner_go",
        ],
    },
    Mutant {
        name: "each-seat-has-a-reference",
        file: "errgroup/seat.rs",
        edits: &[("if before.children() == 0 {", "if true {")],
        models: &["memory::count_returns_to_one"],
    },
    Mutant {
        name: "seats-keep-their-reference",
        file: "errgroup/seat.rs",
        edits: &[(
            "unsafe { Arc::from_raw(self.0.as_ptr().cast_const()) }",
            "core::mem::ManuallyDrop::new(unsafe { Arc::from_raw(self.0.as_ptr().cast_const()) })",
        )],
        models: &[
            "memory::owner_and_spawner_and_child_go",
            "memory::count_returns_to_one",
            "memory::owner_goes_beside_the_wake",
            "memory::join_races_last_child",
            "abort::drop_of_the_owner_races_sleep",
            "slots::tracked_and_owner_go",
        ],
    },
    Mutant {
        name: "given-up-before-the-wake",
        file: "errgroup/seat.rs",
        edits: &[(
            "unsafe { Arc::from_raw(self.0.as_ptr().cast_const()) }",
            "{ drop(unsafe { Arc::from_raw(self.0.as_ptr().cast_const()) }); unsafe { self.0.as_ref() } }",
        )],
        models: &["memory::owner_goes_beside_the_wake"],
    },
    Mutant {
        name: "slot-kept",
        file: "errgroup/seat.rs",
        edits: &[("slots.release(1);", "let _ = slots;")],
        models: &[
            "slots::finish_races_queued_spawn",
            "slots::finish_races_queued_spawn_and_try_spawn",
            "slots::two_tracked_children",
        ],
    },
    Mutant {
        name: "failure-not-recorded",
        file: "errgroup/shared.rs",
        edits: &[("(None, _) => first.replace(failure)", "(None, _) => { drop(failure); None }")],
        models: &["failure::two_first_errors", "failure::cancelled_by_a_failure_then_waited"],
    },
    Mutant {
        name: "failure-does-not-cancel",
        file: "errgroup/shared.rs",
        edits: &[("self.token.cancel_because(Cause::Failed);", "")],
        models: &["failure::two_first_errors", "panics::panic_races_wait"],
    },
    Mutant {
        name: "cancelled-before-recorded",
        file: "errgroup/shared.rs",
        edits: &[(
            "let late = self.failure.with(",
            "self.token.cancel_because(Cause::Failed); let late = self.failure.with(",
        )],
        models: &["failure::failure_that_follows_from_a_failure"],
    },
    Mutant {
        name: "last-failure-stays",
        file: "errgroup/shared.rs",
        edits: &[("(Some(_), _) => Some(failure)", "(Some(_), _) => first.replace(failure)")],
        models: &["failure::failure_that_follows_from_a_failure"],
    },
    Mutant {
        name: "late-failure-dropped-under-the-lock",
        file: "errgroup/shared.rs",
        edits: &[("(Some(_), _) => Some(failure)", "(Some(_), _) => { drop(failure); None }")],
        models: &["failure::late_error_that_fails_once_more"],
    },
    Mutant {
        name: "dropped-child-is-silent",
        file: "errgroup/child.rs",
        edits: &[("running.seat().abandon();", "")],
        models: &["failure::drop_of_a_child_races_cancel"],
    },
    Mutant {
        name: "aborted-leaves-no-trace",
        file: "errgroup/child.rs",
        edits: &[("running.seat().shared().count.cut();", "")],
        models: &[
            "abort::abort_races_finish",
            "abort::abort_races_sleep",
            "abort::cancel_races_first_poll",
            "slots::tracked_wait_races_cancel",
            "slots::tracked_grant_races_cancel",
        ],
    },
    Mutant {
        name: "waiter-left-behind",
        file: "errgroup/child.rs",
        edits: &[(
            "if let Some(waker) = self.seat().shared().token.flag().leave(self.waiter) {",
            "if let Some(waker) = None {",
        )],
        models: &["abort::abort_races_finish"],
    },
    Mutant {
        name: "abort-does-not-wait",
        file: "errgroup/child.rs",
        edits: &[("abort && self.as_mut().poll_cancelled(cx).is_ready()", "false")],
        models: &[
            "abort::abort_races_sleep",
            "abort::drop_of_the_owner_races_sleep",
            "abort::cancel_of_the_parent_races_sleep",
        ],
    },
    Mutant {
        name: "begun-after-the-cancel",
        file: "errgroup/child.rs",
        edits: &[("(abort || !self.begun)", "abort")],
        models: &["abort::cancel_races_first_poll"],
    },
    Mutant {
        name: "counted-out-too-early",
        file: "errgroup/child.rs",
        edits: &[("running.drop_future();\n            running.end();", "running.end();")],
        models: &["effects::destructors_then_waited"],
    },
    Mutant {
        name: "panic-not-recorded",
        file: "errgroup/child.rs",
        edits: &[("seat.shared().fail(GroupError::Panicked(Panic::unseen()));", "")],
        models: &["panics::panic_races_wait"],
    },
    Mutant {
        name: "tracked-does-not-wait-for-the-cancel",
        file: "errgroup/tracked.rs",
        edits: &[("ready!(this.child.poll_cancelled(cx));", "return Poll::Pending;")],
        models: &["slots::tracked_wait_races_cancel"],
    },
    Mutant {
        name: "tracked-slot-lost",
        file: "errgroup/tracked.rs",
        edits: &[("this.child.hold_slot();", "")],
        models: &["slots::two_tracked_children"],
    },
    Mutant {
        name: "tracked-takes-no-slot",
        file: "errgroup/tracked.rs",
        edits: &[("ready!(self.as_mut().poll_slot(cx));", "")],
        models: &["slots::two_tracked_children"],
    },
    Mutant {
        name: "slot-given-back-at-once",
        file: "errgroup/spawner.rs",
        edits: &[("permit.forget();", "drop(permit);")],
        models: &["slots::finish_races_queued_spawn"],
    },
];
