//! Why the library does not stand on `event_listener::Event` (5.4): each reason shown on it, beside the same scenario
//! here.

use core::pin::{Pin, pin};
use core::task::Poll;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use event_listener::{Event, listener};
use xsync::{CancelFlag, Semaphore};

use crate::allocations::allocations;
use crate::common::{CountingWaker, in_time, on_wake, poll, poll_with};
use crate::reference::CompetingSemaphore;

/// Listening allocates, even in a listener on the stack. Waiting here does not.
#[test]
fn it_needs_an_allocator() {
    let heap = allocations(|| {
        let event = Event::new();
        let mut listener = event.listen();
        assert!(poll(Pin::new(&mut listener)).is_pending());
    });
    let stack = allocations(|| {
        let event = Event::new();
        listener!(event => listener);
        assert!(poll(Pin::new(&mut listener)).is_pending());
    });
    assert!(heap > stack && stack > 0, "{heap} and {stack} allocations");

    let ours = allocations(|| {
        let semaphore = Semaphore::with_max(0, 1);
        let mut acquire = pin!(semaphore.acquire(1));
        assert!(poll(acquire.as_mut()).is_pending());
        semaphore.release(1);
        assert!(poll(acquire).is_ready());

        let flag = CancelFlag::new();
        let mut cancelled = pin!(flag.cancelled());
        assert!(poll(cancelled.as_mut()).is_pending());
        flag.cancel();
        assert!(poll(cancelled).is_ready());
    });
    assert_eq!(ours, 0);
}

/// A notification hands nothing over: between the wake and the poll, a newcomer takes the permit. Here the permit is
/// the waiter's from the release on.
#[test]
fn a_woken_waiter_competes_again() {
    let theirs = CompetingSemaphore::new(0);
    let waker = CountingWaker::new();
    let mut first = pin!(theirs.acquire(1));
    assert!(poll_with(first.as_mut(), &waker.waker()).is_pending());
    theirs.release(1);
    assert_eq!(waker.wakes(), 1);
    assert!(theirs.try_acquire(1), "the newcomer passes");
    assert!(poll(first).is_pending());

    let ours = Semaphore::with_max(0, 1);
    let waker = CountingWaker::new();
    let mut first = pin!(ours.acquire(1));
    assert!(poll_with(first.as_mut(), &waker.waker()).is_pending());
    ours.release(1);
    assert_eq!(waker.wakes(), 1);
    assert!(ours.try_acquire(1).is_err());
    assert!(poll(first).is_ready());
}

/// The notifier does not know what a waiter needs: a large request at the front is woken for too little, queues again
/// behind a small one, and is passed by it. Here it keeps its place.
#[test]
fn a_large_request_loses_its_place() {
    let theirs = CompetingSemaphore::new(0);
    let (mut large, mut small) = (pin!(theirs.acquire(3)), pin!(theirs.acquire(1)));
    assert!(poll(large.as_mut()).is_pending());
    assert!(poll(small.as_mut()).is_pending());
    theirs.release(1);
    assert!(poll(large.as_mut()).is_pending(), "woken, for too little");
    theirs.release(2);
    assert!(poll(small).is_ready(), "the small one passes");
    assert!(poll(large).is_pending());

    let ours = Semaphore::with_max(0, 3);
    let (mut large, mut small) = (pin!(ours.acquire(3)), pin!(ours.acquire(1)));
    assert!(poll(large.as_mut()).is_pending());
    assert!(poll(small.as_mut()).is_pending());
    ours.release(1);
    assert!(poll(large.as_mut()).is_pending());
    ours.release(2);
    assert!(poll(small.as_mut()).is_pending());
    let Poll::Ready(Ok(permit)) = poll(large) else { panic!("the front is served first") };
    drop(permit);
    assert!(poll(small).is_ready());
}

/// The lock is held while the waker runs, so the waker cannot even look. Here it may do anything.
#[test]
fn it_wakes_under_its_lock() {
    let event = Arc::new(Event::new());
    let seen = Arc::new(Mutex::new(String::new()));
    let waker = {
        let (event, seen) = (Arc::clone(&event), Arc::clone(&seen));
        on_wake(move || *seen.lock().unwrap() = format!("{event:?}"))
    };
    let mut listener = event.listen();
    assert!(poll_with(Pin::new(&mut listener), &waker).is_pending());
    event.notify(1);
    assert_eq!(*seen.lock().unwrap(), "Event(<locked>)");

    static OURS: Semaphore = Semaphore::with_max(0, 2);
    let semaphore = &OURS;
    let (done, re_entered) = channel();
    let waker = on_wake(move || {
        let mut other = Box::pin(semaphore.acquire(2));
        assert!(poll(other.as_mut()).is_pending());
        semaphore.release(1);
        drop(other);
        semaphore.close();
        done.send(format!("{semaphore:?}")).unwrap();
    });
    let mut first = pin!(semaphore.acquire(1));
    assert!(poll_with(first.as_mut(), &waker).is_pending());
    in_time(|| semaphore.release(1));
    assert_eq!(re_entered.recv().unwrap(), "Semaphore { count: 1, max: 2, queued: false, closed: true }");
    assert!(matches!(poll(first), Poll::Ready(Ok(_))));
}

#[cfg(target_os = "linux")]
mod on_linux {
    use core::sync::atomic::{AtomicBool, Ordering::SeqCst};
    use std::thread;

    use super::{Arc, Event, Pin, Semaphore, channel, in_time, on_wake, pin, poll_with};
    use crate::asleep::ThreadId;

    /// A waker that notifies the event that wakes it never comes back. (The thread stays behind.) Here it does: see
    /// `it_wakes_under_its_lock`.
    #[test]
    fn a_re_entrant_waker_deadlocks() {
        let event = Arc::new(Event::new());
        let ended = Arc::new(AtomicBool::new(false));
        let (entered, thread) = channel();
        let waker = {
            let event = Arc::clone(&event);
            on_wake(move || {
                entered.send(ThreadId::current()).unwrap();
                event.notify(1);
            })
        };
        {
            let (event, ended) = (Arc::clone(&event), Arc::clone(&ended));
            thread::spawn(move || {
                let mut listener = event.listen();
                assert!(poll_with(Pin::new(&mut listener), &waker).is_pending());
                event.notify(1);
                ended.store(true, SeqCst);
            });
        }
        thread.recv().unwrap().falls_asleep(&ended);
        assert_eq!(format!("{event:?}"), "Event(<locked>)", "asleep with the lock in its own hand");
    }

    /// `notify` takes the lock even if there is nobody left to notify: held up by another thread's slow waker. Here a
    /// slow waker holds nobody up.
    #[test]
    fn notify_always_takes_its_lock() {
        let event = Event::new();
        let (woken, is_woken) = channel();
        let (go_on, may_go_on) = channel();
        let may_go_on = std::sync::Mutex::new(may_go_on);
        let slow = on_wake(move || {
            woken.send(()).unwrap();
            may_go_on.lock().unwrap().recv().unwrap();
        });
        let mut listener = event.listen();
        assert!(poll_with(Pin::new(&mut listener), &slow).is_pending());
        let ended = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| event.notify(1));
            is_woken.recv().unwrap();
            let (started, second) = channel();
            let ended = &ended;
            let event = &event;
            scope.spawn(move || {
                started.send(ThreadId::current()).unwrap();
                // The only listener is notified already.
                event.notify(1);
                ended.store(true, SeqCst);
            });
            second.recv().unwrap().falls_asleep(ended);
            go_on.send(()).unwrap();
        });
        assert!(ended.into_inner());

        static OURS: Semaphore = Semaphore::with_max(0, 3);
        let semaphore = &OURS;
        let mut first = pin!(semaphore.acquire(1));
        assert!(poll_with(first.as_mut(), &slow).is_pending());
        thread::scope(|scope| {
            scope.spawn(|| semaphore.release(1));
            is_woken.recv().unwrap();
            in_time(|| {
                semaphore.release(2);
                drop(semaphore.try_acquire(2).unwrap());
                semaphore.close();
            });
            assert_eq!(semaphore.available_permits(), 2);
            go_on.send(()).unwrap();
        });
    }
}
