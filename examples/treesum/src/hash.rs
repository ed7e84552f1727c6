//! The hashing stage.

use async_channel::Receiver;

use crate::digest::Hasher;
use crate::source::{Inode, Version};
use crate::work::{Chunk, Work};

/// A file of the list, and which one of the file system it is.
pub(crate) type Which = (usize, (Inode, Version));

/// Hashes the chunks of a file and enters its digest, unless the run is cancelled or the reader leaves before
/// the last one.
pub(crate) async fn hash<R>(work: &Work<R>, which: Which, first: Chunk, rest: Option<Receiver<Chunk>>) {
    let mut hasher = Hasher::default();
    let mut next = Some(first);
    while let Some(chunk) = next {
        if work.is_cancelled() {
            return;
        }
        hasher.update(&chunk.buffer);
        work.hashed(chunk.buffer.len() as u64);
        if chunk.last {
            return work.finish(which, hasher.finish());
        }
        drop(chunk);
        next = match &rest {
            Some(rest) => rest.recv().await.ok(),
            None => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use xsync::{CancelToken, ErrGroup};

    use super::hash;
    use crate::args::Options;
    use crate::digest::Hasher;
    use crate::failure::Failure;
    use crate::source::Version;
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

        /// Hashes the chunks; whether each byte of the budget is free again.
        fn hash(&self, first: Chunk, rest: impl IntoIterator<Item = Chunk>) -> bool {
            let (sender, receiver) = async_channel::unbounded();
            rest.into_iter().for_each(|chunk| sender.try_send(chunk).unwrap());
            drop(sender);
            Self::wait(hash(&self.work, (0, ((0, 0), Version::default())), first, Some(receiver)));
            self.work.budget_is_free()
        }

        fn files(&self) -> u64 {
            self.work.counters.files.get()
        }
    }

    #[test]
    fn chunks_are_one_digest_and_their_memory_comes_back() {
        let stage = Stage::new();
        assert!(stage.hash(stage.chunk(b"abc", false), [stage.chunk(b"", false), stage.chunk(b"def", true)]));
        assert_eq!((stage.files(), stage.work.counters.bytes.get()), (1, 6));
        let mut whole = Hasher::default();
        whole.update(b"abcdef");
        let (sums, failures) = stage.work.into_results();
        assert_eq!((sums, failures.len()), (vec![("file".into(), whole.finish())], 0));
    }

    /// As when reading fails half-way.
    #[test]
    fn a_file_whose_last_chunk_is_missing_has_no_digest() {
        let stage = Stage::new();
        assert!(stage.hash(stage.chunk(b"abc", false), [stage.chunk(b"def", false)]));
        assert_eq!((stage.files(), stage.work.counters.bytes.get()), (0, 6));
    }

    #[test]
    fn nothing_is_hashed_after_a_cancellation() {
        let stage = Stage::new();
        let (first, last) = (stage.chunk(b"abc", false), stage.chunk(b"def", true));
        stage.group.cancel();
        assert!(stage.hash(first, [last]));
        assert_eq!((stage.files(), stage.work.counters.bytes.get()), (0, 0));
    }
}
