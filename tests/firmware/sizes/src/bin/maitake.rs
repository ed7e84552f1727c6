//! maitake-sync's semaphore, with the critical section as queue lock that its own feature does not give a semaphore.
#![no_std]
#![no_main]

use core::cell::Cell;

use critical_section::RestoreState;
use maitake_sync::Semaphore;
use mutex_traits::RawMutex;

struct CriticalSection(Cell<Option<RestoreState>>);

// SAFETY: the cell is reached only inside a critical section.
unsafe impl Sync for CriticalSection {}

// SAFETY: a critical section excludes everybody else on a machine of one core.
unsafe impl RawMutex for CriticalSection {
    type GuardMarker = *const ();

    fn lock(&self) {
        // SAFETY: `unlock` releases it, in order: the semaphore's locks do not nest.
        self.0.set(Some(unsafe { critical_section::acquire() }));
    }

    fn try_lock(&self) -> bool {
        self.lock();
        true
    }

    unsafe fn unlock(&self) {
        if let Some(restore) = self.0.take() {
            // SAFETY: acquired by `lock`.
            unsafe { critical_section::release(restore) };
        }
    }

    fn is_locked(&self) -> bool {
        false
    }
}

static SEMAPHORE: Semaphore<CriticalSection> = Semaphore::new_with_raw_mutex(1, CriticalSection(Cell::new(None)));

xsync_firmware_sizes::program!(SEMAPHORE.acquire(1).await);
