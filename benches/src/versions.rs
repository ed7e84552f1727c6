//! The versions that were measured: what the lockfile says.

use std::path::Path;
use std::sync::LazyLock;

static LOCKFILE: LazyLock<String> = LazyLock::new(|| {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().find_map(|dir| std::fs::read_to_string(dir.join("Cargo.lock")).ok()).unwrap_or_default()
});

/// The locked version of `package`, the newest if there are several; empty if it is not a package.
pub fn version(package: &str) -> String {
    version_in(&LOCKFILE, package)
}

fn version_in(lockfile: &str, package: &str) -> String {
    let name = format!("name = \"{package}\"");
    let lines = lockfile.lines().zip(lockfile.lines().skip(1));
    // The lockfile has the older ones first.
    lines
        .filter(|(line, _)| *line == name)
        .filter_map(|(_, next)| next.strip_prefix("version = \"")?.strip_suffix('"'))
        .last()
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn the_version_stands_below_the_whole_name() {
        let lockfile = "[[package]]\nname = \"tokio-util\"\nversion = \"0.7.1\"\n\n[[package]]\nname = \"tokio\"\nversion = \"1.54.1\"\n";
        assert_eq!(version_in(lockfile, "tokio"), "1.54.1");
        assert_eq!(version_in(lockfile, "tok"), "");
    }

    #[test]
    fn of_several_it_is_the_newest() {
        let lockfile =
            "name = \"event-listener\"\nversion = \"2.5.3\"\n\nname = \"event-listener\"\nversion = \"5.4.2\"\n";
        assert_eq!(version_in(lockfile, "event-listener"), "5.4.2");
    }
}
