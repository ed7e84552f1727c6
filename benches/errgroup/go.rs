//! Go's errgroup and its bare goroutines, on the same shape: ../go/group.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use xsync_benches::{Plan, Row, Sample};

use crate::batch::{CHILDREN, Question};

/// Go's binaries, built by `go.sh`.
pub struct Go {
    directory: PathBuf,
    version: String,
}

impl Go {
    /// Builds them; none in a quick run, or where that is not possible.
    pub fn build(plan: &Plan) -> Option<Self> {
        if plan.quick {
            return None;
        }
        let directory = std::env::temp_dir().join("xsync-benches-go-errgroup");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("go.sh");
        let built = Command::new(script).arg(&directory).output().is_ok_and(|output| output.status.success());
        let version = std::fs::read_to_string(directory.join("version")).unwrap_or_default();
        if !built {
            eprintln!("Go is left out: go.sh failed");
        }
        built.then(|| Self { directory, version: version.trim().to_owned() })
    }

    pub fn add(&self, row: &mut Row<'_>, question: Question) {
        row.foreign("Go errgroup", &self.version, self.run(question, &[]));
        row.foreign("Go, limit of 64", &self.version, self.run(question, &["-limit=64"]));
        row.foreign("Go WaitGroup", &self.version, self.run(question, &["-bare"]));
    }

    fn run(&self, question: Question, flags: &'static [&'static str]) -> impl FnMut(u64) -> Sample + 'static {
        let program = self.directory.join("group");
        move |operations| {
            let batches = operations.div_ceil(CHILDREN as u64);
            let output = Command::new(&program)
                .args(flags)
                .arg(format!("-procs={}", question.workers))
                .arg(format!("-children={CHILDREN}"))
                .arg(format!("-batches={batches}"))
                .arg(format!("-work={}ns", question.work.time.as_nanos()))
                .output()
                .expect("runs");
            assert!(output.status.success(), "{output:?}");
            let text = String::from_utf8(output.stdout).expect("a number");
            let nanoseconds: f64 = text.trim().parse().expect("a number");
            let operations = batches * CHILDREN as u64;
            Sample { operations, elapsed: Duration::from_nanos((nanoseconds * operations as f64) as u64) }
        }
    }
}
