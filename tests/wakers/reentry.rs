//! A waker that, inside `wake`, uses the object that it is woken by neither deadlocks nor corrupts. So no waker is
//! fired while the lock is held: the lock is not re-entrant.

use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::task::Poll;
use std::sync::{Arc, Mutex, PoisonError};

use xsync::{AcquireError, CancelFlag, Cancelled, Permit, Semaphore};

use crate::Request;
use crate::common::{in_time, on_wake, shared::Shared, task::Task};

/// What a waker finds: the semaphore, and requests of others.
struct World {
    semaphore: Shared,
    /// Permits that are out without a guard.
    raw: AtomicUsize,
    permits: Mutex<Vec<Permit<Shared>>>,
    second: Mutex<Option<Request>>,
    newcomers: Mutex<Vec<Request>>,
    runs: AtomicUsize,
}

fn take<T: Default>(cell: &Mutex<T>) -> T {
    core::mem::take(&mut *cell.lock().unwrap_or_else(PoisonError::into_inner))
}

impl World {
    fn queue(&self, permits: usize) {
        let mut request = Task::new(self.semaphore.request(permits));
        match request.poll() {
            Poll::Pending => self.newcomers.lock().unwrap().push(request),
            Poll::Ready(Ok(permit)) => self.permits.lock().unwrap().push(permit),
            Poll::Ready(Err(_)) => {}
        }
    }

    fn release(&self, permits: usize) {
        self.raw.fetch_sub(permits, SeqCst);
        self.semaphore.release(permits);
    }
}

type Step = (&'static str, fn(&World));

const ACTIONS: [Step; 12] = [
    ("acquire", |world| world.queue(1)),
    ("acquire none", |world| world.queue(0)),
    ("acquire too much", |world| world.queue(usize::MAX)),
    ("try", |world| world.permits.lock().unwrap().extend(Semaphore::try_acquire_with(world.semaphore.clone(), 1))),
    ("release one", |world| world.release(1)),
    ("release for others", |world| world.release(4)),
    ("drop another", |world| drop(take(&world.second))),
    ("poll another", |world| {
        let second = world.second.lock().unwrap().take();
        if let Some(mut second) = second {
            match second.poll_with(&on_wake(|| {})) {
                Poll::Pending => *world.second.lock().unwrap() = Some(second),
                Poll::Ready(Ok(permit)) => world.permits.lock().unwrap().push(permit),
                Poll::Ready(Err(_)) => {}
            }
        }
    }),
    ("close", |world| world.semaphore.close()),
    ("add", |world| world.semaphore.add_permits(3)),
    ("reduce", |world| world.semaphore.reduce_permits(4)),
    ("look", |world| {
        let drained = world.semaphore.drain_permits(1);
        world.raw.fetch_add(drained, SeqCst);
        assert!(format!("{:?}", world.semaphore).contains("closed"));
    }),
];

/// A name, a weight, and what resolves a request of that weight; of weight zero, the one in front of it is given too.
type Trigger = (&'static str, usize, fn(&World, Option<Request>));

const TRIGGERS: [Trigger; 6] = [
    ("a release", 2, |world, _| world.release(2)),
    ("a release of more", 2, |world, _| world.release(3)),
    ("an addition", 2, |world, _| world.semaphore.add_permits(2)),
    ("a reduction", 9, |world, _| world.semaphore.reduce_permits(2)),
    ("a close", 2, |world, _| world.semaphore.close()),
    ("a front that leaves", 0, |_, front| drop(front)),
];

#[test]
fn whatever_resolves_a_request_its_waker_may_do_anything() {
    for trigger in TRIGGERS {
        for action in ACTIONS {
            in_time(move || run(trigger, action));
        }
    }
}

fn run((trigger, weight, resolve): Trigger, (action, act): Step) {
    let name = format!("{trigger}, then {action}");
    let world = Arc::new(World {
        semaphore: Shared::new(Semaphore::with_max(0, 10)),
        raw: AtomicUsize::new(10),
        permits: Mutex::default(),
        second: Mutex::default(),
        newcomers: Mutex::default(),
        runs: AtomicUsize::new(0),
    });
    let front = (weight == 0).then(|| world.semaphore.queued(10));
    let acting = Arc::clone(&world);
    let waker = on_wake(move || {
        acting.runs.fetch_add(1, SeqCst);
        act(&acting);
    });
    let first = Task::queued_with(world.semaphore.request(weight), &waker);
    *world.second.lock().unwrap() = Some(world.semaphore.queued(3));
    let third = world.semaphore.queued(1);

    resolve(&world, front);
    assert_eq!(world.runs.load(SeqCst), 1, "{name}");

    // Everybody looks; who waits is left in order.
    let mut permits = take(&world.permits);
    let mut waiting = Vec::new();
    for mut request in
        [Some(first), take(&world.second), Some(third)].into_iter().flatten().chain(take(&world.newcomers))
    {
        match request.poll() {
            Poll::Ready(Ok(permit)) => permits.push(permit),
            Poll::Ready(Err(AcquireError::Closed)) => assert!(world.semaphore.is_closed(), "{name}"),
            Poll::Ready(Err(error)) => assert!(trigger == "a reduction", "{name}: {error}"),
            Poll::Pending => waiting.push(request),
        }
    }
    assert!(waiting.is_empty() || !world.semaphore.is_closed(), "{name}");
    let raw = world.raw.load(SeqCst);
    let out = raw + permits.iter().map(Permit::permits).sum::<usize>();
    let max = world.semaphore.max_permits();
    assert_eq!(world.semaphore.available_permits(), max.saturating_sub(out), "{name}: {:?}", world.semaphore);

    // All that is out comes back, and serves whoever waits.
    drop(permits);
    world.semaphore.release(raw);
    for request in &mut waiting {
        assert!(request.ready().is_ok(), "{name}");
    }
    assert_eq!(world.semaphore.available_permits(), max, "{name}");
    assert_eq!(world.semaphore.try_acquire(max).is_ok(), !world.semaphore.is_closed(), "{name}");
}

#[test]
fn a_waker_sees_its_own_grant() {
    let semaphore = Shared::new(Semaphore::with_max(0, 5));
    let seen = Arc::new(AtomicUsize::new(usize::MAX));
    let (look, note) = (semaphore.clone(), Arc::clone(&seen));
    let waker = on_wake(move || note.store(look.available_permits(), SeqCst));
    let mut request = Task::queued_with(semaphore.request(2), &waker);
    semaphore.release(3);
    assert_eq!(seen.load(SeqCst), 1);
    assert_eq!(request.ready().unwrap().permits(), 2);
}

#[test]
fn a_chain_of_wakers_that_release_ends() {
    const LINKS: usize = 200;
    in_time(|| {
        let semaphore = Shared::new(Semaphore::with_max(0, LINKS));
        let mut requests: Vec<_> = (0..LINKS)
            .map(|_| {
                let next = semaphore.clone();
                Task::queued_with(semaphore.request(1), &on_wake(move || next.release(1)))
            })
            .collect();
        let last = semaphore.queued(1);
        semaphore.release(LINKS - 1);
        semaphore.reduce_permits(0);
        assert_eq!(last.wakes(), 1);
        requests.iter_mut().for_each(|request| request.ready().unwrap().forget());
    });
}

#[test]
fn a_waker_of_a_flag_may_do_anything_with_it() {
    static FLAG: CancelFlag = CancelFlag::new();
    static OTHER: Mutex<Option<Task<Cancelled<'static>>>> = Mutex::new(None);
    static POLLED: Mutex<Option<Task<Cancelled<'static>>>> = Mutex::new(None);
    in_time(|| {
        let runs = Arc::new(AtomicUsize::new(0));
        let ran = Arc::clone(&runs);
        let mut first = Task::queued_with(
            FLAG.cancelled(),
            &on_wake(move || {
                FLAG.cancel();
                assert!(FLAG.is_cancelled());
                assert!(format!("{FLAG:?}").contains("true"));
                Task::new(FLAG.cancelled()).ready();
                let other = OTHER.lock().unwrap().take().unwrap();
                other.cancel();
                POLLED.lock().unwrap().as_mut().unwrap().ready();
                ran.fetch_add(1, SeqCst);
            }),
        );
        *OTHER.lock().unwrap() = Some(Task::queued(FLAG.cancelled()));
        *POLLED.lock().unwrap() = Some(Task::queued(FLAG.cancelled()));
        let last = Task::queued(FLAG.cancelled());
        FLAG.cancel();
        assert_eq!((runs.load(SeqCst), last.wakes()), (1, 1));
        first.ready();
    });
}
