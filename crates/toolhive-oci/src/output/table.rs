// SPDX-License-Identifier: Apache-2.0
//! Renders tables with aligned columns.

use super::harmless;

/// Rows of cells whose columns line up. Cells may be outside text.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(|cell| harmless(cell.as_ref())).collect());
    }

    /// The rows, two spaces between columns, nothing after the last cell; no line end at the end.
    pub(crate) fn render(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            if number > 0 {
                text.push('\n');
            }
            // Spaces are written only before something that follows.
            let mut spaces = 0_usize;
            for (cell, width) in row.iter().zip(&widths) {
                let shown = cell.trim_end();
                if !shown.is_empty() {
                    text.extend(std::iter::repeat_n(' ', spaces));
                    text.push_str(shown);
                    spaces = 0;
                }
                let rest = width.saturating_sub(shown.chars().count());
                spaces = spaces.saturating_add(rest).saturating_add(2);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let mut table = Table::new();
        table.row(["a", "long", "x"]);
        table.row(["bcd", "é", ""]);
        table.row(["", "  ", "y"]);
        table.row([" z ", "", ""]);
        assert_eq!(table.render(), "a    long  x\nbcd  é\n           y\n z");
    }
}
