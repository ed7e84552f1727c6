//! One program, with a semaphore of each crate or none: what an image grows by.
//!
//! Two tasks hold one permit in turns: each waits, holds it while the other runs, and gives it back.
#![no_std]

use core::future::poll_fn;
use core::panic::PanicInfo;
use core::task::Poll;

/// Lets the other task run.
pub async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| {
        if core::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

/// Says nothing, so that no text is linked for it.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    cortex_m::asm::udf()
}

/// The program; `$hold` evaluates to a permit.
#[macro_export]
macro_rules! program {
    ($hold:expr) => {
        use $crate::yield_now;

        #[embassy_executor::task(pool_size = 2)]
        async fn worker() {
            loop {
                let _permit = $hold;
                yield_now().await;
            }
        }

        #[embassy_executor::main]
        async fn main(spawner: embassy_executor::Spawner) {
            for _ in 0..2 {
                if let Ok(worker) = worker() {
                    spawner.spawn(worker);
                }
            }
        }
    };
}
