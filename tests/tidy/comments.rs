//! What must be said where: an order at each atomic operation, a reason at each unsafe block.

use crate::source::{Source, code};

/// How far above an operation its comment may begin.
const REACH: usize = 8;

/// Whether `marker` stands on line `index` or above it, nearer than any other line that needs one of its own.
fn has_marker(lines: &[&str], index: usize, marker: &str, needs_one: impl Fn(&str) -> bool) -> bool {
    if lines[index].contains(marker) {
        return true;
    }
    let above = lines[index.saturating_sub(REACH)..index].iter().rev();
    above.take_while(|line| !needs_one(code(line))).any(|line| line.contains(marker))
}

/// An access of an atomic: the operations, and the crate's own names for them.
fn is_atomic(line: &str) -> bool {
    const OPERATIONS: [&str; 6] = [".load(", ".store(", ".swap(", ".compare_exchange", ".fetch_", ".exchange("];
    OPERATIONS.iter().any(|operation| line.contains(operation)) || crate::source::has_word(line, "fence(")
}

/// Each atomic operation says what its order is for. The loom facade passes on what its caller has said.
pub(crate) fn ordering(source: &Source) -> Vec<String> {
    if source.path == "src/sync/loom.rs" {
        return Vec::new();
    }
    let lines = source.lines();
    let silent =
        |&(number, line): &(usize, &str)| is_atomic(line) && !has_marker(&lines, number - 1, "ORDERING:", is_atomic);
    source.code().filter(silent).map(|(number, _)| source.complaint(number, "no `ORDERING:`")).collect()
}

fn is_unsafe(line: &str) -> bool {
    line.contains("unsafe {") || line.contains("unsafe impl ")
}

/// The text of the block that begins with the first brace after `unsafe` on line `index`.
fn block(lines: &[&str], index: usize) -> String {
    let rest: Vec<&str> = lines[index..].iter().map(|line| code(line)).collect();
    let rest = rest.join("\n");
    let start = rest.find("unsafe {").map_or(0, |at| at + "unsafe {".len());
    let mut depth = 1;
    let inside = rest[start..].chars().take_while(|&c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth > 0
    });
    inside.collect::<String>().trim().to_owned()
}

/// Each unsafe block and impl has its reason; a block holds one statement, an unsafe function says what it asks for.
pub(crate) fn safety(source: &Source) -> Vec<String> {
    let lines = source.lines();
    let mut complaints = Vec::new();
    for (number, line) in source.code() {
        let index = number - 1;
        if is_unsafe(line) && !has_marker(&lines, index, "SAFETY:", is_unsafe) {
            complaints.push(source.complaint(number, "no `SAFETY:`"));
        }
        if line.contains("unsafe {") && block(&lines, index).trim_end_matches(';').contains(';') {
            complaints.push(source.complaint(number, "more than one statement in an unsafe block"));
        }
        let asks = line.contains("unsafe fn ") || line.contains("unsafe trait ");
        let docs = lines[..index].iter().rev().take_while(|line| line.trim().starts_with(['/', '#']));
        if asks && !docs.into_iter().any(|line| line.contains("# Safety")) {
            complaints.push(source.complaint(number, "no `# Safety`"));
        }
    }
    complaints
}

mod tests {
    use super::{Source, ordering, safety};

    fn ordering_of(text: &str) -> usize {
        ordering(&Source::new("src/wait/queue.rs", text)).len()
    }

    fn safety_of(text: &str) -> usize {
        safety(&Source::new("src/wait/queue.rs", text)).len()
    }

    #[test]
    fn a_silent_atomic_operation_is_seen() {
        assert_eq!(ordering_of("word.load(Acquire);"), 1);
        assert_eq!(ordering_of("// ORDERING: Acquire: why.\nword.load(Acquire);"), 0);
        assert_eq!(ordering_of("word.load(Acquire); // ORDERING: Acquire: why."), 0);
        assert_eq!(ordering_of("// ORDERING: why.\nmatch self.state.exchange(from, to, Release, Relaxed) {"), 0);
        assert_eq!(ordering_of("fence(SeqCst);"), 1);
        // One comment is not for two, nor for what is far below.
        assert_eq!(ordering_of("// ORDERING: why.\nword.store(0, Relaxed);\nword.store(1, Release);"), 1);
        assert_eq!(ordering_of(&format!("// ORDERING: why.\n{}word.swap(0, AcqRel);", "let x = 0;\n".repeat(9))), 1);
    }

    #[test]
    fn a_silent_unsafe_block_is_seen() {
        assert_eq!(safety_of("let x = unsafe { *pointer };"), 1);
        assert_eq!(safety_of("// SAFETY: valid.\nlet x = unsafe { *pointer };"), 0);
        assert_eq!(safety_of("unsafe impl Send for List {}"), 1);
        assert_eq!(safety_of("// SAFETY: valid.\nlet x = unsafe { *p };\nlet y = unsafe { *q };"), 1);
    }

    #[test]
    fn an_unsafe_block_with_two_statements_is_seen() {
        assert_eq!(safety_of("// SAFETY: valid.\nunsafe {\n    f();\n    g();\n}"), 1);
        assert_eq!(safety_of("// SAFETY: valid.\nunsafe {\n    f();\n}\ng();"), 0);
    }

    #[test]
    fn an_unsafe_function_without_a_contract_is_seen() {
        assert_eq!(safety_of("/// Reads.\nunsafe fn read() {}"), 1);
        assert_eq!(safety_of("/// # Safety\n/// Linked.\n#[inline]\nunsafe fn read() {}"), 0);
    }
}
