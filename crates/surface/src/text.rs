// SPDX-License-Identifier: Apache-2.0
//! Outside text made harmless (S-83).

use std::fmt::Write as _;

/// The text with everything that could move a cursor, hide or reorder other text, or start a new
/// line written as an escape.
pub fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push(' '),
            c if c.is_control() || is_invisible(c) => {
                // A String takes every write.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// Characters that are not seen themselves but change what is: line and paragraph separators,
/// bidirectional controls, zero-width characters, tags, fillers, and the byte order mark.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_83_outside_text_cannot_forge_lines_or_colours() {
        assert_eq!(
            harmless("a\nb\r\x1b[31mc\u{202e}d\u{9b}e\tf"),
            "a\\u{a}b\\u{d}\\u{1b}[31mc\\u{202e}d\\u{9b}e f"
        );
        assert_eq!(harmless("grün ✓ 日本"), "grün ✓ 日本");
    }
}
