//! The size of files, the models' documentation, the Makefile and the front pages.

use crate::source::Source;

pub(crate) fn length(source: &Source, limit: usize) -> Vec<String> {
    let lines = source.text.lines().count();
    if lines > limit { vec![source.complaint(lines, &format!("more than {limit} lines"))] } else { Vec::new() }
}

/// Each test that runs a model says what it shows, and which change of the library it has been seen to catch.
pub(crate) fn models(source: &Source) -> Vec<String> {
    let lines = source.lines();
    let mut complaints = Vec::new();
    for (number, line) in source.code().filter(|&(_, line)| line == "#[test]") {
        let _ = line;
        let body = lines[number..].iter().take_while(|line| **line != "}");
        if !body.into_iter().any(|line| line.contains("model(")) {
            continue;
        }
        let docs: Vec<_> = lines[..number - 1].iter().rev().take_while(|line| line.starts_with("///")).collect();
        for marker in ["Property:", "Fails if:"] {
            if !docs.iter().any(|line| line.contains(marker)) {
                complaints.push(source.complaint(number, &format!("a model without `{marker}`")));
            }
        }
    }
    complaints
}

/// Each target has a line of help and at most three of recipe.
pub(crate) fn makefile(source: &Source) -> Vec<String> {
    let lines = source.lines();
    let mut complaints = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let name = line.split(':').next().unwrap_or_default();
        let is_target = line.contains(':')
            && !line.contains(":=")
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if is_target && !line.contains("## ") {
            complaints.push(source.complaint(index + 1, &format!("`{name}` has no help")));
        }
        let recipe = lines[index + 1..].iter().take_while(|line| line.starts_with('\t')).count();
        if is_target && recipe > 3 {
            complaints.push(source.complaint(index + 1, &format!("`{name}` takes {recipe} lines")));
        }
    }
    complaints
}

mod tests {
    use super::{Source, length, makefile, models};

    #[test]
    fn a_long_file_is_seen() {
        let text = "line\n".repeat(451);
        assert_eq!(length(&Source::new("src/lib.rs", &text), 450).len(), 1);
        assert!(length(&Source::new("src/lib.rs", &text), 451).is_empty());
    }

    #[test]
    fn a_model_without_a_mutation_is_seen() {
        let body = "#[test]\nfn races() {\n    model(3, || {});\n}\n";
        let of = |docs: &str| models(&Source::new("loom-tests/tests/wait.rs", &format!("{docs}{body}"))).len();
        assert_eq!(of(""), 2);
        assert_eq!(of("/// Property: holds.\n"), 1);
        assert_eq!(of("/// Property: holds.\n/// Fails if: broken.\n"), 0);
        assert!(models(&Source::new("loom-tests/tests/tables.rs", "#[test]\nfn exists() {\n}\n")).is_empty());
    }

    #[test]
    fn a_target_without_help_or_with_a_script_is_seen() {
        let of = |text: &str| makefile(&Source::new("Makefile", text)).len();
        assert_eq!(of("test: ## Tests\n\tcargo test\n"), 0);
        assert_eq!(of("test:\n\tcargo test\n"), 1);
        assert_eq!(of(&format!("test: ## Tests\n{}", "\tcargo test\n".repeat(4))), 1);
        assert_eq!(of("DENY := -D warnings\n.PHONY: test\n"), 0);
    }
}
