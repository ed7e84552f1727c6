//! Of the waker core.

use super::Mutant;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "resolve-drops-the-waker",
        file: "wait/queue.rs",
        edits: &[("batch.push(unsafe { node.take_waker() });", "drop(unsafe { node.take_waker() });")],
        models: &[
            "wait::enqueue_races_resolve",
            "wait::poll_again_races_resolve",
            "blocking::thread_and_task_race_release",
            "grant::release_races_acquire",
        ],
    },
    Mutant {
        name: "resolver-looks-back",
        file: "wait/waiter.rs",
        edits: &[(
            "status.store(Status::Resolved(verdict).encode(), Ordering::Release);",
            "status.store(Status::Resolved(verdict).encode(), Ordering::Release); status.load(Ordering::Relaxed);",
        )],
        models: &["grant::grant_races_free"],
    },
    Mutant {
        name: "verdict-told-relaxed",
        file: "wait/waiter.rs",
        edits: &[(
            "Status::Resolved(verdict).encode(), Ordering::Release",
            "Status::Resolved(verdict).encode(), Ordering::Relaxed",
        )],
        models: &[
            "publication::released_then_granted",
            "publication::released_then_granted_by_an_addition",
            "publication::chain_of_holders",
            "publication::two_releases_then_granted",
            "publication::closed_then_resolved",
            "flag::cancelled_then_resolved",
        ],
    },
    Mutant {
        name: "resolver-writes-the-slot",
        file: "wait/queue.rs",
        edits: &[(
            "batch.push(unsafe { node.take_waker() });",
            "batch.push(unsafe { node.take_waker() }); \
             core::mem::forget(unsafe { node.replace_waker(Waker::noop().clone()) });",
        )],
        models: &["wait::poll_again_races_resolve"],
    },
    Mutant {
        name: "waker-not-replaced",
        file: "wait/queue.rs",
        edits: &[("unsafe { waiter.replace_waker(fresh) }", "fresh")],
        models: &["wait::waker_replaced_races_resolve", "grant::waker_replaced_races_grant"],
    },
    Mutant {
        name: "replacer-does-not-look-again",
        file: "wait/queue.rs",
        edits: &[("drop(replaced);", "drop(replaced); return Poll::Pending;")],
        models: &["wait::waker_replaced_races_resolve", "grant::waker_replaced_races_grant"],
    },
    Mutant {
        name: "leaver-stays-linked",
        file: "wait/queue.rs",
        edits: &[("unsafe { self.list.unlink(waiter.as_link()) }", "false")],
        models: &[
            "wait::leave_races_resolve",
            "give_up::cancel_of_the_middle_races_two_batches",
            "resize::reduce_races_release_and_cancel",
            "flag::cancel_races_leave_between_batches",
            "child::cancel_races_register_on_a_child",
            "until::granted_then_freed_races_cancel",
            "end::dropped_wait_races_last_child",
        ],
    },
    Mutant {
        name: "ring-ends-in-null",
        file: "wait/list.rs",
        edits: &[("set(&node.next, guard)", "set(&node.next, ptr::null())")],
        models: &["wait::broadcast_races_leave_and_join"],
    },
    Mutant {
        name: "broadcast-leaves-them-in-line",
        file: "wait/list.rs",
        edits: &[("unsafe { self.unlink(link) };", "")],
        models: &["wait::two_broadcasts"],
    },
    Mutant {
        name: "one-batch-only",
        file: "wait/batch.rs",
        edits: &[("self.more = (self.round)(&mut batch);", "(self.round)(&mut batch); self.more = false;")],
        models: &[
            "wait::broadcast_races_leave_and_join",
            "wait::two_broadcasts",
            "close::close_races_release_to_the_queue",
            "close::two_closes",
            "close::close_races_reduce",
            "flag::two_cancels",
            "flag::cancel_races_leave_between_batches",
            "walk::two_cancels_of_a_parent",
            "rounds::three_waiters_of_a_child_one_leaves",
            "rounds::a_batch_across_children_and_a_newcomer",
        ],
    },
    Mutant {
        name: "wake-does-not-unpark",
        file: "wait/block_on.rs",
        edits: &[("fn wake(self: Arc<Self>) {", "fn wake(self: Arc<Self>) { if true { return; }")],
        models: &[
            "wait::wait_inside_a_wait",
            "blocking::wait_races_release",
            "blocking::thread_and_task_race_release",
            "flag::cancel_races_blocking_waits",
            "until::cancel_of_the_parent_races_a_blocking_wait",
        ],
    },
    Mutant {
        name: "inner-wait-swallows-the-wake",
        file: "wait/block_on.rs",
        edits: &[("self.0.parker.unparker().unpark();", "")],
        models: &["wait::wait_inside_a_wait"],
    },
];
