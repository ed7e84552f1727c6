//! xsync's semaphore, with a critical section as queue lock.
#![no_std]
#![no_main]

static SEMAPHORE: xsync::Semaphore = xsync::Semaphore::new(1);

xsync_firmware_sizes::program!(SEMAPHORE.acquire(1).await);
