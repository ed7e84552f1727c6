//! The hashing stage.

use async_channel::Receiver;

use crate::digest::{Digest, Hasher};
use crate::stop::Stop;
use crate::work::{Chunk, Work};

/// What the reading stage hands on, in order: the chunks up to the last one, or up to where it stopped.
pub(crate) type Chunks = Receiver<Result<Chunk, Stop>>;

/// The digest of the chunks of a file: `first`, if it was read already, and the rest.
///
/// # Errors
///
/// If the run is cancelled, or the reader stops or leaves before the last chunk.
pub(crate) async fn hash<R>(work: &Work<R>, first: Option<Chunk>, rest: Option<Chunks>) -> Result<Digest, Stop> {
    let mut hasher = Hasher::default();
    let mut next = first;
    loop {
        let chunk = match (next.take(), &rest) {
            (Some(chunk), _) => chunk,
            (None, Some(rest)) => rest.recv().await.unwrap_or(Err(Stop::Cancelled))?,
            (None, None) => return Err(Stop::Cancelled),
        };
        if work.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        hasher.update(&chunk.buffer);
        work.hashed(chunk.buffer.len() as u64);
        if chunk.last {
            return Ok(hasher.finish());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use xsync::{CancelToken, ErrGroup};

    use super::hash;
    use crate::args::Options;
    use crate::digest::{Digest, Hasher};
    use crate::failure::Failure;
    use crate::stop::Stop;
    use crate::walk::File;
    use crate::work::{Chunk, Work};

    struct Stage {
        work: Work<()>,
        group: ErrGroup<Failure>,
    }

    impl Stage {
        fn new() -> Self {
            let group = ErrGroup::new();
            let file = File { path: "file".into(), size: 6, named: false };
            Self { work: Work::new((), group.spawner(), &Options::new(""), vec![file]), group }
        }

        fn wait<T>(future: impl Future<Output = T>) -> T {
            CancelToken::new().run_until_cancelled(future).wait().unwrap()
        }

        fn chunk(&self, bytes: &[u8], last: bool) -> Chunk {
            let permit = Self::wait(self.work.permits(bytes.len())).unwrap();
            let mut buffer = self.work.buffers.take(bytes.len());
            buffer.spare().copy_from_slice(bytes);
            buffer.advance(bytes.len());
            Chunk { buffer, permit, last }
        }

        /// Hashes the chunks, after which each byte of the budget is free again.
        fn hash(&self, first: Chunk, rest: impl IntoIterator<Item = Result<Chunk, Stop>>) -> Result<Digest, Stop> {
            let (sender, receiver) = async_channel::unbounded();
            rest.into_iter().for_each(|chunk| sender.try_send(chunk).unwrap());
            drop(sender);
            let hashed = Self::wait(hash(&self.work, Some(first), Some(receiver)));
            assert!(self.work.budget_is_free());
            hashed
        }

        fn bytes(&self) -> u64 {
            self.work.counters.bytes.get()
        }
    }

    #[test]
    fn chunks_are_one_digest_and_their_memory_comes_back() {
        let stage = Stage::new();
        let rest = [Ok(stage.chunk(b"", false)), Ok(stage.chunk(b"def", true))];
        let digest = stage.hash(stage.chunk(b"abc", false), rest).unwrap();
        let mut whole = Hasher::default();
        whole.update(b"abcdef");
        assert_eq!((digest, stage.bytes()), (whole.finish(), 6));
    }

    #[test]
    fn a_file_whose_last_chunk_is_missing_has_no_digest() {
        let stage = Stage::new();
        let hashed = stage.hash(stage.chunk(b"abc", false), [Ok(stage.chunk(b"def", false))]);
        assert!(matches!(hashed, Err(Stop::Cancelled)));
        assert_eq!(stage.bytes(), 6);
    }

    #[test]
    fn why_reading_has_stopped_is_why_there_is_no_digest() {
        let stage = Stage::new();
        let hashed = stage.hash(stage.chunk(b"abc", false), [Err(io::Error::other("half-way").into())]);
        assert!(matches!(hashed, Err(Stop::Failed(error)) if error.to_string() == "half-way"));
    }

    #[test]
    fn nothing_is_hashed_after_a_cancellation() {
        let stage = Stage::new();
        let (first, last) = (stage.chunk(b"abc", false), stage.chunk(b"def", true));
        stage.group.cancel();
        assert!(matches!(stage.hash(first, [Ok(last)]), Err(Stop::Cancelled)));
        assert_eq!(stage.bytes(), 0);
    }
}
