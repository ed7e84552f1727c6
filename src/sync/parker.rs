//! A parker: one thread sleeps in it until someone holding its [`Unparker`] wakes it; a wake before the sleep counts.

#[cfg(not(xsync_loom))]
pub(crate) use native::{Parker, Unparker};
#[cfg(not(xsync_loom))]
pub(crate) use std::{thread::yield_now, thread_local};

#[cfg(xsync_loom)]
pub(crate) use loom::thread_local;
#[cfg(xsync_loom)]
pub(crate) use modelled::{Parker, Unparker, yield_now};

#[cfg(not(xsync_loom))]
mod native {
    use std::time::Instant;

    pub(crate) use crossbeam_utils::sync::Unparker;

    #[derive(Debug)]
    pub(crate) struct Parker(crossbeam_utils::sync::Parker);

    impl Parker {
        pub(crate) fn new() -> Self {
            Self(crossbeam_utils::sync::Parker::new())
        }

        pub(crate) fn unparker(&self) -> &Unparker {
            self.0.unparker()
        }

        /// Sleeps until woken, or spuriously; false, at once, when `deadline` has passed.
        pub(crate) fn park(&self, deadline: Option<Instant>) -> bool {
            match deadline {
                None => self.0.park(),
                Some(deadline) if Instant::now() >= deadline => return false,
                Some(deadline) => self.0.park_deadline(deadline),
            }
            true
        }
    }
}

#[cfg(xsync_loom)]
mod modelled {
    use std::time::Instant;

    use loom::sync::{Arc, Condvar, Mutex};

    /// Nothing: the others may run at every step anyway, and loom's own would keep this thread from parking first.
    pub(crate) fn yield_now() {}

    #[derive(Debug)]
    pub(crate) struct Parker(Unparker);

    #[derive(Debug, Clone)]
    pub(crate) struct Unparker(Arc<(Mutex<bool>, Condvar)>);

    impl Unparker {
        pub(crate) fn unpark(&self) {
            *self.0.0.lock().unwrap() = true;
            self.0.1.notify_one();
        }
    }

    impl Parker {
        pub(crate) fn new() -> Self {
            Self(Unparker(Arc::new((Mutex::new(false), Condvar::new()))))
        }

        pub(crate) fn unparker(&self) -> &Unparker {
            &self.0
        }

        /// A deadline passes at whatever moment the scheduler chooses, so a timed sleep ends at once, after letting
        /// the other threads run for as long as the schedule at hand says.
        pub(crate) fn park(&self, deadline: Option<Instant>) -> bool {
            if deadline.is_some() {
                loom::thread::yield_now();
                return false;
            }
            let (woken, condvar) = &*self.0.0;
            let mut woken = woken.lock().unwrap();
            while !*woken {
                woken = condvar.wait(woken).unwrap();
            }
            *woken = false;
            true
        }
    }
}
