//! SHA-256.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// The SHA-256 of a file; displayed in lower-case hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits = self.0.iter().flat_map(|&byte| [byte >> 4, byte & 15]);
        let text: Vec<u8> = digits.map(|digit| DIGITS[usize::from(digit)]).collect();
        f.write_str(std::str::from_utf8(&text).expect("digits"))
    }
}

/// The digest of what has been added so far.
#[derive(Debug, Clone, Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all that was added.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::Hasher;

    #[test]
    fn the_vectors_of_the_standard() {
        for (message, digest) in [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ] {
            let mut hasher = Hasher::default();
            message.chars().for_each(|c| hasher.update(c.to_string().as_bytes()));
            assert_eq!(hasher.finish().to_string(), digest);
        }
    }
}
