//! Of the semaphore.

use super::Mutant;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "exchange-is-a-swap",
        file: "semaphore/state.rs",
        edits: &[(
            "self.0.compare_exchange_weak(from.0, to.0, success, failure)",
            "Ok::<usize, usize>(self.0.swap(to.0, success))",
        )],
        models: &[
            "grant::two_fast_acquires",
            "grant::fast_acquire_races_fast_release",
            "resize::drain_races_release",
            "resize::reduce_races_try_acquire",
        ],
    },
    Mutant {
        name: "try-acquire-passes",
        file: "semaphore/state.rs",
        edits: &[("if self.0 & (Self::CLOSED | Self::QUEUED) == 0", "if self.0 & Self::CLOSED == 0")],
        models: &["grant::newcomers_race_a_release_to_the_queue"],
    },
    Mutant {
        name: "drain-passes",
        file: "semaphore/resize.rs",
        edits: &[("drained == 0 || state.is_queued()", "drained == 0")],
        models: &["grant::newcomers_race_a_release_to_the_queue"],
    },
    Mutant {
        name: "newcomer-does-not-look-again",
        file: "semaphore/grant.rs",
        edits: &[("match state.taken(n) {", "match None::<State> {")],
        models: &["give_up::release_races_acquire_and_cancel_of_the_front", "grant::release_races_acquire"],
    },
    Mutant {
        name: "queued-not-set",
        file: "semaphore/grant.rs",
        edits: &[("(state.with_queued(true), None)", "(state, None)")],
        models: &["grant::release_races_acquire", "grant::two_releases_race_a_large_acquire"],
    },
    Mutant {
        name: "newcomer-ignores-close",
        file: "semaphore/grant.rs",
        edits: &[("if state.is_closed() {", "if false {")],
        models: &["close::close_races_acquire", "close::close_races_enqueue"],
    },
    Mutant {
        name: "newcomer-ignores-max",
        file: "semaphore/grant.rs",
        edits: &[("if n > max {", "if false {")],
        models: &["resize::reduce_races_a_request_above_the_new_maximum"],
    },
    Mutant {
        name: "settle-forgets-queued",
        file: "semaphore/grant.rs",
        edits: &[("change(state).ok_or(state)?", "change(state).ok_or(state)?.with_queued(false)")],
        models: &["grant::two_releases_race_a_large_acquire", "grant::newcomers_race_a_release_to_the_queue"],
    },
    Mutant {
        name: "grant-one-batch-only",
        file: "semaphore/grant.rs",
        edits: &[("=> break true,", "=> break false,")],
        models: &["grant::two_releases_across_a_batch"],
    },
    Mutant {
        name: "dropped-grant-is-kept",
        file: "semaphore/grant.rs",
        edits: &[("Left::Before(Status::Resolved(Verdict::Granted)) =>", "Left::Before(_) if false =>")],
        models: &[
            "blocking::wait_timeout_races_grant",
            "close::close_races_release_and_cancel",
            "give_up::grant_races_drop",
            "give_up::grant_races_drop_with_one_behind",
            "give_up::cancel_of_the_middle_races_two_batches",
            "resize::reduce_races_release_and_cancel",
        ],
    },
    Mutant {
        name: "granted-drop-is-silent",
        file: "semaphore/acquire.rs",
        edits: &[("Status::Waiting | Status::Resolved(_) =", "Status::Waiting =")],
        models: &["give_up::grant_races_drop"],
    },
    Mutant {
        name: "front-leaves-silently",
        file: "semaphore/grant.rs",
        edits: &[("if was_front {", "if was_front && false {")],
        models: &[
            "blocking::wait_deadline_races_one_behind",
            "give_up::cancel_of_the_front_races_a_small_acquire",
            "give_up::cancel_of_the_front_races_a_zero_acquire",
            "give_up::release_races_acquire_and_cancel_of_the_front",
            "give_up::two_cancels_in_front",
        ],
    },
    Mutant {
        name: "zero-needs-a-free-permit",
        file: "semaphore/state.rs",
        edits: &[(
            "n == 0 || (self.count() > 0 && self.count() as usize >= n)",
            "self.count() > 0 && self.count() as usize >= n",
        )],
        models: &["give_up::cancel_of_the_front_races_a_zero_acquire"],
    },
    Mutant {
        name: "debt-fits-everybody",
        file: "semaphore/state.rs",
        edits: &[("n == 0 || (self.count() > 0 && self.count() as usize >= n)", "self.count() as usize >= n")],
        models: &["resize::reduce_races_acquire"],
    },
    Mutant {
        name: "close-cuts-nobody",
        file: "semaphore/mod.rs",
        edits: &[("locked.cut(ring, |_| true);", "locked.cut(ring, |_| false);")],
        models: &["close::close_races_enqueue", "close::close_races_release_to_the_queue"],
    },
    Mutant {
        name: "close-leaves-queued",
        file: "semaphore/mod.rs",
        edits: &[("state.closed().with_queued(false)", "state.closed()")],
        models: &["close::close_races_enqueue"],
    },
    Mutant {
        name: "close-wipes-the-count",
        file: "semaphore/state.rs",
        edits: &[("Self(self.0 | Self::CLOSED)", "Self(self.0 & Self::QUEUED | Self::CLOSED)")],
        models: &["close::close_races_release_and_cancel"],
    },
    Mutant {
        name: "release-judges-outside-the-lock",
        file: "semaphore/mod.rs",
        edits: &[("else { return false };", "else { panic!(\"too many\") };")],
        models: &["resize::add_races_release", "resize::reduce_races_release"],
    },
    Mutant {
        name: "addition-serves-nobody",
        file: "semaphore/resize.rs",
        edits: &[("self.release_slow(0);", "")],
        models: &["resize::add_races_acquire"],
    },
    Mutant {
        name: "addition-raises-the-maximum-first",
        file: "semaphore/resize.rs",
        edits: &[(
            "self.update(|state| state.with_count(",
            "self.max.store(raised, Ordering::Release); self.update(|state| state.with_count(",
        )],
        models: &["resize::add_races_a_release_too_many"],
    },
    Mutant {
        name: "reduction-refuses-nobody",
        file: "semaphore/resize.rs",
        edits: &[("|&waiting| waiting > max", "|_| false")],
        models: &[
            "close::close_races_reduce",
            "resize::reduce_races_a_request_above_the_new_maximum",
            "resize::add_races_reduce",
        ],
    },
    Mutant {
        name: "reduction-serves-nobody",
        file: "semaphore/resize.rs",
        edits: &[("|| self.settle(locked, batch, Some).unwrap_or(false)", "|| false")],
        models: &["resize::reduce_refuses_the_front_races_one_behind"],
    },
    Mutant {
        name: "reduction-makes-no-debt",
        file: "semaphore/resize.rs",
        edits: &[(
            "self.update(|state| state.less(permits));",
            "self.update(|state| state.less(permits.min(usize::try_from(state.count()).unwrap_or(0))));",
        )],
        models: &["resize::reduce_races_release_to_the_queue"],
    },
    Mutant {
        name: "reduction-lowers-the-count-first",
        file: "semaphore/resize.rs",
        edits: &[
            ("self.max.store(max, Ordering::Relaxed);", ""),
            (
                "self.update(|state| state.less(permits));",
                "self.update(|state| state.less(permits)); self.max.store(max, Ordering::Release);",
            ),
        ],
        models: &["resize::reduce_races_a_release_too_many", "resize::reduce_races_two_releases_one_too_many"],
    },
    Mutant {
        name: "fast-acquire-relaxed",
        file: "semaphore/mod.rs",
        edits: &[("exchange(state, next, Ordering::Acquire,", "exchange(state, next, Ordering::Relaxed,")],
        models: &["publication::released_then_taken"],
    },
    Mutant {
        name: "fast-release-relaxed",
        file: "semaphore/mod.rs",
        edits: &[("exchange(state, next, Ordering::Release,", "exchange(state, next, Ordering::Relaxed,")],
        models: &[
            "publication::released_then_taken",
            "publication::chain_of_holders",
            "publication::two_releases_then_granted",
            "publication::debt_paid_then_taken",
        ],
    },
    Mutant {
        name: "refusal-relaxed",
        file: "semaphore/mod.rs",
        edits: &[("load(Ordering::Acquire);\n        loop {", "load(Ordering::Relaxed);\n        loop {")],
        models: &["publication::closed_then_refused", "resize::reduce_races_try_acquire"],
    },
    Mutant {
        name: "is-closed-relaxed",
        file: "semaphore/mod.rs",
        edits: &[("load(Ordering::Acquire).is_closed()", "load(Ordering::Relaxed).is_closed()")],
        models: &["publication::closed_then_looked_at"],
    },
    Mutant {
        name: "newcomer-relaxed",
        file: "semaphore/grant.rs",
        edits: &[("exchange(state, next, Ordering::Acquire,", "exchange(state, next, Ordering::Relaxed,")],
        models: &["publication::released_then_granted"],
    },
    Mutant {
        name: "queueing-relaxed",
        file: "semaphore/grant.rs",
        edits: &[(
            "exchange(state, next, Ordering::Acquire,",
            "exchange(state, next, if verdict.is_some() { Ordering::Acquire } else { Ordering::Relaxed },",
        )],
        models: &["publication::released_then_granted_by_an_addition"],
    },
    Mutant {
        name: "slow-release-relaxed",
        file: "semaphore/grant.rs",
        edits: &[("exchange(state, next, Ordering::Release,", "exchange(state, next, Ordering::Relaxed,")],
        models: &["publication::left_over_by_a_grant_then_taken"],
    },
    Mutant {
        name: "update-relaxed",
        file: "semaphore/grant.rs",
        edits: &[("change(state), Ordering::Release,", "change(state), Ordering::Relaxed,")],
        models: &[
            "publication::added_then_taken",
            "publication::closed_then_looked_at",
            "publication::closed_then_refused",
        ],
    },
    Mutant {
        name: "drain-relaxed",
        file: "semaphore/resize.rs",
        edits: &[("state.less(drained), Ordering::Acquire,", "state.less(drained), Ordering::Relaxed,")],
        models: &["publication::released_then_drained"],
    },
];
