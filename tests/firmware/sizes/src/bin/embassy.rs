//! embassy-sync's fair semaphore, with a critical section as lock and room for two waiters.
#![no_std]
#![no_main]

use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::semaphore::{FairSemaphore, Semaphore};

static SEMAPHORE: FairSemaphore<CriticalSectionRawMutex, 2> = FairSemaphore::new(1);

xsync_firmware_sizes::program!(SEMAPHORE.acquire(1).await);
