//! Weakens each ordering of the library by one step, one at a time, and writes into AUDIT.md which model notices.
//!
//! A weakening that no model notices, and that [`UNSEEN`] has no argument for, fails the audit.
//!
//! `cargo run --bin audit [PART]..` does so in those files whose name contains one of the arguments, and keeps what
//! AUDIT.md says of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use xsync_loom_tests::catalog::{Model, models, quoted};
use xsync_loom_tests::runner::{Built, Outcome, build};
use xsync_loom_tests::sandbox::Sandbox;
use xsync_loom_tests::sites::{Site, calls, sites};
use xsync_loom_tests::unseen::UNSEEN;

/// Far above what a model takes. A weakened one that takes longer has noticed: it does not end.
const LIMIT: Duration = Duration::from_secs(180);

const TARGETS: &[&str] = &["lock", "wait", "semaphore", "cancel", "errgroup", "map", "singleflight"];

/// Of a weakening that no model can notice.
const NONE: &str = "none: see below";

const HEAD: &str = "\
# The ordering audit

Written by `cargo run --bin audit` in this folder; do not edit. Each ordering of the library is weakened by one step, one
at a time, and the models that reach it are run until one fails. `tests/tables.rs` fails when an ordering in the source is
not in this file, or the other way round.
";

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |file: &str| wanted.is_empty() || wanted.iter().any(|part| file.contains(part));
    let before = fs::read_to_string(root.join("AUDIT.md")).unwrap_or_default();
    let models = models(root);
    let built = build(root, TARGETS, None).unwrap_or_else(|error| panic!("{error}"));
    let reached = reached(&built, &models);
    let sites = sites(&root.join("../src"));

    let mut weakened = String::new();
    let mut relaxed = String::new();
    let mut unseen = String::new();
    let mut unnoticed = 0;
    for site in &sites {
        let key = site.key().map(|part| format!("`{part}`")).join(" | ");
        if site.weaker().is_empty() {
            writeln!(relaxed, "| {key} | {} |", site.comment).expect("a string");
        }
        for weaker in site.weaker() {
            let kept = if is_wanted(&site.file) { None } else { kept(&before, &models, &key, weaker) };
            let notices = match kept.unwrap_or_else(|| noticed(&built, &models, &reached, site, weaker)) {
                Some((model, says)) => {
                    println!("{key} to {weaker}: {} ({says})", model.name);
                    format!("`{}`", model.name)
                }
                None => match argument(site, weaker) {
                    Some(argument) => {
                        println!("{key} to {weaker}: cannot be seen");
                        writeln!(
                            unseen,
                            "- `{}`, `{}`, `{}`, to {weaker}: {argument}.",
                            site.file, site.function, site.operation
                        )
                        .expect("a string");
                        NONE.to_owned()
                    }
                    None => {
                        println!("{key} to {weaker}: NOT NOTICED");
                        unnoticed += 1;
                        "**none**".to_owned()
                    }
                },
            };
            writeln!(weakened, "| {key} | {} | {weaker} | {notices} |", site.comment).expect("a string");
        }
    }
    let text = format!(
        "{HEAD}\n## Weakened\n\n| file | function | operation | ordering | partner | weakened to | model that fails |\n\
         |---|---|---|---|---|---|---|\n{weakened}\n## What loom cannot see\n\n{unseen}\n## Relaxed already\n\n\
         | file | function | operation | ordering | why |\n|---|---|---|---|---|\n{relaxed}"
    );
    fs::write(root.join("AUDIT.md"), text).expect("AUDIT.md is written");
    println!("{unnoticed} not noticed");
    if unnoticed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What the AUDIT.md of `before` says that notices a weakening of the site that `key` names: a model, nothing, or it
/// does not say.
fn kept<'a>(before: &str, models: &'a [Model], key: &str, weaker: &str) -> Option<Option<(&'a Model, String)>> {
    let mut rows = before.lines().filter(|row| row.starts_with(&format!("| {key} |"))).map(|row| row.split(" | "));
    let mut row = rows.find(|row| row.clone().nth(5) == Some(weaker))?;
    let notices = row.nth(6)?;
    if notices.starts_with(NONE) {
        return Some(None);
    }
    let model = models.iter().find(|model| quoted(notices).any(|name| model.name == name))?;
    Some(Some((model, "as before".to_owned())))
}

/// The models that reach each site, named `file:place`, by running all of them.
fn reached(built: &Built, models: &[Model]) -> BTreeMap<String, BTreeSet<String>> {
    let mut reached = BTreeMap::<String, BTreeSet<String>>::new();
    let log = std::env::temp_dir().join(format!("xsync-sites-{}", std::process::id()));
    for model in models {
        let outcome = built.run(model, &[("XSYNC_SITES", &log.to_string_lossy())], LIMIT);
        assert_eq!(outcome, Outcome::Passed, "{} fails as it is", model.name);
        for line in fs::read_to_string(&log).unwrap_or_default().lines() {
            let site = line.split(' ').next().unwrap_or_default().to_owned();
            reached.entry(site).or_default().insert(model.name.clone());
        }
        fs::remove_file(&log).expect("each model reaches a site");
    }
    reached
}

/// The first model that fails with `weaker` at `site`, and what it says.
///
/// A site in a `#[track_caller]` function goes by the place of the call of that function, where the facade cannot tell
/// it from others: its models run in a copy whose source says `weaker`.
///
/// # Panics
///
/// If no model reaches the site, and there is no argument why that is so.
fn noticed<'a>(
    built: &Built,
    models: &'a [Model],
    reached: &BTreeMap<String, BTreeSet<String>>,
    site: &Site,
    weaker: &str,
) -> Option<(&'a Model, String)> {
    let at = |place: String| reached.iter().find(|(known, _)| known.ends_with(&place));
    if let Some((place, names)) = at(format!("/src/{}:{}", site.file, site.place)) {
        return first_to_fail(built, models, names, &[("XSYNC_WEAKEN", &format!("{place}={weaker}"))]);
    }
    let calls = calls(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../src"), &site.function);
    let called = calls.iter().filter_map(|call| at(format!("/src/{call}:0")));
    let names: BTreeSet<String> = called.flat_map(|(_, names)| names.clone()).collect();
    if names.is_empty() && argument(site, weaker).is_some() {
        return None;
    }
    assert!(!names.is_empty(), "no model reaches {:?} at {}", site.key(), site.place);
    let changed = Sandbox::new().build_changed(&site.file, TARGETS, |source| Ok(site.weakened(source, weaker)));
    first_to_fail(&changed.unwrap_or_else(|error| panic!("{error}")), models, &names, &[])
}

fn first_to_fail<'a>(
    built: &Built,
    models: &'a [Model],
    names: &BTreeSet<String>,
    variables: &[(&str, &str)],
) -> Option<(&'a Model, String)> {
    let mut reaching = models.iter().filter(|model| names.contains(&model.name));
    reaching.find_map(|model| match built.run(model, variables, LIMIT) {
        Outcome::Passed => None,
        Outcome::Failed(says) => Some((model, says)),
        Outcome::Hung => Some((model, "does not end".to_owned())),
    })
}

fn argument(site: &Site, weaker: &str) -> Option<&'static str> {
    let known = UNSEEN.iter().find(|known| {
        [known.file, known.function, known.operation, known.weaker]
            == [&*site.file, &*site.function, &*site.operation, weaker]
    });
    known.map(|known| known.argument)
}
