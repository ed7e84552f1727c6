//! A shadow of data that loom cannot see.

/// Stands beside data that is reached through raw pointers: whoever reads it says so, whoever ends its life says so, and
/// loom reports a reading that does not happen before the end. Takes no space natively.
#[derive(Debug)]
pub(crate) struct Tracked(#[cfg(xsync_loom)] crate::sync::UnsafeCell<()>);

// SAFETY: its content is nothing.
#[cfg(xsync_loom)]
unsafe impl Sync for Tracked {}

impl Tracked {
    pub(crate) fn new() -> Self {
        Self(
            #[cfg(xsync_loom)]
            crate::sync::UnsafeCell::new(()),
        )
    }

    #[inline(always)]
    #[cfg_attr(xsync_loom, track_caller)]
    pub(crate) fn read(&self) {
        #[cfg(xsync_loom)]
        self.0.with(|_| ());
    }

    #[inline(always)]
    #[cfg_attr(xsync_loom, track_caller)]
    pub(crate) fn end(&self) {
        #[cfg(xsync_loom)]
        self.0.with_mut(|_| ());
    }
}
