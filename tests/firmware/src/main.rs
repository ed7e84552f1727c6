//! Proves that the library works in firmware: without an allocator, with tasks of an executor for microcontrollers,
//! and with permits released, and wakers fired, by an interrupt handler that may hit any instruction of a task.
//!
//! ```text
//!   thread mode                                        SysTick handler
//!   wide, narrow: two Embassy tasks  <---wakers fire--- script: releases permits, raises the flag, closes
//!                 each wait goes through `watch` -----> watchdog: exits non-zero when nothing moves any more
//! ```
//!
//! The image exits through semihosting: 0 if every assertion held, 1 otherwise. What must make it fail can be planted
//! with an argument, so that the image that passes and those that fail are the same bytes ([`plant`]).
#![no_std]
#![no_main]

mod board;
mod log;
mod plant;
mod script;
mod tasks;
mod watch;

use cortex_m_rt::exception;
use embassy_executor::Spawner;

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    plant::arm(board::argument().as_str());
    spawner.spawn(tasks::wide(spawner).expect("spawned once"));
    board::start_ticks();
}

#[exception]
fn SysTick() {
    watch::tick();
    script::tick();
    board::next_tick();
}
