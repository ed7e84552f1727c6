//! `treesum-twin`: treesum as it would be without xsync, on tokio's own `Semaphore`, `JoinSet` and channel.
//!
//! The command line, the walk, the reading of a buffer, the hashing and the list are treesum's; the stages and what
//! holds them together are here. `treesum/compare.sh` measures one beside the other.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinHandle, JoinSet};
use treesum::args::{self, Command, Options};
use treesum::buffers::{self, Buffers};
use treesum::digest::{Digest, Hasher};
use treesum::failure::Failure;
use treesum::output;
use treesum::runtime::Tokio;
use treesum::source::Source;
use treesum::walk::{self, File};

type Chunk = buffers::Chunk<OwnedSemaphorePermit>;
type Sums = Vec<(PathBuf, Digest)>;

fn main() -> ExitCode {
    let Ok(Command::Run(options)) = args::parse(lexopt::Parser::from_env()) else {
        eprintln!("usage: treesum-twin DIR [--jobs N] [--memory SIZE]");
        return ExitCode::from(2);
    };
    let done = sums(&options)
        .map_err(|failure| failure.to_string())
        .and_then(|sums| output::write(&mut io::stdout().lock(), &sums).map_err(|error| error.to_string()));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("treesum-twin: {error}");
            ExitCode::FAILURE
        }
    }
}

fn sums(options: &Options) -> Result<Sums, Failure> {
    let mut files = walk::walk(&options.root).collect::<Result<Vec<_>, _>>()?;
    walk::sort(&mut files, |file| &file.path);
    let work = Arc::new(Work {
        tokio: Tokio::new().map_err(|error| Failure::new(&options.root, error))?,
        files,
        budget: Arc::new(Semaphore::new(options.memory.get())),
        memory: options.memory.get(),
        slots: Arc::new(Semaphore::new(options.jobs.get())),
        buffers: Buffers::new(options.memory.get()),
    });
    let tokio = work.tokio.runtime();
    tokio.block_on(tokio.spawn(Arc::clone(&work).hash_all())).expect("it does not panic")
}

struct Work {
    tokio: Tokio,
    files: Vec<File>,
    budget: Arc<Semaphore>,
    memory: usize,
    slots: Arc<Semaphore>,
    buffers: Arc<Buffers>,
}

/// How the digest of a file comes.
enum Hashing {
    Done(Option<Digest>),
    Started(JoinHandle<Option<Digest>>),
}

impl Work {
    async fn hash_all(self: Arc<Self>) -> Result<Sums, Failure> {
        let mut readers = JoinSet::new();
        for index in 0..self.files.len() {
            // A failure has closed them.
            let Ok(slot) = Arc::clone(&self.slots).acquire_owned().await else { break };
            let work = Arc::clone(&self);
            readers.spawn(async move {
                let read = work.read(index).await;
                drop(slot);
                read.map(|hashing| (index, hashing))
            });
        }
        let (mut found, mut failure) = (Vec::new(), None);
        while let Some(read) = readers.join_next().await {
            match read.expect("no reader panics") {
                Ok(hashing) => found.push(hashing),
                Err(failed) => failure = failure.or(Some(failed)),
            }
        }
        found.sort_unstable_by_key(|&(index, _)| index);
        let mut sums = Vec::with_capacity(found.len());
        for (index, hashing) in found {
            let digest = match hashing {
                Hashing::Done(digest) => digest,
                Hashing::Started(task) => task.await.expect("no hashing task panics"),
            };
            sums.extend(digest.map(|digest| (self.files[index].path.clone(), digest)));
        }
        failure.map_or(Ok(sums), Err)
    }

    async fn read(&self, index: usize) -> Result<Hashing, Failure> {
        self.read_whole(index).await.map_err(|error| {
            self.budget.close();
            self.slots.close();
            Failure::new(&self.files[index].path, error)
        })
    }

    async fn read_whole(&self, index: usize) -> io::Result<Hashing> {
        let source = Source::open(&self.files[index], &self.tokio).await?;
        let mut rest = source.size();
        let Some((mut source, first)) = self.chunk(source, self.buffers.first_size(rest)).await? else {
            return Ok(Hashing::Done(None));
        };
        if first.last {
            return Ok(Hashing::Done(hash(first, None).await));
        }
        rest = rest.saturating_sub(first.buffer.len() as u64);

        let (sender, receiver) = unbounded_channel();
        let hashing = tokio::spawn(hash(first, Some(receiver)));
        while let Some((read, next)) = self.chunk(source, self.buffers.next_size(rest)).await? {
            rest = rest.saturating_sub(next.buffer.len() as u64);
            let last = next.last;
            if sender.send(next).is_err() || last {
                break;
            }
            source = read;
        }
        Ok(Hashing::Started(hashing))
    }

    async fn chunk(&self, source: Source, size: usize) -> io::Result<Option<(Source, Chunk)>> {
        let weight = u32::try_from(size.max(Buffers::LEAST).min(self.memory)).expect("small");
        let permit = match Arc::clone(&self.budget).try_acquire_many_owned(weight) {
            Ok(permit) => permit,
            Err(_) => match Arc::clone(&self.budget).acquire_many_owned(weight).await {
                Ok(permit) => permit,
                Err(_closed) => return Ok(None),
            },
        };
        let (source, buffer, last) = source.fill(self.buffers.take(size), &self.tokio).await?;
        Ok(Some((source, Chunk { buffer, permit, last })))
    }
}

async fn hash(first: Chunk, mut rest: Option<UnboundedReceiver<Chunk>>) -> Option<Digest> {
    let mut hasher = Hasher::default();
    let mut next = Some(first);
    while let Some(chunk) = next {
        hasher.update(&chunk.buffer);
        if chunk.last {
            return Some(hasher.finish());
        }
        drop(chunk);
        next = match &mut rest {
            Some(rest) => rest.recv().await,
            None => None,
        };
    }
    None
}
