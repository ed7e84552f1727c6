//! The models, read from the sources in `tests/`.

use std::fs;
use std::path::Path;

/// One model.
#[derive(Debug, Clone)]
pub struct Model {
    /// The test target that it is in.
    pub target: String,
    /// Its path within that target, as the test harness knows it.
    pub path: String,
    /// Its name in tables: the file and the function.
    pub name: String,
    /// The preemption bound.
    pub bound: usize,
    /// What its doc says after `Property:`.
    pub property: String,
    /// The mutants that its doc names after `Fails if:`.
    pub mutants: Vec<String>,
}

/// All models under `root`, the folder of this crate, in the order of their files.
///
/// # Panics
///
/// If a file cannot be read.
#[must_use]
pub fn models(root: &Path) -> Vec<Model> {
    let mut models = Vec::new();
    for target in ["lock", "wait"] {
        read(&root.join(format!("tests/{target}.rs")), target, "", &mut models);
    }
    for target in ["semaphore", "cancel", "errgroup", "map", "singleflight"] {
        let folder = fs::read_dir(root.join("tests").join(target)).expect("a folder of models");
        let mut parts: Vec<_> = folder.map(|entry| entry.expect("a file").path()).collect();
        parts.sort();
        for part in parts {
            let stem = part.file_stem().expect("a file name").to_string_lossy().into_owned();
            read(&part, target, &format!("{stem}::"), &mut models);
        }
    }
    models
}

fn read(file: &Path, target: &str, prefix: &str, models: &mut Vec<Model>) {
    let source = fs::read_to_string(file).expect("a file of models");
    let stem = file.file_stem().expect("a file name").to_string_lossy();
    let mut doc = String::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        if let Some(text) = line.strip_prefix("///") {
            doc += text;
            continue;
        }
        if line == "#[test]" {
            let head = lines.next().unwrap_or_default();
            let function = head.trim_start_matches("fn ").trim_end_matches("() {");
            let bound =
                lines.clone().find_map(|line| line.trim().strip_prefix("model(")?.split(',').next()?.parse().ok());
            let (property, fails) = doc.split_once("Fails if:").unwrap_or((&doc, ""));
            models.push(Model {
                target: target.to_owned(),
                path: format!("{prefix}{function}"),
                name: format!("{stem}::{function}"),
                bound: bound.unwrap_or(0),
                property: property.trim().strip_prefix("Property:").unwrap_or_default().trim().to_owned(),
                mutants: quoted(fails).filter(|name| name.contains('-')).map(str::to_owned).collect(),
            });
        }
        doc.clear();
    }
}

/// What stands between backquotes in `text`.
pub fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}
