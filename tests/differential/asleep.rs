//! Seeing that a thread sleeps and goes on sleeping, without waiting for it to wake.

use core::sync::atomic::{AtomicBool, Ordering::SeqCst};
use core::time::Duration;
use std::fs;
use std::thread;

/// A thread as the system names it.
#[derive(Clone)]
pub(crate) struct ThreadId(String);

impl ThreadId {
    pub(crate) fn current() -> Self {
        let link = fs::read_link("/proc/thread-self").expect("names the thread");
        Self(link.file_name().expect("ends in the thread's id").to_str().unwrap().to_owned())
    }

    fn is_asleep(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/self/task/{}/stat", self.0)).expect("the thread exists");
        // "id (name) state ...", and the name may hold anything.
        stat.rsplit_once(") ").expect("has a name").1.starts_with('S')
    }

    /// Returns once the thread was asleep at each of many looks in a row; panics if it has `ended`.
    pub(crate) fn falls_asleep(&self, ended: &AtomicBool) {
        let mut looks = 0;
        while looks < 50 {
            assert!(!ended.load(SeqCst), "it was not held up");
            looks = if self.is_asleep() { looks + 1 } else { 0 };
            thread::sleep(Duration::from_millis(1));
        }
    }
}
