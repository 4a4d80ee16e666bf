// SPDX-License-Identifier: Apache-2.0
//! Colours for results: headlines and marks, by the shape of a line. What a plugin says never starts a
//! line, and has no escape codes; at worst its words are coloured.

const BOLD: &str = "\u{1b}[1m";
const DANGER: &str = "\u{1b}[1;31m";
const CARE: &str = "\u{1b}[1;33m";
const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";
const YELLOW: &str = "\u{1b}[33m";
const DIM: &str = "\u{1b}[2m";
const RESET: &str = "\u{1b}[0m";

/// Headlines that say what is most dangerous.
const DANGERS: [&str; 4] = ["RUNS BY ITSELF", "NEW:", "REDIRECTED:", "WIDENED:"];
/// Headlines that deserve attention.
const CARES: [&str; 4] = ["MAY RUN WITHOUT ASKING", "WARNINGS", "CODE:", "NOT READ"];
/// Words and signs that a row begins with.
const MARKS: [(&str, &str); 10] = [
    ("!!", DANGER),
    ("!", CARE),
    ("added", GREEN),
    ("removed", RED),
    ("changed", YELLOW),
    ("moved", YELLOW),
    ("exact:", GREEN),
    ("exact", GREEN),
    ("content:", GREEN),
    ("different:", DANGER),
];

/// The text with colours, line by line.
pub(super) fn paint(text: &str) -> String {
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn line(line: &str) -> String {
    let whole = |style: &str, text: &str| format!("{style}{text}{RESET}");
    let starts = |headlines: &[&str]| headlines.iter().any(|start| line.starts_with(start));
    let rest = line.trim_start();
    let (indent, word) = (line.len() - rest.len(), rest.split(' ').next().unwrap_or_default());
    if indent == 0 && starts(&DANGERS) {
        return whole(DANGER, line);
    }
    if indent == 0 && starts(&CARES) {
        return whole(CARE, line);
    }
    if indent == 0 && is_headline(word) {
        return whole(BOLD, line);
    }
    if rest.starts_with("Not examined: ") || line == "  nothing" {
        return whole(DIM, line);
    }
    // The two sides of a difference, which stand in the second column.
    for (sign, style) in [("- ", RED), ("+ ", GREEN)] {
        if indent > 2 && rest.starts_with(sign) {
            return format!("{}{}", " ".repeat(indent), whole(style, rest));
        }
    }
    match MARKS.iter().find(|(mark, _)| *mark == word) {
        Some((_, style)) if indent <= 2 => {
            let after = rest.strip_prefix(word).unwrap_or_default();
            format!("{}{}{after}", " ".repeat(indent), whole(style, word))
        }
        _ => line.to_owned(),
    }
}

/// Whether it is the first word of a headline: two capital letters or more, and nothing else.
fn is_headline(word: &str) -> bool {
    let word = word.trim_end_matches(':');
    word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_colours_are_added() {
        let text = "RUNS BY ITSELF once enabled\n  ! x  a\nFILES\n  added  b\n    - old\nplain";
        let painted = paint(text);
        assert!(painted.starts_with("\u{1b}[1;31mRUNS BY ITSELF once enabled\u{1b}[0m\n"));
        assert!(painted.contains("\n  \u{1b}[32madded\u{1b}[0m  b\n"), "{painted}");
        assert!(painted.ends_with("\nplain"));
        assert_eq!(anstream::adapter::strip_str(&painted).to_string(), text);
    }
}
