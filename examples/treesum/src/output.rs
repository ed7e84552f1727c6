//! The list, as `sha256sum` prints it.

use std::io::{self, BufWriter, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::digest::Digest;

/// Writes a line for each file: the digest, two spaces, the path.
///
/// A path with a backslash, a newline or a carriage return is written with `\\`, `\n` and `\r`, and its line begins
/// with a backslash.
///
/// # Errors
///
/// As the writer fails.
pub fn write(out: &mut impl Write, sums: &[(PathBuf, Digest)]) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(64 << 10, out);
    for (path, digest) in sums {
        line(&mut out, path, digest)?;
    }
    out.flush()
}

fn line(out: &mut impl Write, path: &Path, digest: &Digest) -> io::Result<()> {
    let name = path.as_os_str().as_bytes();
    let escaped = name.iter().any(|&byte| escape(byte).is_some());
    write!(out, "{}{digest}  ", if escaped { "\\" } else { "" })?;
    if escaped {
        for &byte in name {
            out.write_all(escape(byte).unwrap_or(&[byte]))?;
        }
    } else {
        out.write_all(name)?;
    }
    out.write_all(b"\n")
}

fn escape(byte: u8) -> Option<&'static [u8]> {
    match byte {
        b'\\' => Some(b"\\\\"),
        b'\n' => Some(b"\\n"),
        b'\r' => Some(b"\\r"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::PathBuf;

    use super::write;
    use crate::digest::Hasher;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn lines() {
        for (name, mark, written) in [
            (&b"dir/file"[..], "", &b"dir/file"[..]),
            (b" two  spaces ", "", b" two  spaces "),
            (b"caf\xe9\xff", "", b"caf\xe9\xff"),
            (b"tab\tbell\x07", "", b"tab\tbell\x07"),
            (b"a\nb", "\\", b"a\\nb"),
            (b"a\\b", "\\", b"a\\\\b"),
            (b"a\rb", "\\", b"a\\rb"),
            (b"\\n\n\xff", "\\", b"\\\\n\\n\xff"),
        ] {
            let sums = [(PathBuf::from(OsStr::from_bytes(name)), Hasher::default().finish())];
            let mut out = Vec::new();
            write(&mut out, &sums).unwrap();
            let expected = [mark.as_bytes(), EMPTY.as_bytes(), b"  ", written, b"\n"].concat();
            assert_eq!(out, expected, "{}", String::from_utf8_lossy(&out));
        }
    }
}
