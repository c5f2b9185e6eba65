//! Tables that others hold in memory: rows as the parts of articles, of which nothing is copied but the id.

use std::borrow::Cow;

use super::columns::{ColumnKind, choose};
use super::entities::clean;
use super::fields::{FieldTable, Role};
use super::record::{Value, Values, assemble, parts};
use super::trouble::Trouble;
use super::{Article, Fields, ReadOptions, Timestamp};
use crate::error::{Place, Result};

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
}

/// The columns of one table that play a part.
#[derive(Debug)]
pub(crate) struct Chosen(Vec<(usize, usize)>);

/// What is known of an article beside its texts.
pub(crate) struct RowHead {
    pub(crate) id: String,
    /// As its place among those met.
    pub(crate) source: Option<u32>,
    pub(crate) date: Option<Timestamp>,
}

impl RowReader {
    /// Of rows with at most `longest` bytes of text.
    pub(crate) fn new(fields: &Fields, longest: usize) -> RowReader {
        RowReader { table: FieldTable::new(fields), longest }
    }

    /// The columns of `rows` that play a part.
    ///
    /// # Errors
    /// [`Error::Input`](crate::Error::Input), at `place`, where one is missing, stands there twice, or is of a kind that
    /// its part cannot be.
    pub(crate) fn choose(&self, rows: &dyn Rows, place: impl Fn() -> Place) -> Result<Chosen> {
        let columns = rows.columns();
        let chosen = self.table.columns(columns.iter().map(|(name, _)| name.as_str())).and_then(|keys| {
            let known = keys.iter().zip(&columns).enumerate();
            let known = known.filter_map(|(number, (key, (_, kind)))| Some((number, (*key)?, kind.clone())));
            choose(&self.table, &known.collect::<Vec<_>>())
        });
        chosen.map(Chosen).map_err(|trouble| trouble.at(place()))
    }

    /// What is known of the article in `row` beside its texts, which are seen to be there; `source` gives the names of
    /// sources their places.
    ///
    /// # Errors
    /// [`Error::Input`](crate::Error::Input), at `place`, where the row makes no article.
    pub(crate) fn head(
        &self,
        (rows, chosen, row): (&dyn Rows, &Chosen, usize),
        place: &Place,
        source: impl Fn(&str) -> u32,
    ) -> Result<RowHead> {
        let values = self.values(rows, chosen, row);
        let read = || {
            self.fits(&values)?;
            let parts = parts(&values, &self.table, place, |role| self.table.missing(role, "a row without it"))?;
            parts.text(&values, &self.table)?;
            Ok(RowHead { source: parts.source.map(&source), date: parts.date, id: parts.id })
        };
        read().map_err(|trouble: Trouble| trouble.at(place.clone()))
    }

    /// Gives `work` the title and the text of the article in `row`, with entities decoded. Empty ones, if the row makes
    /// no article: [`RowReader::head`] says why.
    pub(crate) fn texts<T>(
        &self,
        (rows, chosen, row): (&dyn Rows, &Chosen, usize),
        work: impl FnOnce(&str, &str) -> T,
    ) -> T {
        let values = self.values(rows, chosen, row);
        let place = Place { path: String::new(), line: None };
        let parts = parts(&values, &self.table, &place, |role| self.table.missing(role, ""));
        let texts = parts.and_then(|parts| Ok((parts.title, parts.text(&values, &self.table)?)));
        let (title, text) = texts.unwrap_or_default();
        work(&clean(Cow::Borrowed(title)), &clean(Cow::Borrowed(text)))
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

/// The articles in `rows`, read as [`Intake`](crate::Intake) reads them.
///
/// # Errors
/// [`Error::Input`](crate::Error::Input) for the first column or row that makes no article.
pub fn articles_of(rows: &dyn Rows, options: &ReadOptions) -> Result<Vec<Article>> {
    let reader = RowReader::new(&options.fields, options.max_article_bytes);
    let chosen = reader.choose(rows, || Place { path: "articles".into(), line: None })?;
    let article = |row: usize| {
        let place = Place { path: format!("articles[{row}]"), line: None };
        let values = reader.values(rows, &chosen, row);
        let missing = |role: &Role| reader.table.missing(role, "a row without it");
        let article = reader.fits(&values).and_then(|()| assemble(values, &reader.table, &place, missing));
        article.map_err(|trouble| trouble.at(place))
    };
    (0..rows.len()).map(article).collect()
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
