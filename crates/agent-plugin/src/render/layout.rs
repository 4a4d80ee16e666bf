// SPDX-License-Identifier: Apache-2.0
//! Sections in columns. What is too long for its column goes on below, in the same column, so that
//! no text of a plugin ever starts a line.

use crate::section::{Always, Entry, Section, Sides};

/// The widest that each column gets; the last one takes the rest of the line.
const WIDTHS: [usize; 2] = [32, 64];
/// The characters of a line where nobody says how many fit.
pub(crate) const LINE: usize = 150;
/// The smallest width of a column, in characters.
const LEAST: usize = 20;
const GAP: &str = "  ";
/// Stands before what goes on from the line above (S-103), so that it is no line of its own.
const CONTINUED: &str = "↳ ";

impl Section {
    /// The headline and the rows, in lines of so many characters. A section without rows says so, or
    /// is left out.
    pub(crate) fn write(&self, columns: usize, out: &mut String) {
        let rows = rows(&self.entries);
        if rows.is_empty() {
            if self.always == Always::Yes {
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
            for line in marked(below, second.saturating_sub(GAP.len())) {
                let indent = " ".repeat(first + 3 * GAP.len());
                out.push_str(&format!("{indent}{line}\n"));
            }
        }
    }
}

/// The rows of entries: one each, and where there are two sides, those below it.
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
        columns.push(marked(cell, width));
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

/// The lines of a text in a column, each but the first with a mark before it.
fn marked(text: &str, width: usize) -> Vec<String> {
    let mut lines = wrap(text, width, width.saturating_sub(CONTINUED.chars().count()));
    for line in lines.iter_mut().skip(1) {
        line.insert_str(0, CONTINUED);
    }
    lines
}

/// The lines of a text, the first and the others of such a width, broken at blanks where there are any.
fn wrap(text: &str, first: usize, others: usize) -> Vec<String> {
    let mut width = first.max(1);
    let all: Vec<char> = text.chars().collect();
    let mut lines = Vec::new();
    let mut rest = all.as_slice();
    while rest.len() > width {
        let blank = rest.iter().take(width + 1).rposition(|c| *c == ' ');
        // A blank near the start would waste most of the line.
        let at = blank.filter(|at| *at > width / 3).unwrap_or(width);
        let (line, tail) = rest.split_at(at);
        lines.push(line.iter().collect::<String>().trim_end().to_owned());
        let blanks = tail.iter().take_while(|c| **c == ' ').count();
        rest = tail.get(blanks..).unwrap_or_default();
        width = others.max(1);
    }
    if !rest.is_empty() {
        lines.push(rest.iter().collect());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_wrapped_and_never_cut_s_83() {
        assert_eq!(wrap("aaa bbb ccc", 7, 7), ["aaa bbb", "ccc"]);
        assert_eq!(wrap("aaaaaaaaaa", 4, 4), ["aaaa", "aaaa", "aa"]);
        assert_eq!(wrap("a bbbbbbbbb", 6, 6), ["a bbbb", "bbbbb"]);
        assert_eq!(wrap("", 4, 4), [""; 0]);
        assert_eq!(marked("aaa bbb ccc", 7), ["aaa bbb", "↳ ccc"]);
        assert_eq!(marked("x::error::y ::error::z", 12), ["x::error::y", "↳ ::error::z"]);
        let mut section = Section::new("RUNS", Always::Yes);
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
        let mut section = Section::new("RUNS", Always::Yes);
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
