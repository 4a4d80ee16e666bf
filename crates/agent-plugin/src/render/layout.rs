// SPDX-License-Identifier: Apache-2.0
//! Sections in columns. What is too long for its column goes on below, in the same column, so that
//! no text of a plugin ever starts a line.

use crate::section::{Entry, Section, Sides};
use crate::text::wrapped;

/// The widest that each column gets; the last one takes the rest of the line.
const WIDTHS: [usize; 2] = [32, 64];
/// The characters of a line where nobody says how many fit.
pub(crate) const LINE: usize = 150;
/// The smallest width of a column, in characters.
const LEAST: usize = 20;
pub(super) const GAP: &str = "  ";

impl Section {
    /// The headline and the rows, in lines of that many characters. A section without rows says so, or is left out.
    pub(crate) fn write(&self, columns: usize, out: &mut String) {
        let rows = rows(&self.entries);
        if rows.is_empty() {
            if self.always {
                out.push_str(&format!("{}\n{GAP}nothing\n", self.title));
            }
            return;
        }
        out.push_str(&self.title);
        out.push('\n');
        let longest = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths = [longest(0).min(WIDTHS[0]), longest(1).min(WIDTHS[1])];
        let rest = columns.saturating_sub(widths[0] + widths[1] + 3 * GAP.len());
        let beside = if longest(2) == 0 { 0 } else { GAP.len() + longest(2) };
        if columns >= LINE || columns >= widths[0] + widths[1] + 2 * GAP.len() + beside {
            for row in &rows {
                write_row(row, [widths[0], widths[1], rest], out);
            }
            return;
        }
        // The last column goes below the one before it, further in.
        let is_alone = longest(1) + longest(2) == 0;
        let first = if is_alone { columns.saturating_sub(GAP.len()) } else { columns / 5 * 2 };
        let first = longest(0).min(first.max(LEAST));
        let second = columns.saturating_sub(first + 2 * GAP.len()).max(LEAST);
        for [one, two, three] in &rows {
            let (two, below) = if two.is_empty() { (three, "") } else { (two, three.as_str()) };
            write_row(&[one.clone(), two.clone(), String::new()], [first, second, 0], out);
            for line in wrapped(below, second.saturating_sub(GAP.len())) {
                let indent = " ".repeat(first + 3 * GAP.len());
                out.push_str(&format!("{indent}{line}\n"));
            }
        }
    }
}

/// Returns the rows of entries: one each, and where there are two sides, those below it.
fn rows(entries: &[Entry]) -> Vec<[String; 3]> {
    let mut rows = Vec::new();
    for Entry { label, text, note, sides, .. } in entries {
        rows.push([label.clone(), text.clone(), note.clone()]);
        let Some(Sides { before, after, same: [above, below] }) = sides else { continue };
        let same = |count: usize| (count > 0).then(|| format!("  {count} lines the same"));
        let lines = same(*above).into_iter();
        let lines = lines.chain(before.iter().map(|line| format!("- {line}")));
        let lines = lines.chain(after.iter().map(|line| format!("+ {line}"))).chain(same(*below));
        rows.extend(lines.map(|line| [String::new(), line, String::new()]));
    }
    rows
}

fn write_row(row: &[String; 3], widths: [usize; 3], out: &mut String) {
    let mut columns = Vec::new();
    for (cell, width) in row.iter().zip(widths) {
        columns.push(wrapped(cell, width));
    }
    let lines = columns.iter().map(Vec::len).max().unwrap_or(0);
    for line in 0..lines {
        let mut text = String::new();
        for (column, width) in columns.iter().zip(widths) {
            let cell = column.get(line).map_or("", String::as_str);
            text.push_str(GAP);
            text.push_str(cell);
            let missing = width.saturating_sub(cell.chars().count());
            text.extend(std::iter::repeat_n(' ', missing));
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_plugin_starts_a_line_s_83() {
        let mut section = Section::always("RUNS");
        let mut out = String::new();
        section.write(LINE, &mut out);
        assert_eq!(out, "RUNS\n  nothing\n");
        section.row(["when", &"x\nFAKE ".repeat(40), ""]);
        let mut out = String::new();
        section.write(LINE, &mut out);
        assert!(out.lines().skip(1).all(|line| line.starts_with("  ")), "{out}");
        assert_eq!(out.matches("FAKE").count(), 40);
    }

    #[test]
    fn a_narrow_line_is_kept_and_nothing_is_lost_s_83() {
        let mut section = Section::always("RUNS");
        section.row(["at session start", &"word ".repeat(20), "a note on it"]);
        section.row(["at session start", "", &"note ".repeat(20)]);
        for columns in [40, 80, 100] {
            let mut out = String::new();
            section.write(columns, &mut out);
            assert!(out.lines().all(|line| line.chars().count() <= columns), "{columns}: {out}");
            assert_eq!((out.matches("word").count(), out.matches("note").count()), (20, 21));
        }
        let mut out = String::new();
        section.write(80, &mut out);
        assert!(out.contains("\n                      a note on it\n"), "{out}");
    }
}
