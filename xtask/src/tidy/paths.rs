// SPDX-License-Identifier: Apache-2.0
//! The paths in the pages for who changes the code: each has to lead somewhere.

use std::fs;

use super::Finding;
use crate::{Result, workspace};

/// The pages that are checked.
const PAGES: [&str; 2] = ["ARCHITECTURE.md", "CONTRIBUTING.md"];

/// The endings that make a word a path, beside a slash in it.
const ENDINGS: [&str; 4] = [".rs", ".md", ".json", ".toml"];

pub(super) fn check(files: &[String]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for page in PAGES {
        let text = fs::read_to_string(workspace::root().join(page))?;
        let lost = paths(&text).filter(|(_, path)| !leads_somewhere(path, files));
        findings.extend(
            lost.map(|(line, path)| format!("{page}:{line}: `{path}`: there is no such file")),
        );
    }
    Ok(findings)
}

/// Returns the paths between backticks, each with its line.
fn paths(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate();
    let quoted = lines.flat_map(|(index, line)| {
        line.split('`').skip(1).step_by(2).map(move |word| (index + 1, word))
    });
    quoted.filter(|(_, word)| is_path(word))
}

fn is_path(word: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    let is_marked = word.contains('/') || ENDINGS.iter().any(|ending| word.ends_with(ending));
    is_marked && word.chars().all(is_plain)
}

/// Whether a file or a directory has this path, from the root or from any directory below it.
fn leads_somewhere(path: &str, files: &[String]) -> bool {
    let (path, below) = (path.trim_matches('/'), format!("/{}/", path.trim_matches('/')));
    let file = [".rs", ""].map(|ending| format!("/{path}{ending}"));
    files.iter().any(|known| {
        let known = format!("/{known}");
        known.contains(&below) || file.iter().any(|file| known.ends_with(file.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_between_backticks_leads_to_a_file_or_a_directory() {
        let files = ["crates/a/src/b/c.rs", "testdata/d.json"].map(String::from);
        let text = "`b/c.rs`, `src/b`, `b/c` and `testdata/`\n`cargo x/y`, c.rs, `…/d`\n\
                    `a/c.rs`, `e.json`, `b/c.md`";
        let lost: Vec<_> = paths(text).filter(|(_, path)| !leads_somewhere(path, &files)).collect();
        assert_eq!(lost, [(3, "a/c.rs"), (3, "e.json"), (3, "b/c.md")]);
        assert_eq!(paths(text).count(), 7);
    }
}
