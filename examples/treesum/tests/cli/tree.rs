//! Trees to be hashed, and what their list should be.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// More than can be hashed while a test runs; it takes no space.
pub(crate) const ENDLESS: u64 = 1 << 40;

/// A directory of its own.
pub(crate) struct Tree {
    dir: TempDir,
}

impl Tree {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn at(&self, name: impl AsRef<[u8]>) -> PathBuf {
        self.path().join(OsStr::from_bytes(name.as_ref()))
    }

    /// A file, and the directories above it.
    pub(crate) fn file(&self, name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// A file of zeros without a block on the disk.
    pub(crate) fn sparse(&self, name: impl AsRef<[u8]>, size: u64) -> PathBuf {
        let path = self.file(name, "");
        File::options().write(true).open(&path).unwrap().set_len(size).unwrap();
        path
    }

    /// Files of all sizes around those at which something changes.
    pub(crate) fn sizes(&self) -> Vec<PathBuf> {
        const SIZES: [usize; 14] =
            [0, 1, 63, 64, 4_095, 4_096, 4_097, 65_536, 131_071, 131_072, 131_073, 262_144, 300_000, 1_048_579];
        SIZES.iter().map(|&size| self.file(format!("sizes/{size}"), bytes(size))).collect()
    }
}

/// Bytes that are not all the same.
pub(crate) fn bytes(count: usize) -> Vec<u8> {
    (0..count as u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

pub(crate) fn sort(paths: &mut [PathBuf]) {
    paths.sort_by(|a, b| a.as_os_str().as_bytes().cmp(b.as_os_str().as_bytes()));
}

/// What the installed `sha256sum` prints for files, in this order. None without one.
pub(crate) fn sha256sum(paths: &[PathBuf]) -> Option<Vec<u8>> {
    let output = Command::new("sha256sum").arg("--").args(paths).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

/// A line as `sha256sum` prints it, where the name needs no escape.
pub(crate) fn line(path: &Path, content: &[u8]) -> Vec<u8> {
    let mut hasher = treesum::digest::Hasher::default();
    hasher.update(content);
    let mut line = format!("{}  ", hasher.finish()).into_bytes();
    line.extend_from_slice(path.as_os_str().as_bytes());
    line.push(b'\n');
    line
}
