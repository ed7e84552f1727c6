//! A barrier with two sides of different cost: [`light`], which many pass often, is nothing at all, since [`heavy`] makes
//! every running thread of the process pass a full barrier (`membarrier(2)`, Linux 4.14). Each pair of one light and one
//! heavy is ordered as two sequentially consistent fences are: what one thread wrote before its barrier, the other
//! reads after its own, or the other way round.

pub(crate) use native::{heavy, is_available, light};

/// Where the number of the system call is known; Miri has none.
#[cfg(all(
    feature = "std",
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(any(miri, xsync_loom))
))]
mod native {
    use core::ffi::{c_int, c_long, c_uint};
    use core::sync::atomic::compiler_fence;

    use crate::sync::{OnceLock, Ordering};

    #[cfg(target_arch = "x86_64")]
    const MEMBARRIER: c_long = 324;
    #[cfg(target_arch = "aarch64")]
    const MEMBARRIER: c_long = 283;

    const PRIVATE_EXPEDITED: c_int = 1 << 3;
    const REGISTER_PRIVATE_EXPEDITED: c_int = 1 << 4;

    unsafe extern "C" {
        // Of the C library, which std links.
        fn syscall(number: c_long, ...) -> c_long;
    }

    fn membarrier(command: c_int) -> bool {
        // SAFETY: the call takes a command, flags and a processor, and touches no memory of ours.
        unsafe { syscall(MEMBARRIER, command, 0 as c_uint, 0 as c_int) == 0 }
    }

    /// Whether this system has it. Asked for before the first of either side; the first time it may wait for all processors.
    pub(crate) fn is_available() -> bool {
        static AVAILABLE: OnceLock<bool> = OnceLock::new();
        *AVAILABLE.get_or_init(|| membarrier(REGISTER_PRIVATE_EXPEDITED))
    }

    /// The side that is passed often.
    #[inline(always)]
    pub(crate) fn light() {
        // ORDERING: SeqCst: the other side's interruption makes a fence of this, wherever the processor is; the compiler is
        // to leave it where it is.
        compiler_fence(Ordering::SeqCst);
    }

    /// The side that is passed seldom: some microseconds. False if the system has refused it, and it was none.
    pub(crate) fn heavy() -> bool {
        membarrier(PRIVATE_EXPEDITED)
    }
}

#[cfg(xsync_loom)]
mod native {
    use crate::sync::Ordering;

    loom::lazy_static! {
        static ref STEP: loom::sync::atomic::AtomicUsize = loom::sync::atomic::AtomicUsize::new(0);
    }

    pub(crate) fn is_available() -> bool {
        true
    }

    /// To loom a fence is no point at which another thread may run: the store before it and the fence would be one step.
    fn let_others_run() {
        // ORDERING: Relaxed: nothing is read through it.
        STEP.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn light() {
        let_others_run();
        // ORDERING: SeqCst: see above.
        loom::sync::atomic::fence(Ordering::SeqCst);
    }

    pub(crate) fn heavy() -> bool {
        let_others_run();
        // ORDERING: SeqCst: see above.
        loom::sync::atomic::fence(Ordering::SeqCst);
        true
    }
}

#[cfg(not(any(
    xsync_loom,
    all(feature = "std", target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"), not(miri))
)))]
mod native {
    pub(crate) fn is_available() -> bool {
        false
    }

    #[inline(always)]
    pub(crate) fn light() {}

    pub(crate) fn heavy() -> bool {
        false
    }
}
