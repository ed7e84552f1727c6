//! Files with several names: the link that is opened first is read, and its digest goes to all that are opened meanwhile.
//!
//! The work of a flight is the hashing stage of one file. Who starts the flight reads the file for it, and its driver runs
//! where hashing jobs run. Who joins closes what it has opened and waits, for its slot's time: there are no more of these
//! than jobs, and no one that the reader waits for.
//!
//! A digest is known before its flight ends, and a new flight looks for it: so who has not found it, and then comes too late
//! for the flight, reads nothing either.

use std::future::Future;
use std::sync::Arc;

use async_channel::Sender;
use xsync::Started;

use crate::digest::Digest;
use crate::hash::{Chunks, hash};
use crate::read::{chunk, read_on, start};
use crate::runtime::Runtime;
use crate::source::{Identity, Source};
use crate::stop::Stop;
use crate::work::{Chunk, Work};

/// Gets the digest of the file `index`, which may have other names.
pub(crate) async fn read<R: Runtime>(work: &Arc<Work<R>>, index: usize, source: Source) -> Result<(), Stop> {
    let identity = source.identity();
    let (chunks, its) = async_channel::unbounded();
    let job = Arc::clone(work);
    let Started { waiter, driver } = work.flights.start(identity, move || digest(job, identity, its));
    let Some(driver) = driver else {
        drop((source, chunks));
        work.finish_link(index, waiter.await?);
        return Ok(());
    };
    let job = Arc::clone(work);
    let is_known = chunks.is_closed();
    let hashing = async move {
        driver.await;
        let digest = waiter.await?;
        if is_known {
            job.finish_link(index, digest)
        } else {
            job.finish(index, digest)
        }
        Ok(())
    };
    if is_known { hashing.await } else { lead(work, index, source, chunks, hashing).await }
}

/// The work of a flight. It takes no chunks if the digest is known, which the reader sees.
fn digest<R: Runtime>(
    work: Arc<Work<R>>,
    identity: Identity,
    chunks: Chunks,
) -> impl Future<Output = Result<Digest, Stop>> + Send {
    let known = work.known(identity);
    if known.is_some() {
        chunks.close();
    }
    async move {
        if let Some(digest) = known {
            return Ok(digest);
        }
        let digest = hash(&work, None, Some(chunks)).await?;
        work.learn(identity, digest);
        Ok(digest)
    }
}

/// Reads the file for its flight. Why it stops is told to all, this job included, by the flight.
async fn lead<R: Runtime>(
    work: &Arc<Work<R>>,
    index: usize,
    source: Source,
    chunks: Sender<Result<Chunk, Stop>>,
    hashing: impl Future<Output = Result<(), Stop>> + Send + 'static,
) -> Result<(), Stop> {
    let rest = source.size();
    let (unread, first) = match chunk(work, source, work.buffers.first_size(rest)).await {
        Ok((source, first)) => {
            let rest = rest.saturating_sub(first.buffer.len() as u64);
            ((!first.last).then_some((source, rest)), Ok(first))
        }
        Err(stop) => (None, Err(stop)),
    };
    hand_on(&chunks, first);
    let Some((source, rest)) = unread else {
        // A whole file in one buffer needs no task of its own.
        return hashing.await;
    };
    start(work, index, hashing)?;
    if let Err(stop) = read_on(work, source, rest, &chunks).await {
        hand_on(&chunks, Err(stop));
    }
    Ok(())
}

/// Hashing has ended before only if the run is cancelled.
fn hand_on(chunks: &Sender<Result<Chunk, Stop>>, chunk: Result<Chunk, Stop>) {
    let _unless_cancelled = chunks.try_send(chunk);
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::future::poll_fn;
    use std::io;
    use std::path::Path;
    use std::pin::pin;
    use std::sync::Arc;
    use std::task::Poll;

    use xsync::{CancelToken, ErrGroup};

    use super::read;
    use crate::args::Options;
    use crate::digest::Hasher;
    use crate::failure::Failure;
    use crate::runtime::Threads;
    use crate::source::Source;
    use crate::stop::Stop;
    use crate::walk::File;
    use crate::work::Work;

    fn wait<T>(future: impl Future<Output = T>) -> T {
        CancelToken::new().run_until_cancelled(future).wait().unwrap()
    }

    /// Two names of one file, and the group that their jobs belong to.
    fn two_links(dir: &Path, content: &[u8]) -> (ErrGroup<Failure>, Arc<Work<Threads>>) {
        let names = ["a", "b"].map(|name| dir.join(name));
        fs::write(&names[0], content).unwrap();
        fs::hard_link(&names[0], &names[1]).unwrap();
        let size = content.len() as u64;
        let files = names.map(|path| File { path, size, named: false });
        let group = ErrGroup::new();
        let work = Work::new(Threads, group.spawner(), &Options::new(dir), files.into());
        (group, Arc::new(work))
    }

    fn open(work: &Work<Threads>, index: usize) -> Source {
        wait(Source::open(&work.files[index], &Threads)).unwrap()
    }

    /// Files of the list, those of them that are links, and bytes that were hashed.
    fn counts(work: &Work<Threads>) -> [u64; 3] {
        [&work.counters.files, &work.counters.links, &work.counters.bytes].map(|counter| counter.get())
    }

    #[test]
    fn who_joins_reads_nothing() {
        for content in [&[7; 1_000][..], &[7; 1_000_000]] {
            let dir = tempfile::tempdir().unwrap();
            let (group, work) = two_links(dir.path(), content);
            let sources = [open(&work, 0), open(&work, 1)];
            assert!(sources.iter().all(Source::is_linked));
            let [first, second] = sources;
            // The first finds no memory, so the flight is under way when the second comes.
            let all = wait(work.permits(usize::MAX)).unwrap();
            wait(async {
                let mut leads = pin!(read(&work, 0, first));
                let mut joins = pin!(read(&work, 1, second));
                poll_fn(|cx| {
                    assert!(leads.as_mut().poll(cx).is_pending() && joins.as_mut().poll(cx).is_pending());
                    Poll::Ready(())
                })
                .await;
                drop(all);
                leads.await.unwrap();
                joins.await.unwrap();
            });
            assert!(group.join().wait().is_ok());
            assert_eq!(counts(&work), [2, 1, content.len() as u64]);
            let mut hasher = Hasher::default();
            hasher.update(content);
            let digest = hasher.finish();
            let (sums, _) = Arc::into_inner(work).unwrap().into_results();
            assert!(sums.iter().all(|(_, sum)| *sum == digest));
        }
    }

    #[test]
    fn who_comes_too_late_for_the_flight_reads_nothing_either() {
        let dir = tempfile::tempdir().unwrap();
        let (_group, work) = two_links(dir.path(), &[7; 1_000_000]);
        let source = open(&work, 0);
        work.learn(source.identity(), Hasher::default().finish());
        wait(read(&work, 0, source)).unwrap();
        assert_eq!((counts(&work), work.counters.acquisitions.get()), ([1, 1, 0], 0));
    }

    /// Linux opens it as any other, and has nothing at its beginning.
    #[cfg(target_os = "linux")]
    #[test]
    fn why_the_reader_stops_is_what_its_own_job_fails_with() {
        let group = ErrGroup::new();
        let files = vec![File { path: "/proc/self/mem".into(), size: 0, named: false }];
        let work = Arc::new(Work::new(Threads, group.spawner(), &Options::new(""), files));
        let source = open(&work, 0);
        let Err(Stop::Failed(error)) = wait(read(&work, 0, source)) else { panic!("reads what is not there") };
        assert_eq!(error.raw_os_error(), Some(5));
        assert_eq!((counts(&work), work.flights.in_flight()), ([0; 3], 0));
    }

    #[test]
    fn why_it_cannot_be_read_is_shared() {
        let dir = tempfile::tempdir().unwrap();
        let (_group, work) = two_links(dir.path(), b"content");
        let source = open(&work, 1);
        let fails = || async { Err(io::Error::other("a bad sector").into()) };
        let driver = work.flights.start(source.identity(), fails).driver.unwrap();
        wait(async {
            let mut joins = pin!(read(&work, 1, source));
            let waits = poll_fn(|cx| Poll::Ready(joins.as_mut().poll(cx).is_pending())).await;
            assert!(waits);
            driver.await;
            let stopped = joins.await;
            assert!(matches!(stopped, Err(Stop::Failed(error)) if error.to_string() == "a bad sector"));
        });
        assert_eq!((counts(&work), work.flights.in_flight()), ([0; 3], 0));
    }
}
