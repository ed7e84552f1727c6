//! maitake-sync's semaphore, with its default spin lock: smaller, and of no use where an interrupt handler takes part.
#![no_std]
#![no_main]

use maitake_sync::Semaphore;

static SEMAPHORE: Semaphore = Semaphore::new(1);

xsync_firmware_sizes::program!(SEMAPHORE.acquire(1).await);
