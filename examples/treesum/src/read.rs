//! The reading stage: a job for each file.

use std::io;
use std::sync::Arc;

use crate::failure::Failure;
use crate::hash::hash;
use crate::runtime::Runtime;
use crate::source::Source;
use crate::work::{Chunk, Work};

/// Why a file is not read to its end.
enum Stop {
    /// The run is cancelled.
    Cancelled,
    Failed(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// Reads the file `index` and hands it to the hashing stage.
///
/// Cancelled, it leaves early and without an error: the hashing stage misses the last chunk then, and enters no digest.
pub(crate) async fn read<R: Runtime>(work: Arc<Work<R>>, index: usize) -> Result<(), Failure> {
    match read_whole(&work, index).await {
        Ok(()) | Err(Stop::Cancelled) => Ok(()),
        Err(Stop::Failed(error)) => work.fail(index, error),
    }
}

async fn read_whole<R: Runtime>(work: &Arc<Work<R>>, index: usize) -> Result<(), Stop> {
    let source = Source::open(&work.files[index], &work.runtime).await?;
    if work.known(index, source.identity()) {
        return Ok(());
    }
    let identity = source.identity();
    let mut rest = source.size();
    let (mut source, first) = chunk(work, source, work.buffers.first_size(rest)).await?;
    if first.last {
        // A whole file in one buffer needs no task of its own.
        hash(work, (index, identity), first, None).await;
        return Ok(());
    }
    rest = rest.saturating_sub(first.buffer.len() as u64);

    // No bound: the permits are the bound.
    let (sender, receiver) = async_channel::unbounded();
    let job = Arc::clone(work);
    let hashing = work.group.member().run(async move {
        hash(&job, (index, identity), first, Some(receiver)).await;
        Ok(())
    });
    if let Err(error) = work.runtime.spawn(hashing) {
        work.refuse(&work.files[index].path, &error);
        return Err(Stop::Cancelled);
    }
    loop {
        let next;
        (source, next) = chunk(work, source, work.buffers.next_size(rest)).await?;
        rest = rest.saturating_sub(next.buffer.len() as u64);
        let last = next.last;
        if sender.try_send(next).is_err() {
            return Err(Stop::Cancelled);
        }
        if last {
            return Ok(());
        }
    }
}

/// Waits for the memory first.
async fn chunk<R: Runtime>(work: &Work<R>, source: Source, size: usize) -> Result<(Source, Chunk), Stop> {
    let permit = work.permits(size).await.ok_or(Stop::Cancelled)?;
    let (source, buffer, last) = source.fill(work.buffers.take(size), &work.runtime).await?;
    Ok((source, Chunk { buffer, permit, last }))
}
