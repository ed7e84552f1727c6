//! One [`CancelToken`]: cancelled once, for good, by any of its handles, and seen by all.

use futures_core::FusedFuture;
use xsync::{CancelToken, Cancelled, Cause};

use crate::common::{CountingWaker, kept, poll, task::Task};

fn queued(token: &CancelToken) -> Task<Cancelled<'_>> {
    Task::queued(token.cancelled())
}

#[test]
fn a_token_is_not_cancelled_until_it_is_and_then_for_good() {
    for token in [CancelToken::new(), CancelToken::default(), CancelToken::new().child()] {
        assert!(!token.is_cancelled() && token.cause().is_none());
        for _ in 0..2 {
            token.cancel();
            assert!(token.is_cancelled() && matches!(token.cause(), Some(Cause::Requested)));
        }
    }
}

#[test]
fn a_clone_is_the_same_token() {
    let token = CancelToken::new();
    let clone = token.clone();
    let (mut a, mut b) = (queued(&token), queued(&clone));
    let child = clone.child();
    clone.cancel();
    assert!(token.is_cancelled() && child.is_cancelled());
    assert_eq!((a.wakes(), b.wakes()), (1, 1));
    a.ready();
    b.ready();
}

#[test]
fn tokens_of_their_own_have_nothing_in_common() {
    let (one, other) = (CancelToken::new(), CancelToken::new());
    one.cancel();
    assert!(!other.is_cancelled());
}

#[test]
fn dropping_a_handle_cancels_nothing() {
    let token = CancelToken::new();
    let child = token.child();
    drop(token.clone());
    assert!(!token.is_cancelled());
    drop(token);
    assert!(!child.is_cancelled());
}

#[test]
fn cancel_wakes_each_waiter_once() {
    let token = CancelToken::new();
    let mut waiting: Vec<_> = (0..100).map(|_| queued(&token)).collect();
    token.cancel();
    token.cancel();
    for task in &mut waiting {
        assert_eq!((task.wakes(), task.kept()), (1, 0));
        task.ready();
        task.ready();
    }
    Task::new(token.cancelled()).ready();
}

#[test]
fn a_wait_is_woken_by_its_own_cancellation_or_any_above() {
    for at in 0..4 {
        let mut line = vec![CancelToken::new()];
        for _ in 0..3 {
            line.push(line[line.len() - 1].child());
        }
        let mut waiting = queued(&line[3]);
        line[at].cancel();
        assert_eq!((waiting.wakes(), waiting.kept()), (1, 0));
        waiting.ready();
        line[0].cancel();
        assert_eq!(waiting.wakes(), 1);
    }
}

#[test]
fn a_dropped_wait_leaves_no_waker_and_is_not_woken() {
    let token = CancelToken::new().child();
    let [first, second, third] = [(), (), ()].map(|()| queued(&token));
    let gone = [second, first].map(Task::cancel);
    assert!(gone.iter().all(|counter| kept(counter) == 0));
    token.cancel();
    assert!(gone.iter().all(|counter| counter.wakes() == 0));
    assert_eq!(third.wakes(), 1);
}

#[test]
fn the_newest_waker_alone_is_fired() {
    let token = CancelToken::new();
    let child = token.child();
    let mut waiting = queued(&child);
    let newer = CountingWaker::new();
    assert!(waiting.poll_with(&newer.waker()).is_pending());
    assert_eq!((waiting.kept(), kept(&newer)), (0, 1));
    token.cancel();
    assert_eq!((waiting.wakes(), newer.wakes(), kept(&newer)), (0, 1, 0));
}

#[test]
fn a_completed_wait_is_terminated_and_no_other_is() {
    let token = CancelToken::new();
    let mut waiting = Box::pin(token.cancelled());
    assert!(poll(waiting.as_mut()).is_pending());
    token.cancel();
    assert!(!waiting.is_terminated());
    assert!(poll(waiting.as_mut()).is_ready());
    assert!(waiting.is_terminated());
}

#[test]
fn debug_output_shows_whether_it_is_cancelled() {
    let token = CancelToken::new();
    let before = format!("{token:?} {:?}", token.clone().drop_guard().disarm());
    assert!(before.starts_with("CancelToken") && before.matches("cancelled: false").count() == 2, "{before}");
    token.cancel();
    assert!(format!("{token:?}").contains("cancelled: true"));
    assert!(format!("{:?}", token.drop_guard()).starts_with("DropGuard"));
}

#[cfg(feature = "std")]
#[test]
fn threads_wait_in_every_form() {
    use core::time::Duration;
    use std::thread;
    use std::time::Instant;

    use crate::common::in_time;

    const LONG: Duration = Duration::from_secs(3600);
    const FORMS: [fn(Cancelled<'_>) -> bool; 3] = [
        |wait| {
            wait.wait();
            true
        },
        |wait| wait.wait_timeout(LONG),
        |wait| wait.wait_deadline(Instant::now() + LONG),
    ];
    in_time(|| {
        for form in FORMS {
            let root = CancelToken::new();
            let child = root.child().child();
            assert!(!child.cancelled().wait_timeout(Duration::from_millis(1)));
            assert!(!child.cancelled().wait_deadline(Instant::now()));
            let waiting = child.clone();
            let thread = thread::spawn(move || form(waiting.cancelled()));
            thread::yield_now();
            root.cancel();
            assert!(thread.join().unwrap());
            assert!(form(child.cancelled()));
        }
    });
}
