// SPDX-License-Identifier: Apache-2.0
//! Sections: what a person reads before trusting a plugin, as data. The text of a terminal
//! ([`Inventory::render`](crate::Inventory::render)) and every other view are made of them, so that all say the
//! same in the same order.

use crate::command::env;
use crate::inventory::Declared;
use crate::shell::unescaped_quote;
use crate::text::{harmless, plain_hosts};

/// Lines of a plugin's file as a report may show them: harmless (S-83), known kinds of secrets cut, and values of
/// JSON members whose names are those of secrets left out (S-52), also where they stand on another line. As
/// many lines as the text has; none if it has a private key.
pub fn shown_lines(text: &str) -> Vec<String> {
    if text.contains("PRIVATE KEY-----") {
        return Vec::new();
    }
    let shown = |line: &str| harmless(&env::redact(line.strip_suffix('\r').unwrap_or(line)));
    without_secret_values(text).split('\n').map(shown).collect()
}

/// Returns a text without the values of JSON members whose names are those of secrets.
fn without_secret_values(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    // Between two quotes stands a string; one behind a colon is the value of the one before.
    let mut name: Option<&str> = None;
    while let Some((before, behind)) = rest.split_once('"') {
        let is_value = before.trim() == ":";
        let may_hide = is_value && name.take().is_some_and(env::is_secret);
        out.push_str(before);
        out.push('"');
        // A string that does not end on its line is a cut one, or none.
        let end =
            string_end(behind).or(may_hide.then(|| behind.find('\n').unwrap_or(behind.len())));
        let Some((text, after)) = end.and_then(|end| behind.split_at_checked(end)) else {
            rest = behind;
            continue;
        };
        out.push_str(if may_hide && !text.contains("${") { "…" } else { text });
        if let Some(behind) = after.strip_prefix('"') {
            out.push('"');
            rest = behind;
        } else {
            rest = after;
        }
        name = (!is_value).then_some(text);
    }
    out.push_str(rest);
    out
}

/// The end of a JSON string whose quote has been read.
fn string_end(text: &str) -> Option<usize> {
    unescaped_quote(text.lines().next()?, b'"')
}

/// A headline and what stands below it. All text is harmless (S-83).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Section {
    /// The headline of the section.
    pub title: String,
    /// The entries below it, in order.
    pub entries: Vec<Entry>,
    /// Whether it is shown without entries.
    pub(crate) always: bool,
}

/// One thing that a person should know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The occasion, or the name of what it is about.
    pub label: String,
    /// The command, address or message, whole.
    pub text: String,
    /// The remarks beside the entry. One that begins with `!` deserves attention.
    pub note: String,
    /// The text before and after, of a difference.
    pub sides: Option<Sides>,
    /// The places that declare it.
    pub places: Vec<Declared>,
}

/// Returns a cell as it is shown: harmless, look-alike letters of host names spelled.
fn shown(cell: &str) -> String {
    harmless(&plain_hosts(cell))
}

/// Two texts, line by line; of several lines, only those that differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sides {
    /// The lines before.
    pub before: Vec<String>,
    /// The lines after.
    pub after: Vec<String>,
    /// The numbers of lines above and below them that are the same on both sides.
    pub same: [usize; 2],
}

impl Sides {
    /// Compares two outside texts.
    fn of(before: &str, after: &str) -> Self {
        let (old, new): (Vec<&str>, Vec<&str>) =
            (before.lines().collect(), after.lines().collect());
        let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
        let most = old.len().min(new.len()).saturating_sub(head);
        let ends = old.iter().rev().zip(new.iter().rev()).take(most);
        let tail = ends.take_while(|(a, b)| a == b).count();
        let middle = |all: &[&str]| -> Vec<String> {
            let end = all.len().saturating_sub(tail);
            all.get(head..end).unwrap_or_default().iter().map(|line| shown(line)).collect()
        };
        Self { before: middle(&old), after: middle(&new), same: [head, tail] }
    }
}

impl Section {
    /// Creates a section that is left out while it has no entries.
    pub(crate) fn new(title: &str) -> Self {
        Self { title: title.to_owned(), entries: Vec::new(), always: false }
    }

    /// Creates a section that says so while it has none.
    pub(crate) fn always(title: &str) -> Self {
        Self { always: true, ..Self::new(title) }
    }

    /// Adds an entry; its cells may be outside text.
    pub(crate) fn row(&mut self, cells: [&str; 3]) {
        self.row_at(cells, Vec::new());
    }

    /// Adds an entry with the places that declare it.
    pub(crate) fn row_at(&mut self, cells: [&str; 3], places: Vec<Declared>) {
        let [label, text, note] = cells.map(shown);
        self.entries.push(Entry { label, text, note, sides: None, places });
    }

    /// Adds an entry of which both sides are known.
    pub(crate) fn row_of(&mut self, cells: [&str; 2], before: &str, after: &str) {
        let ([label, text], sides) = (cells.map(shown), Some(Sides::of(before, after)));
        self.entries.push(Entry { label, text, sides, ..Entry::default() });
    }

    /// Whether it is shown: it has entries, or says that there are none.
    pub fn is_shown(&self) -> bool {
        !self.entries.is_empty() || self.always
    }
}

impl Entry {
    /// Whether a remark deserves attention.
    pub fn is_marked(&self) -> bool {
        [&self.label, &self.text, &self.note].into_iter().any(|cell| cell.starts_with('!'))
            || self.note.contains(", ! ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_line_has_no_secret_s_52() {
        for (line, shown) in [
            (r#"  "API_TOKEN": "hunter2", "B": "x""#, r#"  "API_TOKEN": "…", "B": "x""#),
            (r#""api-key" : "a\"b", "c":1"#, r#""api-key" : "…", "c":1"#),
            (
                r#"{"TOKEN":"${TOKEN}","PASSWORD":"${P:-x}"}"#,
                r#"{"TOKEN":"${TOKEN}","PASSWORD":"${P:-x}"}"#,
            ),
            ("curl -H ghp_abcdefghijklmnopqrstuvwxyz0123456789", "curl -H ghp_…"),
            (r#"plain "open"#, r#"plain "open"#),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("", ""),
        ] {
            assert_eq!(shown_lines(line), [shown], "{line}");
        }
        let lines = shown_lines("say \"hi\n{\"TOKEN\":\r\n  \"hunter2\"}");
        assert_eq!(lines, ["say \"hi", "{\"TOKEN\":", "  \"…\"}"]);
        assert_eq!(shown_lines(r#""TOKEN": "hunter2, cut"#), [r#""TOKEN": "…"#]);
        assert!(shown_lines("-----BEGIN PRIVATE KEY-----\nMIIE").is_empty());
    }
}
