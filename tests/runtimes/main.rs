//! One suite on every runtime: tokio with many threads and with one, smol, async-std, async-executor, a bare
//! `block_on`, and, in blocking form, plain threads. And what only one of them has: its handles, and its end.
#![cfg(feature = "alloc")]
#![expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]

#[path = "../common/mod.rs"]
mod common;

mod groups;
mod handles;
mod runtime;
mod scenarios;
#[cfg(feature = "std")]
mod threads;

use common::in_time;
use runtime::Runtime;

macro_rules! suite {
    ($($name:ident: $runtime:ident),* $(,)?) => { $(
        mod $name {
            use super::{Runtime, groups, in_time, runtime::$runtime, scenarios};

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

            #[test]
            fn a_groups_limit_holds() {
                on(groups::limit);
            }

            #[test]
            fn a_groups_queue_runs_in_its_slots() {
                on(groups::queue);
            }

            #[test]
            fn a_failure_stops_the_siblings_that_look() {
                on(groups::fail_fast);
            }

            #[test]
            fn a_failure_drops_the_siblings_of_a_group_that_aborts() {
                on(groups::abort);
            }

            #[test]
            fn a_parent_ends_a_group() {
                on(groups::parent);
            }

            #[test]
            fn children_start_children() {
                on(groups::nested);
            }

            #[test]
            fn a_wait_that_timed_out_costs_the_group_nothing() {
                on(groups::timeout);
            }

            #[test]
            fn tasks_threads_and_members_share_a_group() {
                on(groups::mixed);
            }

            #[test]
            fn a_failure_ends_the_wait_for_a_slot() {
                on(groups::refused);
            }

            #[test]
            fn a_group_is_waited_for_in_another_task() {
                on(groups::handed_over);
            }
        }
    )* };
}

suite! {
    tokio_multi_thread: TokioMultiThread,
    tokio_current_thread: TokioCurrentThread,
    smol: Smol,
    async_std: AsyncStd,
    async_executor: AsyncExecutor,
    bare: Bare,
}
