// SPDX-License-Identifier: Apache-2.0
//! The report, before it has a form.

use agent_plugin::section::{Entry, Section};
use agent_plugin::text::harmless;
use agent_plugin::{Difference, Files, Inventory, LAST};
use toolhive_diagnostics::{Diagnostic, Severity};

use crate::source::Source;

/// The longest text of one cell, in characters; what is longer is cut, and says so (RP-4).
const LONGEST: usize = 20_000;
/// The most items of a part that are shown; it says how many more there are (RP-4).
const MOST_ITEMS: usize = 2_000;
/// The most places that one item shows.
const MOST_PLACES: usize = 5;

/// A report on a plugin, a skill, or two versions of one.
///
/// All text in it is harmless already (S-83): nothing in it is invisible, or changes the direction of what follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The headline: name and version.
    pub title: String,
    /// The kind of thing it is about, in a few words.
    pub kind: String,
    /// Names and values: digests, platforms.
    pub facts: Vec<[String; 2]>,
    /// Remarks on the whole.
    pub remarks: Vec<String>,
    /// The parts, the most dangerous first.
    pub parts: Vec<Part>,
    /// The last line: what was not looked at.
    pub ending: String,
}

/// A headline and what stands below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// The headline of the part.
    pub title: String,
    /// The items below it.
    pub items: Vec<Item>,
    /// The number of further items, which are not shown.
    pub more: usize,
}

/// One thing that a reader should know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item {
    /// The occasion, or the name of what it is about.
    pub label: String,
    /// The command, address or message.
    pub text: String,
    /// The remarks on the item.
    pub note: String,
    /// Whether it deserves attention.
    pub is_marked: bool,
    /// The text before and after, of a difference.
    pub sides: Option<[String; 2]>,
    /// The places that declare it, with their lines.
    pub sources: Vec<Source>,
}

impl Report {
    /// The report on what a plugin or a skill would bring and run. The files are those that the inventory
    /// was made of: lines of them are shown.
    pub fn of(inventory: &Inventory, files: &Files) -> Self {
        let subject = &inventory.subject;
        let version = subject.version.as_ref().map(|version| format!(" {version}"));
        let mut report = Self {
            title: cut(&harmless(&format!("{}{}", subject.name, version.unwrap_or_default()))),
            kind: subject.kind(),
            ending: LAST.to_owned(),
            ..Self::default()
        };
        report.fact("Content", &subject.content_digest);
        if !inventory.executables.is_empty() {
            report.fact("Code", &subject.code_digest);
        }
        for section in inventory.sections().iter().filter(|section| section.is_shown()) {
            report.parts.push(part(section, files));
        }
        report
    }

    /// The report on how what `after` would run differs from what `before` would.
    pub fn of_difference(difference: &Difference, before: &str, after: &str) -> Self {
        let mut report = Self {
            title: cut(&harmless(&format!("{before} → {after}"))),
            kind: "Difference of two versions".to_owned(),
            remarks: difference.remarks(),
            ending: LAST.to_owned(),
            ..Self::default()
        };
        report.fact("Content before", &difference.before.content_digest);
        report.fact("Content after", &difference.after.content_digest);
        let none = Files::default();
        for section in difference.sections().iter().filter(|section| section.is_shown()) {
            report.parts.push(part(section, &none));
        }
        report
    }

    /// The report on what is wrong with a directory: errors, warnings, notes.
    pub fn of_findings<'d>(
        title: &str,
        findings: impl IntoIterator<Item = (Severity, &'d Diagnostic)>,
    ) -> Self {
        let mut parts = [
            (Severity::Error, Part::new("ERRORS")),
            (Severity::Warning, Part::new("WARNINGS")),
            (Severity::Info, Part::new("NOTES")),
        ];
        for (severity, diagnostic) in findings {
            if let Some((_, part)) = parts.iter_mut().find(|(other, _)| *other == severity) {
                let mut item = Item::of_finding(diagnostic);
                item.is_marked = severity == Severity::Error;
                part.add(item);
            }
        }
        let (title, kind) = (cut(&harmless(title)), "Findings".to_owned());
        let parts = parts.into_iter().map(|(_, part)| part);
        let parts = parts.filter(|part| !part.items.is_empty()).collect();
        Self { title, kind, parts, ..Self::default() }
    }

    /// Adds a name, one of ours, and its value, which may be outside text; nothing if the value is empty.
    pub fn fact(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.facts.push([name.to_owned(), cut(&harmless(value))]);
        }
    }

    /// Adds a part with rows of label, text and note, which may be outside text; nothing if there are none.
    pub fn table(&mut self, title: &str, rows: impl IntoIterator<Item = [String; 3]>) {
        let mut part = Part::new(title);
        for row in rows {
            let [label, text, note] = row.map(|cell| cut(&harmless(&cell)));
            part.add(Item { label, text, note, ..Item::default() });
        }
        if !part.items.is_empty() {
            self.parts.push(part);
        }
    }
}

impl Part {
    fn new(title: &str) -> Self {
        Self { title: title.to_owned(), ..Self::default() }
    }

    fn add(&mut self, item: Item) {
        if self.items.len() < MOST_ITEMS {
            self.items.push(item);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }
}

impl Item {
    fn of_entry(entry: &Entry, files: &Files) -> Self {
        let sources = entry.places.iter().take(MOST_PLACES);
        let sources: Vec<Source> = sources.map(|place| Source::of(place, files)).collect();
        // The terminal's marks; here the item is marked as a whole.
        let label = entry.label.trim_start_matches('!').trim_start();
        let is_place = |source: &Source| source.place == entry.note;
        Self {
            label: cut(label),
            text: cut(&entry.text),
            note: if sources.iter().any(is_place) { String::new() } else { cut(&entry.note) },
            is_marked: entry.is_marked(),
            sides: entry
                .sides
                .as_ref()
                .map(|sides| [&sides.before, &sides.after].map(|side| cut(&side.join("\n")))),
            sources,
        }
    }

    fn of_finding(diagnostic: &Diagnostic) -> Self {
        let help = diagnostic.help.as_ref().map(ToString::to_string).unwrap_or_default();
        Self {
            label: diagnostic.rule.unwrap_or_default().to_owned(),
            text: cut(&harmless(&diagnostic.message)),
            note: cut(&harmless(&help)),
            sources: Source::of_finding(diagnostic).into_iter().collect(),
            ..Self::default()
        }
    }
}

fn part(section: &Section, files: &Files) -> Part {
    let mut part = Part::new(&section.title);
    for entry in &section.entries {
        part.add(Item::of_entry(entry, files));
    }
    part
}

/// Returns a text of at most [`LONGEST`] characters, which says what is missing.
fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((at, _)) => {
            let (start, rest) = text.split_at(at);
            format!("{start}… (and {} more characters)", rest.chars().count())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_says_how_much_rp_4() {
        assert_eq!(cut("short"), "short");
        let long = cut(&"é".repeat(LONGEST + 7));
        assert!(long.ends_with("é… (and 7 more characters)"), "{}", long.len());
        let mut report = Report::default();
        report.table(
            "FILES",
            (0..MOST_ITEMS + 3).map(|at| [at.to_string(), String::new(), String::new()]),
        );
        assert_eq!((report.parts[0].items.len(), report.parts[0].more), (MOST_ITEMS, 3));
    }
}
