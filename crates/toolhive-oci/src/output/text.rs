// SPDX-License-Identifier: Apache-2.0
//! Outside text made harmless, and numbers made readable.

use std::fmt::Write as _;

/// The text with everything that could move a cursor, hide or reorder other text, or start a new
/// line written as an escape.
pub(crate) fn harmless(text: &str) -> String {
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
/// bidirectional controls, zero-width characters, tags, and the byte order mark.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Bytes in the largest unit that leaves a number of at least 1, as in `1.2 MiB`.
pub(crate) fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "KiB", "MiB"] {
        if value < 1024.0 {
            return if unit == "B" { format!("{bytes} B") } else { format!("{value:.1} {unit}") };
        }
        value /= 1024.0;
    }
    format!("{value:.1} GiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_text_cannot_forge_lines_or_colours() {
        assert_eq!(
            harmless("a\nb\r\x1b[31mc\u{202e}d\u{9b}e"),
            "a\\u{a}b\\u{d}\\u{1b}[31mc\\u{202e}d\\u{9b}e"
        );
        assert_eq!(harmless("grün ✓ 日本"), "grün ✓ 日本");
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(
            [size(0), size(1023), size(1024), size(95 << 20)],
            ["0 B", "1023 B", "1.0 KiB", "95.0 MiB"]
        );
    }
}
