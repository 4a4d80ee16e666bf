// SPDX-License-Identifier: Apache-2.0
//! What the inventory of a tree has to say: of what would run, and of what would not load.

use std::path::Path;

use oci_artifact::directory::Hidden;
use oci_artifact::{Diagnostic, Position};
use toolhive_surface::files::Content;
use toolhive_surface::inventory::Warning;
use toolhive_surface::{Files, Inventory, Limits, Root};

use crate::finding::{Findings, Severity};
use crate::rule;

/// What is checked from nearer by, under other names or in another way.
const CHECKED_ELSEWHERE: [&str; 19] = [
    "agent-field-ignored",
    "bom",
    "dropped-by-packer",
    "frontmatter",
    "in-dot-claude-plugin",
    "invisible-text",
    "link-as-text",
    "manifest-missing",
    "name-missing",
    "no-frontmatter",
    "other-format",
    "root-claude-md",
    "skill-md-case",
    "skill-md-missing",
    "skill-name-dir",
    "skill-unreached",
    "special-file",
    "symlink",
    "unknown-field",
];

/// Takes the inventory of the directory at `path` and tells its warnings.
pub fn check(path: &Path, hidden: &Hidden, root: &Root, findings: &mut Findings) {
    // What cannot be read is told by whoever looks at the tree.
    let Ok(files) = Files::from_directory(path, hidden, Limits::default()) else {
        return findings.truncate();
    };
    let inventory = Inventory::of(&files, root);
    if inventory.limits.truncated {
        findings.truncate();
    }
    for warning in &inventory.warnings {
        let path = warning.path.as_deref().map(Path::new);
        if CHECKED_ELSEWHERE.contains(&warning.code)
            || findings.has(warning.code, path, warning.line)
        {
            continue;
        }
        let diagnostic = diagnostic(warning, &files);
        match rule::find(warning.code) {
            Some(_) => findings.add(diagnostic),
            None => findings.add_as(severity(warning.severity), diagnostic),
        }
    }
}

fn severity(severity: toolhive_surface::inventory::Severity) -> Severity {
    match severity {
        toolhive_surface::inventory::Severity::Error => Severity::Error,
        toolhive_surface::inventory::Severity::Warning => Severity::Warning,
        toolhive_surface::inventory::Severity::Info => Severity::Info,
    }
}

/// The warning about its line, if it has one.
fn diagnostic(warning: &Warning, files: &Files) -> Diagnostic {
    let diagnostic = Diagnostic::new(warning.message.clone()).with_rule(warning.code);
    let Some(path) = &warning.path else { return diagnostic };
    let diagnostic = diagnostic.at_path(path);
    let Some(line) = warning.line else { return diagnostic };
    let text = match files.content(path) {
        Some(Content::Bytes(text)) => text,
        _ => &[],
    };
    match span(text, line) {
        Some(span) => diagnostic.at(text, span),
        None => {
            let mut diagnostic = diagnostic;
            diagnostic.position = Some(Position { line, column: 1 });
            diagnostic
        }
    }
}

/// The bytes of a line, counted from 1, without the blanks around it.
fn span(text: &[u8], line: usize) -> Option<std::ops::Range<usize>> {
    let mut start = 0;
    let mut lines = text.split_inclusive(|byte| *byte == b'\n');
    for _ in 1..line {
        start += lines.next()?.len();
    }
    let line = lines.next()?;
    let blank = line.len() - line.trim_ascii_start().len();
    let length = line.trim_ascii().len();
    (length > 0).then_some(start + blank..start + blank + length)
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn a_line_is_shown_without_the_blanks_around_it() {
        let text = b"a\n  bc \r\n\nd";
        assert_eq!(span(text, 1), Some(0..1));
        assert_eq!(span(text, 2), Some(4..6));
        assert_eq!(span(text, 3), None);
        assert_eq!(span(text, 4), Some(10..11));
        assert_eq!(span(text, 5), None);
    }
}
