//! A run, from the walk to the digests.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use xsync::{CancelToken, ErrGroup, GroupError};

use crate::args::Options;
use crate::digest::Digest;
use crate::failure::Failure;
use crate::read::read;
use crate::runtime::{AsyncStd, Kind, Runtime, Smol, Threads, Tokio};
use crate::stats::Counters;
use crate::walk::{self, File};
use crate::work::Work;

/// How a run ended.
#[derive(Debug)]
pub enum Outcome {
    /// Every file was hashed or, with `keep_going`, failed. Both are sorted by the bytes of the paths.
    Complete {
        /// The list.
        sums: Vec<(PathBuf, Digest)>,
        /// What is not in it.
        failures: Vec<Failure>,
    },
    /// The first failure ended it.
    Failed(Failure),
    /// It was cancelled from outside.
    Interrupted,
}

/// A run that has ended.
#[derive(Debug)]
pub struct Report {
    /// How.
    pub outcome: Outcome,
    /// What was done until then.
    pub counters: Arc<Counters>,
}

/// Hashes the tree, unless `interrupt` is cancelled.
pub fn run(options: &Options, interrupt: &CancelToken) -> Report {
    let (files, unlisted) = match list(options, interrupt) {
        Ok(listed) => listed,
        Err(outcome) => return Report { outcome, counters: Arc::default() },
    };
    let mut report = match options.runtime {
        Kind::Tokio => hash_on(Tokio::new(), options, interrupt, files),
        Kind::Smol => hash_on(Smol::new(), options, interrupt, files),
        Kind::AsyncStd => hash_on(Ok(AsyncStd), options, interrupt, files),
        Kind::Threads => hash_on(Ok(Threads), options, interrupt, files),
    };
    if let Outcome::Complete { failures, .. } = &mut report.outcome {
        failures.extend(unlisted);
        walk::sort(failures, |failure| &failure.path);
    }
    report
}

/// The files in the order of the list, and what could not be listed, if the run goes on nevertheless.
fn list(options: &Options, interrupt: &CancelToken) -> Result<(Vec<File>, Vec<Failure>), Outcome> {
    let (mut files, mut unlisted) = (Vec::new(), Vec::new());
    for found in walk::walk(&options.root) {
        if interrupt.is_cancelled() {
            return Err(Outcome::Interrupted);
        }
        match found {
            Ok(file) => files.push(file),
            Err(failure) if options.keep_going => unlisted.push(failure),
            Err(failure) => return Err(Outcome::Failed(failure)),
        }
    }
    walk::sort(&mut files, |file| &file.path);
    Ok((files, unlisted))
}

fn hash_on<R: Runtime>(runtime: io::Result<R>, options: &Options, interrupt: &CancelToken, files: Vec<File>) -> Report {
    let failed = |error| Outcome::Failed(Failure::new(&options.root, error));
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return Report { outcome: failed(error), counters: Arc::default() },
    };
    // Captured: a panic that unwinds would take a thread of the executor with it, and jobs that wait for one.
    let group = ErrGroup::builder().limit(options.jobs).parent(interrupt).capture_panics().build();
    let work = Arc::new(Work::new(runtime, group.spawner(), options, files));
    let starter = group.member().run(start_all(Arc::clone(&work)));
    if let Err(error) = work.runtime.spawn(starter) {
        work.refuse(&options.root, &error);
    }
    let ended = group.join().wait();

    let mut work = Arc::into_inner(work).expect("the jobs have ended, and what they held was dropped before");
    let counters = Arc::clone(&work.counters);
    let outcome = match (ended, work.take_refused()) {
        (_, Some(failure)) | (Err(GroupError::Task(failure)), None) => Outcome::Failed(failure),
        // Whatever was done meanwhile: who interrupts wants no list.
        _ if interrupt.is_cancelled() => Outcome::Interrupted,
        (Err(lost), None) => failed(io::Error::other(format!("a job was lost: {lost}"))),
        (Ok(()), None) => {
            let (sums, failures) = work.into_results();
            Outcome::Complete { sums, failures }
        }
    };
    Report { outcome, counters }
}

/// Starts a job for each file, as the limit of the group allows. It is a child of the group too, so that it runs where
/// the jobs do: when one has ended, no other thread has to be woken for the next.
async fn start_all<R: Runtime>(work: Arc<Work<R>>) -> Result<(), Failure> {
    for (index, file) in work.files.iter().enumerate() {
        match work.group.spawn(read(Arc::clone(&work), index), |job| work.runtime.spawn(job)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => work.refuse(&file.path, &error),
            Err(_cancelled) => break,
        }
    }
    Ok(())
}
