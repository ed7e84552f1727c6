//! Go's own binaries, which run as processes beside the contenders here.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Plan;

/// What `go.sh` has built.
pub struct Go {
    directory: PathBuf,
    version: String,
}

/// One build of `go/syncmap`.
#[derive(Debug)]
pub struct GoMap {
    /// With the design.
    pub name: String,
    /// Of Go.
    pub version: String,
    /// Where it is, as long as the [`Go`] is there that it comes from.
    pub program: PathBuf,
}

impl Go {
    /// Builds them; none in a quick run, or where that is not possible.
    pub fn build(plan: &Plan) -> Option<Self> {
        if plan.quick {
            return None;
        }
        // A directory of each bench's own, since two may run at the same time.
        let directory = std::env::temp_dir().join(format!("xsync-benches-go-{}", std::process::id()));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("go.sh");
        let built = Command::new(script).arg(&directory).output().is_ok_and(|output| output.status.success());
        let version = std::fs::read_to_string(directory.join("version")).unwrap_or_default();
        let go = Self { directory, version: version.trim().to_owned() };
        if !built {
            eprintln!("Go is left out: go.sh failed");
        }
        built.then_some(go)
    }

    /// Of Go, and of x/sync.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Where `program` is.
    pub fn program(&self, program: &str) -> PathBuf {
        self.directory.join(program)
    }

    /// `sync.Map`, of each design of which a Go was found.
    pub fn maps(&self) -> Vec<GoMap> {
        let maps = ["read-dirty", "trie"].into_iter().filter_map(|design| {
            let directory = self.directory.join("maps").join(design);
            let Ok(version) = std::fs::read_to_string(directory.join("version")) else {
                eprintln!("Go's {design} map is left out: XSYNC_GO names no Go that has it (go.sh)");
                return None;
            };
            let (name, version) = (format!("Go {design}"), version.trim().to_owned());
            Some(GoMap { name, version, program: directory.join("syncmap") })
        });
        maps.collect()
    }

    /// What it prints.
    pub fn said(command: &mut Command) -> String {
        let output = command.output().expect("runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// The nanoseconds of an operation, where that is all it prints.
    pub fn nanoseconds(command: &mut Command) -> f64 {
        Self::said(command).trim().parse().expect("a number")
    }
}

impl Drop for Go {
    fn drop(&mut self) {
        // What is left of it does no harm.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
