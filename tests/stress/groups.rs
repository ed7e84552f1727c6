//! Storms on groups: children that are started, run, dropped and cancelled by many threads at once.

use core::cell::UnsafeCell;
use core::future::{Future, pending};
use core::num::NonZeroUsize;
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use core::task::Poll;
use std::sync::{Arc, Mutex};
use std::thread;

use xsync::{CancelToken, ErrGroup, GroupError, Member, Spawner};

use crate::common::{block_on, poll, yield_now};
use crate::seed::{Rng, rounds};
use crate::threads::{perhaps_yield, together};

const THREADS: usize = 4;
const STEPS: usize = 30;
/// Room for every child of a round: each step starts at most two.
const CHILDREN: usize = THREADS * STEPS * 2;

/// What the children of a round have done, for the owner to see once the wait has ended.
struct Record {
    limit: Option<usize>,
    /// One child in so many fails, one is dropped, one cancels the group; or none.
    failing: Option<usize>,
    dropping: Option<usize>,
    cancelling: Option<usize>,
    alive: AtomicUsize,
    begun: AtomicUsize,
    started: AtomicUsize,
    ended_well: AtomicUsize,
    failed: AtomicUsize,
    aborted: AtomicBool,
    cancelled: AtomicBool,
    /// Each child writes its own, when it ends and when it is dropped; nobody orders that but the group.
    notes: Vec<Note>,
}

struct Note(UnsafeCell<[u32; 2]>);

// SAFETY: each place is written by one child, and read by the owner after the wait.
unsafe impl Sync for Note {}

impl Note {
    fn new() -> Self {
        Self(UnsafeCell::new([0; 2]))
    }

    /// # Safety
    /// `place` is the caller's own until the group has been waited for.
    unsafe fn set(&self, place: usize, value: u32) {
        let note = self.0.get().cast::<u32>();
        // SAFETY: within the array of two.
        let note = unsafe { note.add(place) };
        // SAFETY: as the caller promises.
        unsafe { *note = value };
    }

    /// # Safety
    /// The group has been waited for.
    unsafe fn get(&self) -> [u32; 2] {
        // SAFETY: no child is left to write it.
        unsafe { *self.0.get() }
    }
}

impl Record {
    fn new(rng: &mut Rng) -> Self {
        Self {
            limit: rng.one_in(2).then(|| 1 + rng.below(3)),
            failing: rng.one_in(2).then(|| 1 + rng.below(60)),
            dropping: rng.one_in(3).then(|| 1 + rng.below(60)),
            cancelling: rng.one_in(3).then(|| 1 + rng.below(100)),
            alive: AtomicUsize::new(0),
            begun: AtomicUsize::new(0),
            started: AtomicUsize::new(0),
            ended_well: AtomicUsize::new(0),
            failed: AtomicUsize::new(0),
            aborted: AtomicBool::new(false),
            cancelled: AtomicBool::new(false),
            notes: (0..CHILDREN).map(|_| Note::new()).collect(),
        }
    }

    /// Child `number` has ended (`place` 0), or was dropped (1): once each, or the check sees it.
    fn note(&self, number: usize, place: usize) {
        // SAFETY: each child writes its own note alone.
        unsafe { self.notes[number].set(place, 1) };
    }
}

/// A child that has begun; dropped last of all that it has.
struct Alive(Arc<Record>, usize);

impl Alive {
    fn new(record: Arc<Record>) -> Self {
        let alive = record.alive.fetch_add(1, SeqCst) + 1;
        assert!(record.limit.is_none_or(|limit| alive <= limit), "{alive} of {:?}", record.limit);
        let number = record.begun.fetch_add(1, SeqCst);
        Self(record, number)
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.note(self.1, 1);
        self.0.alive.fetch_sub(1, SeqCst);
    }
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a thread needs to start children.
struct Starter {
    spawner: Spawner<usize>,
    record: Arc<Record>,
    bag: Arc<Mutex<Vec<Task>>>,
}

impl Starter {
    fn child(&self, rng: &mut Rng) -> impl Future<Output = Result<(), usize>> + Send + use<> {
        let (record, yields) = (Arc::clone(&self.record), rng.below(3));
        let fails = record.failing.is_some_and(|failing| rng.one_in(failing));
        let nested = rng.one_in(6).then(|| (self.spawner.clone(), Arc::clone(&self.record)));
        record.started.fetch_add(1, SeqCst);
        async move {
            let alive = Alive::new(record);
            for _ in 0..yields {
                yield_now().await;
            }
            if let Some((spawner, record)) = nested {
                record.started.fetch_add(1, SeqCst);
                let inner = Arc::clone(&record);
                let child = async move {
                    let alive = Alive::new(inner);
                    alive.0.note(alive.1, 0);
                    alive.0.ended_well.fetch_add(1, SeqCst);
                    Ok(())
                };
                if spawner.try_spawn(child, block_on).is_err() {
                    record.started.fetch_sub(1, SeqCst);
                }
            }
            alive.0.note(alive.1, 0);
            if fails {
                alive.0.failed.fetch_add(1, SeqCst);
                return Err(alive.1);
            }
            alive.0.ended_well.fetch_add(1, SeqCst);
            Ok(())
        }
    }

    /// One step of a thread. What waits for a slot is run here and now; what is put into the bag holds none.
    fn step(&self, rng: &mut Rng) {
        let is_due = |rng: &mut Rng, rate: Option<usize>| rate.is_some_and(|rate| rng.one_in(rate));
        if is_due(rng, self.record.cancelling) {
            self.record.cancelled.store(true, SeqCst);
            self.spawner.cancel();
        }
        let child = self.child(rng);
        if is_due(rng, self.record.dropping) {
            let mut child = Box::pin(self.spawner.track(child));
            if !rng.one_in(2) || poll(child.as_mut()).is_pending() {
                self.record.aborted.store(true, SeqCst);
            }
            return drop(child);
        }
        let started = match rng.below(8) {
            0 => block_on(self.spawner.spawn(child, block_on)).is_ok(),
            1 => self.spawner.try_spawn(child, block_on).is_ok(),
            2 if self.record.limit.is_none() => {
                block_on(self.spawner.member().run(child));
                true
            }
            3 | 4 => {
                self.bag.lock().unwrap().push(Box::pin(self.spawner.track(child)));
                true
            }
            5 => {
                let mut spawn = Box::pin(self.spawner.spawn(child, block_on));
                let polled = (0..rng.below(4)).find_map(|_| match poll(spawn.as_mut()) {
                    Poll::Ready(started) => Some(started.is_ok()),
                    Poll::Pending => None,
                });
                // Given up, otherwise.
                polled.unwrap_or(false)
            }
            _ => {
                block_on(self.spawner.track(child));
                true
            }
        };
        if !started {
            self.record.started.fetch_sub(1, SeqCst);
        }
    }

    /// The work of one thread, which keeps the group from ending until it has done it.
    fn work(&self, member: Member<usize>, mut rng: Rng) {
        for _ in 0..STEPS {
            self.step(&mut rng);
            perhaps_yield(&mut rng);
            if rng.one_in(4) {
                self.empty_bag(1);
            }
        }
        self.empty_bag(usize::MAX);
        member.finish(Ok(()));
    }

    fn empty_bag(&self, at_most: usize) {
        for _ in 0..at_most {
            let Some(child) = self.bag.lock().unwrap().pop() else { return };
            block_on(child);
        }
    }
}

/// Waits in one way or another, giving up and beginning again.
fn wait<'a>(group: &'a mut ErrGroup<usize>, rng: &mut Rng) -> Result<(), &'a GroupError<usize>> {
    loop {
        let ready = match rng.below(3) {
            #[cfg(feature = "std")]
            0 => {
                let timeout = core::time::Duration::from_micros(rng.below(200) as u64);
                group.wait().wait_timeout(timeout).is_some()
            }
            1 => {
                let mut wait = Box::pin(group.wait());
                (0..rng.below(3)).any(|_| {
                    thread::yield_now();
                    poll(wait.as_mut()).is_ready()
                })
            }
            _ => return block_on(group.wait()),
        };
        if ready {
            return block_on(group.wait());
        }
    }
}

#[test]
fn the_wait_ends_after_all_children_with_what_they_did() {
    rounds(200, |rng| {
        let record = Arc::new(Record::new(rng));
        let mut builder = ErrGroup::builder();
        if let Some(limit) = record.limit {
            builder = builder.limit(NonZeroUsize::new(limit).unwrap());
        }
        if rng.one_in(2) {
            builder = builder.abort_on_cancel();
        }
        let mut group = builder.build();
        let (spawner, bag) = (group.spawner(), Arc::default());
        let members = Mutex::new((0..THREADS).map(|_| group.member()).collect::<Vec<_>>());
        let mut waits = rng.fork();
        thread::scope(|scope| {
            let workers = scope.spawn(|| {
                together(THREADS, rng, |_, rng| {
                    let starter =
                        Starter { spawner: spawner.clone(), record: Arc::clone(&record), bag: Arc::clone(&bag) };
                    let member = members.lock().unwrap().pop().unwrap();
                    starter.work(member, rng);
                });
            });
            let outcome = wait(&mut group, &mut waits);
            check(&record, outcome);
            workers.join().unwrap();
        });
        // No child has kept it.
        assert_eq!(Arc::strong_count(&record), 1);
    });
}

/// The group has been waited for.
#[track_caller]
fn check(record: &Record, outcome: Result<(), &GroupError<usize>>) {
    let [alive, begun, started, well, failed] =
        [&record.alive, &record.begun, &record.started, &record.ended_well, &record.failed]
            .map(|count| count.load(SeqCst));
    let [aborted, cancelled] = [&record.aborted, &record.cancelled].map(|flag| flag.load(SeqCst));
    assert_eq!(alive, 0);
    // SAFETY: the wait has ended.
    let notes: Vec<_> = (0..begun).map(|number| unsafe { record.notes[number].get() }).collect();
    assert!(notes.iter().all(|[_, dropped]| *dropped == 1));
    assert_eq!(notes.iter().map(|[ended, _]| *ended as usize).sum::<usize>(), well + failed);
    match outcome {
        Ok(()) => assert_eq!((failed, aborted && !cancelled, well), (0, false, started)),
        Err(GroupError::Task(number)) => assert_eq!(notes[*number][0], 1),
        Err(GroupError::Aborted) => assert!(aborted),
        Err(GroupError::Cancelled) => assert!(cancelled && failed == 0),
        other => panic!("{other:?}"),
    }
    if failed == 0 && !aborted && !cancelled {
        assert!(outcome.is_ok());
    }
    if failed > 0 {
        assert!(matches!(outcome, Err(GroupError::Task(_) | GroupError::Aborted)));
    }
}

/// The last child against the owner: it ends while the wait begins, sleeps, or gives up.
#[test]
fn the_last_child_meets_the_wait() {
    rounds(3_000, |rng| {
        let mut group = ErrGroup::<usize>::new();
        let note = Note::new();
        let children: Vec<_> = (0..1 + rng.below(2)).map(|_| group.member()).collect();
        let count = children.len();
        let (children, group) = (Mutex::new(children), Mutex::new(&mut group));
        together(1 + count, rng, |number, mut rng| {
            perhaps_yield(&mut rng);
            if number == 0 {
                assert!(wait(&mut group.lock().unwrap(), &mut rng).is_ok());
                // SAFETY: the wait has ended, so the children have.
                assert_eq!(unsafe { note.get() }[..count], [7, 7][..count]);
            } else {
                let member = children.lock().unwrap().pop().unwrap();
                // SAFETY: this child's own place.
                unsafe { note.set(number - 1, 7) };
                member.finish(Ok(()));
            }
        });
    });
}

/// Children that never end, on threads that sleep in them, poll them or drop them, while one thread ends the group.
#[test]
fn a_cancellation_reaches_every_child_of_a_group_that_aborts() {
    rounds(300, |rng| {
        let parent = CancelToken::new();
        let mut group = ErrGroup::<usize>::builder().parent(&parent).abort_on_cancel().build();
        let spawner = group.spawner();
        let alive = Arc::new(AtomicUsize::new(0));
        let failing = Mutex::new(Some(group.member()));
        let way = rng.below(4);
        together(THREADS, rng, |number, mut rng| {
            if number == 0 {
                perhaps_yield(&mut rng);
                let member = failing.lock().unwrap().take().unwrap();
                return match way {
                    0 => member.finish(Err(42)),
                    1 => parent.cancel(),
                    2 => spawner.cancel(),
                    _ => drop(member),
                };
            }
            let mut children: Vec<_> = (0..20)
                .map(|_| {
                    let held = Arc::clone(&alive);
                    Box::pin(spawner.track(async move {
                        let _held = held;
                        pending::<Result<(), _>>().await
                    }))
                })
                .collect();
            children.retain_mut(|child| poll(child.as_mut()).is_pending());
            // Only children whose end is certain are slept in: all, since the group is cancelled in any case.
            for child in children {
                block_on(child);
            }
        });
        let outcome = wait(&mut group, rng);
        assert_eq!(Arc::strong_count(&alive), 1);
        match way {
            0 => assert!(matches!(outcome, Err(GroupError::Task(42)))),
            1 | 2 => assert!(matches!(outcome, Err(GroupError::Cancelled))),
            _ => assert!(matches!(outcome, Err(GroupError::Aborted))),
        }
    });
}
