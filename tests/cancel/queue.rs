//! What a drop does to the others in the queue: their order stays exact, and whoever fits is woken, once.

use xsync::{Acquire, CancelFlag, Cancelled, Semaphore};

use crate::common::{kept, task::Task};
use crate::drops;

type Request<'a> = Task<Acquire<&'a Semaphore>>;

const LEN: usize = 5;

fn queue<const N: usize>(semaphore: &Semaphore, weights: [usize; N]) -> Vec<Option<Request<'_>>> {
    weights.into_iter().map(|n| Some(Task::queued(semaphore.acquire(n)))).collect()
}

/// The wakes of those that are left.
fn wakes(queue: &[Option<Request<'_>>]) -> Vec<usize> {
    queue.iter().flatten().map(|request| request.wakes()).collect()
}

/// Drops the request at `place`, which nobody had woken.
#[track_caller]
fn leave(queue: &mut [Option<Request<'_>>], place: usize) {
    let counter = queue[place].take().unwrap().cancel();
    assert_eq!((kept(&counter), counter.wakes()), (0, 0));
}

#[test]
fn whoever_leaves_the_rest_is_served_in_order() {
    for dropped in drops(LEN) {
        let semaphore = Semaphore::with_max(0, LEN + 1);
        let mut requests = queue(&semaphore, [1; LEN]);
        for &place in &dropped {
            leave(&mut requests, place);
        }
        // A newcomer comes last, whoever left.
        requests.extend(queue(&semaphore, [1]));
        let left = LEN - dropped.len() + 1;
        for served in 1..=left {
            semaphore.release(1);
            let expected: Vec<_> = (0..left).map(|place| usize::from(place < served)).collect();
            assert_eq!(wakes(&requests), expected, "{dropped:?}");
        }
        assert_eq!(semaphore.available_permits(), 0, "{dropped:?}");
    }
}

#[test]
fn whoever_leaves_a_broadcast_reaches_the_rest() {
    for dropped in drops(LEN) {
        let semaphore = Semaphore::with_max(0, 1);
        let mut requests = queue(&semaphore, [1; LEN]);
        for &place in &dropped {
            leave(&mut requests, place);
        }
        semaphore.close();
        assert_eq!(wakes(&requests), vec![1; LEN - dropped.len()], "{dropped:?}");
    }
}

#[test]
fn a_front_that_leaves_lets_in_whoever_fits_now() {
    let semaphore = Semaphore::with_max(3, 9);
    let mut requests = queue(&semaphore, [4, 1, 0, 2, 0, 1]);
    leave(&mut requests, 0);
    assert_eq!(wakes(&requests), [1, 1, 1, 1, 0]);
    assert_eq!(semaphore.available_permits(), 0);
}

#[test]
fn a_front_that_leaves_lets_nobody_in_who_does_not_fit() {
    let semaphore = Semaphore::with_max(2, 9);
    let mut requests = queue(&semaphore, [4, 3, 1, 0]);
    leave(&mut requests, 0);
    assert_eq!(wakes(&requests), [0, 0, 0]);
    assert_eq!(semaphore.available_permits(), 2);
    assert!(semaphore.try_acquire(1).is_err());
    leave(&mut requests, 1);
    assert_eq!(wakes(&requests), [1, 1]);
}

#[test]
fn a_front_that_leaves_lets_in_more_than_one_batch() {
    const WAITERS: usize = 100;
    let semaphore = Semaphore::with_max(WAITERS, WAITERS + 1);
    let mut requests = queue(&semaphore, [WAITERS + 1]);
    requests.extend(queue(&semaphore, [1; WAITERS]));
    leave(&mut requests, 0);
    assert_eq!(wakes(&requests), [1; WAITERS]);
    assert_eq!(semaphore.available_permits(), 0);
}

#[test]
fn a_middle_or_a_back_that_leaves_lets_nobody_in() {
    let semaphore = Semaphore::with_max(2, 9);
    let mut requests = queue(&semaphore, [3, 1, 1, 1]);
    for place in [1, 3] {
        leave(&mut requests, place);
        assert_eq!(wakes(&requests), vec![0; requests.iter().flatten().count()]);
        assert_eq!(semaphore.available_permits(), 2);
    }
    semaphore.release(1);
    assert_eq!(wakes(&requests), [1, 0]);
}

#[test]
fn the_last_one_to_leave_opens_the_queue() {
    for dropped in drops(LEN).filter(|dropped| dropped.len() == LEN) {
        let semaphore = Semaphore::with_max(1, 2);
        let mut requests = queue(&semaphore, [2; LEN]);
        for place in dropped {
            assert!(semaphore.try_acquire(0).is_err());
            leave(&mut requests, place);
        }
        assert_eq!(semaphore.try_acquire(1).unwrap().permits(), 1);
        semaphore.release(1);
        assert_eq!(semaphore.try_acquire(2).unwrap().permits(), 2);
    }
}

#[test]
fn a_flag_reaches_whoever_is_left() {
    for dropped in drops(LEN) {
        let flag = CancelFlag::new();
        let mut waiting: Vec<Option<Task<Cancelled<'_>>>> =
            (0..LEN).map(|_| Some(Task::queued(flag.cancelled()))).collect();
        for &place in &dropped {
            let counter = waiting[place].take().unwrap().cancel();
            assert_eq!((kept(&counter), counter.wakes()), (0, 0), "{dropped:?}");
        }
        flag.cancel();
        for task in waiting.iter_mut().flatten() {
            assert_eq!((task.wakes(), task.kept()), (1, 0), "{dropped:?}");
            task.ready();
        }
    }
}
