// SPDX-License-Identifier: Apache-2.0
//! Checks each file for what it must have and must not have.

use std::fs;

use super::Finding;
use crate::{Result, workspace};

/// The largest number of lines of a source file; a longer one has to become two.
const MAX_LINES: usize = 500;

/// Files of others, or written by tools.
const NOT_OURS: &[&str] =
    &["LICENSE", "testdata/vectors/", "Cargo.lock", "bench/Cargo.lock", "fuzz/Cargo.lock"];

pub(super) fn check(files: &[String]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in files {
        if NOT_OURS.iter().any(|theirs| path.starts_with(theirs)) {
            continue;
        }
        let Ok(text) = String::from_utf8(fs::read(workspace::root().join(path))?) else {
            continue;
        };
        for (line, message) in problems(path, &text) {
            findings.push(format!("{path}:{line}: {message}"));
        }
    }
    Ok(findings)
}

/// Returns the problems of a file, by line.
fn problems(path: &str, text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    if let Some(comment) = comment_of(path, text) {
        let head = lines.iter().take(2).any(|line| {
            line.strip_prefix(comment)
                .is_some_and(|rest| rest == " SPDX-License-Identifier: Apache-2.0")
        });
        if !head {
            found.push((
                1,
                format!("should start with `{comment} SPDX-License-Identifier: Apache-2.0`"),
            ));
        }
    }
    if path.ends_with(".rs") {
        if !lines.get(1).is_some_and(|line| line.starts_with("//! ")) {
            found.push((2, "should say with `//!` what the file is".into()));
        }
        if lines.len() > MAX_LINES {
            found.push((
                lines.len(),
                format!("{} lines: more than {MAX_LINES}, make it two", lines.len()),
            ));
        }
    }
    if path.ends_with(".rs") {
        let pairs = lines.iter().enumerate().map(|(index, line)| {
            (index + 1, line, index.checked_sub(1).and_then(|before| lines.get(before)))
        });
        for (number, line, before) in pairs {
            if let Some(word) = vague_start(line, before.copied().unwrap_or_default()) {
                found.push((
                    number,
                    format!(
                        "a doc comment begins with `{word}`: name the thing and say what it does"
                    ),
                ));
            }
        }
    }
    if is_below_a_root(path) {
        let calls = lines.iter().enumerate().filter(|(_, line)| opens_by_path(line));
        found.extend(calls.map(|(index, _)| {
            let why =
                "what lies in a store is reached from its root's handle (LS-31): ask `store::fs`";
            (index + 1, why.to_owned())
        }));
    }
    for (index, line) in lines.iter().enumerate() {
        for (word, why) in forbidden() {
            if line.contains(&word) {
                found.push((index + 1, format!("`{word}`: {why}")));
            }
        }
    }
    found
}

/// Whether a source file works on what lies in a store. The calls themselves stand in two files.
fn is_below_a_root(path: &str) -> bool {
    let store = path.strip_prefix("crates/oci-layout/src/store/");
    let server = path.starts_with("crates/oci-registry-server/src/storage");
    server
        || store.is_some_and(|path| {
            !path.starts_with("tests") && !matches!(path, "fs.rs" | "root/system.rs")
        })
}

/// Whether a line names a function that opens, or looks at, a path of the system.
fn opens_by_path(line: &str) -> bool {
    const FUNCTIONS: [&str; 6] =
        ["File::open", "File::create", "OpenOptions", "rustix::fs::", "std::fs::{self", "CWD"];
    let line = line.trim_start();
    let is_import = line.starts_with("use std::fs;");
    !line.starts_with("//") && (is_import || FUNCTIONS.iter().any(|name| line.contains(name)))
}

/// Returns the word with which a doc comment begins, if that leaves out what the comment is about:
/// the first sentence stands alone in an editor's popup.
fn vague_start<'l>(line: &'l str, before: &str) -> Option<&'l str> {
    const VAGUE: [&str; 14] = [
        "What", "How", "Where", "Who", "Whom", "Whose", "Why", "Which", "When", "If", "Whatever",
        "Wherever", "Whoever", "It",
    ];
    let marker = ["///", "//!"].into_iter().find(|marker| line.trim_start().starts_with(marker))?;
    if before.trim_start().starts_with(marker) {
        return None;
    }
    let text = line.trim_start().strip_prefix(marker)?;
    let word = text.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty())?;
    VAGUE.contains(&word).then_some(word)
}

/// Returns the start of comments in files that need a licence line.
fn comment_of(path: &str, text: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((_, "rs" | "js" | "mjs")) => Some("//"),
        Some((_, "toml" | "sh" | "py")) => Some("#"),
        _ => text.starts_with("#!").then_some("#"),
    }
}

/// Words that no file may have. They are put together here, or this file would have them.
fn forbidden() -> Vec<(String, &'static str)> {
    let machine = "a path of one machine";
    vec![
        (["to", "do!("].concat(), "finish it, or leave it out"),
        (["FIX", "ME"].concat(), "finish it, or leave it out"),
        (["#[ig", "nore"].concat(), "a test that does not run proves nothing"),
        (["/wo", "rk/"].concat(), machine),
        (["/ro", "ot/"].concat(), machine),
        (["../sha", "red"].concat(), "a clone has no such directory"),
        (["index.crates", ".io"].concat(), "a registry's host"),
    ]
}

#[cfg(test)]
mod tests {
    use super::problems;

    const HEAD: &str = "// SPDX-License-Identifier: Apache-2.0\n//! A file.\n";

    #[test]
    fn a_file_with_licence_and_docs_is_tidy() {
        assert_eq!(problems("a.rs", HEAD), []);
        assert_eq!(problems("a.sh", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n"), []);
        assert_eq!(
            problems("a.js", "#!/usr/bin/env node\n// SPDX-License-Identifier: Apache-2.0\n"),
            []
        );
        assert_eq!(problems("a.md", "# Heading\n"), []);
    }

    #[test]
    fn a_doc_comment_names_its_subject_first() {
        let lines = |text: &str| -> Vec<usize> {
            let found = problems("a.rs", &[HEAD, text].concat());
            found.into_iter().map(|(line, _)| line).collect()
        };
        assert_eq!(lines("/// How long is waited.\n"), [3]);
        assert_eq!(lines("    /// It is.\n"), [3]);
        assert_eq!(lines("/// The limit.\n/// What is above fails.\n"), [0; 0]);
        assert_eq!(lines("/// Whether it is. What else?\nlet how = 1; // How?\n"), [0; 0]);
        let head = HEAD.replace("A file", "What a file is");
        assert_eq!(problems("a.rs", &head).len(), 1);
    }

    #[test]
    fn what_is_missing_or_too_much_is_told_with_its_line() {
        let told = |path: &str, text: &str| -> Vec<usize> {
            problems(path, text).into_iter().map(|(line, _)| line).collect()
        };
        assert_eq!(told("a.rs", "fn main() {}\n"), [1, 2]);
        assert_eq!(told("a.rs", &[HEAD, &"\n".repeat(498)].concat()), [0; 0]);
        assert_eq!(told("a.rs", &[HEAD, &"\n".repeat(499)].concat()), [501]);
        assert_eq!(told("a.rs", &[HEAD, "to", "do!()\n"].concat()), [3]);
        let opens = [HEAD, "use std::fs::File;\nlet file = File::open(path)?;\n"].concat();
        assert_eq!(told("crates/oci-layout/src/store/tags.rs", &opens), [4]);
        assert_eq!(told("crates/oci-registry-server/src/storage/parts.rs", &opens), [4]);
        assert_eq!(told("crates/oci-layout/src/store/fs.rs", &opens), [0; 0]);
        assert_eq!(told("tool", "#!/bin/sh\n"), [1]);
        assert_eq!(told("a.md", &["/wo", "rk/x\n"].concat()), [1]);
    }
}
