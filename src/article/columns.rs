//! Which columns of a table make articles, by their names and by what their cells are.

use super::fields::{FieldTable, Role};
use super::trouble::{Trouble, quoted};

/// What the cells of a column are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Strings.
    Text,
    /// Whole numbers.
    Whole,
    /// Days.
    Dates,
    /// Points in time.
    Timestamps,
    /// Now this, now that, as in records: each cell says what it is.
    Mixed,
    /// What no part of an article can be, in words.
    Other(String),
}

impl ColumnKind {
    pub(super) fn name(&self) -> &str {
        match self {
            ColumnKind::Text => "strings",
            ColumnKind::Whole => "whole numbers",
            ColumnKind::Dates => "dates",
            ColumnKind::Timestamps => "timestamps",
            ColumnKind::Mixed => "values of any kind",
            ColumnKind::Other(name) => name,
        }
    }

    fn is_text(&self) -> bool {
        matches!(self, ColumnKind::Text | ColumnKind::Mixed)
    }

    fn is_id(&self) -> bool {
        self.is_text() || *self == ColumnKind::Whole
    }

    fn is_date(&self) -> bool {
        self.is_text() || matches!(self, ColumnKind::Dates | ColumnKind::Timestamps)
    }
}

/// The columns that make articles, of `columns` that play a part: for each its number, the index of its key and what
/// its cells are. Of those chosen number and index, ascending.
///
/// # Errors
/// Where the first choice for a part of an article is of a kind that cannot be one.
pub(super) fn choose(
    table: &FieldTable,
    columns: &[(usize, usize, ColumnKind)],
) -> Result<Vec<(usize, usize)>, Trouble> {
    type Fits = fn(&ColumnKind) -> bool;
    let roles: [(&Role, Fits, &str); 5] = [
        (&table.text, ColumnKind::is_text, "a column of strings"),
        (&table.title, ColumnKind::is_text, "a column of strings"),
        (&table.source, ColumnKind::is_text, "a column of strings"),
        (&table.id, ColumnKind::is_id, "a column of strings or whole numbers"),
        (&table.date, ColumnKind::is_date, "a column of strings, dates or timestamps"),
    ];
    let mut chosen: Vec<(usize, usize)> = Vec::new();
    for (role, fits, expected) in roles {
        let present = role.keys.iter().filter_map(|&key| columns.iter().find(|column| column.1 == key));
        for (place, (number, key, kind)) in present.enumerate() {
            if fits(kind) {
                chosen.push((*number, *key));
            } else if place == 0 {
                let found = format!("the column {} of {}", quoted(table.key(*key)), kind.name());
                return Err(Trouble::new(found, expected));
            }
            // A second choice of another type is not meant: `url` beside a good `id`.
        }
    }
    chosen.sort_unstable();
    // One key may serve two roles.
    chosen.dedup();
    Ok(chosen)
}
