//! Tasks that contend: how much the queue and the hand-off cost between them, on one worker and on two.
//!
//! `scheduler alone` is the same tasks with the same number of suspensions and no semaphore: what is left for a
//! semaphore to win or lose is what lies above it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use xsync_benches::semaphores::Semaphore;
use xsync_benches::{Go, Plan, Row, Sample, every_semaphore};

use crate::go;

const SAMPLE: Duration = Duration::from_millis(3);

/// Who wants what, and how long.
#[derive(Clone, Copy)]
struct Shape {
    title: &'static str,
    tasks: usize,
    permits: usize,
    weight: usize,
    held: Held,
}

/// What a task does while it holds its permits.
#[derive(Clone, Copy, PartialEq)]
enum Held {
    /// Nothing: it releases before anybody else on its worker runs.
    Nothing,
    /// Lets every other runnable task of its worker run once: it wakes itself and suspends.
    Suspended,
    /// The same by the runtime's `yield_now`, which also lets the runtime look at its timers.
    Yielded,
}

const SHAPES: [Shape; 6] = [
    Shape { title: "64 tasks, 4 permits, nothing held", tasks: 64, permits: 4, weight: 1, held: Held::Nothing },
    Shape {
        title: "64 tasks, 4 permits, held over a suspension",
        tasks: 64,
        permits: 4,
        weight: 1,
        held: Held::Suspended,
    },
    Shape { title: "64 tasks, 4 permits, held over yield_now", tasks: 64, permits: 4, weight: 1, held: Held::Yielded },
    Shape { title: "8 tasks, 1 permit, nothing held", tasks: 8, permits: 1, weight: 1, held: Held::Nothing },
    Shape {
        title: "8 tasks, 1 permit, held over a suspension",
        tasks: 8,
        permits: 1,
        weight: 1,
        held: Held::Suspended,
    },
    Shape {
        title: "64 tasks, 3 of 8 permits each, held over a suspension",
        tasks: 64,
        permits: 8,
        weight: 3,
        held: Held::Suspended,
    },
];

pub fn measure(plan: &Plan, go: Option<&Go>) {
    let one = Builder::new_current_thread().build().expect("a runtime");
    let two = Builder::new_multi_thread().worker_threads(2).build().expect("a runtime");
    for (workers, runtime) in [(1, &one), (2, &two)] {
        let on = if workers == 1 { "one worker" } else { "two workers" };
        for shape in SHAPES {
            let mut row = Row::new(format!("tasks on {on}: {}", shape.title), SAMPLE);
            every_semaphore!(S => if S::WEIGHTED || shape.weight == 1 {
                row.contender(S::NAME, contend::<S>(runtime, shape));
            });
            if let Some(built) = go {
                let held = shape.held != Held::Nothing;
                row.foreign(
                    "go x/sync",
                    built.version(),
                    go::tasks(built, workers, shape.tasks, shape.permits, shape.weight, held),
                );
            }
            row.contender("scheduler alone", scheduler_alone(runtime, shape));
            row.measure(plan);
        }
        let mut row = Row::new(format!("tasks on {on}: hand-off there and back"), SAMPLE);
        every_semaphore!(S => row.contender(S::NAME, hand_off::<S>(runtime)));
        row.contender("scheduler alone", hand_off_alone(runtime));
        row.measure(plan);
    }
}

impl Held {
    async fn pass(self) {
        match self {
            Self::Nothing => {}
            Self::Suspended => Suspend(false).await,
            Self::Yielded => tokio::task::yield_now().await,
        }
    }
}

/// Wakes its task and is pending, once.
struct Suspend(bool);

impl Future for Suspend {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

fn contend<S: Semaphore>(runtime: &Runtime, shape: Shape) -> impl FnMut(u64) -> Sample + '_ {
    let semaphore = Arc::new(S::new(shape.permits));
    move |operations| {
        let client = |acquisitions| {
            let semaphore = Arc::clone(&semaphore);
            async move {
                for _ in 0..acquisitions {
                    let permit = S::permit(semaphore.acquire(shape.weight).await);
                    shape.held.pass().await;
                    drop(permit);
                }
            }
        };
        let sample = spawn_all(runtime, shape.tasks, operations, client);
        assert_eq!(semaphore.available(), shape.permits);
        sample
    }
}

fn scheduler_alone(runtime: &Runtime, shape: Shape) -> impl FnMut(u64) -> Sample + '_ {
    move |operations| {
        spawn_all(runtime, shape.tasks, operations, |acquisitions| async move {
            for _ in 0..acquisitions {
                // One suspension in the queue, one with the permits.
                if shape.held != Held::Nothing {
                    Suspend(false).await;
                }
                shape.held.pass().await;
            }
        })
    }
}

/// Splits `operations` among `tasks` tasks, each of which runs `client` for its part, and waits for all of them.
fn spawn_all<F>(runtime: &Runtime, tasks: usize, operations: u64, client: impl Fn(u64) -> F) -> Sample
where
    F: Future<Output = ()> + Send + 'static,
{
    let each = operations.div_ceil(tasks as u64);
    Sample::of(each * tasks as u64, || {
        runtime.block_on(async {
            let clients: Vec<_> = (0..tasks).map(|_| tokio::spawn(client(each))).collect();
            for client in clients {
                client.await.expect("a client panicked");
            }
        });
    })
}

/// Two tasks, each of which waits for a permit that only the other gives. An operation is one wait.
fn hand_off<S: Semaphore>(runtime: &Runtime) -> impl FnMut(u64) -> Sample + '_ {
    let sides = Arc::new([S::empty(1), S::empty(1)]);
    move |operations| {
        let rounds = operations.div_ceil(2);
        let side = |mine: usize| {
            let sides = Arc::clone(&sides);
            async move {
                for _ in 0..rounds {
                    S::forget(S::permit(sides[mine].acquire(1).await));
                    sides[1 - mine].add(1);
                }
            }
        };
        sides[0].add(1);
        let sample = Sample::of(rounds * 2, || {
            runtime.block_on(async {
                let other = tokio::spawn(side(1));
                tokio::spawn(side(0)).await.expect("a side panicked");
                other.await.expect("a side panicked");
            });
        });
        S::forget(sides[0].try_acquire(1).expect("comes back"));
        assert_eq!((sides[0].available(), sides[1].available()), (0, 0));
        sample
    }
}

/// A task that goes on waking itself: the least that a hand-off costs.
fn hand_off_alone(runtime: &Runtime) -> impl FnMut(u64) -> Sample + '_ {
    move |operations| {
        spawn_all(runtime, 2, operations, |waits| async move {
            for _ in 0..waits {
                Suspend(false).await;
            }
        })
    }
}
