// SPDX-License-Identifier: Apache-2.0
//! What the inventory of a tree has to say: of what would run, and of what would not load.

use crate::files::Content;
use crate::finding::{Finding, Findings};
use crate::inventory::Warning;
use crate::{Checker, Files, Inventory, rule};
use toolhive_diagnostics::{Diagnostic, Position};

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

/// Gives an inventory what was found besides it under the host's profile, so that it says whatever
/// [`check`] would have told; what only others than the host and this project check, is left to them.
pub fn adopt(inventory: &mut Inventory, findings: Findings) {
    let is_ours = |finding: &&Finding| {
        let checkers = finding.checkers();
        checkers.contains(&Checker::Claude) || checkers.contains(&Checker::Own)
    };
    let told = findings.told();
    inventory.warnings.retain(|warning| {
        !told.contains(&(warning.code, warning.path.clone().unwrap_or_default()))
    });
    let report = findings.into_report();
    inventory.limits.truncated |= report.is_truncated;
    for finding in report.findings.iter().filter(is_ours) {
        let Diagnostic { message, path, position, help, .. } = &finding.diagnostic;
        let line = position.map(|position| position.line);
        let path = path.as_deref().map(|path| path.to_string_lossy().into_owned());
        let mut warning = Warning::new(finding.code(), message.clone(), "");
        (warning.path, warning.line) = (path, line);
        warning.severity = finding.severity;
        warning.help = help.as_ref().map(ToString::to_string);
        inventory.add_warning(warning);
    }
}

/// The warning about its bytes, or its line, if it has one.
fn diagnostic(warning: &Warning, files: &Files) -> Diagnostic {
    let mut diagnostic = Diagnostic::new(warning.message.clone()).with_rule(warning.code);
    let mend = rule::find(warning.code).map(|rule| rule.mend).filter(|mend| !mend.is_empty());
    if let Some(help) = warning.help.clone().or(mend.map(str::to_owned)) {
        diagnostic = diagnostic.with_help(help);
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
