// SPDX-License-Identifier: Apache-2.0
//! The differences as a person reads them, the most dangerous first.

use super::{Class, Difference};
use crate::render::{Always, LINE, Section, short};
use crate::text::{guarded, harmless};

const CLASSES: [(Class, &str); 6] = [
    (Class::New, "NEW: this runs, and did not before"),
    (Class::Redirected, "REDIRECTED: the same thing runs or reaches something else"),
    (Class::Widened, "WIDENED: more often, more allowed, or pinned less"),
    (Class::Code, "CODE: other bytes behind the same commands"),
    (Class::Narrowed, "NARROWED"),
    (Class::Removed, "REMOVED"),
];

impl Difference {
    /// The differences for a person, without the cosmetic ones; every character harmless, lines end
    /// with LF; empty if there is none.
    pub fn render(&self) -> String {
        self.render_within(LINE)
    }

    /// The same, in lines of so many characters, as far as words and columns allow.
    pub fn render_within(&self, columns: usize) -> String {
        let mut out = String::new();
        for (class, title) in CLASSES {
            let mut section = Section::new(title, Always::No);
            for change in self.changes.iter().filter(|change| change.class == class) {
                let name = match &change.label {
                    Some(label) => label.clone(),
                    None => format!("{} {}", change.kind, name(&change.id, change.kind)),
                };
                match (&change.before, &change.after) {
                    (Some(before), Some(after)) => {
                        section.row([&name, &change.what, ""]);
                        for line in lines(before, after) {
                            section.row(["", &line, ""]);
                        }
                    }
                    (Some(text), None) => section.row([&name, text, &change.what]),
                    (None, Some(text)) => section.row([&name, text, &change.what]),
                    (None, None) => section.row([&name, &change.what, ""]),
                }
            }
            section.write(columns, &mut out);
        }
        let (before, after) = (&self.before, &self.after);
        if !self.comparable {
            let formats = |formats: &[&str]| formats.join(", ");
            out.push_str(&format!(
                "! not the same kind of thing: {} and {}\n",
                formats(&before.formats),
                formats(&after.formats)
            ));
        }
        if self.same_version_changed {
            let version = before.version.clone().unwrap_or_default();
            out.push_str(&format!(
                "! same-version-changed: both say version {}, {} and {}\n",
                harmless(&version),
                short(&before.content_digest),
                short(&after.content_digest)
            ));
        }
        if self.truncated {
            out.push_str("! something was too large to read: this list may lack something\n");
        }
        guarded(&out).into_owned()
    }
}

/// Two texts, one with `-` and the other with `+` before it; of several lines, only those that differ.
fn lines(before: &str, after: &str) -> Vec<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()).saturating_sub(head);
    let ends = old.iter().rev().zip(new.iter().rev()).take(most);
    let tail = ends.take_while(|(a, b)| a == b).count();
    let middle = |all: &[&str], mark: &str| -> Vec<String> {
        let end = all.len().saturating_sub(tail);
        let changed = all.get(head..end).unwrap_or_default();
        changed.iter().map(|line| format!("{mark} {line}")).collect()
    };
    let mut shown = Vec::new();
    if head > 0 {
        shown.push(format!("  {head} lines the same"));
    }
    shown.extend(middle(&old, "-"));
    shown.extend(middle(&new, "+"));
    if tail > 0 {
        shown.push(format!("  {tail} lines the same"));
    }
    shown
}

/// An id without its kind and number: `PostToolUse/Edit`.
fn name(id: &str, kind: &str) -> String {
    let rest = id.split_once('/').filter(|(start, _)| *start == kind).map_or(id, |(_, rest)| rest);
    match rest.rsplit_once('/') {
        Some((name, number))
            if matches!(kind, "hook" | "run") && number.chars().all(|c| c.is_ascii_digit()) =>
        {
            name.to_owned()
        }
        _ => rest.to_owned(),
    }
}
