// SPDX-License-Identifier: Apache-2.0
//! Lines of the files that declare something.

use toolhive_diagnostics::Diagnostic;
use toolhive_surface::Files;
use toolhive_surface::files::Content;
use toolhive_surface::inventory::Declared;
use toolhive_surface::section::shown_line;
use toolhive_surface::text::harmless;

/// Lines shown before and behind the one that is meant.
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
    /// The place of a declaration, with its lines.
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

    /// The place of a finding, with the line that it quotes.
    pub(crate) fn of_finding(diagnostic: &Diagnostic) -> Option<Self> {
        let path = diagnostic.path.as_ref()?;
        let mut place = harmless(&path.display().to_string());
        let meant = diagnostic.position.map_or(0, |position| position.line);
        if let Some(position) = diagnostic.position {
            place.push_str(&format!(":{}:{}", position.line, position.column));
        }
        let excerpt = diagnostic.excerpt.as_ref();
        let lines = excerpt.map(|excerpt| (meant, shown(&excerpt.text))).into_iter().collect();
        Some(Self { place, lines, meant })
    }
}

/// The lines around one, with their numbers.
fn lines(bytes: &[u8], line: usize) -> Vec<(usize, String)> {
    let first = line.saturating_sub(AROUND).max(1);
    let all = bytes.split(|byte| *byte == b'\n').zip(1_usize..);
    let some = all.skip(first.saturating_sub(1)).take(line.saturating_sub(first) + 1 + AROUND);
    some.map(|(text, number)| {
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        (number, shown(&String::from_utf8_lossy(text)))
    })
    .collect()
}

/// A line as it is shown: harmless, without secrets (RP-6), and cut where it is long.
fn shown(line: &str) -> String {
    let cut = line.char_indices().nth(WIDTH);
    let text = cut.and_then(|(at, _)| line.get(..at)).unwrap_or(line);
    let mut text = shown_line(text);
    if cut.is_some() {
        text.push('…');
    }
    text
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
        assert_eq!(shown("\u{202e}x"), "\\u{202e}x");
        assert_eq!(shown(&"x".repeat(WIDTH + 1)).chars().count(), WIDTH + 1);
    }
}
