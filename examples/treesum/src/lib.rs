//! The SHA-256 of every regular file below a directory, as `sha256sum` prints it.
//!
//! ```text
//!   walk ──files──▶ group.spawn(read(file), runtime)    at most --jobs at a time
//!                        │ acquire_owned(bytes).until(token)
//!                        │ read, where it may block if it has to
//!                        ▼
//!                   Chunk { buffer, permit, last }
//!                        │ a channel for each file of several chunks
//!                        ▼
//!                   member.run(hash(file))              a task of its own
//!                        │ hash, drop the chunk: the buffer goes back, then its permit
//!                        ▼
//!                   results, by index ──▶ the list, in order, when all is done
//! ```
//!
//! # What bounds what
//!
//! - The group's limit bounds how many files are read at the same time. Hashing jobs are members, without a slot: no
//!   reader waits for a slot that it holds itself.
//! - The semaphore bounds memory: a reader has a permit for each byte of a buffer before it takes the buffer, and the
//!   permit travels with it to the hashing stage. The channels need no bound of their own. A buffer counts for at
//!   least [`Buffers::LEAST`], so that the permits cover what else belongs to it.
//! - A reader hands on what it holds before it asks for more, and the hashing stage asks for nothing. So whoever holds
//!   permits gives them back without waiting for any, and nobody waits for ever.
//!
//! # Hard links
//!
//! A map keeps what is known by device and inode. A reader that has opened a file which was hashed under another name, and
//! has not changed since, takes that digest and reads nothing. A file that has several names and is being hashed is a
//! flight: who opens it under another one waits for that digest.
//!
//! # Why it is as fast as it is
//!
//! A reader goes on until it has to wait for permits or for the disk; what it has read is then hashed on the same
//! processor, from its cache, as long as the budget is no larger than that cache. So the default budget is small. See
//! [`source`] for what is read where.
//!
//! # How it ends
//!
//! The first failure of a job is the group's: it cancels the group's token, at which readers stop between two chunks
//! and while they wait for permits, and hashers at the next chunk. Ctrl-C cancels the parent of that token. A file's
//! digest is entered only when its last chunk has been hashed, and nothing is printed unless every job has ended.
//!
//! [`Buffers::LEAST`]: buffers::Buffers::LEAST

#[cfg(not(unix))]
compile_error!("treesum is for Unix, where the name of a file is a string of bytes, as sha256sum takes it");

pub mod args;
pub mod buffers;
pub mod digest;
pub mod failure;
mod hash;
mod link;
pub mod output;
pub mod progress;
mod read;
mod run;
pub mod runtime;
pub mod size;
pub mod source;
pub mod stats;
mod stop;
pub mod walk;
mod work;

pub use run::{Outcome, Report, run};
