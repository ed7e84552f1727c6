//! Breaks the library in each way that the tables say, in a copy, and demands that the models named there fail.
//!
//! `cargo run --bin mutants [PART]..` runs only those whose name, or file below `src/`, contains one of the arguments.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use xsync_loom_tests::catalog::models;
use xsync_loom_tests::mutants;
use xsync_loom_tests::runner::Outcome;
use xsync_loom_tests::sandbox::Sandbox;

/// Far above what a model takes. No mutant is meant to make one hang: loom ends an endless loop itself.
const LIMIT: Duration = Duration::from_secs(120);

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let models = models(Path::new(env!("CARGO_MANIFEST_DIR")));
    let sandbox = Sandbox::new();
    let (mut caught, mut missed) = (0, 0);
    for mutant in mutants::all() {
        if !wanted.is_empty() && !wanted.iter().any(|part| mutant.name.contains(part) || mutant.file.contains(part)) {
            continue;
        }
        let named: Vec<_> = models.iter().filter(|model| mutant.models.contains(&&*model.name)).collect();
        let mut targets: Vec<&str> = named.iter().map(|model| &*model.target).collect();
        targets.dedup();
        let built = match sandbox.build_changed(mutant.file, &targets, |source| mutant.apply(source)) {
            Ok(built) => built,
            Err(error) => {
                println!("{}: NOT BUILT: {error}", mutant.name);
                missed += 1;
                continue;
            }
        };
        for model in named {
            match built.run(model, &[], LIMIT) {
                Outcome::Failed(says) => {
                    println!("{}: caught by {}: {says}", mutant.name, model.name);
                    caught += 1;
                }
                outcome => {
                    println!("{}: NOT CAUGHT by {}: {outcome:?}", mutant.name, model.name);
                    missed += 1;
                }
            }
        }
    }
    println!("{caught} caught, {missed} missed");
    if missed == 0 && caught > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
