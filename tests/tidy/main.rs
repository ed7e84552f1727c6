//! The house rules that a tool can check, each beside a bad example that it must catch.

mod comments;
mod house;
mod layers;
mod source;

use source::{Source, at_root, below};

const LINES: usize = 450;

/// All that a rule has to say, at once.
#[track_caller]
fn keep(sources: &[Source], rule: impl Fn(&Source) -> Vec<String>) {
    let complaints: Vec<String> = sources.iter().flat_map(rule).collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

fn library() -> Vec<Source> {
    let sources = below(&["src"]);
    assert!(sources.iter().any(|source| source.path == "src/wait/queue.rs"), "the sources are found");
    sources
}

#[test]
fn imports_go_down_only() {
    keep(&library(), layers::imports);
}

#[test]
fn only_the_facade_knows_the_machine() {
    keep(&library(), layers::facade);
}

#[test]
fn sequential_consistency_is_for_fences() {
    keep(&library(), layers::orderings);
}

#[test]
fn wakers_are_run_by_the_waker_core_only() {
    keep(&library(), layers::wakers);
}

#[test]
fn each_atomic_operation_says_what_its_order_is_for() {
    keep(&library(), comments::ordering);
}

#[test]
fn each_unsafe_block_has_a_reason() {
    keep(&library(), comments::safety);
}

#[test]
fn files_are_small() {
    keep(&below(&["src", "tests", "loom-tests", "benches", "examples"]), |source| house::length(source, LINES));
}

#[test]
fn each_model_names_its_property_and_its_mutation() {
    keep(&below(&["loom-tests/tests"]), house::models);
}

#[test]
fn each_make_target_is_short_and_has_help() {
    keep(&Vec::from_iter(at_root("Makefile")), house::makefile);
}

#[test]
fn the_front_pages_exist_and_are_short() {
    // A published package has no Makefile, and no tests either.
    let pages = ["README.md", "CHANGELOG.md", "ARCHITECTURE.md", "Makefile"].map(at_root);
    let [readme, changelog, architecture, makefile] = pages.map(|page| page.expect("exists"));
    keep(&[readme], |source| house::length(source, 200));
    assert!(changelog.text.contains("## [Unreleased]") || changelog.text.contains("## [0."), "Keep-a-Changelog form");
    assert!(!architecture.text.is_empty() && !makefile.text.is_empty());
}
