//! `run_until_cancelled`: the cancellation is looked at before each poll, and an output is never lost.

use core::cell::{Cell, RefCell};
use core::future::{pending, poll_fn, ready};
use core::task::{Poll, Waker};
use std::panic::resume_unwind;
use std::rc::Rc;

use xsync::CancelFlag;

use crate::common::{CountingWaker, kept, panic_message, task::Task};
use crate::source::Source;

for_each_source! {
    cancelled_before_it_is_not_begun,
    a_future_that_is_ready_at_once_registers_nothing,
    a_cancellation_wakes_it_and_ends_it_unpolled,
    a_future_that_became_ready_too_late_is_not_looked_at,
    an_output_of_the_poll_that_cancels_is_not_lost,
    a_poll_that_cancels_and_waits_is_the_last,
    an_output_after_waiting_is_returned,
    the_future_is_dropped_with_it,
    dropped_while_it_waits_it_leaves_no_waker,
    the_newest_waker_alone_is_kept_and_fired,
    woken_by_the_future_it_goes_on,
    one_inside_another_ends_with_either,
    a_panic_of_the_future_goes_on_and_leaves_nothing,
    polled_after_its_output_it_is_as_its_future,
    many_end_with_one_cancellation,
    results_may_borrow,
}

/// A future that counts its polls, and says `0` at the one at which `at` is reached.
fn counting(polls: &Cell<usize>, at: usize) -> impl Future<Output = usize> {
    poll_fn(move |_| {
        polls.set(polls.get() + 1);
        if polls.get() >= at { Poll::Ready(polls.get()) } else { Poll::Pending }
    })
}

fn cancelled_before_it_is_not_begun<S: Source>() {
    let (source, polls) = (S::default(), Cell::new(0));
    let mut before = Task::new(source.run(counting(&polls, 1)));
    source.cancel();
    let mut after = Task::new(source.run(counting(&polls, 1)));
    for run in [&mut before, &mut after] {
        assert_eq!((run.ready(), run.kept(), run.wakes()), (None, 0, 0));
    }
    assert_eq!(polls.get(), 0);
}

fn a_future_that_is_ready_at_once_registers_nothing<S: Source>() {
    let (source, polls) = (S::default(), Cell::new(0));
    let mut run = Task::new(source.run(counting(&polls, 1)));
    assert_eq!((run.ready(), run.kept(), polls.get()), (Some(1), 0, 1));
    source.cancel();
    assert_eq!(run.wakes(), 0);
}

fn a_cancellation_wakes_it_and_ends_it_unpolled<S: Source>() {
    let (source, polls) = (S::default(), Cell::new(0));
    let mut run = Task::queued(source.run(counting(&polls, 9)));
    run.assert_pending();
    assert_eq!((polls.get(), run.wakes(), run.kept()), (2, 0, 1));
    source.cancel();
    assert_eq!((run.wakes(), run.kept()), (1, 0));
    assert_eq!((run.ready(), polls.get()), (None, 2));
}

fn a_future_that_became_ready_too_late_is_not_looked_at<S: Source>() {
    let (source, polls, open) = (S::default(), Cell::new(0), Cell::new(false));
    let future = poll_fn(|_| {
        polls.set(polls.get() + 1);
        if open.get() { Poll::Ready(()) } else { Poll::Pending }
    });
    let mut run = Task::queued(source.run(future));
    open.set(true);
    source.cancel();
    assert_eq!((run.ready(), polls.get()), (None, 1));
}

fn an_output_of_the_poll_that_cancels_is_not_lost<S: Source>() {
    for earlier in 0..2 {
        let (source, polls) = (S::default(), Cell::new(0));
        let future = poll_fn(|_| {
            polls.set(polls.get() + 1);
            if polls.get() <= earlier {
                return Poll::Pending;
            }
            source.cancel();
            Poll::Ready("an output")
        });
        let mut run = Task::new(source.run(future));
        for _ in 0..earlier {
            run.assert_pending();
        }
        assert_eq!((run.ready(), polls.get()), (Some("an output"), earlier + 1));
    }
}

fn a_poll_that_cancels_and_waits_is_the_last<S: Source>() {
    for earlier in 0..2 {
        let (source, polls) = (S::default(), Cell::new(0));
        let future = poll_fn(|_| {
            polls.set(polls.get() + 1);
            if polls.get() > earlier {
                source.cancel();
            }
            Poll::<()>::Pending
        });
        let mut run = Task::new(source.run(future));
        for _ in 0..earlier {
            run.assert_pending();
        }
        // Seen in the same poll: nobody would have to wake it again.
        assert_eq!((run.ready(), polls.get(), run.kept()), (None, earlier + 1, 0));
    }
}

fn an_output_after_waiting_is_returned<S: Source>() {
    let (source, polls) = (S::default(), Cell::new(0));
    let mut run = Task::queued(source.run(counting(&polls, 3)));
    run.assert_pending();
    assert_eq!(run.ready(), Some(3));
    assert_eq!(kept(&run.cancel()), 0);
    source.cancel();
}

/// Says when it is dropped.
struct Dropped<'a>(&'a Cell<bool>);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

fn the_future_is_dropped_with_it<S: Source>() {
    for (begun, cancelled) in [(false, false), (true, false), (false, true), (true, true)] {
        let (source, dropped) = (S::default(), Cell::new(false));
        let guard = Dropped(&dropped);
        let mut run = Task::new(source.run(async {
            let _guard = guard;
            pending::<()>().await;
        }));
        if begun {
            run.assert_pending();
        }
        if cancelled {
            source.cancel();
            assert_eq!(run.ready(), None);
        }
        drop(run);
        assert!(dropped.get(), "{begun} {cancelled}");
    }
}

fn dropped_while_it_waits_it_leaves_no_waker<S: Source>() {
    let source = S::default();
    let run = Task::queued(source.run(pending::<()>()));
    let mut other = Task::queued(source.run(pending::<()>()));
    let counter = run.cancel();
    source.cancel();
    assert_eq!((kept(&counter), counter.wakes()), (0, 0));
    assert_eq!((other.wakes(), other.ready()), (1, None));
}

fn the_newest_waker_alone_is_kept_and_fired<S: Source>() {
    let source = S::default();
    let mut run = Task::queued(source.run(pending::<()>()));
    let newer = CountingWaker::new();
    assert!(run.poll_with(&newer.waker()).is_pending());
    assert_eq!((run.kept(), kept(&newer)), (0, 1));
    source.cancel();
    assert_eq!((run.wakes(), newer.wakes(), kept(&newer)), (0, 1, 0));
}

fn woken_by_the_future_it_goes_on<S: Source>() {
    let source = S::default();
    let (waker, open) = (RefCell::new(Waker::noop().clone()), Cell::new(false));
    let future = poll_fn(|cx| {
        *waker.borrow_mut() = cx.waker().clone();
        if open.get() { Poll::Ready(7) } else { Poll::Pending }
    });
    let mut run = Task::queued(source.run(future));
    open.set(true);
    waker.borrow().wake_by_ref();
    assert_eq!((run.wakes(), run.ready()), (1, Some(7)));
}

fn one_inside_another_ends_with_either<S: Source>() {
    for outer_first in [false, true] {
        let (outer, inner) = (S::default(), S::default());
        let mut run = Task::queued(outer.run(inner.run(pending::<()>())));
        if outer_first {
            outer.cancel()
        } else {
            inner.cancel()
        }
        let expected = if outer_first { None } else { Some(None) };
        assert_eq!((run.wakes(), run.ready()), (1, expected));
    }
}

fn a_panic_of_the_future_goes_on_and_leaves_nothing<S: Source>() {
    for earlier in 0..2 {
        let (source, polls) = (S::default(), Cell::new(0));
        let future = poll_fn(|_| {
            polls.set(polls.get() + 1);
            if polls.get() > earlier { resume_unwind(Box::new("the future's")) } else { Poll::<()>::Pending }
        });
        let mut run = Task::new(source.run(future));
        for _ in 0..earlier {
            run.assert_pending();
        }
        assert_eq!(panic_message(|| run.poll()), "the future's");
        assert_eq!(kept(&run.cancel()), 0);
        source.cancel();
    }
}

fn polled_after_its_output_it_is_as_its_future<S: Source>() {
    let source = S::default();
    let mut run = Task::new(source.run(ready(1)));
    assert_eq!(run.ready(), Some(1));
    assert!(panic_message(|| run.poll()).contains("after"), "as a `Ready`");
    let polls = Cell::new(0);
    let mut run = Task::new(source.run(counting(&polls, 1)));
    assert_eq!([run.ready(), run.ready()], [Some(1), Some(2)]);
}

fn many_end_with_one_cancellation<S: Source>() {
    let source = S::default();
    let mut runs: Vec<_> = (0..100).map(|_| Task::queued(source.run(pending::<()>()))).collect();
    source.cancel();
    for run in &mut runs {
        assert_eq!((run.wakes(), run.kept(), run.ready()), (1, 0, None));
    }
}

fn results_may_borrow<S: Source>() {
    let source = S::default();
    let text = Rc::new(String::from("of this thread"));
    let mut run = Task::new(source.run(async { text.as_str() }));
    assert_eq!(run.ready(), Some("of this thread"));
}

#[test]
fn debug_output_shows_the_wait() {
    let flag = CancelFlag::new();
    let run = Task::queued(flag.run_until_cancelled(pending::<()>()));
    let text = format!("{:?}", run.future());
    assert!(text.starts_with("RunUntilCancelled") && text.contains("Waiting"), "{text}");
}

#[cfg(feature = "std")]
mod blocking {
    use core::future::{pending, ready};
    use std::sync::Arc;
    use std::thread;

    use crate::common::in_time;
    use crate::source::Source;

    for_each_source! { a_thread_runs_it, a_thread_that_runs_it_is_woken_by_the_cancellation }

    fn a_thread_runs_it<S: Source>() {
        in_time(|| {
            let source = S::default();
            assert_eq!(source.run(ready(1)).wait(), Some(1));
            source.cancel();
            assert_eq!(source.run(ready(1)).wait(), None);
        });
    }

    fn a_thread_that_runs_it_is_woken_by_the_cancellation<S: Source>() {
        in_time(|| {
            let source = Arc::new(S::default());
            let running = Arc::clone(&source);
            let thread = thread::spawn(move || running.run(pending::<()>()).wait());
            // Whether it sleeps already or not yet: both must end it.
            thread::yield_now();
            source.cancel();
            assert_eq!(thread.join().unwrap(), None);
        });
    }
}
