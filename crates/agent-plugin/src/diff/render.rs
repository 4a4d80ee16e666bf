// SPDX-License-Identifier: Apache-2.0
//! The differences as a person reads them, the most dangerous first.

use super::{Class, Difference};
use crate::render::{LINE, short};
use crate::section::Section;
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
    /// Returns the differences for a person, without the cosmetic ones; every character harmless,
    /// lines end with LF; empty if there is none.
    pub fn render(&self) -> String {
        self.render_within(LINE)
    }

    /// Renders the difference in lines of at most `columns` characters, as far as words and columns
    /// allow.
    pub fn render_within(&self, columns: usize) -> String {
        let mut out = String::new();
        for section in self.sections() {
            section.write(columns, &mut out);
        }
        for remark in self.remarks() {
            out.push_str(&format!("! {remark}\n"));
        }
        guarded(&out).into_owned()
    }

    /// Returns the rendering as data, in the same order.
    pub fn sections(&self) -> Vec<Section> {
        let mut sections = Vec::new();
        for (class, title) in CLASSES {
            let mut section = Section::new(title);
            for change in self.changes.iter().filter(|change| change.class == class) {
                let name = match &change.label {
                    Some(label) => label.clone(),
                    None => format!("{} {}", change.kind, name(&change.id, change.kind)),
                };
                match (&change.before, &change.after) {
                    (Some(before), Some(after)) => {
                        section.row_of([&name, &change.what], before, after);
                    }
                    (Some(text), None) | (None, Some(text)) => {
                        section.row([&name, text, &change.what]);
                    }
                    (None, None) => section.row([&name, &change.what, ""]),
                }
            }
            sections.push(section);
        }
        sections
    }

    /// Remarks on the comparison as a whole; harmless text.
    pub fn remarks(&self) -> Vec<String> {
        let (before, after) = (&self.before, &self.after);
        let mut remarks = Vec::new();
        if !self.comparable {
            let (old, new) = (before.formats.join(", "), after.formats.join(", "));
            remarks.push(format!("not the same kind of thing: {old} and {new}"));
        }
        if self.same_version_changed {
            let version = harmless(before.version.as_deref().unwrap_or_default());
            let (old, new) = (short(&before.content_digest), short(&after.content_digest));
            remarks.push(format!(
                "same-version-changed: both claim version {version}, content {old} and {new}"
            ));
        }
        if self.truncated {
            remarks.push("something was too large to read: this list may be incomplete".to_owned());
        }
        remarks
    }
}

/// Returns an id without its kind and number: `PostToolUse/Edit`.
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
