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
/// They are of one pair, the second half of P4: a release that reads a raised maximum must not succeed on the count of
/// before.
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
];
