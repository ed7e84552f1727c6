//! Running a model, and knowing that it was one.

use std::any::Any;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, Once};

use loom::thread::JoinHandle;

thread_local! {
    // loom runs all threads of a model on the thread that called `model`.
    static SPAWNED: Cell<usize> = const { Cell::new(0) };
    // What a panic that belongs to the model says, so that it is not reported once per execution.
    static EXPECTED: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Runs `f` in every interleaving with at most `preemptions` preemptions.
///
/// # Panics
///
/// If an execution of `f` does, or deadlocks; if one spawns no thread; if there was nothing to interleave.
pub fn model(preemptions: usize, f: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.max_branches = 10_000;
    // The environment must not shorten a check.
    builder.max_permutations = None;
    builder.max_duration = None;
    builder.checkpoint_file = None;

    let executions = Arc::new(Mutex::new(0_usize));
    let counted = Arc::clone(&executions);
    builder.check(move || {
        *counted.lock().expect("nobody panics with it") += 1;
        SPAWNED.set(0);
        f();
        assert!(SPAWNED.get() > 0, "a model that spawns no thread shows nothing");
    });
    let executions = *executions.lock().expect("nobody panics with it");
    assert!(executions > 1, "a model with one execution shows nothing");
    println!("{executions} executions, preemption bound {preemptions}");
}

/// A thread of the model.
pub fn spawn<T: 'static>(f: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
    SPAWNED.set(SPAWNED.get() + 1);
    loom::thread::spawn(f)
}

/// Runs `f`: true if it panicked with a message that starts with `message`. Any other panic goes on.
pub fn panics_with(message: &'static str, f: impl FnOnce()) -> bool {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !EXPECTED.get().is_some_and(|message| says(info.payload(), message)) {
                report(info);
            }
        }));
    });
    EXPECTED.set(Some(message));
    match panic::catch_unwind(AssertUnwindSafe(f)) {
        Ok(()) => false,
        Err(payload) if says(&*payload, message) => true,
        Err(payload) => panic::resume_unwind(payload),
    }
}

fn says(payload: &dyn Any, message: &str) -> bool {
    let text = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
    text.is_some_and(|text| text.starts_with(message))
}

/// What was seen in some execution, to show that a model reaches each end of its race.
#[derive(Debug, Clone, Default)]
pub struct Outcomes(Arc<Mutex<BTreeSet<String>>>);

impl Outcomes {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// This execution ended so.
    pub fn saw(&self, outcome: impl ToString) {
        self.0.lock().expect("nobody panics with it").insert(outcome.to_string());
    }

    /// # Panics
    ///
    /// Unless exactly these were seen.
    pub fn were(&self, expected: &[&str]) {
        let expected: BTreeSet<String> = expected.iter().map(ToString::to_string).collect();
        assert_eq!(*self.0.lock().expect("nobody panics with it"), expected);
    }
}
