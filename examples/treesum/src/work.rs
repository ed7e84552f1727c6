//! What the jobs share.

use std::future::poll_fn;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, OnceLock};

use xsync::{AcquireUntilError, Map, OwnedPermit, Semaphore, SingleFlight, Spawner};

use crate::args::Options;
use crate::buffers::{self, Buffers};
use crate::digest::Digest;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::source::{Identity, Inode, Version};
use crate::stats::Counters;
use crate::stop::Stop;
use crate::walk::File;

pub(crate) type Chunk = buffers::Chunk<OwnedPermit>;

/// What the jobs of a run share.
#[derive(Debug)]
pub(crate) struct Work<R> {
    pub(crate) runtime: R,
    pub(crate) group: Spawner<Failure>,
    /// In the order of the list.
    pub(crate) files: Vec<File>,
    /// By the index of the file. A failure is here only if it does not end the run.
    results: Vec<OnceLock<Result<Digest, Arc<io::Error>>>>,
    /// What has been hashed, by device and inode: another link to it needs no reading, unless it changed meanwhile.
    known: Map<Inode, (Version, Digest)>,
    /// What has several names and is being hashed.
    pub(crate) flights: SingleFlight<Identity, Result<Digest, Stop>>,
    budget: Arc<Semaphore>,
    pub(crate) buffers: Arc<Buffers>,
    pub(crate) counters: Arc<Counters>,
    progress: Progress,
    keep_going: bool,
    /// Why a job could not be started.
    refused: OnceLock<Failure>,
}

impl<R> Work<R> {
    pub(crate) fn new(runtime: R, group: Spawner<Failure>, options: &Options, files: Vec<File>) -> Self {
        let counters = Arc::new(Counters::default());
        let bytes = files.iter().fold(0, |sum: u64, file| sum.saturating_add(file.size));
        Self {
            runtime,
            group,
            results: files.iter().map(|_| OnceLock::new()).collect(),
            known: Map::new(),
            flights: SingleFlight::new(),
            budget: Arc::new(Semaphore::new(options.memory.get())),
            buffers: Buffers::new(options.memory.get()),
            progress: Progress::new(files.len() as u64, bytes, Arc::clone(&counters)),
            counters,
            keep_going: options.keep_going,
            refused: OnceLock::new(),
            files,
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.group.token().is_cancelled()
    }

    /// Permits for a buffer of `size` bytes; none if the run is cancelled first.
    pub(crate) async fn permits(&self, size: usize) -> Option<OwnedPermit> {
        let weight = size.max(Buffers::LEAST).min(self.budget.max_permits());
        let mut acquire = pin!(self.budget.acquire_owned(weight).until(self.group.token()));
        let mut queued = false;
        let acquired = poll_fn(|cx| {
            let polled = acquire.as_mut().poll(cx);
            queued |= polled.is_pending();
            polled
        });
        let acquired = acquired.await;
        self.counters.acquisitions.add(1);
        self.counters.queued.add(queued.into());
        match acquired {
            Ok(permit) => Some(permit),
            Err(AcquireUntilError::Cancelled) => None,
            Err(error) => unreachable!("the budget is neither closed nor reduced: {error:?}"),
        }
    }

    /// Whether no buffer is in use.
    #[cfg(test)]
    pub(crate) fn budget_is_free(&self) -> bool {
        self.budget.available_permits() == self.budget.max_permits()
    }

    /// So many bytes more are hashed.
    pub(crate) fn hashed(&self, bytes: u64) {
        self.counters.bytes.add(bytes);
        self.progress.advance(bytes);
    }

    /// What the file is hashed to.
    pub(crate) fn learn(&self, (inode, version): Identity, digest: Digest) {
        self.known.insert(inode, (version, digest));
    }

    /// What it was hashed to, perhaps under another name, unless it changed since.
    pub(crate) fn known(&self, (inode, version): Identity) -> Option<Digest> {
        self.known.read_with(&inode, |(before, digest)| (*before == version).then_some(*digest)).flatten()
    }

    /// The file `index` is hashed.
    pub(crate) fn finish(&self, index: usize, digest: Digest) {
        self.enter(index, Ok(digest));
        self.counters.files.add(1);
    }

    /// The file `index` was hashed under another name.
    pub(crate) fn finish_link(&self, index: usize, digest: Digest) {
        self.progress.advance(self.files[index].size);
        self.counters.links.add(1);
        self.finish(index, digest);
    }

    /// A job for the file `index` has ended. With `--keep-going`, a file that could not be read is no failure.
    pub(crate) fn ended(&self, index: usize, stopped: Result<(), Stop>) -> Result<(), Failure> {
        match stopped {
            Ok(()) | Err(Stop::Cancelled) => Ok(()),
            Err(Stop::Failed(error)) if self.keep_going => {
                self.enter(index, Err(error));
                Ok(())
            }
            Err(Stop::Failed(error)) => Err(Failure::new(&self.files[index].path, error)),
        }
    }

    fn enter(&self, index: usize, result: Result<Digest, Arc<io::Error>>) {
        self.results[index].set(result).expect("a file is read once");
    }

    /// The system has no thread for a job at `path`. `--keep-going` is for files, not for this.
    pub(crate) fn refuse(&self, path: &Path, error: &io::Error) {
        let error = io::Error::new(error.kind(), format!("a job cannot be started: {error}"));
        let _only_the_first = self.refused.set(Failure::new(path, error));
        self.group.cancel();
    }

    /// Why a job could not be started, if so.
    pub(crate) fn take_refused(&mut self) -> Option<Failure> {
        self.refused.take()
    }

    /// The digests and the failures of a run that was neither cancelled nor ended by a failure: each file has either.
    pub(crate) fn into_results(self) -> (Vec<(PathBuf, Digest)>, Vec<Failure>) {
        let (mut sums, mut failures) = (Vec::with_capacity(self.files.len()), Vec::new());
        for (file, result) in self.files.into_iter().zip(self.results) {
            match result.into_inner().expect("a job does not leave without a result") {
                Ok(digest) => sums.push((file.path, digest)),
                Err(error) => failures.push(Failure::new(file.path, error)),
            }
        }
        (sums, failures)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use xsync::{CancelToken, ErrGroup};

    use super::Work;
    use crate::args::Options;

    fn wait<T>(future: impl Future<Output = T>) -> T {
        CancelToken::new().run_until_cancelled(future).wait().unwrap()
    }

    #[test]
    fn a_buffer_counts_for_its_bytes_within_bounds() {
        let group = ErrGroup::new();
        let mut options = Options::new("");
        options.memory = const { std::num::NonZeroUsize::new(10_000).unwrap() };
        let work = Work::new((), group.spawner(), &options, Vec::new());
        for (size, weight) in [(0, 4096), (4096, 4096), (5000, 5000), (20_000, 10_000)] {
            assert_eq!(wait(work.permits(size)).unwrap().permits(), weight);
        }
        assert!(work.budget_is_free());
        assert_eq!((work.counters.acquisitions.get(), work.counters.queued.get()), (4, 0));
    }

    #[test]
    fn who_queues_for_memory_leaves_when_the_run_is_cancelled() {
        let group = ErrGroup::new();
        let work = Work::new((), group.spawner(), &Options::new(""), Vec::new());
        let all = wait(work.permits(usize::MAX)).unwrap();
        thread::scope(|scope| {
            let queued = scope.spawn(|| wait(work.permits(1)));
            // Asked without a wait, it fails for the one reason that somebody is queued.
            while work.budget.try_acquire(0).is_ok() {
                thread::yield_now();
            }
            group.cancel();
            assert!(queued.join().unwrap().is_none());
        });
        assert_eq!(work.counters.acquisitions.get(), 2);
        drop(all);
        assert!(work.budget_is_free());
        assert!(wait(work.permits(1)).is_none(), "nor is it granted afterwards");
    }
}
