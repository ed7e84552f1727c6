//! One suite on every runtime: tokio with many threads and with one, smol, async-std, a bare `block_on`, and, in
//! blocking form, plain threads.
#![cfg(feature = "alloc")]
#![expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]

#[path = "../common/mod.rs"]
mod common;

mod runtime;
mod scenarios;
#[cfg(feature = "std")]
mod threads;

use common::in_time;
use runtime::Runtime;

macro_rules! suite {
    ($($name:ident: $runtime:ident),* $(,)?) => { $(
        mod $name {
            use super::{Runtime, in_time, runtime::$runtime, scenarios};

            fn on<F: AsyncFnOnce(&$runtime) + Send + 'static>(scenario: F) {
                in_time(|| {
                    let runtime = $runtime::new();
                    runtime.block_on(scenario(&runtime));
                });
            }

            #[test]
            fn a_worker_pool_is_bounded_and_joined_by_acquiring_all() {
                on(scenarios::worker_pool);
            }

            #[test]
            fn a_timeout_gives_up_the_place_in_the_queue() {
                on(scenarios::timeout);
            }

            #[test]
            fn a_lost_select_gives_up_the_place_in_the_queue() {
                on(scenarios::lost_select);
            }

            #[test]
            fn dropped_futures_give_back_what_they_were_granted() {
                on(scenarios::drops);
            }

            #[test]
            fn tasks_and_threads_share_one_queue() {
                on(scenarios::one_queue);
            }

            #[test]
            fn a_close_ends_every_wait() {
                on(scenarios::close);
            }

            #[test]
            fn a_cancelled_flag_releases_tasks_and_threads() {
                on(scenarios::flag);
            }
        }
    )* };
}

suite! {
    tokio_multi_thread: TokioMultiThread,
    tokio_current_thread: TokioCurrentThread,
    smol: Smol,
    async_std: AsyncStd,
    bare: Bare,
}
