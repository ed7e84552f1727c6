//! The executors' own handles and ends: a child that is aborted, never polled, or on a runtime that goes away. The
//! wait, which is elsewhere, ends each time, with the right outcome.

use core::future::{Future, pending};
use core::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::rc::Rc;
use std::sync::Arc;

use async_executor::{Executor, LocalExecutor};
use tokio::runtime::{Builder, Runtime};
use xsync::{Child, ErrGroup, GroupError};

use crate::common::yield_now;
use crate::common::{block_on, in_time, poll};

type Group = ErrGroup<&'static str>;

/// Begins and never ends; tells both, and when it is dropped.
#[derive(Clone, Default)]
struct Endless {
    begun: Arc<AtomicBool>,
    dropped: Arc<AtomicBool>,
}

struct Held(Arc<AtomicBool>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

impl Endless {
    fn run(&self) -> impl Future<Output = Result<(), &'static str>> + Send + use<> {
        let (begun, held) = (Arc::clone(&self.begun), Held(Arc::clone(&self.dropped)));
        async move {
            let _held = held;
            begun.store(true, SeqCst);
            pending().await
        }
    }

    fn has_begun(&self) -> bool {
        self.begun.load(SeqCst)
    }

    async fn begin(&self) {
        while !self.has_begun() {
            yield_now().await;
        }
    }

    /// The wait, elsewhere, has ended as `expected`, and the future had been dropped before.
    #[track_caller]
    fn assert_ended(&self, group: Group, expected: &str) {
        let outcome = block_on(group.join());
        assert!(self.dropped.load(SeqCst));
        let outcome = match outcome {
            Err(GroupError::Aborted) => "aborted",
            Err(GroupError::Cancelled) => "cancelled",
            other => panic!("{other:?}"),
        };
        assert_eq!(outcome, expected);
    }
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

#[test]
fn tokio_gives_its_own_handle() {
    for runtime in [multi_thread, current_thread] {
        in_time(move || {
            runtime().block_on(async {
                let mut group = Group::new();
                let handle = group.spawn(async { Ok(42) }, tokio::spawn).await.unwrap();
                handle.await.unwrap();
                let panics = async {
                    std::panic::resume_unwind(Box::new("in a task"));
                    #[expect(unreachable_code, reason = "gives the block its type")]
                    Ok(())
                };
                let handle = group.spawn(panics, tokio::spawn).await.unwrap();
                let payload = handle.await.unwrap_err().into_panic();
                assert_eq!(*payload.downcast::<&str>().unwrap(), "in a task");
                assert!(matches!(group.wait().await, Err(GroupError::Panicked(_))));
            });
        });
    }
}

#[cfg(feature = "std")]
#[test]
fn tokio_sees_no_panic_that_was_captured() {
    in_time(|| {
        multi_thread().block_on(async {
            let group = Group::builder().capture_panics().build();
            let panics = async {
                std::panic::resume_unwind(Box::new("in a task"));
                #[expect(unreachable_code, reason = "gives the block its type")]
                Ok(())
            };
            group.spawn(panics, tokio::spawn).await.unwrap().await.unwrap();
            let error = group.join().await.unwrap_err();
            assert_eq!(error.to_string(), "a child of the group panicked: in a task");
        });
    });
}

#[test]
fn tokio_aborts_by_its_handle() {
    for runtime in [multi_thread, current_thread] {
        for (polled, cancelled, expected) in
            [(true, false, "aborted"), (false, false, "aborted"), (true, true, "cancelled"), (false, true, "cancelled")]
        {
            in_time(move || {
                let runtime = runtime();
                let (group, endless) = (Group::new(), Endless::default());
                let task = group.try_spawn(endless.run(), |child| runtime.spawn(child)).unwrap();
                if polled {
                    runtime.block_on(endless.begin());
                }
                if cancelled {
                    group.cancel();
                }
                task.abort_handle().abort();
                // It is dropped by its worker, or by whoever drives the runtime. Cancelled, it may have ended before.
                let joined = runtime.block_on(task);
                assert!(cancelled || joined.unwrap_err().is_cancelled());
                endless.assert_ended(group, expected);
            });
        }
    }
}

#[test]
fn a_tokio_runtime_that_goes_away_takes_its_children_along() {
    let ends: [fn(Runtime); 3] = [drop, Runtime::shutdown_background, |runtime| {
        runtime.shutdown_timeout(core::time::Duration::from_secs(120));
    }];
    for runtime in [multi_thread, current_thread] {
        for end in ends {
            for (cancelled, expected) in [(false, "aborted"), (true, "cancelled")] {
                in_time(move || {
                    let runtime = runtime();
                    let (group, endless) = (Group::new(), Endless::default());
                    runtime.block_on(async {
                        drop(group.spawn(endless.run(), tokio::spawn).await.unwrap());
                        endless.begin().await;
                    });
                    if cancelled {
                        group.cancel();
                    }
                    end(runtime);
                    endless.assert_ended(group, expected);
                });
            }
        }
    }
}

#[test]
fn a_tokio_runtime_that_has_gone_away_drops_what_it_is_given() {
    in_time(|| {
        let runtime = current_thread();
        let handle = runtime.handle().clone();
        let (group, unpolled, late) = (Group::new(), Endless::default(), Endless::default());
        drop(group.try_spawn(unpolled.run(), |child| handle.spawn(child)).unwrap());
        drop(runtime);
        assert!(unpolled.dropped.load(SeqCst) && !unpolled.has_begun());
        unpolled.assert_ended(group, "aborted");
        let group = Group::new();
        drop(group.try_spawn(late.run(), |child| handle.spawn(child)).unwrap());
        assert!(!late.has_begun());
        late.assert_ended(group, "aborted");
    });
}

/// Children that cannot be sent, on the thread where they were made.
#[test]
fn tokio_and_async_executor_run_local_children() {
    async fn scenario<S, R>(mut group: Group, spawn: S)
    where
        S: Fn(Child<LocalChild, &'static str>) -> R,
    {
        let count = Rc::new(core::cell::Cell::new(0));
        for _ in 0..10 {
            let count = Rc::clone(&count);
            let local: LocalChild = Box::pin(async move {
                yield_now().await;
                count.set(count.get() + 1);
                Ok(())
            });
            group.spawn(local, &spawn).await.unwrap();
        }
        assert!(group.wait().await.is_ok());
        assert_eq!((count.get(), Rc::strong_count(&count)), (10, 1));
    }

    type LocalChild = core::pin::Pin<Box<dyn Future<Output = Result<(), &'static str>>>>;

    in_time(|| {
        let local = tokio::task::LocalSet::new();
        local.block_on(&current_thread(), scenario(Group::new(), tokio::task::spawn_local));
        let executor = LocalExecutor::new();
        block_on(executor.run(scenario(Group::new(), |child| executor.spawn(child).detach())));
    });
}

#[test]
fn a_smol_task_that_is_dropped_or_cancelled_is_aborted() {
    for polled in [true, false] {
        in_time(move || {
            smol::block_on(async move {
                let (group, endless) = (Group::new(), Endless::default());
                let task = group.spawn(endless.run(), smol::spawn).await.unwrap();
                if polled {
                    endless.begin().await;
                }
                drop(task);
                endless.assert_ended(group, "aborted");

                let (group, endless) = (Group::new(), Endless::default());
                let task = group.spawn(endless.run(), smol::spawn).await.unwrap();
                if polled {
                    endless.begin().await;
                }
                assert_eq!(task.cancel().await, None);
                endless.assert_ended(group, "aborted");

                let mut group = Group::new();
                group.spawn(async { Ok(()) }, smol::spawn).await.unwrap().await;
                assert!(group.wait().await.is_ok());
            });
        });
    }
}

#[test]
fn an_async_std_task_that_is_cancelled_is_aborted() {
    in_time(|| {
        async_std::task::block_on(async {
            let (group, endless) = (Group::new(), Endless::default());
            let task = group.spawn(endless.run(), async_std::task::spawn).await.unwrap();
            endless.begin().await;
            assert_eq!(task.cancel().await, None);
            endless.assert_ended(group, "aborted");

            let mut group = Group::new();
            group.spawn(async { Ok(()) }, async_std::task::spawn).await.unwrap().await;
            assert!(group.wait().await.is_ok());
        });
    });
}

#[test]
fn an_executor_that_is_dropped_takes_its_children_along() {
    for polled in [true, false] {
        for (cancelled, expected) in [(false, "aborted"), (true, "cancelled")] {
            in_time(move || {
                let executor = Executor::new();
                let (group, endless) = (Group::new(), Endless::default());
                group.try_spawn(endless.run(), |child| executor.spawn(child).detach()).unwrap();
                if polled {
                    block_on(executor.run(endless.begin()));
                }
                assert_eq!(endless.has_begun(), polled);
                if cancelled {
                    group.cancel();
                }
                drop(executor);
                endless.assert_ended(group, expected);
            });
        }
    }
}

/// Nobody drives the executor: the wait is pending, as it must be, until the cancellation is followed by one step.
#[test]
fn an_executor_that_rests_keeps_the_group_waiting() {
    in_time(|| {
        let executor = Executor::new();
        let (mut group, endless) = (Group::builder().abort_on_cancel().build(), Endless::default());
        group.try_spawn(endless.run(), |child| executor.spawn(child).detach()).unwrap();
        block_on(executor.run(endless.begin()));
        group.cancel();
        assert!(poll(core::pin::pin!(group.wait())).is_pending());
        assert!(!endless.dropped.load(SeqCst));
        assert!(executor.try_tick(), "the cancellation has woken the child's task");
        endless.assert_ended(group, "cancelled");
    });
}
