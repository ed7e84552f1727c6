//! No semaphore.
#![no_std]
#![no_main]

xsync_firmware_sizes::program!(());
