//! A file that is open for reading.
//!
//! What the system has in its cache is read at once, by the task that wants it: the bytes are then in that processor's
//! cache when they are hashed, and no thread has to be woken. Only what waits for a device goes to a thread that may
//! block. Where the system cannot tell which is which, everything does.

use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{FileType, Mode, OFlags, fstat, open};
use rustix::io::{Errno, pread, retry_on_intr};

use crate::buffers::Buffer;
use crate::runtime::Runtime;
use crate::walk::File;

/// Which file it is, whatever its name: the same for all its hard links.
pub type Inode = (i128, i128);

/// What tells whether a file is as it was when it was opened before: its size, and when it last changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Version {
    size: i128,
    changed: (i128, i128),
}

/// Which file, and as of when.
pub type Identity = (Inode, Version);

/// A regular file, open for reading.
#[derive(Debug)]
pub struct Source {
    file: OwnedFd,
    inode: Inode,
    version: Version,
    is_linked: bool,
    size: u64,
    offset: u64,
}

/// How a buffer was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// There may be more to read.
    Full,
    /// The file has ended.
    Ended,
    /// The rest is to be read where it may block.
    Unfilled,
}

impl Source {
    /// Opens `file`, if it is still a regular file. What may have taken its place cannot mislead or hold up: a symbolic
    /// link is not followed, and a pipe without a writer is not waited for.
    ///
    /// # Errors
    ///
    /// As the system reports, or that it is no longer a regular file.
    pub async fn open(file: &File, runtime: &impl Runtime) -> io::Result<Self> {
        if let Some(opened) = cached::open(file, flags(file)) {
            return Self::of(opened);
        }
        let (path, flags, named) = (file.path.clone(), flags(file), file.named);
        let opened = runtime.unblock(move || retry_on_intr(|| open(&path, flags, Mode::empty()))).await;
        match opened {
            Ok(opened) => Self::of(opened),
            // A link that is not to be followed, or a socket.
            Err(Errno::LOOP | Errno::NXIO) if !named => Err(replaced()),
            Err(error) => Err(error.into()),
        }
    }

    fn of(file: OwnedFd) -> io::Result<Self> {
        let status = fstat(&file)?;
        if FileType::from_raw_mode(status.st_mode) != FileType::RegularFile {
            return Err(replaced());
        }
        let version =
            Version { size: status.st_size.into(), changed: (status.st_ctime.into(), status.st_ctime_nsec.into()) };
        let inode = (status.st_dev.into(), status.st_ino.into());
        let size = u64::try_from(status.st_size).unwrap_or(0);
        Ok(Self { file, inode, version, is_linked: status.st_nlink != 1, size, offset: 0 })
    }

    /// Which file it is, and as of when.
    pub fn identity(&self) -> Identity {
        (self.inode, self.version)
    }

    /// Whether it may have other names.
    pub fn is_linked(&self) -> bool {
        self.is_linked
    }

    /// Its size when it was opened: a hint, since others may write to it.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Reads into `buffer` until it is full or the file ends; also says whether it has ended.
    ///
    /// # Errors
    ///
    /// As the system reports.
    pub async fn fill(mut self, mut buffer: Buffer, runtime: &impl Runtime) -> io::Result<(Self, Buffer, bool)> {
        let mut left = self.read(&mut buffer, cached::read)?;
        if left == Left::Unfilled {
            let blocking = move || {
                let left = self.read(&mut buffer, |file, spare, offset| pread(file, spare, offset).map(Some));
                (left, self, buffer)
            };
            let done = runtime.unblock(blocking).await;
            (self, buffer) = (done.1, done.2);
            left = done.0?;
        }
        Ok((self, buffer, left == Left::Ended))
    }

    fn read(
        &mut self,
        buffer: &mut Buffer,
        read: impl Fn(&OwnedFd, &mut [u8], u64) -> Result<Option<usize>, Errno>,
    ) -> io::Result<Left> {
        while !buffer.spare().is_empty() {
            match retry_on_intr(|| read(&self.file, buffer.spare(), self.offset))? {
                Some(0) => return Ok(Left::Ended),
                Some(bytes) => {
                    buffer.advance(bytes);
                    self.offset += bytes as u64;
                }
                None => return Ok(Left::Unfilled),
            }
        }
        Ok(Left::Full)
    }
}

fn flags(file: &File) -> OFlags {
    let mut flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    flags.set(OFlags::NOFOLLOW, !file.named);
    flags
}

fn replaced() -> io::Error {
    io::Error::other("no longer a regular file")
}

/// What does not wait for a device: `None` where that cannot be had, and the blocking form has to find out.
#[cfg(target_os = "linux")]
mod cached {
    use std::io::IoSliceMut;
    use std::os::fd::OwnedFd;

    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
    use rustix::io::{Errno, ReadWriteFlags, preadv2};

    use crate::walk::File;

    pub(super) fn open(file: &File, flags: OFlags) -> Option<OwnedFd> {
        openat2(CWD, &file.path, flags, Mode::empty(), ResolveFlags::CACHED).ok()
    }

    pub(super) fn read(file: &OwnedFd, spare: &mut [u8], offset: u64) -> Result<Option<usize>, Errno> {
        Ok(preadv2(file, &mut [IoSliceMut::new(spare)], offset, ReadWriteFlags::NOWAIT).ok())
    }
}

#[cfg(not(target_os = "linux"))]
mod cached {
    use std::os::fd::OwnedFd;

    use rustix::fs::OFlags;
    use rustix::io::Errno;

    use crate::walk::File;

    pub(super) fn open(_: &File, _: OFlags) -> Option<OwnedFd> {
        None
    }

    pub(super) fn read(_: &OwnedFd, _: &mut [u8], _: u64) -> Result<Option<usize>, Errno> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io;
    use std::os::unix::fs::{FileExt as _, symlink};
    use std::os::unix::net::UnixListener;
    use std::path::Path;
    use std::sync::Arc;

    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use xsync::CancelToken;

    use super::Source;
    use crate::buffers::Buffers;
    use crate::runtime::Threads;
    use crate::walk::File;

    fn wait<T>(future: impl Future<Output = T>) -> T {
        CancelToken::new().run_until_cancelled(future).wait().unwrap()
    }

    fn open(path: &Path, named: bool) -> io::Result<Source> {
        wait(Source::open(&File { path: path.to_owned(), size: 0, named }, &Threads))
    }

    #[track_caller]
    fn reads(source: Source, buffers: &Arc<Buffers>, bytes: &[u8], ended: bool) -> Source {
        let (source, buffer, is_ended) = wait(source.fill(buffers.take(3), &Threads)).unwrap();
        assert_eq!((&*buffer, is_ended), (bytes, ended));
        source
    }

    #[test]
    fn a_file_is_read_to_its_end_wherever_that_is_by_then() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, "abcdef").unwrap();
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        let buffers = Buffers::new(3);
        let source = open(&path, false).unwrap();
        assert_eq!(source.size(), 6);

        let source = reads(source, &buffers, b"abc", false);
        let source = reads(source, &buffers, b"def", false);
        // It grows where it should have ended.
        file.write_all_at(b"ghi", 6).unwrap();
        let source = reads(source, &buffers, b"ghi", false);
        // It shrinks to less than was read.
        file.set_len(5).unwrap();
        let source = reads(source, &buffers, b"", true);
        file.write_all_at(b"xyz", 5).unwrap();
        let source = reads(source, &buffers, b"", true);
        file.write_all_at(b"!", 9).unwrap();
        reads(source, &buffers, b"!", true);
    }

    #[test]
    fn what_has_taken_its_place_is_refused_and_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("target"), "secret").unwrap();
        symlink("target", at("link")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        fs::create_dir(at("dir")).unwrap();
        mknodat(CWD, at("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let _listens = UnixListener::bind(at("socket")).unwrap();

        for name in ["link", "dangling", "dir", "pipe", "socket"] {
            let error = open(&at(name), false).unwrap_err();
            assert_eq!(error.to_string(), "no longer a regular file", "{name}");
        }
        assert_eq!(open(&at("gone"), false).unwrap_err().kind(), io::ErrorKind::NotFound);
        // What the user has named may be a link.
        assert_eq!(open(&at("link"), true).unwrap().size(), 6);
        assert_eq!(open(&at("dangling"), true).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    /// Where the system cannot tell what is in its cache, as in `/proc`, and does not tell the size either.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_cannot_be_read_at_once_is_read_where_it_may_block() {
        use std::cell::Cell;

        #[derive(Debug)]
        struct Counting(std::sync::Mutex<Cell<u32>>);

        impl crate::runtime::Runtime for Counting {
            fn spawn<F, E>(&self, _: xsync::Child<F, E>) -> io::Result<()>
            where
                F: Future<Output = Result<(), E>> + Send + 'static,
                E: Send + Sync + 'static,
            {
                unreachable!("nothing is spawned")
            }

            async fn unblock<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
                let count = self.0.lock().unwrap();
                count.set(count.get() + 1);
                work()
            }
        }

        let runtime = Counting(std::sync::Mutex::default());
        let file = File { path: "/proc/version".into(), size: 0, named: false };
        let source = wait(Source::open(&file, &runtime)).unwrap();
        assert_eq!(source.size(), 0);
        let opened = runtime.0.lock().unwrap().get();
        let (_, buffer, ended) = wait(source.fill(Buffers::new(4096).take(4096), &runtime)).unwrap();
        assert!(ended);
        assert_eq!(&*buffer, fs::read("/proc/version").unwrap());
        assert_eq!(runtime.0.lock().unwrap().get(), opened + 1);
    }
}
