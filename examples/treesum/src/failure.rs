//! What could not be read, and how it is said.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::Arc;

/// A file or directory that could not be read.
#[derive(Debug)]
pub struct Failure {
    /// Which.
    pub path: PathBuf,
    /// Why. Links to one file share it.
    pub error: Arc<io::Error>,
}

impl Failure {
    /// `path` could not be read because of `error`.
    pub fn new(path: impl Into<PathBuf>, error: impl Into<Arc<io::Error>>) -> Self {
        Self { path: path.into(), error: error.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", Shown(self.path.as_os_str()), self.error)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// A name on a line of its own, whatever is in it: what a terminal would obey, a backslash, and what is not UTF-8 are
/// escaped.
struct Shown<'a>(&'a OsStr);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.0.as_bytes().utf8_chunks() {
            for c in part.valid().chars() {
                if c.is_control() || c == '\\' { write!(f, "{}", c.escape_default())? } else { write!(f, "{c}")? }
            }
            for byte in part.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::io;
    use std::os::unix::ffi::OsStrExt as _;

    use super::Failure;

    #[test]
    fn a_failure_is_one_line_that_no_terminal_obeys() {
        for (name, shown) in [
            (&b"plain/caf\xc3\xa9"[..], "plain/café"),
            (b"a\nb\\c\rd\te", "a\\nb\\\\c\\rd\\te"),
            (b"\x1b[31mred", "\\u{1b}[31mred"),
            (b"caf\xe9/\xff\xfe", "caf\\xe9/\\xff\\xfe"),
            (b"", ""),
        ] {
            let failure = Failure::new(OsStr::from_bytes(name), io::Error::other("no"));
            assert_eq!(failure.to_string(), format!("{shown}: no"));
        }
    }
}
