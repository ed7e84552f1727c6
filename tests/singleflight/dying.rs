//! Threads that block in destructors of their own, when much of what belongs to them is gone.

use core::cell::Cell;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::mpsc::channel;
use std::thread;

use xsync::SingleFlight;

use crate::common::in_time;

static GROUP: SingleFlight<u32, u32> = SingleFlight::new();

/// Runs something at the end of a thread.
struct AtEnd(Cell<Option<Box<dyn FnOnce() + Send>>>);

impl Drop for AtEnd {
    fn drop(&mut self) {
        if let Some(last) = self.0.take() {
            last();
        }
    }
}

thread_local! {
    static AT_END: AtEnd = const { AtEnd(Cell::new(None)) };
}

/// A thread that has been a caller of `key`, and runs `last` in a destructor.
fn dying(key: u32, last: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        // First, so that it is dropped last.
        AT_END.with(|at_end| at_end.0.set(Some(Box::new(last))));
        assert_eq!(GROUP.work_blocking(key, || 1).unwrap().value, 1);
    })
}

#[test]
fn another_dying_threads_work_is_no_recursion() {
    in_time(|| {
        let (running, runs) = channel();
        let (go, gate) = channel();
        let first = dying(2, move || {
            let run = || {
                running.send(()).unwrap();
                gate.recv().unwrap();
                7
            };
            assert_eq!(GROUP.work_blocking(1, run).unwrap().value, 7);
        });
        runs.recv().unwrap();
        let (told, result) = channel();
        let second = dying(3, move || {
            let timed = || GROUP.work_blocking_timeout(1, Duration::from_millis(1), || 8).map(Result::unwrap);
            told.send(catch_unwind(timed).is_ok_and(|outcome| outcome.is_none())).unwrap();
        });
        let has_waited = result.recv().unwrap();
        go.send(()).unwrap();
        first.join().unwrap();
        second.join().unwrap();
        assert!(has_waited);
    });
}

#[test]
fn a_dying_threads_own_recursion_is_told() {
    in_time(|| {
        let (told, result) = channel();
        let thread = dying(4, move || {
            let again = || GROUP.work_blocking(5, || 1).unwrap().value;
            told.send(catch_unwind(|| GROUP.work_blocking(5, again)).is_err()).unwrap();
        });
        assert!(result.recv().unwrap());
        thread.join().unwrap();
        assert_eq!(GROUP.in_flight(), 0);
    });
}
