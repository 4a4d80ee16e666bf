// SPDX-License-Identifier: Apache-2.0
//! What each file must have, and must not.

use std::fs;

use super::Finding;
use crate::{Result, workspace};

/// Lines of a source file; past that it wants to be two.
const MAX_LINES: usize = 500;

/// Files of others, or told by others.
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

/// What is wrong with a file, by line.
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

/// How a comment starts in files that need a licence line.
fn comment_of(path: &str, text: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((_, "rs")) => Some("//"),
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

    const HEAD: &str = "// SPDX-License-Identifier: Apache-2.0\n//! What it is.\n";

    #[test]
    fn a_file_with_licence_and_docs_is_tidy() {
        assert_eq!(problems("a.rs", HEAD), []);
        assert_eq!(problems("a.sh", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n"), []);
        assert_eq!(problems("a.md", "# Heading\n"), []);
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
