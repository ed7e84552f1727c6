//! What is written about the models agrees with them: docs, mutants, AUDIT.md, the README's coverage.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use xsync_loom_tests::catalog::{Model, models, quoted};
use xsync_loom_tests::mutants;
use xsync_loom_tests::sites::{Site, sites};
use xsync_loom_tests::unseen::UNSEEN;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn library() -> std::path::PathBuf {
    root().join("../src")
}

fn by_name() -> BTreeMap<String, Model> {
    let models = models(root());
    let count = models.len();
    let by_name: BTreeMap<_, _> = models.into_iter().map(|model| (model.name.clone(), model)).collect();
    assert_eq!(by_name.len(), count, "two models have one name");
    by_name
}

#[test]
fn each_model_says_what_it_shows_and_when_it_fails() {
    let models = by_name();
    assert!(models.len() >= 60, "only {} models were found", models.len());
    for model in models.values() {
        assert!(!model.property.is_empty(), "{} has no `Property:`", model.name);
        assert!(!model.mutants.is_empty(), "{} names no mutant after `Fails if:`", model.name);
        assert!(model.bound >= 2, "{} has the bound {}", model.name, model.bound);
    }
}

#[test]
fn docs_and_mutants_name_each_other() {
    let models = by_name();
    let claimed: BTreeSet<(&str, &str)> =
        models.values().flat_map(|model| model.mutants.iter().map(|mutant| (&**mutant, &*model.name))).collect();
    let listed: BTreeSet<(&str, &str)> =
        mutants::all().flat_map(|mutant| mutant.models.iter().map(|model| (mutant.name, *model))).collect();
    let docs_only: Vec<_> = claimed.difference(&listed).collect();
    let tables_only: Vec<_> = listed.difference(&claimed).collect();
    assert!(docs_only.is_empty(), "named in docs only: {docs_only:?}");
    assert!(tables_only.is_empty(), "named in tables of mutants only: {tables_only:?}");
    let names: BTreeSet<&str> = mutants::all().map(|mutant| mutant.name).collect();
    assert_eq!(names.len(), mutants::all().count(), "two mutants have one name");
}

#[test]
fn each_mutant_finds_what_it_changes() {
    let stale: Vec<String> = mutants::all()
        .filter_map(|mutant| {
            let source = fs::read_to_string(library().join(mutant.file)).unwrap_or_default();
            match mutant.apply(&source) {
                Ok(changed) => (changed == source).then(|| format!("{} changes nothing", mutant.name)),
                Err(error) => Some(error),
            }
        })
        .collect();
    assert!(stale.is_empty(), "{stale:#?}");
}

/// The cells of the rows of `section` in a Markdown file.
fn rows<'a>(text: &'a str, section: &str) -> impl Iterator<Item = Vec<&'a str>> {
    let (_, text) = text.split_once(&format!("\n## {section}\n")).unwrap_or_else(|| panic!("no section {section}"));
    let text = text.split("\n## ").next().unwrap_or(text);
    let rows = text.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect())
}

/// A site as the first four cells of a row of AUDIT.md name it.
fn key(site: &Site) -> Vec<String> {
    site.key().map(|part| format!("`{part}`")).to_vec()
}

#[test]
fn the_audit_is_of_this_source() {
    let audit = fs::read_to_string(root().join("AUDIT.md")).expect("AUDIT.md");
    let again = "AUDIT.md is stale: run `cargo run --bin audit` here";
    let sites = sites(&library());

    let mut weakened: Vec<Vec<String>> = Vec::new();
    let mut relaxed: Vec<Vec<String>> = Vec::new();
    for site in &sites {
        weakened.extend(site.weaker().iter().map(|weaker| [key(site), vec![(*weaker).to_owned()]].concat()));
        if site.weaker().is_empty() {
            relaxed.push(key(site));
        }
    }
    let mut weakened_there: Vec<Vec<String>> = rows(&audit, "Weakened")
        .map(|row| [&row[..4], &row[5..6]].concat().into_iter().map(str::to_owned).collect())
        .collect();
    let mut relaxed_there: Vec<Vec<String>> =
        rows(&audit, "Relaxed already").map(|row| row[..4].iter().map(|cell| (*cell).to_owned()).collect()).collect();
    for table in [&mut weakened, &mut relaxed, &mut weakened_there, &mut relaxed_there] {
        table.sort();
    }
    assert_eq!(weakened, weakened_there, "{again}");
    assert_eq!(relaxed, relaxed_there, "{again}");

    let models = by_name();
    for row in rows(&audit, "Weakened") {
        let unseen = row[6] == "none: see below";
        assert!(unseen || quoted(row[6]).all(|model| models.contains_key(model)), "{again}: {row:?}");
        assert_ne!(row[6], "**none**", "nothing notices {row:?}");
    }
}

#[test]
fn what_loom_cannot_see_is_still_there() {
    let sites = sites(&library());
    for unseen in UNSEEN {
        let known = sites.iter().any(|site| {
            [unseen.file, unseen.function, unseen.operation] == site.key()[..3]
                && site.weaker().contains(&unseen.weaker)
        });
        assert!(known, "{unseen:?} is nowhere in the source");
    }
}

#[test]
fn the_coverage_table_names_every_model_at_its_bound() {
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md");
    let models = by_name();
    let mut named = BTreeSet::new();
    for row in rows(&readme, "Coverage") {
        let bound: usize = row[2].parse().expect("a bound");
        for name in quoted(row[1]) {
            let model = models.get(name).unwrap_or_else(|| panic!("there is no model {name}"));
            assert_eq!(model.bound, bound, "the bound of {name}");
            named.insert(name);
        }
    }
    let all: BTreeSet<&str> = models.keys().map(|name| &**name).collect();
    assert_eq!(named, all);
}

/// The names of the invariants that the head of a source file lists, as `- **T1** ..` or `- R1: ..`.
fn invariants(file: &str) -> impl Iterator<Item = String> {
    let source = fs::read_to_string(library().join(file)).expect("a source file");
    let (_, list) = source.split_once("//! # Invariants\n").unwrap_or_else(|| panic!("{file} lists no invariants"));
    let list = list.split("\n//! # ").next().unwrap_or(list).to_owned();
    let names = list.lines().filter_map(|line| {
        let name = line.strip_prefix("//! - ")?.split_whitespace().next()?;
        Some(name.trim_matches(['*', ':']).to_owned())
    });
    names.collect::<Vec<_>>().into_iter()
}

#[test]
fn each_invariant_has_mutants() {
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md");
    let mut listed = Vec::new();
    for row in rows(&readme, "Invariants") {
        let mut names = quoted(row[1]).peekable();
        assert!(names.peek().is_some(), "{} has no mutant", row[0]);
        for name in names {
            // A test outside of this crate: `folder/file.rs::function`.
            let found = match name.split_once(".rs::") {
                Some((file, function)) => fs::read_to_string(root().join(format!("../{file}.rs")))
                    .is_ok_and(|source| source.contains(&format!("#[test]\nfn {function}() {{"))),
                None => mutants::all().any(|mutant| mutant.name == name),
            };
            assert!(found, "{} names {name}, which there is not", row[0]);
        }
        listed.push(row[0].to_owned());
    }
    let files = [
        "cancel/mod.rs",
        "errgroup/mod.rs",
        "map/reclaim.rs",
        "map/seats.rs",
        "map/stack.rs",
        "map/entry.rs",
        "map/table.rs",
        "map/shard.rs",
        "singleflight/mod.rs",
        "singleflight/slots.rs",
    ];
    let there: Vec<String> = files.into_iter().flat_map(invariants).collect();
    assert_eq!(listed, there);
}
