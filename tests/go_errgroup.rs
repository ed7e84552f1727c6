//! What golang.org/x/sync promises of `errgroup.Group`, and kratos of its own, checked here in its own way, and more
//! strictly: nothing is guessed from the clock.
#![cfg(feature = "alloc")]
#![expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]

mod common;

use core::num::NonZeroUsize;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

use common::{block_on, in_time, task::Task};
use xsync::{CancelToken, Cause, Child, ErrGroup, GroupError, Reason};

type Group = ErrGroup<&'static str>;

fn limited(limit: usize) -> Group {
    Group::builder().limit(NonZeroUsize::new(limit).unwrap()).build()
}

/// As a goroutine: the child on a thread of its own.
fn go<F, T>(child: Child<F, &'static str>) -> thread::JoinHandle<()>
where
    F: Future<Output = Result<T, &'static str>> + Send + 'static,
{
    thread::spawn(move || block_on(child))
}

/// What the wait returns, which is the same when it is asked again.
#[track_caller]
fn outcome(group: &mut Group) -> Option<&'static str> {
    let [first, again] = [(); 2].map(|()| match block_on(group.wait()) {
        Ok(()) => None,
        Err(GroupError::Task(error)) => Some(*error),
        Err(other) => panic!("{other:?}"),
    });
    assert_eq!(first, again);
    first
}

const SEQUENCES: [&[Option<&str>]; 5] =
    [&[], &[None], &[Some("first")], &[Some("first"), None], &[Some("first"), None, Some("second")]];

#[test]
fn the_first_error_of_a_sequence_is_the_outcome() {
    in_time(|| {
        for sequence in SEQUENCES {
            let mut group = Group::new();
            let token = group.token().clone();
            // All are there before the first ends: Go would start the later ones even then.
            let members: Vec<_> = sequence.iter().map(|_| group.member()).collect();
            for (member, error) in members.into_iter().zip(sequence) {
                member.finish(error.map_or(Ok(()), Err));
            }
            let first = sequence.iter().find_map(|error| *error);
            assert_eq!(token.is_cancelled(), first.is_some());
            assert_eq!(outcome(&mut group), first);
            // Go's cause is the error itself, which here is the waiter's alone.
            match token.cause() {
                Some(Cause::Failed) => assert!(first.is_some()),
                Some(Cause::Finished) => assert!(first.is_none()),
                other => panic!("{other:?}"),
            }
        }
    });
}

#[test]
fn so_it_is_when_each_is_started_after_the_one_before_has_ended() {
    in_time(|| {
        for sequence in SEQUENCES {
            let mut group = Group::new();
            let mut failed = false;
            for &error in sequence {
                let started = group.try_spawn(async move { error.map_or(Ok(()), Err) }, go);
                assert_eq!(started.is_err(), failed);
                if let Ok(thread) = started {
                    thread.join().unwrap();
                }
                failed |= error.is_some();
            }
            assert_eq!(outcome(&mut group), sequence.iter().find_map(|error| *error));
        }
    });
}

/// Go: 42 are started, the next is not; once they have ended, again; then with a limit of one. A limit of zero, which
/// would start nothing, cannot be expressed.
#[test]
fn try_go_is_exact_at_the_limit() {
    in_time(|| {
        for limit in [42, 1] {
            let mut group = limited(limit);
            for _ in 0..2 {
                let gate = CancelToken::new();
                let through = || {
                    let gate = gate.clone();
                    async move {
                        gate.cancelled().await;
                        Ok(())
                    }
                };
                let threads: Vec<_> = (0..limit).map(|_| group.try_spawn(through(), go).unwrap()).collect();
                for _ in 0..3 {
                    assert_eq!(group.try_spawn(through(), go).unwrap_err().reason, Reason::Full);
                }
                gate.cancel();
                threads.into_iter().for_each(|thread| thread.join().unwrap());
            }
            assert_eq!(outcome(&mut group), None);
        }
    });
}

#[test]
fn a_thousand_tasks_never_exceed_a_limit_of_ten() {
    in_time(|| {
        let mut group = limited(10);
        let (active, peak, ran) = <(Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        for _ in 0..1_025 {
            let (active, peak, ran) = (Arc::clone(&active), Arc::clone(&peak), Arc::clone(&ran));
            let task = async move {
                peak.fetch_max(active.fetch_add(1, SeqCst) + 1, SeqCst);
                thread::yield_now();
                active.fetch_sub(1, SeqCst);
                ran.fetch_add(1, SeqCst);
                Ok(())
            };
            block_on(group.spawn(task, go)).unwrap();
        }
        assert_eq!(outcome(&mut group), None);
        assert_eq!((ran.load(SeqCst), active.load(SeqCst)), (1_025, 0));
        assert!((1..=10).contains(&peak.load(SeqCst)), "{peak:?}");
    });
}

/// Go stays blocked; asked for in its issue tracker.
#[test]
fn a_go_that_waits_for_a_slot_gives_up_when_the_group_is_cancelled() {
    in_time(|| {
        let mut group = limited(1);
        let spawner = group.spawner();
        let member = group.member();
        let (hold, held) = channel::<()>();
        let blocked = group
            .try_spawn(
                async move {
                    held.recv().expect_err("nothing is sent");
                    Ok(())
                },
                go,
            )
            .unwrap();
        let mut waiting = Task::queued(spawner.spawn(async { Ok(()) }, |_| panic!("started")));
        member.finish(Err("failed"));
        assert_eq!(waiting.wakes(), 1);
        assert_eq!(waiting.ready().unwrap_err().reason, Reason::Cancelled);
        drop(hold);
        blocked.join().unwrap();
        assert_eq!(outcome(&mut group), Some("failed"));
    });
}

/// Once Go's wait re-raised it, later nothing does: here both the thread and the group know.
#[test]
fn a_panic_is_seen_by_its_thread_and_by_the_group() {
    in_time(|| {
        let group = Group::new();
        let panics = async {
            std::panic::resume_unwind(Box::new("an error value"));
            #[expect(unreachable_code, reason = "gives the block its type")]
            Ok(())
        };
        let thread = group.try_spawn(panics, go).unwrap();
        let payload = thread.join().unwrap_err();
        assert_eq!(*payload.downcast::<&str>().unwrap(), "an error value");
        assert!(matches!(block_on(group.join()), Err(GroupError::Panicked(_))));
    });
}

/// Go's `Goexit`: a task that ends without a result is no success.
#[test]
fn a_task_that_ends_without_a_result_has_been_aborted() {
    in_time(|| {
        let group = Group::new();
        let token = group.token().clone();
        let thread = group.try_spawn(async { Ok(()) }, |child| thread::spawn(move || drop(child))).unwrap();
        thread.join().unwrap();
        assert!(token.is_cancelled());
        assert!(matches!(block_on(group.join()), Err(GroupError::Aborted)));
    });
}

/// Go's example of a search in parallel: the results in order, and the first error stops it.
#[test]
fn results_in_order_of_a_search_in_parallel() {
    async fn search(kind: &str, query: &str) -> Result<String, &'static str> {
        if kind == "broken" { Err("no such index") } else { Ok(format!("{kind} for {query:?}")) }
    }

    fn search_all(kinds: &[&'static str]) -> Result<Vec<String>, &'static str> {
        let mut group = Group::new();
        let results = Arc::new(Mutex::new(vec![String::new(); kinds.len()]));
        for (place, &kind) in kinds.iter().enumerate() {
            let results = Arc::clone(&results);
            let search = async move {
                let found = search(kind, "golang").await?;
                results.lock().unwrap()[place] = found;
                Ok(())
            };
            // Refused, if one has failed already.
            let _ = group.try_spawn(search, go);
        }
        outcome(&mut group).map_or(Ok(()), Err)?;
        // No child is left, and none keeps the results.
        Ok(Arc::into_inner(results).expect("all children were dropped").into_inner().unwrap())
    }

    in_time(|| {
        let found = search_all(&["web", "image", "video"]).unwrap();
        assert_eq!(found, [r#"web for "golang""#, r#"image for "golang""#, r#"video for "golang""#]);
        assert_eq!(search_all(&["web", "broken", "video"]), Err("no such index"));
    });
}

/// Go's example of a pipeline: one walks, some digest, one collects; the channels close as the children end.
#[test]
fn a_pipeline_ends_by_itself() {
    in_time(|| {
        let mut group = Group::new();
        let (paths, walked) = channel();
        let (sums, collected) = channel();
        let walk = async move { (0..1_000_u64).try_for_each(|path| paths.send(path)).map_err(|_| "nobody digests") };
        group.try_spawn(walk, go).unwrap();
        let walked = Arc::new(Mutex::new(walked));
        for _ in 0..4 {
            let (walked, sums) = (Arc::clone(&walked), sums.clone());
            let digest = async move {
                loop {
                    let Ok(path) = walked.lock().unwrap().recv() else { return Ok(()) };
                    sums.send(path * path).map_err(|_| "nobody collects")?;
                }
            };
            group.try_spawn(digest, go).unwrap();
        }
        drop(sums);
        // Ends once every digester has been dropped.
        let total: u64 = collected.iter().sum();
        assert_eq!(total, (0..1_000_u64).map(|path| path * path).sum());
        assert_eq!(outcome(&mut group), None);
    });
}

/// kratos' `WithCancel`: a sibling that waits is released by the first error.
#[test]
fn an_error_releases_a_sibling_that_waits_for_the_context() {
    in_time(|| {
        for limit in [None, NonZeroUsize::new(2)] {
            let builder = Group::builder();
            let mut group = if let Some(limit) = limit { builder.limit(limit) } else { builder }.build();
            let (token, stopped) = (group.token().clone(), Arc::new(AtomicUsize::new(0)));
            let stops = Arc::clone(&stopped);
            let sibling = async move {
                token.cancelled().await;
                stops.fetch_add(1, SeqCst);
                Err("stopped")
            };
            group.try_spawn::<_, _, _, ()>(sibling, go).unwrap();
            group.try_spawn::<_, _, _, ()>(async { Err("failed") }, go).unwrap();
            assert_eq!(outcome(&mut group), Some("failed"));
            // Or it had not begun.
            assert!(stopped.load(SeqCst) <= 1);
        }
    });
}

/// kratos' `GOMAXPROCS`: the caller never waits, whatever is queued. There the rest begins in `Wait` only, and runs
/// even after a cancellation.
#[test]
fn a_queue_without_bounds_runs_two_at_a_time_before_the_wait() {
    in_time(|| {
        let mut group = limited(2);
        let (active, peak, ran) = <(Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let threads: Vec<_> = (0..100)
            .map(|_| {
                let (active, peak, ran) = (Arc::clone(&active), Arc::clone(&peak), Arc::clone(&ran));
                let tracked = group.track(async move {
                    peak.fetch_max(active.fetch_add(1, SeqCst) + 1, SeqCst);
                    thread::yield_now();
                    active.fetch_sub(1, SeqCst);
                    ran.fetch_add(1, SeqCst);
                    Ok(())
                });
                thread::spawn(move || block_on(tracked))
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(ran.load(SeqCst), 100);
        assert!((1..=2).contains(&peak.load(SeqCst)));
        assert_eq!(outcome(&mut group), None);
    });
}

#[test]
fn what_is_queued_when_the_group_fails_does_not_run() {
    in_time(|| {
        let mut group = limited(1);
        let ran = Arc::new(AtomicUsize::new(0));
        let mut failing = Task::new(group.track::<_, ()>(async { Err("failed") }));
        let mut queued: Vec<_> = (0..10)
            .map(|_| {
                let ran = Arc::clone(&ran);
                Task::new(group.track(async move {
                    ran.fetch_add(1, SeqCst);
                    Ok(())
                }))
            })
            .collect();
        failing.ready();
        queued.iter_mut().for_each(Task::ready);
        assert_eq!((outcome(&mut group), ran.load(SeqCst)), (Some("failed"), 0));
    });
}

/// There `Go` after `Wait`, and a second `Wait`, panic in a group with a limit.
#[test]
fn after_the_wait_a_limited_group_refuses_and_answers_again() {
    in_time(|| {
        let mut group = limited(2);
        block_on(group.spawn(async { Ok(()) }, go)).unwrap();
        assert_eq!(outcome(&mut group), None);
        assert_eq!(group.try_spawn(async { Ok(()) }, go).unwrap_err().reason, Reason::Finished);
        assert_eq!(outcome(&mut group), None);
    });
}

/// kratos recovers: the panic is the error, with its message and its stack, and cancels the siblings.
#[cfg(feature = "std")]
#[test]
fn a_panic_is_recovered_with_its_message_and_stack() {
    #[inline(never)]
    fn indexes_out_of_bounds(numbers: &[u8]) -> u8 {
        numbers[core::hint::black_box(3)]
    }

    in_time(|| {
        let group = Group::builder().capture_panics().build();
        let token = group.token().clone();
        let sibling = {
            let token = token.clone();
            async move {
                token.cancelled().await;
                Ok(())
            }
        };
        let waiting = group.try_spawn(sibling, go).unwrap();
        let thread = group.try_spawn(async { Ok(indexes_out_of_bounds(&[])) }, go).unwrap();
        // The thread has not panicked.
        thread.join().unwrap();
        waiting.join().unwrap();
        assert!(matches!(token.cause(), Some(Cause::Failed)));
        let error = block_on(group.join()).unwrap_err();
        assert!(error.to_string().contains("index out of bounds"), "{error}");
        let GroupError::Panicked(panic) = error else { panic!("{error:?}") };
        assert!(panic.backtrace().unwrap().to_string().contains("indexes_out_of_bounds"));
    });
}
