//! Aligned columns: the first to the left, the others to the right or, where they hold text, to the left.

use std::io::{self, Write};

use super::Screen;
use super::screen::cells;

/// Blanks between columns.
const GAP: usize = 2;

/// Rows of cells under headings.
pub(crate) struct Grid {
    rows: Vec<Vec<String>>,
    /// Columns of text, to be aligned to the left.
    text: Vec<bool>,
    screen: Screen,
}

impl Grid {
    pub(crate) fn new(headings: impl IntoIterator<Item = String>, screen: Screen) -> Grid {
        let headings: Vec<String> = headings.into_iter().map(|heading| screen.show(&heading)).collect();
        Grid { text: (0..headings.len()).map(|column| column == 0).collect(), rows: vec![headings], screen }
    }

    /// The same with text in the first columns, as many as `columns`.
    pub(crate) fn text_columns(mut self, columns: usize) -> Grid {
        self.text.iter_mut().take(columns).for_each(|text| *text = true);
        self
    }

    /// The same with text in the last column.
    pub(crate) fn text_at_end(mut self) -> Grid {
        self.text.iter_mut().last().into_iter().for_each(|text| *text = true);
        self
    }

    /// Adds a row, with a cell for each heading.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        // Leading blanks are indentation of our own.
        let show = |cell: String| {
            let own = cell.len() - cell.trim_start_matches(' ').len();
            format!("{}{}", &cell[..own], self.screen.show(&cell[own..]))
        };
        let row = cells.into_iter().map(show).collect();
        self.rows.push(row);
    }

    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let width = |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cells(cell)).max();
        let widths: Vec<usize> = (0..self.text.len()).map(|column| width(column).unwrap_or(0)).collect();
        for row in &self.rows {
            let mut line = String::new();
            for ((cell, &width), &text) in row.iter().zip(&widths).zip(&self.text) {
                if text {
                    pad_left_aligned(&mut line, cell, width + GAP);
                } else {
                    line.extend(std::iter::repeat_n(' ', width - cells(cell)));
                    pad_left_aligned(&mut line, cell, cells(cell) + GAP);
                }
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// Appends `cell` and blanks up to `width` cells.
pub(super) fn pad_left_aligned(line: &mut String, cell: &str, width: usize) {
    line.push_str(cell);
    line.extend(std::iter::repeat_n(' ', width.saturating_sub(cells(cell))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_to_the_right() {
        let mut grid = Grid::new(["", "kind", "n"].map(str::to_owned), Screen::PLAIN).text_columns(2);
        grid.row(["one", "x", "1"].map(str::to_owned));
        grid.row(["  مائة", "yz", "100"].map(str::to_owned));
        let mut out = Vec::new();
        grid.write(&mut out).unwrap();
        let expected = "        kind    n\none     x       1\n  مائة  yz    100\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
