//! Of the flights.

use super::Mutant;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "no-look-in-line",
        file: "singleflight/pilot.rs",
        edits: &[(
            "            is_queued = true;",
            "            is_queued = true;\n            if is_queued { return Poll::Pending; }",
        )],
        models: &["flight::wake_during_a_poll_beside_a_join"],
    },
    Mutant {
        name: "wake-publishes-nothing",
        file: "singleflight/header.rs",
        edits: &[("fetch_or(Word::NEWS, Ordering::Release)", "fetch_or(Word::NEWS, Ordering::Relaxed)")],
        models: &["flight::wake_beside_a_look_and_a_poller_that_goes"],
    },
    Mutant {
        name: "news-not-looked-for",
        file: "singleflight/turn.rs",
        edits: &[("        if before.is_woken() &&", "        if false &&")],
        models: &["flight::wake_during_a_poll_beside_a_join"],
    },
    Mutant {
        name: "news-kept-from-others",
        file: "singleflight/turn.rs",
        edits: &[("(in_line || (!self.by_driver && before.callers() > 1))", "in_line")],
        models: &["flight::wake_during_a_poll_beside_a_join"],
    },
    Mutant {
        name: "self-not-woken",
        file: "singleflight/pilot.rs",
        edits: &[("                    poll_again(cx);\n", "")],
        models: &["flight::wake_during_the_only_poll"],
    },
    Mutant {
        name: "closed-but-listed",
        file: "singleflight/word.rs",
        edits: &[("Self(self.0 & !Self::LISTED | Self::CLOSED)", "Self(self.0 | Self::CLOSED)")],
        models: &["flight::last_goes_beside_a_newcomer"],
    },
    Mutant {
        name: "closed-beside-others",
        file: "singleflight/word.rs",
        edits: &[("self.is_running() && self.keepers() == 0 &&", "self.is_running() &&")],
        models: &["flight::last_goes_beside_a_newcomer"],
    },
    Mutant {
        name: "closing-sees-nothing",
        file: "singleflight/pilot.rs",
        edits: &[("next, Ordering::Acquire, Ordering::Relaxed", "next, Ordering::Relaxed, Ordering::Relaxed")],
        models: &["flight::two_last_go_at_once"],
    },
    Mutant {
        name: "given-back-unpublished",
        file: "singleflight/turn.rs",
        edits: &[("fetch_and(Word::RELEASED, Ordering::Release)", "fetch_and(Word::RELEASED, Ordering::Relaxed)")],
        models: &["flight::two_last_go_at_once"],
    },
    Mutant {
        name: "listed-without-a-look",
        file: "singleflight/registry.rs",
        edits: &[
            ("Some((hold, serial)) => Found::Candidate", "Some((hold, serial)) if spare.is_none() => Found::Candidate"),
            ("None => match spare.take() {", "_ => match spare.take() {"),
        ],
        models: &["flight::two_newcomers"],
    },
    Mutant {
        name: "panic-ends-nothing",
        file: "singleflight/turn.rs",
        edits: &[("                self.end(Word::panicked);", "")],
        models: &["flight::panic_then_told"],
    },
    Mutant {
        name: "end-without-a-value-unpublished",
        file: "singleflight/turn.rs",
        edits: &[("how(word), Ordering::Release", "how(word), Ordering::Relaxed")],
        models: &["leads::lead_given_up_then_taken"],
    },
    Mutant {
        name: "forgotten-but-in-the-table",
        file: "singleflight/group.rs",
        edits: &[("            if is_mine {\n                registry.unlist(&flight);\n            }", "")],
        models: &["values::forget_beside_the_end_and_a_newcomer"],
    },
    Mutant {
        name: "holder-goes-unpublished",
        file: "singleflight/flight.rs",
        edits: &[("self.holders.fetch_sub(1, Ordering::Release)", "self.holders.fetch_sub(1, Ordering::Relaxed)")],
        models: &["values::two_fetch_as_it_ends"],
    },
    Mutant {
        name: "value-moved-unseen",
        file: "singleflight/flight.rs",
        edits: &[("self.holders.load(Ordering::Acquire) == 1", "self.holders.load(Ordering::Relaxed) == 1")],
        models: &["values::two_fetch_as_it_ends"],
    },
    Mutant {
        name: "end-unpublished",
        file: "singleflight/turn.rs",
        edits: &[("word.done(is_stored), Ordering::Release", "word.done(is_stored), Ordering::Relaxed")],
        models: &["values::end_beside_a_waiter_that_looks"],
    },
    Mutant {
        name: "end-wakes-nobody",
        file: "singleflight/turn.rs",
        edits: &[("            self.flight.wake_last();", "")],
        models: &["flight::panic_then_told", "leads::lead_goes_beside_a_follower"],
    },
    Mutant {
        name: "driver-keeps-news",
        file: "singleflight/pilot.rs",
        edits: &[("if word.has_driver() && !next.has_driver() && next.is_woken() {", "if false {")],
        models: &["handles::driver_goes_beside_a_wake"],
    },
    Mutant {
        name: "driver-closes-nothing",
        file: "singleflight/word.rs",
        edits: &[("Self(self.0 & !Self::DRIVER).settled()", "Self(self.0 & !Self::DRIVER)")],
        models: &["handles::driver_and_waiter_go_at_once"],
    },
    Mutant {
        name: "guests-left-behind",
        file: "singleflight/pilot.rs",
        edits: &[("if before.guests() > 0 {", "if false {")],
        models: &["handles::guest_beside_a_driver_that_goes"],
    },
    Mutant {
        name: "memory-freed-unseen",
        file: "singleflight/header.rs",
        edits: &[("references.load(Ordering::Acquire) != 1", "references.load(Ordering::Relaxed) != 1")],
        models: &["handles::waker_beside_the_end"],
    },
    Mutant {
        name: "registry-freed-unseen",
        file: "singleflight/registry.rs",
        edits: &[("        handles.load(Ordering::Acquire);", "")],
        models: &["handles::group_goes_beside_a_waiter"],
    },
    Mutant {
        name: "lead-goes-silently",
        file: "singleflight/turn.rs",
        edits: &[("Stage::Led => self.end(Word::closed),", "Stage::Led => {}")],
        models: &["leads::lead_goes_beside_a_follower"],
    },
    Mutant {
        name: "static-lines-up-without-a-look",
        file: "singleflight/slots.rs",
        edits: &[("|| (!is_led()).then_some(())", "|| (false && !is_led()).then_some(())")],
        models: &["fixed::static_lead_goes_beside_a_follower"],
    },
    Mutant {
        name: "static-lead-goes-silently",
        file: "singleflight/slots.rs",
        edits: &[(
            "state = state);\n        self.wake(index);",
            "state = state);\n        if state == State::Done {\n            self.wake(index);\n        }",
        )],
        models: &["fixed::static_lead_goes_beside_a_follower"],
    },
    Mutant {
        name: "static-hold-kept",
        file: "singleflight/slots.rs",
        edits: &[("            board.slots[index].holders -= 1;", "")],
        models: &["fixed::static_end_beside_followers"],
    },
    Mutant {
        name: "static-leads-twice",
        file: "singleflight/slots.rs",
        edits: &[("                self.state = State::Led;\n", "")],
        models: &["fixed::static_lead_goes_to_one_of_two"],
    },
    Mutant {
        name: "static-taken-without-a-look",
        file: "singleflight/slots.rs",
        edits: &[("match board.next(seen) {", "match board.next(seen).filter(|_| seen == 0) {")],
        models: &["fixed::static_key_is_taken_once"],
    },
];
