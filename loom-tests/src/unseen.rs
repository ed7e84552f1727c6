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
        function: "sweep_up",
        operation: "requests.fetch_add",
        weaker: "Acquire",
        argument: "who leaves a lane subtracts by a Release, and then asks: only the Release of this keeps the two in order. A \
                   collector that read the request, but looked at the lane before the subtraction, would leave nobody to \
                   look again; that is load buffering, which loom does not explore",
    },
    Unseen {
        file: "map/collect.rs",
        function: "sweep_up",
        operation: "requests.fetch_add",
        weaker: "Release",
        argument: "the collector looks at the bags and lanes again because of the request that it reads here; its looks must not come \
                   before. In loom's interleavings the locks of the bags order them all the same",
    },
    Unseen {
        file: "map/collect.rs",
        function: "sweep_up",
        operation: "requests.compare_exchange",
        weaker: "Acquire",
        argument: "the collector that comes next begins by reading this; what this one has seen of the lanes is ordered before by the \
                   lock of the state too, so that the two are in order in every interleaving of loom's; the order is kept for \
                   who reads the request and not the lock",
    },
    Unseen {
        file: "map/collect.rs",
        function: "sweep_up",
        operation: "requests.compare_exchange",
        weaker: "Release",
        argument: "the collector looks at the bags and lanes again because of the request that it reads here; its looks must not come \
                   before. In loom's interleavings the locks of the bags order them all the same",
    },
    Unseen {
        file: "map/collect.rs",
        function: "sweep_up",
        operation: "requests.compare_exchange, failed",
        weaker: "Relaxed",
        argument: "the collector looks at the bags and lanes again because of the request that it reads here; its looks must not come \
                   before. In loom's interleavings the locks of the bags order them all the same",
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
        file: "map/collect.rs",
        function: "widen",
        operation: "bags.store",
        weaker: "Relaxed",
        argument: "the bags are memory that loom does not watch: a bag's lock is reached before it was made, and loom finds nothing in it",
    },
    Unseen {
        file: "map/collect.rs",
        function: "bags",
        operation: "bags.load",
        weaker: "Relaxed",
        argument: "the other side of the same pair",
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
