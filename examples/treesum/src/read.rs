//! The reading stage: a job for each file.

use std::sync::Arc;

use async_channel::Sender;

use crate::failure::Failure;
use crate::hash::hash;
use crate::link;
use crate::runtime::Runtime;
use crate::source::Source;
use crate::stop::Stop;
use crate::work::{Chunk, Work};

/// Reads the file `index` and hands it to the hashing stage.
///
/// Cancelled, it leaves early and without an error: the hashing stage misses the last chunk then, and enters no digest.
pub(crate) async fn read<R: Runtime>(work: Arc<Work<R>>, index: usize) -> Result<(), Failure> {
    let stopped = read_whole(&work, index).await;
    work.ended(index, stopped)
}

async fn read_whole<R: Runtime>(work: &Arc<Work<R>>, index: usize) -> Result<(), Stop> {
    let source = Source::open(&work.files[index], &work.runtime).await?;
    let identity = source.identity();
    if let Some(digest) = work.known(identity) {
        work.finish_link(index, digest);
        return Ok(());
    }
    if source.is_linked() {
        // Boxed, so that the job of any other file is not three times as large.
        return Box::pin(link::read(work, index, source)).await;
    }
    let rest = source.size();
    let (source, first) = chunk(work, source, work.buffers.first_size(rest)).await?;
    if first.last {
        // A whole file in one buffer needs no task of its own.
        let digest = hash(work, Some(first), None).await?;
        work.learn(identity, digest);
        work.finish(index, digest);
        return Ok(());
    }
    let rest = rest.saturating_sub(first.buffer.len() as u64);

    // No bound: the permits are the bound.
    let (sender, receiver) = async_channel::unbounded();
    let job = Arc::clone(work);
    let hashing = async move {
        let digest = hash(&job, Some(first), Some(receiver)).await?;
        job.learn(identity, digest);
        job.finish(index, digest);
        Ok(())
    };
    start(work, index, hashing)?;
    read_on(work, source, rest, &sender).await
}

/// Starts the hashing of the file `index`, as a member of the group: it takes no slot.
pub(crate) fn start<R: Runtime>(
    work: &Arc<Work<R>>,
    index: usize,
    hashing: impl Future<Output = Result<(), Stop>> + Send + 'static,
) -> Result<(), Stop> {
    let job = Arc::clone(work);
    let hashing = work.group.member().run(async move {
        let stopped = hashing.await;
        job.ended(index, stopped)
    });
    work.runtime.spawn(hashing).map_err(|error| {
        work.refuse(&work.files[index].path, &error);
        Stop::Cancelled
    })
}

/// Hands on what is left of a file, of which there should be `rest` bytes.
pub(crate) async fn read_on<R: Runtime>(
    work: &Work<R>,
    mut source: Source,
    mut rest: u64,
    chunks: &Sender<Result<Chunk, Stop>>,
) -> Result<(), Stop> {
    loop {
        let next;
        (source, next) = chunk(work, source, work.buffers.next_size(rest)).await?;
        rest = rest.saturating_sub(next.buffer.len() as u64);
        let last = next.last;
        if chunks.try_send(Ok(next)).is_err() {
            return Err(Stop::Cancelled);
        }
        if last {
            return Ok(());
        }
    }
}

/// Waits for the memory first.
pub(crate) async fn chunk<R: Runtime>(work: &Work<R>, source: Source, size: usize) -> Result<(Source, Chunk), Stop> {
    let permit = work.permits(size).await.ok_or(Stop::Cancelled)?;
    let (source, buffer, last) = source.fill(work.buffers.take(size), &work.runtime).await?;
    Ok((source, Chunk { buffer, permit, last }))
}
