//! Two threads that do the same at once: the main one and one that stays, as a thread of a pool does.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Barrier, LazyLock, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::Sample;

/// Runs `work` on so many threads, one or two, told which and how many operations each. The sample is of one thread's
/// operations, in the time of the slower: with perfect scaling it takes as long as on one thread.
pub fn run(threads: u64, operations: u64, work: impl Fn(u64, u64) + Sync) -> Sample {
    let each = operations.max(1);
    if threads == 1 {
        return Sample::of(each, || work(0, each));
    }
    let barrier = Barrier::new(2);
    let timed = |thread| {
        barrier.wait();
        let start = Instant::now();
        work(thread, each);
        start.elapsed()
    };
    let (mine, other) = beside(|| timed(0), &|| timed(1));
    Sample { operations: each, elapsed: mine.max(other) }
}

type Job = &'static (dyn Fn() -> Duration + Sync);

/// Where jobs go, and what they took.
type Partner = (Sender<Job>, Receiver<Duration>);

static PARTNER: LazyLock<Mutex<Partner>> = LazyLock::new(|| {
    let (jobs, todo) = channel::<Job>();
    let (done, times) = channel();
    thread::spawn(move || todo.into_iter().try_for_each(|job| done.send(job())));
    Mutex::new((jobs, times))
});

/// Does `mine` here and `other` on the other thread, and waits for both.
fn beside(mine: impl FnOnce() -> Duration, other: &(dyn Fn() -> Duration + Sync)) -> (Duration, Duration) {
    /// The job borrows from this frame, which nobody leaves before it has ended.
    struct Stay;

    impl Drop for Stay {
        fn drop(&mut self) {
            if thread::panicking() {
                std::process::abort();
            }
        }
    }

    let partner = PARTNER.lock().expect("nobody panics");
    // SAFETY: the job is not used after it has answered, which is waited for here; a panic before aborts.
    let job = unsafe { std::mem::transmute::<&(dyn Fn() -> Duration + Sync), Job>(other) };
    let _stay = Stay;
    partner.0.send(job).expect("it stays");
    let mine = mine();
    (mine, partner.1.recv().expect("it answers"))
}
