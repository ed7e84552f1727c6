//! The suite for groups: the same scenarios wherever children run.

use core::future::{Future, pending};
use core::num::NonZeroUsize;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::time::Duration;
use std::sync::Arc;
use std::thread;

use xsync::{CancelToken, Cause, ErrGroup, GroupError, Reason, Spawner};

use crate::common::block_on;
use crate::common::yield_now;
use crate::runtime::Runtime;

type Group = ErrGroup<usize>;

const LONG: Duration = Duration::from_secs(120);

fn limited(limit: usize) -> Group {
    Group::builder().limit(NonZeroUsize::new(limit).unwrap()).build()
}

/// Counts what lives: up when it is made, down when it is dropped.
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// Slots are waited for, never exceeded, and free when a child has been dropped.
pub(crate) async fn limit(runtime: &impl Runtime) {
    const LIMIT: usize = 3;
    let mut group = limited(LIMIT);
    let (alive, peak, ran) = <(Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
    for _ in 0..100 {
        let (alive, peak, ran) = (Arc::clone(&alive), Arc::clone(&peak), Arc::clone(&ran));
        let child = async move {
            let _alive = Alive::new(&alive);
            peak.fetch_max(alive.load(SeqCst), SeqCst);
            yield_now().await;
            ran.fetch_add(1, SeqCst);
            Ok(())
        };
        group.spawn(child, |child| runtime.spawn(child)).await.unwrap();
    }
    assert!(group.wait().await.is_ok());
    assert_eq!((alive.load(SeqCst), ran.load(SeqCst)), (0, 100));
    assert!((1..=LIMIT).contains(&peak.load(SeqCst)));
}

/// All are counted at once, and wait for their slots as tasks.
pub(crate) async fn queue(runtime: &impl Runtime) {
    let mut group = limited(2);
    let (alive, peak, ran) = <(Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
    for _ in 0..50 {
        let (alive, peak, ran) = (Arc::clone(&alive), Arc::clone(&peak), Arc::clone(&ran));
        runtime.spawn(group.track(async move {
            let _alive = Alive::new(&alive);
            peak.fetch_max(alive.load(SeqCst), SeqCst);
            yield_now().await;
            ran.fetch_add(1, SeqCst);
            Ok(())
        }));
    }
    assert!(group.wait().await.is_ok());
    assert_eq!((alive.load(SeqCst), ran.load(SeqCst)), (0, 50));
    assert!((1..=2).contains(&peak.load(SeqCst)));
}

/// Siblings that look at the token end by themselves; the wait is for them, and returns the failure.
pub(crate) async fn fail_fast(runtime: &impl Runtime) {
    let mut group = Group::new();
    let alive = Arc::default();
    for number in 0..20 {
        let (token, held) = (group.token().clone(), Alive::new(&alive));
        let child = async move {
            let _held = held;
            token.cancelled().await;
            Err(number)
        };
        group.spawn::<_, _, _, ()>(child, |child| runtime.spawn(child)).await.unwrap();
    }
    let failing = async {
        yield_now().await;
        Err(42)
    };
    group.spawn::<_, _, _, ()>(failing, |child| runtime.spawn(child)).await.unwrap();
    assert!(matches!(group.wait().await, Err(GroupError::Task(42))));
    assert_eq!(alive.load(SeqCst), 0);
    assert!(matches!(group.token().cause(), Some(Cause::Failed)));
    assert_eq!(group.spawn(async { Ok(()) }, |_| ()).await.unwrap_err().reason, Reason::Finished);
}

/// Siblings that never end are dropped in their own tasks, which the failure itself brings about.
pub(crate) async fn abort(runtime: &impl Runtime) {
    let mut group = Group::builder().abort_on_cancel().build();
    let alive = Arc::default();
    for _ in 0..20 {
        let held = Alive::new(&alive);
        let child = async move {
            let _held = held;
            pending::<Result<(), _>>().await
        };
        group.spawn(child, |child| runtime.spawn(child)).await.unwrap();
    }
    yield_now().await;
    group.spawn::<_, _, _, ()>(async { Err(7) }, |child| runtime.spawn(child)).await.unwrap();
    assert!(matches!(group.wait().await, Err(GroupError::Task(7))));
    assert_eq!(alive.load(SeqCst), 0);
}

/// Cancelled from above while it is waited for.
pub(crate) async fn parent(runtime: &impl Runtime) {
    let parent = CancelToken::new();
    let mut group = Group::builder().parent(&parent).abort_on_cancel().build();
    for _ in 0..20 {
        group.spawn(pending::<Result<(), _>>(), |child| runtime.spawn(child)).await.unwrap();
    }
    let mut outer = Group::new();
    let cancels = async move {
        yield_now().await;
        parent.cancel();
        Ok(())
    };
    outer.spawn(cancels, |child| runtime.spawn(child)).await.unwrap();
    assert!(matches!(group.wait().await, Err(GroupError::Cancelled)));
    assert!(outer.wait().await.is_ok());
}

/// A child that starts two more, and so on; `spawn` runs them.
fn grow<S>(spawner: &Spawner<usize>, depth: usize, leaves: Arc<AtomicUsize>, spawn: S)
where
    S: Fn(core::pin::Pin<Box<dyn Future<Output = ()> + Send>>) + Clone + Send + 'static,
{
    let (next, spawns) = (spawner.clone(), spawn.clone());
    let child = async move {
        if depth == 0 {
            leaves.fetch_add(1, SeqCst);
            return Ok(());
        }
        yield_now().await;
        for _ in 0..2 {
            grow(&next, depth - 1, Arc::clone(&leaves), spawns.clone());
        }
        Ok(())
    };
    spawner.try_spawn(child, |child| spawn(Box::pin(child))).unwrap();
}

pub(crate) async fn nested<R: Runtime>(runtime: &R) {
    let mut group = Group::new();
    let leaves = Arc::default();
    let (tasks, new) = std::sync::mpsc::channel();
    grow(&group.spawner(), 5, Arc::clone(&leaves), move |child| tasks.send(child).unwrap());
    // Ends when the last child that could start another has been dropped.
    loop {
        match new.try_recv() {
            Ok(child) => runtime.spawn(child),
            Err(std::sync::mpsc::TryRecvError::Empty) => yield_now().await,
            Err(std::sync::mpsc::TryRecvError::Disconnected) => break,
        }
    }
    assert!(group.wait().await.is_ok());
    assert_eq!(leaves.load(SeqCst), 32);
}

/// A wait that is given up, and again; the group goes on, and children can be added.
pub(crate) async fn timeout(runtime: &impl Runtime) {
    let mut group = Group::new();
    let gate = CancelToken::new();
    let through = || {
        let gate = gate.clone();
        async move {
            gate.cancelled().await;
            Ok(())
        }
    };
    group.spawn(through(), |child| runtime.spawn(child)).await.unwrap();
    for _ in 0..3 {
        assert!(runtime.timeout(Duration::from_millis(2), group.wait()).await.is_none());
        group.spawn(through(), |child| runtime.spawn(child)).await.unwrap();
    }
    assert!(!group.token().is_cancelled());
    gate.cancel();
    assert!(runtime.timeout(LONG, group.wait()).await.expect("in time").is_ok());
}

/// Tasks, threads and members side by side.
pub(crate) async fn mixed(runtime: &impl Runtime) {
    let mut group = Group::new();
    let ran: Arc<AtomicUsize> = Arc::default();
    for number in 0..30 {
        let ran = Arc::clone(&ran);
        let child = async move {
            yield_now().await;
            ran.fetch_add(1, SeqCst);
            Ok(())
        };
        match number % 3 {
            0 => group.spawn(child, |child| runtime.spawn(child)).await.unwrap(),
            1 => drop(group.spawn(child, |child| thread::spawn(move || block_on(child))).await.unwrap()),
            _ => {
                let member = group.member();
                thread::spawn(move || member.finish(block_on(child)));
            }
        }
    }
    assert!(group.wait().await.is_ok());
    assert_eq!(ran.load(SeqCst), 30);
}

/// One who waits for a slot is refused when a task fails the group.
pub(crate) async fn refused(runtime: &impl Runtime) {
    let mut group = limited(1);
    let gate = CancelToken::new();
    let opens = gate.clone();
    let holds = async move {
        gate.cancelled().await;
        Ok(())
    };
    group.spawn(holds, |child| runtime.spawn(child)).await.unwrap();
    let member = group.member();
    runtime.spawn(async move {
        yield_now().await;
        member.finish(Err(1));
    });
    let refused = group.spawn(async { Ok(()) }, |_| panic!("started")).await.unwrap_err();
    assert_eq!(refused.reason, Reason::Cancelled);
    opens.cancel();
    assert!(matches!(group.wait().await, Err(GroupError::Task(1))));
}

/// A group that is waited for by another task than the one that filled it.
pub(crate) async fn handed_over(runtime: &impl Runtime) {
    let group = Group::new();
    for number in 0..10 {
        let child = async move {
            yield_now().await;
            if number == 5 { Err(number) } else { Ok(()) }
        };
        let _ = group.spawn(child, |child| runtime.spawn(child)).await;
    }
    let mut outer = Group::new();
    let waits = async move {
        match group.join().await {
            Err(GroupError::Task(number)) => Err(number),
            _ => Ok(()),
        }
    };
    outer.spawn(waits, |child| runtime.spawn(child)).await.unwrap();
    assert!(matches!(outer.wait().await, Err(GroupError::Task(5))));
}
