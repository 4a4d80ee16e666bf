// SPDX-License-Identifier: Apache-2.0
//! Names that other systems cannot hold, or take for one another (DEV-8). Linux takes any bytes for a
//! name; macOS and Windows do not tell case, nor how a character is composed, and Windows refuses or
//! changes more. A plugin with such names is another one there, so its author should know.

use std::collections::{BTreeMap, BTreeSet};

use oci_artifact::portable::refused_by_windows;
use oci_artifact::{Diagnostic, limits};
use unicode_normalization::UnicodeNormalization;

use crate::finding::Findings;
use crate::tree::Tree;

/// The most paths that are compared: more files than these are refused anyway.
const MAX_PATHS: usize = 2 * limits::MAX_FILES;
/// The most names that a warning of the packaging has.
const NAMED: usize = 5;

/// Reports each name of a tree that other systems cannot hold, and each that they confuse with
/// another.
pub fn check(tree: &Tree, findings: &mut Findings) {
    for problem in problems(tree.packaged()) {
        findings.add(problem.diagnostic());
    }
}

/// Warnings for the author of a package with these files: at most one of each sort.
pub fn warnings(files: &[&str]) -> Vec<Diagnostic> {
    let all = problems(files.iter().copied());
    let of = |rule: &'static str, what: &str| {
        let found: Vec<&Problem> = all.iter().filter(|problem| problem.rule == rule).collect();
        let first = found.first()?;
        if let [only] = found.as_slice() {
            return Some(only.diagnostic());
        }
        let mut named: Vec<&str> = found.iter().take(NAMED).map(|p| p.path.as_str()).collect();
        let more = format!("{} more", found.len().saturating_sub(NAMED));
        if found.len() > NAMED {
            named.push(&more);
        }
        let message = format!("{} names {what}: {}", found.len(), named.join(", "));
        let diagnostic = Diagnostic::new(message).with_rule(rule).at_path(&first.path);
        Some(diagnostic.with_help("rename them; `validate` lists each with its reason"))
    };
    let clashes = of("path-clash", "clash with others on macOS or Windows");
    let windows = of("path-windows", "are impossible on Windows");
    clashes.into_iter().chain(windows).collect()
}

/// A problem of one name.
struct Problem {
    rule: &'static str,
    /// The path up to that name.
    path: String,
    message: String,
}

impl Problem {
    fn diagnostic(&self) -> Diagnostic {
        let diagnostic = Diagnostic::new(&*self.message).with_rule(self.rule).at_path(&self.path);
        diagnostic.with_help("rename it")
    }
}

/// Returns all problems of paths in byte order, each name's once.
fn problems<'p>(paths: impl Iterator<Item = &'p str>) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for path in paths.take(MAX_PATHS) {
        let mut folded = String::new();
        let mut end = 0;
        for name in path.split('/') {
            end += name.len() + usize::from(end > 0);
            // What ends at a separator or the end is whole.
            let prefix = path.get(..end).unwrap_or(path);
            folded.push('/');
            folded.push_str(&fold(name.trim_end_matches(['.', ' '])));
            let other = *known.entry(folded.clone()).or_insert(prefix);
            let is_new = told.insert(prefix);
            if is_new && let Some(why) = refused_by_windows(name) {
                let (rule, path) = ("path-windows", prefix.to_owned());
                found.push(Problem { rule, path, message: why });
            }
            if other == prefix {
                continue;
            }
            if is_new {
                let systems = systems(other, prefix);
                let message = format!("{systems} this is the same name as {other:?}");
                found.push(Problem { rule: "path-clash", path: prefix.to_owned(), message });
            }
            // What lies below clashes with it, not with something of its own.
            folded = format!("\0{prefix}");
        }
    }
    found
}

/// Returns the systems that take the two for one.
fn systems(one: &str, other: &str) -> &'static str {
    let folded = |path: &str| path.split('/').map(fold).collect::<Vec<_>>();
    if nfc(one) == nfc(other) {
        "the characters differ only in composition; on macOS"
    } else if folded(one) == folded(other) {
        "on macOS and Windows"
    } else {
        "on Windows"
    }
}

/// Returns the name as a file system has it that does not tell case or composition.
fn fold(name: &str) -> String {
    // By way of capitals, so that `ſ` and the sign of Kelvin are an `s` and a `k`.
    let plain =
        nfc(name).chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect();
    let plain: String = plain;
    nfc(&plain)
}

fn nfc(text: &str) -> String {
    match text.is_ascii() {
        true => text.to_owned(),
        false => text.nfc().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(paths: &[&str]) -> Vec<(&'static str, String)> {
        let mut paths = paths.to_vec();
        paths.sort_unstable();
        problems(paths.into_iter()).into_iter().map(|p| (p.rule, p.path)).collect()
    }

    #[test]
    fn names_that_are_one_elsewhere_dev_8() {
        for (one, other) in [
            ("README.md", "readme.md"),
            ("caf\u{e9}.md", "cafe\u{301}.md"),
            ("CAF\u{c9}.md", "cafe\u{301}.md"),
            ("stra\u{df}e", "STRASSE"),
            ("mas\u{17f}", "mass"),
            ("\u{212a}", "k"),
            ("a", "A/b"),
            ("Docs/a", "docs/b"),
            ("x/Docs/a/b", "x/docs/a/c"),
            ("\u{3a9}", "\u{2126}"),
        ] {
            let told = told(&[one, other]);
            assert!(matches!(told.as_slice(), [("path-clash", _)]), "{one} {other}: {told:?}");
        }
        let dots = told(&["a", "a."]);
        assert_eq!(dots.len(), 2, "{dots:?}");
        for paths in [["a", "b"], ["a/x", "b/x"], ["a", "a-"], ["e\u{301}a", "ea"], ["a/b", "ab"]] {
            assert_eq!(told(&paths), [], "{paths:?}");
        }
    }

    #[test]
    fn a_directory_that_clashes_is_told_once_and_not_with_all_that_it_holds_dev_8() {
        let paths = ["Docs/a", "Docs/b", "docs/a", "docs/b", "docs/sub/x"];
        assert_eq!(told(&paths), [("path-clash", "docs".to_owned())]);
        // Clashes within it are reported.
        let within = ["Docs/a", "docs/X", "docs/x"];
        assert_eq!(told(&within).len(), 2, "{:?}", told(&within));
    }

    #[test]
    fn names_that_windows_cannot_hold_dev_8() {
        for name in [
            "a:b",
            "a<b",
            "a>b",
            "a\"b",
            "a|b",
            "a?b",
            "a*b",
            "a\u{1}b",
            "a\nb",
            "a.",
            "a ",
            "...",
            "CON",
            "con.txt",
            "aux .md",
            "Nul.tar.gz",
            "COM1",
            "lpt9.x",
            "com\u{b9}",
            "COM0",
            "conin$",
        ] {
            let told = told(&[&format!("d/{name}/f")]);
            assert_eq!(told, [("path-windows", format!("d/{name}"))], "{name}");
        }
        for name in
            ["console", "com", "com10", "lptx", "a.b", "a b", " a", ".mcp.json", "nul-", "é"]
        {
            assert_eq!(told(&[name]), [], "{name}");
        }
    }

    #[test]
    fn the_packaging_says_it_in_two_warnings_dev_8() {
        let names: Vec<String> =
            (0..9).flat_map(|at| [format!("A{at}"), format!("a{at}")]).collect();
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        names.extend(["aux", "b:c"]);
        names.sort_unstable();
        let told: Vec<String> = warnings(&names).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "a0: 9 names clash with others on macOS or Windows: a0, a1, a2, a3, a4, 4 more",
                "aux: 2 names are impossible on Windows: aux, b:c",
            ]
        );
        let one: Vec<String> = warnings(&["A", "a"]).iter().map(ToString::to_string).collect();
        assert_eq!(one, ["a: on macOS and Windows this is the same name as \"A\""]);
        assert_eq!(warnings(&["a", "b/c"]), []);
    }
}
