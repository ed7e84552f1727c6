//! Weakened orderings that no model can notice: the source is right to have the stronger one, and loom cannot tell.

/// One of them.
#[derive(Debug)]
pub struct Unseen {
    /// As in [`crate::sites::Site`].
    pub file: &'static str,
    /// As in [`crate::sites::Site`].
    pub function: &'static str,
    /// As in [`crate::sites::Site`].
    pub operation: &'static str,
    /// What it was weakened to.
    pub weaker: &'static str,
    /// Why the stronger one is needed, and why it cannot be seen.
    pub argument: &'static str,
}

/// All that are known.
///
/// Those of the semaphore are of one pair, the second half of P4: a release that reads a raised maximum must not succeed on
/// the count of before. Those of the map are of what asks for another collection, and of tables that loom does not watch.
pub const UNSEEN: &[Unseen] = &[
    Unseen {
        file: "semaphore/mod.rs",
        function: "give",
        operation: "limit.load",
        weaker: "Relaxed",
        argument: "a release would have to read the maximum that an addition stores after it has raised the count, while \
                   its exchange comes before that: a read of a later store (load buffering). The language allows it unless \
                   this load is Acquire; in loom's interleavings the release's exchange reads the newest state, and fails",
    },
    Unseen {
        file: "semaphore/resize.rs",
        function: "add_permits",
        operation: "limit.store",
        weaker: "Relaxed",
        argument: "the other side of the same pair. Hardware, too, may let the raised maximum be seen before the raised \
                   count when this store is Relaxed; loom makes the two visible in order to an exchange",
    },
    Unseen {
        file: "semaphore/grant.rs",
        function: "hint",
        operation: "limit.store",
        weaker: "Relaxed",
        argument: "the same pair again: the store of the hint repeats the maximum that an addition stored, and a release \
                   that reads it here must find the raised count too, which the lock has ordered before this store",
    },
    Unseen {
        file: "semaphore/resize.rs",
        function: "reduce_permits",
        operation: "limit.store",
        weaker: "Relaxed",
        argument: "the same pair again: after an addition, what a reduction leaves of it is stored here",
    },
    Unseen {
        file: "map/collect.rs",
        function: "wait_for",
        operation: "lane.fetch_or",
        weaker: "Acquire",
        argument: "the look of `is_empty` has released on the lane before, unless it stopped at another lane of the epoch that was \
                   occupied: two lanes occupied at the look, one of them left before this, and a reader that enters it \
                   after, are more than a model can hold",
    },
    Unseen {
        file: "map/depot.rs",
        function: "ask",
        operation: "asked.fetch_add",
        weaker: "Release",
        argument: "loom's try finds the lock as it is at that moment of the interleaving; in the memory model who finds it taken has to be \
                   known to whoever releases it, by a read-modify-write on one word on both sides: see the head of the file",
    },
    Unseen {
        file: "map/depot.rs",
        function: "is_asked",
        operation: "asked.fetch_add",
        weaker: "Acquire",
        argument: "loom's try finds the lock as it is at that moment of the interleaving; in the memory model who finds it taken has to be \
                   known to whoever releases it, by a read-modify-write on one word on both sides: see the head of the file",
    },
    Unseen {
        file: "map/depot.rs",
        function: "is_asked",
        operation: "asked.fetch_add",
        weaker: "Release",
        argument: "who finds that somebody was asked for goes on to read what that one did, which the locks order in loom's interleavings",
    },
    Unseen {
        file: "map/depot.rs",
        function: "answer",
        operation: "asked.swap",
        weaker: "Acquire",
        argument: "what is looked at after the answer must be no older than what was asked for; in loom's interleavings the lock of the state orders \
                   the two",
    },
    Unseen {
        file: "map/slot.rs",
        function: "current",
        operation: "address.load",
        weaker: "Relaxed",
        argument: "of the form for other targets, which a model does not have: as the pair `0.load` and `0.store`, which is noticed",
    },
    Unseen {
        file: "map/slot.rs",
        function: "fill",
        operation: "address.store",
        weaker: "Relaxed",
        argument: "of the form for other targets, which a model does not have: as the pair `0.load` and `0.store`, which is noticed",
    },
    Unseen {
        file: "map/collect.rs",
        function: "advance",
        operation: "gate.store",
        weaker: "Relaxed",
        argument: "only an epoch that is new needs it, since the lanes of the others have been looked at by a \
                   read-modify-write in the same section; models come to a new epoch through `widen`, whose store of the \
                   gate is noticed",
    },
    Unseen {
        file: "sync/thread.rs",
        function: "drop",
        operation: "TAKEN.fetch_and",
        weaker: "Relaxed",
        argument: "a model numbers its threads otherwise: none has the number of one that has ended",
    },
];
