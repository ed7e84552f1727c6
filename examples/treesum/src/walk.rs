//! Which files there are.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::failure::Failure;

/// A regular file, as the directory told.
#[derive(Debug)]
pub struct File {
    /// Below the root as given.
    pub path: PathBuf,
    /// Its size at that time.
    pub size: u64,
    /// Whether the user named it, so that it may be a symbolic link.
    pub named: bool,
}

/// The regular files at or below `root`, in no particular order, and what could not be listed. Symbolic links are not
/// followed, unless the root itself is one.
pub fn walk(root: &Path) -> Box<dyn Iterator<Item = Result<File, Failure>>> {
    let fail = |error| Box::new(std::iter::once(Err(Failure::new(root, error))));
    match fs::metadata(root) {
        Ok(found) if found.is_file() => {
            let file = File { path: root.to_owned(), size: found.len(), named: true };
            Box::new(std::iter::once(Ok(file)))
        }
        Ok(found) if found.is_dir() => Box::new(below(root.to_owned())),
        Ok(_) => fail(io::Error::new(io::ErrorKind::InvalidInput, "neither a regular file nor a directory")),
        Err(error) => fail(error),
    }
}

fn below(root: PathBuf) -> impl Iterator<Item = Result<File, Failure>> {
    WalkDir::new(&root).into_iter().filter_map(move |entry| match entry {
        Ok(entry) if entry.file_type().is_file() => Some(file(entry).map_err(|error| failure(error, &root))),
        Ok(_) => None,
        Err(error) => Some(Err(failure(error, &root))),
    })
}

fn file(entry: DirEntry) -> Result<File, walkdir::Error> {
    let size = entry.metadata()?.len();
    Ok(File { path: entry.into_path(), size, named: false })
}

fn failure(error: walkdir::Error, root: &Path) -> Failure {
    let path = error.path().unwrap_or(root).to_owned();
    let error = error.into_io_error().unwrap_or_else(|| io::Error::other("a loop of directories"));
    Failure::new(path, error)
}

/// Sorts by the bytes of the whole path, as `LC_ALL=C sort` does. The order of [`Path`] is another: it compares name by
/// name.
pub fn sort<T>(items: &mut [T], path: impl Fn(&T) -> &Path) {
    items.sort_unstable_by(|a, b| path(a).as_os_str().as_bytes().cmp(path(b).as_os_str().as_bytes()));
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::sort;

    #[test]
    fn the_order_is_that_of_the_bytes() {
        let mut paths = ["a/b", "a-b", "a", "a/B", "a.b", "B"].map(PathBuf::from);
        sort(&mut paths, |path| path);
        assert_eq!(paths.each_ref().map(|path| path.to_str().unwrap()), ["B", "a", "a-b", "a.b", "a/B", "a/b"]);
        let by_name = Path::new("a/b") < Path::new("a-b");
        assert!(by_name, "which is why it needs a function of its own");
    }
}
