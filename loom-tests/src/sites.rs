//! Where the library uses an ordering, read from its source.

use std::fs;
use std::path::Path;

/// One ordering of one atomic operation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// The file, below `src/`.
    pub file: String,
    /// The function that the operation is in.
    pub function: String,
    /// The word and the operation; for an exchange that fails, with that added.
    pub operation: String,
    /// The ordering.
    pub ordering: String,
    /// What the comment above the operation says.
    pub comment: String,
    /// `line:column:slot`, as the facade names a site.
    pub place: String,
}

const OPERATIONS: [&str; 12] = [
    "load",
    "store",
    "swap",
    "add",
    "step",
    "fetch_add",
    "fetch_sub",
    "fetch_or",
    "fetch_and",
    "exchange",
    "compare_exchange",
    "compare_exchange_weak",
];

impl Site {
    /// The orderings that are one step weaker.
    #[must_use]
    pub fn weaker(&self) -> &'static [&'static str] {
        match &*self.ordering {
            "AcqRel" => &["Acquire", "Release"],
            "Acquire" | "Release" => &["Relaxed"],
            _ => &[],
        }
    }

    /// `source`, the text of its file, with `weaker` in its place.
    ///
    /// # Panics
    ///
    /// If `source` is another text.
    #[must_use]
    pub fn weakened(&self, source: &str, weaker: &str) -> String {
        let numbers: Vec<usize> = self.place.split(':').map(|number| number.parse().expect("a number")).collect();
        let line: usize = source.split_inclusive('\n').take(numbers[0] - 1).map(str::len).sum();
        let call = line + numbers[1] - 1;
        let name = "Ordering::";
        let slot = source[call..].match_indices(name).nth(numbers[2]).expect("an ordering").0;
        let (before, after) = source.split_at(call + slot + name.len());
        let after = after.strip_prefix(&*self.ordering).expect("the ordering of the site");
        format!("{before}{weaker}{after}")
    }

    /// What tells it from the others, whatever else is edited.
    #[must_use]
    pub fn key(&self) -> [&str; 4] {
        [&self.file, &self.function, &self.operation, &self.ordering]
    }
}

/// The sites in `src`, by file and place.
///
/// # Panics
///
/// If a file cannot be read.
#[must_use]
pub fn sites(src: &Path) -> Vec<Site> {
    let mut sites = Vec::new();
    visit(src, src, &mut |file, source| scan(file, source, &mut sites));
    sites
}

/// Where `function` is called as a method, as `file:line:column`.
///
/// # Panics
///
/// If a file cannot be read.
#[must_use]
pub fn calls(src: &Path, function: &str) -> Vec<String> {
    let mut calls = Vec::new();
    visit(src, src, &mut |file, source| {
        let code = without_comments(source);
        for (at, _) in code.match_indices(&format!(".{function}(")) {
            let (line, column) = place(&code, at + 1);
            calls.push(format!("{file}:{line}:{column}"));
        }
    });
    calls
}

/// Hands `each` the name and text of every file below `folder`.
fn visit(src: &Path, folder: &Path, each: &mut impl FnMut(&str, &str)) {
    let mut entries: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            visit(src, &path, each);
            continue;
        }
        let file = path.strip_prefix(src).expect("below src").to_string_lossy().replace('\\', "/");
        // The facade passes on the orderings that it is given.
        if !["sync/loom.rs", "sync/native.rs"].contains(&&*file) {
            each(&file, &fs::read_to_string(&path).expect("a source file"));
        }
    }
}

/// The same text without its comments and unit tests, so that places stay what they are.
fn without_comments(source: &str) -> String {
    let source = source.split("mod tests {").next().unwrap_or(source);
    let lines = source
        .lines()
        .map(|line| if line.trim_start().starts_with("//") { " ".repeat(line.len()) } else { line.to_owned() });
    lines.collect::<Vec<_>>().join("\n")
}

/// Line and column, from one, of the byte `at`.
fn place(code: &str, at: usize) -> (usize, usize) {
    let newline = code[..at].rfind('\n').map_or(0, |newline| newline + 1);
    (code[..at].matches('\n').count() + 1, at - newline + 1)
}

fn scan(file: &str, source: &str, sites: &mut Vec<Site>) {
    let lines: Vec<&str> = source.lines().collect();
    let code = without_comments(source);
    for (at, _) in code.match_indices('.') {
        let name = at + 1;
        let Some(operation) = OPERATIONS.iter().find(|operation| code[name..].starts_with(&format!("{operation}(")))
        else {
            continue;
        };
        let (line, column) = place(&code, name);
        for (slot, ordering) in orderings(&code[name + operation.len()..]).into_iter().enumerate() {
            sites.push(Site {
                file: file.to_owned(),
                function: function(&code[..name]).to_owned(),
                operation: format!("{}.{operation}{}", word(&code[..at]), if slot == 0 { "" } else { ", failed" }),
                ordering,
                comment: part(&comment(&lines[..line]), slot).to_owned(),
                place: format!("{line}:{column}:{slot}"),
            });
        }
    }
}

/// The name that ends `code`.
fn word(code: &str) -> &str {
    code.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("")
}

/// The orderings among the arguments that `text` begins with.
fn orderings(text: &str) -> Vec<String> {
    let mut depth = 0;
    let end = text.find(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth == 0
    });
    let names = text[..end.unwrap_or(0)].split("Ordering::").skip(1);
    names.map(|rest| rest.chars().take_while(char::is_ascii_alphabetic).collect()).collect()
}

/// The function that is open at the end of `code`.
fn function(code: &str) -> &str {
    let name = [" fn ", "\nfn "].iter().filter_map(|word| code.rfind(word)).max().map_or("", |at| &code[at + 4..]);
    name.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("")
}

/// The `ORDERING:` comment over the statement that the last of `lines` is part of.
fn comment(lines: &[&str]) -> String {
    let is_comment = |line: &&&str| line.trim_start().starts_with("//");
    let above = lines.iter().rev().skip_while(|line| !is_comment(line)).take_while(is_comment);
    let mut block: Vec<&str> = above.map(|line| line.trim().trim_start_matches('/').trim()).collect();
    block.reverse();
    let text = block.join(" ");
    text.split_once("ORDERING: ").map_or("", |(_, reason)| reason).replace('|', "/")
}

/// What a comment on an exchange says of the failure, or else of the rest.
fn part(comment: &str, slot: usize) -> &str {
    let failure =
        comment.find(" on failure:").map_or(comment.len(), |at| comment[..at].rfind(". ").map_or(0, |end| end + 2));
    if slot == 0 { comment[..failure].trim_end() } else { &comment[failure..] }
}
