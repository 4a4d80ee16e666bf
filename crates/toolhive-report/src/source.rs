// SPDX-License-Identifier: Apache-2.0
//! Lines of the files that declare something.

use agent_plugin::Files;
use agent_plugin::files::Content;
use agent_plugin::inventory::Declared;
use agent_plugin::section::shown_lines;
use agent_plugin::text::harmless;
use toolhive_diagnostics::Diagnostic;

/// The number of lines shown before and behind the one that is meant.
const AROUND: usize = 4;
/// The longest part of a line that is shown, in characters.
const WIDTH: usize = 400;

/// A place in a file, with its lines as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source {
    /// The place in words: `hooks/hooks.json:12 /hooks/Stop/0`.
    pub place: String,
    /// Numbers and texts of the lines.
    pub lines: Vec<(usize, String)>,
    /// The number of the line that is meant; 0 where none is.
    pub meant: usize,
}

impl Source {
    /// Returns the place of a declaration, with its lines.
    pub(crate) fn of(declared: &Declared, files: &Files) -> Self {
        let line = declared.at.map(|at| at.line).or(declared.line).unwrap_or(0);
        let mut place = harmless(&declared.file);
        if line > 0 {
            place.push_str(&format!(":{line}"));
        }
        if let Some(pointer) = &declared.pointer {
            place.push_str(&format!(" {}", harmless(pointer)));
        }
        let lines = match files.content(&declared.file) {
            Some(Content::Bytes(bytes)) if line > 0 => lines(bytes, line),
            _ => Vec::new(),
        };
        Self { place, lines, meant: line }
    }

    /// Returns the place of a finding, with the line that it quotes.
    pub(crate) fn of_finding(diagnostic: &Diagnostic) -> Option<Self> {
        let path = diagnostic.path.as_ref()?;
        let mut place = harmless(&path.display().to_string());
        let meant = diagnostic.position.map_or(0, |position| position.line);
        if let Some(position) = diagnostic.position {
            place.push_str(&format!(":{}:{}", position.line, position.column));
        }
        let excerpt = diagnostic.excerpt.as_ref();
        let text = excerpt.map(|excerpt| shown_lines(&excerpt.text)).unwrap_or_default();
        let lines = text.first().map(|line| (meant, short(line))).into_iter().collect();
        Some(Self { place, lines, meant })
    }
}

/// Returns the lines around one, with their numbers: harmless, without secrets (RP-6), and cut where they are long.
fn lines(bytes: &[u8], line: usize) -> Vec<(usize, String)> {
    let first = line.saturating_sub(AROUND).max(1);
    let all = bytes.split(|byte| *byte == b'\n').skip(first.saturating_sub(1));
    let some: Vec<&[u8]> = all.take(line.saturating_sub(first) + 1 + AROUND).collect();
    if some.is_empty() {
        return Vec::new();
    }
    let shown = shown_lines(&String::from_utf8_lossy(&some.join(&b'\n')));
    (first..).zip(shown.iter().map(|line| short(line))).collect()
}

/// Returns a line, its start if it is long. What may not be shown has been taken out of the whole
/// one.
fn short(line: &str) -> String {
    match line.char_indices().nth(WIDTH).and_then(|(at, _)| line.get(..at)) {
        Some(start) => format!("{start}…"),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_around_the_one_that_is_meant_are_shown_rp_2() {
        let text: String = (1..=20).map(|number| format!("line {number}\r\n")).collect();
        let numbers =
            |line| lines(text.as_bytes(), line).iter().map(|(at, _)| *at).collect::<Vec<_>>();
        assert_eq!(numbers(10), (6..=14).collect::<Vec<_>>());
        assert_eq!(numbers(1), (1..=5).collect::<Vec<_>>());
        assert_eq!(numbers(21), (17..=21).collect::<Vec<_>>());
        assert_eq!(numbers(90), [0; 0]);
        assert_eq!(lines(text.as_bytes(), 2).first(), Some(&(1, "line 1".to_owned())));
        let shown = |line: &str| lines(line.as_bytes(), 1).remove(0).1;
        assert_eq!(shown("\u{202e}x"), "\\u{202e}x");
        assert_eq!(shown(&"x".repeat(WIDTH + 1)).chars().count(), WIDTH + 1);
        let secret = format!(r#""API_TOKEN": "{}""#, "hunter2".repeat(WIDTH));
        assert_eq!(shown(&secret), r#""API_TOKEN": "…""#);
    }
}
