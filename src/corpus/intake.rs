//! A corpus in the making, of tables that others hold in memory: their rows are tokenised on all threads where they
//! lie, and no article is copied.

use rayon::prelude::*;

use super::Corpus;
use super::ReadSummary;
use super::stock::{Content, Digest, Read, Stock, by_id};
use crate::article::{Origin, ReadOptions, Row, RowReader, Rows, at_hand};
use crate::error::{Error, Place, Result};
use crate::parallel::Balanced;
use crate::progress::Progress;
use crate::shingle::Entry;
use crate::spool::{Memory, Spooling};

/// Takes tables in, some at a time, and makes a [`Corpus`] of all their rows.
///
/// ```
/// use naskh::{ColumnKind, Intake, Memory, ReadOptions, Rows, Value};
///
/// struct Texts<'t>(&'t [&'t str]);
/// impl Rows for Texts<'_> {
///     fn columns(&self) -> Vec<(String, ColumnKind)> {
///         vec![("text".into(), ColumnKind::Text)]
///     }
///     fn len(&self) -> usize {
///         self.0.len()
///     }
///     fn cell(&self, row: usize, _: usize) -> Value<'_> {
///         Value::String(self.0[row].into())
///     }
/// }
///
/// let mut intake = Intake::new(&ReadOptions::default(), &Memory::default());
/// intake.add(&[Texts(&["one"]), Texts(&["two", "three"])])?;
/// let corpus = intake.finish()?;
/// assert_eq!(corpus.find("articles[2]"), Some(2));
/// # Ok::<(), naskh::Error>(())
/// ```
pub struct Intake {
    reader: RowReader,
    content: Content,
    digest: Digest,
    stock: Stock,
    memory: Memory,
    progress: Progress,
}

impl Intake {
    /// For tables with the fields of `options`, whose longest article holds for a row; what exceeds `memory` is put into
    /// temporary files. An article without an id is called `articles[N]` by its row, from 0 over all tables.
    pub fn new(options: &ReadOptions, memory: &Memory) -> Intake {
        Self::of(Content::Whole, options, memory)
    }

    /// The same for the fingerprints of the articles alone, as [`Corpus::read_fingerprints`].
    pub fn of_fingerprints(options: &ReadOptions, memory: &Memory) -> Intake {
        Self::of(Content::Fingerprint, options, memory)
    }

    fn of(content: Content, options: &ReadOptions, memory: &Memory) -> Intake {
        options.progress.begin("reading", "articles", 0);
        Intake {
            reader: RowReader::new(&options.fields, options.max_article_bytes),
            content,
            digest: Digest::new(content, Spooling::new(memory)),
            stock: Stock::default(),
            memory: memory.clone(),
            progress: options.progress.clone(),
        }
    }

    /// Takes in the rows of some tables, one table after the other. Columns and all rows are looked over before the first
    /// is tokenised.
    ///
    /// # Errors
    /// [`Error::Input`] for the first column or row that makes no article, [`Error::DuplicateId`] for an id that came
    /// before in these tables; [`Error::Cancelled`]. After an error nothing more can be made of the intake.
    pub fn add<R: Rows>(&mut self, tables: &[R]) -> Result<()> {
        let before = self.stock.items.len();
        let tables = self.reader.tables(tables)?;
        if u32::try_from(before + tables.len()).is_err() {
            let (found, expected) = ("more than 4294967295 rows".into(), "fewer: group them in parts".into());
            return Err(Error::Input { place: Place { path: "articles".into(), line: None }, found, expected });
        }
        let rows = tables.rows(before, |name| self.digest.source(name))?;
        if let Some(&(second, first)) = by_id(rows.len(), |row| &rows[row as usize].id).1.first() {
            let [first_place, second_place] = [first, second].map(|row| at_hand(before + row as usize));
            let id = rows[first as usize].id.clone();
            return Err(Error::DuplicateId { id, first: first_place, second: second_place });
        }
        let read = |row: Row<'_, u32>| {
            // What is cancelled is thrown away.
            let cancelled = self.progress.is_cancelled();
            let Row { mut id, source, date, title, text } = if cancelled { row } else { row.clean() };
            id.shrink_to_fit();
            let entry = if cancelled { Entry::default() } else { self.digest.texts(&title, &text) };
            self.progress.add(1);
            Read { id, source, date, entry }
        };
        let read: Vec<Read> = rows.into_par_iter().balanced().map(read).collect();
        self.progress.check()?;
        let origins = (before as u32 + 1..).map(|line| Origin { file: 0, line });
        self.stock.items.extend(origins.zip(read));
        Ok(())
    }

    /// How many rows were taken in.
    pub fn len(&self) -> usize {
        self.stock.items.len()
    }

    /// Was none taken in?
    pub fn is_empty(&self) -> bool {
        self.stock.items.is_empty()
    }

    /// The corpus of all rows; the summary of what was read counts only articles without a word, and furniture.
    ///
    /// # Errors
    /// [`Error::DuplicateId`] for an id that came before, [`Error::Io`] if a temporary file cannot be written;
    /// [`Error::Cancelled`].
    pub fn finish(self) -> Result<Corpus> {
        let (sources, spool) = self.digest.finish()?;
        let stock = Stock { sources, ..self.stock };
        let (order, again) = stock.by_id();
        if let Some(twice) = again.first() {
            return Err(stock.duplicate(twice));
        }
        let mut corpus = Corpus::assemble(stock, &order, &again, spool, ReadSummary::default(), &self.memory);
        corpus.documents.tell(&self.progress);
        match self.content {
            Content::Whole => corpus.without_furniture(),
            Content::Fingerprint => Ok(corpus),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::article::{Article, ColumnKind, Timestamp, Value};

    /// Rows of strings; an empty one is a null.
    struct Table {
        columns: Vec<(&'static str, ColumnKind)>,
        rows: Vec<Vec<String>>,
    }

    impl Rows for Table {
        fn columns(&self) -> Vec<(String, ColumnKind)> {
            self.columns.iter().map(|(name, kind)| ((*name).to_owned(), kind.clone())).collect()
        }

        fn len(&self) -> usize {
            self.rows.len()
        }

        fn cell(&self, row: usize, column: usize) -> Value<'_> {
            match self.rows[row][column].as_str() {
                "" => Value::Null,
                text => Value::String(text.into()),
            }
        }
    }

    fn table(names: &[&'static str], rows: &[&[&str]]) -> Table {
        let rows = rows.iter().map(|row| row.iter().map(|&cell| cell.to_owned()).collect()).collect();
        Table { columns: names.iter().map(|&name| (name, ColumnKind::Text)).collect(), rows }
    }

    fn taken_in(tables: &[Table]) -> Result<Corpus> {
        let mut intake = Intake::new(&ReadOptions::default(), &Memory::default());
        intake.add(tables)?;
        intake.finish()
    }

    #[test]
    fn what_is_wrong_is_said_of_the_first_row() {
        let said = |tables: &[Table]| taken_in(tables).unwrap_err().to_string();
        for (names, rows, message) in [
            (
                &["id", "words"][..],
                &[&["a", "b"][..]][..],
                "articles: found a table with only the columns \"id\", \"words\"; expected the field \"text\" or \
                 \"content\" or \"body\" (text)",
            ),
            (&["text", "text"], &[], "articles: found the column \"text\" twice; expected it once"),
            (&["text"], &[&["a"], &[""], &[""]], "articles[1]: found null in the field \"text\"; expected a string"),
            (
                &["text", "date"],
                &[&["a", "2026-04-01"], &["b", "soon"]],
                "articles[1]: found date \"soon\"; expected a date such as 2015-07-21 or 2015-07-21T10:30:00Z",
            ),
            (
                &["id", "text"],
                &[&["x", "a"], &["y", "b"], &["z", "c"], &["z", "c"], &["y", "d"]],
                "articles[3]: found the id \"z\" again (first at articles[2]); expected ids that differ",
            ),
        ] {
            assert_eq!(said(&[table(names, rows)]), message);
        }
        let numbers = Table { columns: vec![("text", ColumnKind::Whole)], rows: Vec::new() };
        let message = "articles: found the column \"text\" of whole numbers; expected a column of strings";
        assert_eq!(said(&[numbers]), message);

        // Rows are counted over all tables, and ids must differ across calls.
        let mut intake = Intake::new(&ReadOptions::default(), &Memory::default());
        let two = || table(&["id", "text"], &[&["a", "x"], &["", "y"]]);
        intake.add(&[two(), table(&["text"], &[])]).unwrap();
        assert_eq!(intake.len(), 2);
        intake.add(&[two()]).unwrap();
        let message = "articles[2]: found the id \"a\" again (first at articles[0]); expected ids that differ";
        assert_eq!(intake.finish().unwrap_err().to_string(), message);
    }

    #[test]
    fn a_row_that_is_too_long() {
        let options = ReadOptions { max_article_bytes: 5, ..ReadOptions::default() };
        let mut intake = Intake::new(&options, &Memory::default());
        intake.add(&[table(&["title", "text"], &[&["ab", "cde"]])]).unwrap();
        let said = intake.add(&[table(&["title", "text"], &[&["abc", "def"]])]).unwrap_err().to_string();
        assert!(said.starts_with("articles[1]: found a row of more than 5 bytes"), "{said}");
    }

    #[test]
    fn a_cancelled_run_ends() {
        let options = ReadOptions::default();
        let mut intake = Intake::new(&options, &Memory::default());
        options.progress.cancel();
        assert!(matches!(intake.add(&[table(&["text"], &[&["a"]])]), Err(Error::Cancelled)));
    }

    proptest! {
        #[test]
        fn tables_make_the_corpus_that_articles_make(
            rows in prop::collection::vec(("[ab]{0,2}", 0u32..4, "[xy]{0,1}", "[متن.\r ]{0,6}(&amp;)?[متن ]{0,4}", "[متن. ]{1,40}"), 0..12),
            cuts in prop::collection::vec(0usize..12, 0..3),
        ) {
            let cells: Vec<Vec<String>> = rows
                .iter()
                .enumerate()
                .map(|(number, (id, day, source, title, text))| {
                    let date = if *day == 0 { String::new() } else { format!("2026-04-0{day}") };
                    let id = if id.is_empty() { String::new() } else { format!("{id}{number}") };
                    vec![id, date, source.clone(), title.clone(), text.clone()]
                })
                .collect();
            let articles = cells.iter().enumerate().map(|(number, cells)| Article {
                id: if cells[0].is_empty() { format!("articles[{number}]") } else { cells[0].clone() },
                date: Timestamp::parse(&cells[1]),
                source: Some(cells[2].clone()).filter(|source| !source.is_empty()),
                // As reading does.
                title: cells[3].replace("&amp;", "&").replace('\r', "\n"),
                text: cells[4].clone(),
            });
            let expected = Corpus::of(articles.collect()).unwrap();

            let columns = ["id", "date", "source", "title", "text"].map(|name| (name, ColumnKind::Text)).to_vec();
            let mut cuts: Vec<usize> = cuts.iter().map(|&cut| cut.min(cells.len())).collect();
            cuts.sort_unstable();
            let mut intake = Intake::new(&ReadOptions::default(), &Memory::default());
            let mut from = 0;
            for to in cuts.into_iter().chain([cells.len()]) {
                // Some tables at once, and some after the others.
                let tables = [&cells[from..from.max(to / 2)], &cells[from.max(to / 2)..to]];
                let tables = tables.map(|rows| Table { columns: columns.clone(), rows: rows.to_vec() });
                intake.add(&tables).unwrap();
                from = to;
            }
            let found = intake.finish().unwrap();
            prop_assert_eq!(&found.headers, &expected.headers);
            prop_assert_eq!(&found.sources, &expected.sources);
            prop_assert_eq!(&found.summary, &expected.summary);
            for article in 0..found.len() {
                prop_assert_eq!(found.documents.get(article), expected.documents.get(article));
                prop_assert_eq!(found.title(article as u32), expected.title(article as u32));
            }
        }
    }
}
