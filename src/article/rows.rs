//! Tables that others hold in memory: rows as the parts of articles, of which nothing is copied but the id.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use super::columns::{ColumnKind, choose};
use super::entities::clean;
use super::fields::{FieldTable, Role};
use super::record::{Parts, Value, Values, assemble, parts, texts};
use super::trouble::Trouble;
use super::{Article, Fields, ReadOptions, Timestamp};
use crate::error::{Place, Result};
use crate::parallel::Balanced;

/// A table in memory: rows of articles.
pub trait Rows: Sync {
    /// The columns in their order: names, and what their cells are.
    fn columns(&self) -> Vec<(String, ColumnKind)>;

    /// How many rows there are.
    fn len(&self) -> usize;

    /// Is there none?
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What stands in one cell. Only cells of columns that play a part are asked for; a column may have cells that are no
    /// value of its kind ([`Value::Other`]), which is an error where they are wanted.
    fn cell(&self, row: usize, column: usize) -> Value<'_>;
}

/// How tables are read: which columns play which part.
#[derive(Debug)]
pub(crate) struct RowReader {
    table: FieldTable,
    longest: usize,
    needs_id: bool,
}

/// The columns of one table that play a part.
#[derive(Debug)]
struct Chosen(Vec<(usize, usize)>);

/// Some tables as one: the rows of each come behind those of the one before.
pub(crate) struct Tables<'t, R> {
    reader: &'t RowReader,
    tables: &'t [R],
    chosen: Vec<Chosen>,
    /// The first row of each table among all.
    first: Vec<usize>,
    len: usize,
}

/// An article as its row has it, entities and all.
pub(crate) struct Row<'r, S> {
    pub(crate) id: String,
    pub(crate) source: Option<S>,
    pub(crate) date: Option<Timestamp>,
    pub(crate) title: Cow<'r, str>,
    pub(crate) text: Cow<'r, str>,
}

impl<S> Row<'_, S> {
    /// The same, its texts mended as those of every input.
    pub(crate) fn clean(self) -> Self {
        Row { title: clean(self.title), text: clean(self.text), ..self }
    }
}

/// The place of an article that was at hand, counted from 0.
pub(crate) fn at_hand(article: usize) -> Place {
    Place { path: format!("articles[{article}]"), line: None }
}

/// The place of all articles that were at hand.
fn all_at_hand() -> Place {
    Place { path: "articles".into(), line: None }
}

impl RowReader {
    /// Of rows with at most `longest` bytes of text; one without an id is called by its number.
    pub(crate) fn new(fields: &Fields, longest: usize) -> RowReader {
        RowReader { table: FieldTable::new(fields), longest, needs_id: false }
    }

    /// The same, but each must have an id of its own.
    pub(crate) fn with_ids(fields: &Fields, longest: usize) -> RowReader {
        RowReader { needs_id: true, ..Self::new(fields, longest) }
    }

    /// Some tables as one.
    ///
    /// # Errors
    /// [`Error::Input`](crate::Error::Input) where a column is missing, stands there twice, or is of a kind that its part
    /// cannot be.
    pub(crate) fn tables<'t, R: Rows>(&'t self, tables: &'t [R]) -> Result<Tables<'t, R>> {
        let chosen: Vec<Chosen> = tables.iter().map(|table| self.choose(table)).collect::<Result<_>>()?;
        let (mut first, mut len) = (Vec::with_capacity(tables.len()), 0);
        for table in tables {
            first.push(len);
            len += table.len();
        }
        Ok(Tables { reader: self, tables, chosen, first, len })
    }

    /// The columns of `rows` that play a part.
    fn choose(&self, rows: &dyn Rows) -> Result<Chosen> {
        let columns = rows.columns();
        let chosen = self.table.columns(columns.iter().map(|(name, _)| name.as_str())).and_then(|keys| {
            let known = keys.iter().zip(&columns).enumerate();
            let known = known.filter_map(|(number, (key, (_, kind)))| Some((number, (*key)?, kind.clone())));
            choose(&self.table, &known.collect::<Vec<_>>())
        });
        chosen.map(Chosen).map_err(|trouble| trouble.at(all_at_hand()))
    }

    fn missing(&self, role: &Role) -> Trouble {
        self.table.missing(role, "a row without it")
    }

    fn fits(&self, values: &Values<'_>) -> Result<(), Trouble> {
        let bytes = values.iter().map(|value| if let Value::String(text) = value { text.len() } else { 0 });
        if bytes.sum::<usize>() > self.longest { Err(Trouble::too_long("row", self.longest)) } else { Ok(()) }
    }

    fn values<'r>(&self, rows: &'r dyn Rows, chosen: &Chosen, row: usize) -> Values<'r> {
        let mut values = Values::default();
        for &(column, key) in &chosen.0 {
            values[key] = rows.cell(row, column);
        }
        values
    }
}

impl<R: Rows> Tables<'_, R> {
    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The articles; the first is number `before` of all that are at hand. `source` makes something of the names of
    /// sources.
    ///
    /// # Errors
    /// [`Error::Input`](crate::Error::Input) for the first row that makes no article.
    pub(crate) fn rows<S: Send>(&self, before: usize, source: impl Fn(&str) -> S + Sync) -> Result<Vec<Row<'_, S>>> {
        let reader = self.reader;
        let article = |row: usize| {
            let values = self.values(row);
            let read = || {
                reader.fits(&values)?;
                let Parts { id, source: name, date, .. } = parts(&values, &reader.table, |role| reader.missing(role))?;
                let [title, text] = texts(&values, &reader.table)?;
                if id.is_none() && reader.needs_id {
                    return Err(reader.missing(&reader.table.id));
                }
                let id = id.unwrap_or_else(|| at_hand(before + row).to_string());
                Ok(Row { id, source: name.map(&source), date, title, text })
            };
            read().map_err(|trouble: Trouble| trouble.at(at_hand(before + row)))
        };
        // The first error of all, whichever thread is first.
        (0..self.len).into_par_iter().balanced().map(article).collect::<Vec<_>>().into_iter().collect()
    }

    fn values(&self, row: usize) -> Values<'_> {
        let table = self.first.partition_point(|&first| first <= row) - 1;
        self.reader.values(&self.tables[table], &self.chosen[table], row - self.first[table])
    }
}

/// The articles in `which` of the `rows`, read as [`Intake`](crate::Intake) reads them; the first row of all is number
/// `before` of those that are at hand.
///
/// # Errors
/// [`Error::Input`](crate::Error::Input) for the first column or row that makes no article.
pub fn articles_of(rows: &dyn Rows, which: Range<usize>, before: usize, options: &ReadOptions) -> Result<Vec<Article>> {
    let reader = RowReader::new(&options.fields, options.max_article_bytes);
    let chosen = reader.choose(rows)?;
    let article = |row: usize| {
        let place = at_hand(before + row);
        let values = reader.values(rows, &chosen, row);
        let read = || {
            reader.fits(&values)?;
            assemble(values, &reader.table, &place, |role| reader.missing(role))
        };
        read().map_err(|trouble| trouble.at(place.clone()))
    };
    which.map(article).collect()
}

/// The names that play a part in tables with columns of these names, in their order: the others need not be handed
/// over.
///
/// # Errors
/// [`Error::Input`](crate::Error::Input) where one is missing or stands there twice.
pub fn columns_wanted<'n>(fields: &Fields, names: &[&'n str], place: &Place) -> Result<Vec<&'n str>> {
    let keys = FieldTable::new(fields).columns(names.iter().copied()).map_err(|trouble| trouble.at(place.clone()))?;
    Ok(names.iter().zip(keys).filter_map(|(&name, key)| key.map(|_| name)).collect())
}
