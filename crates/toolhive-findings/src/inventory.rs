// SPDX-License-Identifier: Apache-2.0
//! What the inventory of a tree has to say: of what would run, and of what would not load.

use toolhive_diagnostics::{Diagnostic, Position};
use toolhive_surface::files::Content;
use toolhive_surface::inventory::Warning;
use toolhive_surface::{Files, Inventory};

use crate::finding::Findings;
use crate::rule;

/// The byte order mark, before which nothing is counted.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// Tells the warnings of an inventory of these files. What was told of the same file under the same
/// rule by who looked at it from nearer by, is not told again.
pub fn check(inventory: &Inventory, files: &Files, findings: &mut Findings) {
    if inventory.limits.truncated {
        findings.truncate();
    }
    let told = findings.told();
    for warning in &inventory.warnings {
        let path = warning.path.clone().unwrap_or_default();
        // What the host repairs or refuses, the packaging refused for what it is.
        let told_as = |code| told.contains(&(code, path.clone()));
        let refused = match warning.code {
            "frontmatter-repaired" => told_as("frontmatter-yaml"),
            "frontmatter-field" => told_as("frontmatter-type"),
            _ => false,
        };
        if !refused && !told.contains(&(warning.code, path)) {
            findings.add(diagnostic(warning, files));
        }
    }
}

/// The warning about its bytes, or its line, if it has one.
fn diagnostic(warning: &Warning, files: &Files) -> Diagnostic {
    let mut diagnostic = Diagnostic::new(warning.message.clone()).with_rule(warning.code);
    if let Some(rule) = rule::find(warning.code).filter(|rule| !rule.mend.is_empty()) {
        diagnostic = diagnostic.with_help(rule.mend);
    }
    let Some(path) = &warning.path else { return diagnostic };
    let mut diagnostic = diagnostic.at_path(path);
    let Some(at) = warning.at else { return diagnostic };
    let text = match files.content(path) {
        Some(Content::Bytes(text)) => text.strip_prefix(BOM).unwrap_or(text),
        _ => &[],
    };
    // The end of a text is a place, too.
    let bytes = at.bytes().filter(|bytes| bytes.start <= text.len() && !text.is_empty());
    let bytes = bytes.map(|bytes| bytes.start..bytes.end.min(text.len()));
    match bytes.or_else(|| span(text, at.line)) {
        Some(bytes) => diagnostic.at(text, bytes),
        None => {
            diagnostic.position = Some(Position { line: at.line, column: 1 });
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
