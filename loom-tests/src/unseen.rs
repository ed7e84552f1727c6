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
/// Both are of one pair, the second half of P4: a release that reads a raised maximum must not succeed on the count of
/// before.
pub const UNSEEN: &[Unseen] = &[
    Unseen {
        file: "semaphore/mod.rs",
        function: "give",
        operation: "max.load",
        weaker: "Relaxed",
        argument: "a release would have to read the maximum that an addition stores after its exchange, while its own \
                   exchange comes before that one: a read of a later store (load buffering). The language allows it unless \
                   this load is Acquire; in loom's interleavings the release's exchange reads the newest state, and fails",
    },
    Unseen {
        file: "semaphore/resize.rs",
        function: "add_permits",
        operation: "max.store",
        weaker: "Relaxed",
        argument: "the other side of the same pair. Hardware, too, may let the raised maximum be seen before the raised \
                   count when this store is Relaxed; loom makes the two visible in order to an exchange",
    },
];
