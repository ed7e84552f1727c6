//! Who may use what: imports go down only, and only the facade knows the machine and loom.

use crate::source::Source;

/// The layer of a module of the crate; none for the root, which sees all.
fn layer(module: &str) -> Option<u8> {
    match module {
        "sync" | "message" | "hasher" => Some(1),
        "wait" => Some(2),
        "lib" | "internals" => None,
        _ => Some(3),
    }
}

fn module(path: &str) -> &str {
    let path = path.strip_prefix("src/").unwrap_or(path);
    path.split(['/', '.']).next().unwrap_or(path)
}

fn in_facade(source: &Source) -> bool {
    source.path.starts_with("src/sync/")
}

/// The modules that a line of code names by `crate::module`.
fn named(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::").skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

/// A file imports from its own layer or below, and a primitive from no other but cancellation; the group has its slots from
/// the semaphore.
pub(crate) fn imports(source: &Source) -> Vec<String> {
    let own = module(&source.path);
    let Some(from) = layer(own) else { return Vec::new() };
    let mut complaints = Vec::new();
    for (number, line) in source.code() {
        for to in named(line) {
            let is_module = to.starts_with(|c: char| c.is_lowercase());
            let allowed = match layer(to) {
                _ if to == own => true,
                // A name of the root is a primitive's, or a layer's; say which.
                Some(_) if !is_module => false,
                Some(3) => from == 3 && (to == "cancel" || (own, to) == ("errgroup", "semaphore")),
                Some(to) => to <= from,
                None => false,
            };
            if !allowed {
                complaints.push(source.complaint(number, &format!("`{own}` imports `{to}`")));
            }
        }
    }
    complaints
}

/// Loom's switch and the machine's primitives are the facade's.
pub(crate) fn facade(source: &Source) -> Vec<String> {
    const MACHINE: [&str; 5] = ["xsync_loom", "loom::", "core::sync", "std::sync", "portable_atomic::"];
    if in_facade(source) {
        return Vec::new();
    }
    let uses = |line: &str| MACHINE.into_iter().find(|&word| crate::source::has_word(line, word));
    let complain = |(number, line)| Some(source.complaint(number, &format!("`{}` outside src/sync", uses(line)?)));
    source.code().filter_map(complain).collect()
}

/// Sequential consistency is for fences: an access asks for the order that it needs.
pub(crate) fn orderings(source: &Source) -> Vec<String> {
    let wrong = |&(_, line): &(usize, &str)| line.contains("SeqCst") && !line.contains("fence(");
    source.code().filter(wrong).map(|(number, _)| source.complaint(number, "SeqCst but for a fence")).collect()
}

/// Wakers are foreign code: only the waker core runs it, where it is known that no lock is held.
pub(crate) fn wakers(source: &Source) -> Vec<String> {
    const FOREIGN: [&str; 5] = [".wake()", ".wake_by_ref()", "waker.clone()", "waker().clone()", "Waker::clone"];
    if module(&source.path) == "wait" {
        return Vec::new();
    }
    let foreign = |line: &str| FOREIGN.into_iter().find(|&call| line.contains(call));
    source.code().filter_map(|(number, line)| Some(source.complaint(number, foreign(line)?))).collect()
}

mod tests {
    use super::{Source, facade, imports, orderings, wakers};

    #[test]
    fn an_import_upwards_or_sideways_is_seen() {
        for (path, line, complaints) in [
            ("src/wait/queue.rs", "use crate::sync::Lock;", 0),
            ("src/wait/queue.rs", "use crate::semaphore::Semaphore;", 1),
            ("src/wait/queue.rs", "use crate::Semaphore;", 1),
            ("src/sync/parker.rs", "let queue = crate::wait::Queue::new();", 1),
            ("src/semaphore/mod.rs", "use crate::wait::Queue; use crate::cancel::CancelFlag;", 0),
            ("src/errgroup/shared.rs", "use crate::semaphore::Semaphore;", 0),
            ("src/cancel/flag.rs", "use crate::semaphore::Semaphore;", 1),
            ("src/map/mod.rs", "use crate::errgroup::ErrGroup;", 1),
            ("src/cancel/flag.rs", "// not `crate::semaphore`", 0),
            ("src/lib.rs", "use crate::semaphore::Semaphore;", 0),
        ] {
            assert_eq!(imports(&Source::new(path, line)).len(), complaints, "{path}: {line}");
        }
    }

    #[test]
    fn the_machine_outside_the_facade_is_seen() {
        for (line, complaints) in [
            ("#[cfg(xsync_loom)]", 1),
            ("if cfg!(not(xsync_loom)) {", 1),
            ("#[cfg(all(test, not(xsync_loom)))]", 1),
            ("use loom::thread;", 1),
            ("use core::sync::atomic::AtomicUsize;", 1),
            ("static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());", 1),
            ("under_loom! {", 0),
            ("use alloc::sync::Arc; use crate::sync::Lock;", 0),
        ] {
            assert_eq!(facade(&Source::new("src/wait/queue.rs", line)).len(), complaints, "{line}");
            assert_eq!(facade(&Source::new("src/sync/native.rs", line)), [""; 0]);
        }
    }

    #[test]
    fn a_sequentially_consistent_access_is_seen() {
        let access = Source::new("src/wait/queue.rs", "word.load(Ordering::SeqCst);");
        assert_eq!(orderings(&access), ["src/wait/queue.rs:1: SeqCst but for a fence"]);
        assert!(orderings(&Source::new("src/wait/queue.rs", "fence(Ordering::SeqCst);")).is_empty());
    }

    #[test]
    fn foreign_code_outside_the_waker_core_is_seen() {
        for line in ["waker.wake();", "cx.waker().wake_by_ref();", "let waker = cx.waker().clone();"] {
            assert_eq!(wakers(&Source::new("src/cancel/flag.rs", line)).len(), 1, "{line}");
            assert!(wakers(&Source::new("src/wait/batch.rs", line)).is_empty());
        }
    }
}
