//! Sizes as people write them: `65536`, `64KiB`, `1GB`.

use std::num::NonZeroUsize;

/// Reads a number of bytes. `K`, `M`, `G`, `T`, alone or with `iB`, are powers of 1024, and with `B` of 1000, as the
/// GNU tools have it; upper or lower case.
///
/// # Errors
///
/// Says what is wrong: not a size, zero, or too large for a word.
pub fn parse(text: &str) -> Result<NonZeroUsize, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = scale(unit).filter(|_| !number.is_empty());
    let unit = unit.ok_or_else(|| format!("`{text}` is not a size, like 65536, 64KiB, 64MiB or 1GB"))?;
    let bytes = number.parse::<usize>().ok().and_then(|number| number.checked_mul(usize::try_from(unit).ok()?));
    let bytes = bytes.ok_or_else(|| format!("`{text}` is more than an address can count"))?;
    NonZeroUsize::new(bytes).ok_or_else(|| format!("`{text}` is no memory at all"))
}

fn scale(unit: &str) -> Option<u64> {
    let unit = unit.to_ascii_lowercase();
    let (prefix, base) = match unit.strip_suffix("ib") {
        Some(prefix) if !prefix.is_empty() => (prefix, 1024_u64),
        Some(_) => return None,
        None => match unit.strip_suffix('b') {
            Some(prefix) => (prefix, 1000),
            None => (unit.as_str(), 1024),
        },
    };
    let power = match prefix {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        _ => return None,
    };
    Some(base.pow(power))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("1", 1_u64),
            ("65536", 65_536),
            ("7B", 7),
            ("64KiB", 64 << 10),
            ("64k", 64 << 10),
            ("64kB", 64_000),
            ("64MiB", 64 << 20),
            ("1m", 1 << 20),
            ("3MB", 3_000_000),
            ("1GB", 1_000_000_000),
            ("2gib", 2 << 30),
            ("007", 7),
        ] {
            assert_eq!(parse(text).map(|size| size.get() as u64), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_named() {
        for text in ["", "MiB", "-1", "1.5GiB", "64 MiB", "64MiBs", "1iB", "1EiB", "0x10", "64МiB"] {
            assert_eq!(parse(text), Err(format!("`{text}` is not a size, like 65536, 64KiB, 64MiB or 1GB")));
        }
        for text in ["0", "0GiB", "000"] {
            assert_eq!(parse(text), Err(format!("`{text}` is no memory at all")));
        }
        for text in ["18446744073709551616", "99999999999TiB", "99999999999999999999999"] {
            assert_eq!(parse(text), Err(format!("`{text}` is more than an address can count")));
        }
    }
}
