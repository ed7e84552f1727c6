//! What a cancelled acquisition does to the others in the queue: it leaves at its next poll, not only when it is
//! dropped, their order stays exact, and whoever fits is woken, once.

use xsync::{AcquireUntil, Semaphore};

use crate::acquire_until::{assert_cancelled, assert_free, queued};
use crate::common::task::Task;
use crate::drops;
use crate::source::Source;

for_each_source! {
    a_cancelled_front_lets_in_whoever_fits_now,
    a_cancelled_front_lets_nobody_in_who_does_not_fit,
    a_cancelled_middle_or_back_lets_nobody_in,
    whoever_is_cancelled_the_rest_is_served_in_order,
    one_cancellation_empties_the_queue,
    one_cancellation_of_more_than_a_batch,
    the_rest_waits_for_another_cancellation,
    the_permits_of_a_cancelled_crowd_reach_the_last,
}

type Request<'a> = Task<AcquireUntil<'a, &'a Semaphore>>;

const LEN: usize = 5;

fn wakes(requests: &[Request<'_>]) -> Vec<usize> {
    requests.iter().map(Task::wakes).collect()
}

fn a_cancelled_front_lets_in_whoever_fits_now<S: Source>() {
    let (semaphore, source, other) = (Semaphore::with_max(3, 9), S::default(), S::default());
    let mut front = queued(&semaphore, 4, &source);
    let behind: Vec<_> = [1, 0, 2, 0, 1].map(|n| queued(&semaphore, n, &other)).into();
    source.cancel();
    assert_eq!(wakes(&behind), [0; 5], "it is in the queue until it is polled");
    assert_cancelled(&mut front);
    assert_eq!(wakes(&behind), [1, 1, 1, 1, 0]);
    assert_eq!(semaphore.available_permits(), 0);
    drop(front);
    assert_eq!(wakes(&behind), [1, 1, 1, 1, 0]);
    drop(behind);
    assert_free(&semaphore, 3);
}

fn a_cancelled_front_lets_nobody_in_who_does_not_fit<S: Source>() {
    let (semaphore, source, other) = (Semaphore::with_max(2, 9), S::default(), S::default());
    let mut front = queued(&semaphore, 4, &source);
    let behind: Vec<_> = [3, 1, 0].map(|n| queued(&semaphore, n, &other)).into();
    source.cancel();
    assert_cancelled(&mut front);
    assert_eq!(wakes(&behind), [0; 3]);
    assert_eq!(semaphore.available_permits(), 2);
    assert!(semaphore.try_acquire(1).is_err());
}

fn a_cancelled_middle_or_back_lets_nobody_in<S: Source>() {
    let semaphore = Semaphore::with_max(2, 9);
    let sources: [S; 4] = Default::default();
    let mut requests: Vec<_> =
        [3, 1, 1, 1].iter().zip(&sources).map(|(&n, source)| queued(&semaphore, n, source)).collect();
    for place in [1, 3] {
        sources[place].cancel();
        assert_cancelled(&mut requests[place]);
        assert_eq!([&requests[0], &requests[2]].map(Task::wakes), [0; 2]);
        assert_eq!(semaphore.available_permits(), 2);
    }
    semaphore.release(1);
    assert_eq!(wakes(&requests), [1, 1, 0, 1], "by the release, or by the cancellation");
}

fn whoever_is_cancelled_the_rest_is_served_in_order<S: Source>() {
    for cancelled in drops(LEN) {
        let semaphore = Semaphore::with_max(0, LEN + 1);
        let sources: [S; LEN] = Default::default();
        let newcomer = S::default();
        let mut requests: Vec<_> = sources.iter().map(|source| Some(queued(&semaphore, 1, source))).collect();
        let mut ended = Vec::new();
        for &place in &cancelled {
            sources[place].cancel();
            let mut request = requests[place].take().unwrap();
            assert_cancelled(&mut request);
            ended.push(request);
        }
        // A newcomer comes last, whoever left.
        requests.push(Some(queued(&semaphore, 1, &newcomer)));
        let left: Vec<_> = requests.into_iter().flatten().collect();
        for served in 1..=left.len() {
            semaphore.release(1);
            let expected: Vec<_> = (0..left.len()).map(|place| usize::from(place < served)).collect();
            assert_eq!(wakes(&left), expected, "{cancelled:?}");
        }
        assert_eq!(semaphore.available_permits(), 0, "{cancelled:?}");
        assert!(ended.iter().all(|request| request.wakes() == 1), "{cancelled:?}");
    }
}

fn one_cancellation_empties_the_queue<S: Source>() {
    let (semaphore, source) = (Semaphore::with_max(1, 2), S::default());
    let mut requests: Vec<_> = (0..LEN).map(|_| queued(&semaphore, 2, &source)).collect();
    source.cancel();
    assert_eq!(wakes(&requests), [1; LEN]);
    for request in &mut requests {
        assert!(semaphore.try_acquire(0).is_err());
        assert_cancelled(request);
    }
    assert_free(&semaphore, 1);
}

fn one_cancellation_of_more_than_a_batch<S: Source>() {
    const MANY: usize = 100;
    let (semaphore, source) = (Semaphore::with_max(0, MANY), S::default());
    let mut requests: Vec<_> = (0..MANY).map(|_| queued(&semaphore, 1, &source)).collect();
    semaphore.release(MANY / 2);
    source.cancel();
    let expected: Vec<_> = (0..MANY).map(|place| if place < MANY / 2 { 2 } else { 1 }).collect();
    assert_eq!(wakes(&requests), expected);
    requests.iter_mut().for_each(assert_cancelled);
    assert_free(&semaphore, MANY / 2);
}

fn the_rest_waits_for_another_cancellation<S: Source>() {
    let (semaphore, first, second) = (Semaphore::with_max(0, 1), S::default(), S::default());
    let mut a = queued(&semaphore, 1, &first);
    let mut b = queued(&semaphore, 1, &second);
    first.cancel();
    assert_cancelled(&mut a);
    b.assert_pending();
    assert_eq!(b.wakes(), 0);
    second.cancel();
    assert_eq!(b.wakes(), 1);
    assert_cancelled(&mut b);
    assert_free(&semaphore, 0);
}

/// Each gives back what the one before gave back to it.
fn the_permits_of_a_cancelled_crowd_reach_the_last<S: Source>() {
    let (semaphore, source) = (Semaphore::with_max(0, 2), S::default());
    let mut crowd: Vec<_> = (0..LEN).map(|_| queued(&semaphore, 2, &source)).collect();
    let mut last = Task::queued(semaphore.acquire(2));
    semaphore.release(2);
    source.cancel();
    for request in &mut crowd {
        assert_eq!(last.wakes(), 0);
        assert_cancelled(request);
    }
    assert_eq!((last.wakes(), last.ready().unwrap().permits()), (1, 2));
    drop(last);
    assert_free(&semaphore, 2);
}
