// SPDX-License-Identifier: Apache-2.0
//! Sections: what a person reads before trusting a plugin, as data. The text of a terminal
//! ([`Inventory::render`](crate::Inventory::render)) and every other view are made of them, so that all say the
//! same in the same order.

use crate::command::env;
use crate::inventory::Declared;
use crate::text::harmless;

/// A line of a plugin's file as a report may show it: harmless (S-83), known kinds of secrets cut, and values of
/// JSON members whose names are those of secrets left out (S-52).
pub fn shown_line(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    // Between two quotes stands a string; one behind a colon is the value of the one before.
    let mut name: Option<&str> = None;
    while let Some((before, behind)) = rest.split_once('"') {
        let (text, after) = match string_end(behind) {
            Some(end) => (behind.get(..end).unwrap_or(behind), behind.get(end + 1..).unwrap_or("")),
            None => break,
        };
        out.push_str(before);
        let is_value = before.trim() == ":";
        let hides = is_value && name.is_some_and(env::is_secret) && !text.contains("${");
        out.push('"');
        out.push_str(if hides { "…" } else { text });
        out.push('"');
        name = (!is_value).then_some(text);
        rest = after;
    }
    out.push_str(rest);
    harmless(&env::redact(&out))
}

/// Where a JSON string ends whose quote has been read.
fn string_end(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends.then_some(at)
    })
}

/// A headline and what stands below it. All text is harmless (S-83).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Section {
    /// The headline.
    pub title: String,
    /// What stands below it, in order.
    pub entries: Vec<Entry>,
    pub(crate) always: Always,
}

/// One thing that a person should know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The occasion, or the name of what it is about.
    pub label: String,
    /// The command, address or message, whole.
    pub text: String,
    /// Remarks. What begins with `!` deserves attention.
    pub note: String,
    /// The text before and after, of a difference.
    pub sides: Option<[String; 2]>,
    /// The places that declare it.
    pub places: Vec<Declared>,
}

/// Whether a section without entries is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Always {
    Yes,
    No,
}

impl Section {
    pub(crate) fn new(title: impl Into<String>, always: Always) -> Self {
        Self { title: title.into(), entries: Vec::new(), always }
    }

    /// Adds an entry; its cells may be outside text.
    pub(crate) fn row(&mut self, cells: [&str; 3]) {
        self.row_at(cells, Vec::new());
    }

    /// Adds an entry with the places that declare it.
    pub(crate) fn row_at(&mut self, cells: [&str; 3], places: Vec<Declared>) {
        let [label, text, note] = cells.map(harmless);
        self.entries.push(Entry { label, text, note, sides: None, places });
    }

    /// Adds an entry of which both sides are known.
    pub(crate) fn row_of(&mut self, cells: [&str; 2], before: &str, after: &str) {
        let ([label, text], sides) = (cells.map(harmless), Some([before, after].map(harmless)));
        self.entries.push(Entry { label, text, sides, ..Entry::default() });
    }

    /// Whether it is shown: it has entries, or says that there are none.
    pub fn is_shown(&self) -> bool {
        !self.entries.is_empty() || self.always == Always::Yes
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
            assert_eq!(shown_line(line), shown, "{line}");
        }
    }
}
