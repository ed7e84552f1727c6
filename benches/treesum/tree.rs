//! `treesum-tree DIR`: the tree that treesum is measured on, the same each time: 4,112 files and 2.3 GB in 64 directories.
//!
//! 4,096 sizes between 512 bytes and 4 MiB, as many in each octave, and sixteen files of 32 MiB. A tree that is there
//! already is kept.

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const SEED: u64 = 0x5eed;
const SMALLEST: f64 = 512.0;
const OCTAVES: f64 = 13.0;
const FILES: u64 = 4096;
const LARGE: u64 = 16;
const LARGE_SIZE: u64 = 32 << 20;
const DIRECTORIES: u64 = 64;

fn main() -> ExitCode {
    let Some(root) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: treesum-tree DIR");
        return ExitCode::from(2);
    };
    match make(&root) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("treesum-tree: {}: {error}", root.display());
            ExitCode::FAILURE
        }
    }
}

/// Beside the root while it is made, so that a tree is whole or not there.
fn make(root: &Path) -> io::Result<()> {
    if root.exists() {
        return Ok(());
    }
    let unfinished = root.with_extension("unfinished");
    let mut random = Random(SEED);
    for directory in 0..DIRECTORIES {
        fs::create_dir_all(unfinished.join(format!("{directory:02}")))?;
    }
    for index in 0..FILES + LARGE {
        let size = if index % (FILES / LARGE) == 7 { LARGE_SIZE } else { random.size() };
        let path = unfinished.join(format!("{:02}/{index:04}", index % DIRECTORIES));
        let mut file = BufWriter::with_capacity(1 << 20, fs::File::create(path)?);
        for _ in 0..size / 8 {
            file.write_all(&random.next().to_le_bytes())?;
        }
        file.write_all(&random.next().to_le_bytes()[..(size % 8) as usize])?;
        file.flush()?;
    }
    fs::rename(unfinished, root)
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn size(&mut self) -> u64 {
        let fraction = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        (SMALLEST * (fraction * OCTAVES).exp2()) as u64
    }
}
