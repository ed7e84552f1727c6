//! A copy of the library and of this crate, to break on purpose.

use std::fs;
use std::path::{Path, PathBuf};

use crate::runner::{Built, build};

/// The copy, in cargo's target folder; one at a time.
#[derive(Debug)]
pub struct Sandbox {
    folder: PathBuf,
}

impl Sandbox {
    /// Copies what is needed to build the models.
    ///
    /// # Panics
    ///
    /// If a file cannot be copied.
    #[must_use]
    pub fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let library = root.parent().expect("this crate is in the library's folder");
        // This program is in `target/debug/`.
        let program = std::env::current_exe().expect("a program");
        let folder = program.ancestors().nth(2).expect("the target folder").join("sandbox");
        let copied = folder.join("loom-tests");
        for old in [folder.join("src"), copied.clone()].iter().filter(|old| old.exists()) {
            fs::remove_dir_all(old).expect("the copy of before is removed");
        }
        copy(&library.join("src"), &folder.join("src"));
        for part in ["Cargo.lock", ".cargo", "src", "tests"] {
            copy(&root.join(part), &copied.join(part));
        }
        fs::remove_dir_all(copied.join("src/bin")).expect("no programs are needed");
        for (from, to) in [(library, &folder), (root, &copied)] {
            let manifest = fs::read_to_string(from.join("Cargo.toml")).expect("a manifest");
            fs::write(to.join("Cargo.toml"), library_only(&manifest)).expect("a manifest");
        }
        Self { folder }
    }

    /// Builds the models of `targets` against a library whose `file` is `change`d, and changes it back.
    ///
    /// # Errors
    ///
    /// If `change` refuses, or the result does not compile.
    ///
    /// # Panics
    ///
    /// If the file cannot be read or written.
    pub fn build_changed(
        &self,
        file: &str,
        targets: &[&str],
        change: impl FnOnce(&str) -> Result<String, String>,
    ) -> Result<Built, String> {
        let path = self.folder.join("src").join(file);
        let source = fs::read_to_string(&path).expect("a source file");
        fs::write(&path, change(&source)?).expect("a source file");
        let built = build(&self.folder.join("loom-tests"), targets, Some(&self.folder.join("target")));
        fs::write(&path, source).expect("a source file");
        built
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

/// Without programs, examples and workspace members, which are not copied.
fn library_only(manifest: &str) -> String {
    let mut section = "";
    let lines = manifest.lines().filter(|line| {
        if line.starts_with('[') {
            section = line;
        }
        !section.starts_with("[[") && (section != "[workspace]" || *line == section)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder") {
            let entry = entry.expect("an entry");
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(from, to).expect("a file");
    }
}
