//! Which keys of a record, or columns of a table, hold what.

use super::trouble::{Trouble, quoted};

/// The keys to read from a JSON record, or the columns from a table. Where a name is `None` the usual names are tried in order,
/// those with a null passed over; a name that is given must be in every record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// The id: `id`, else `url`.
    pub id: Option<String>,
    /// The headline: `title`, else `headline`.
    pub title: Option<String>,
    /// The body text: `text`, else `content`, else `body`.
    pub text: Option<String>,
    /// The date: `date`, else `published`, else `date_extracted`.
    pub date: Option<String>,
    /// The outlet: `source`.
    pub source: Option<String>,
}

/// At most this many different keys play a part: all the usual names together.
pub(super) const MOST_KEYS: usize = 11;

/// A message lists at most so many keys or columns.
pub(super) const LISTED: usize = 20;

/// One part of an article and the keys that may hold it.
#[derive(Debug)]
pub(super) struct Role {
    /// What messages call it.
    pub(super) name: &'static str,
    /// Indices into [`FieldTable::key`], first choice first; never empty.
    pub(super) keys: Vec<usize>,
    /// Whether the user named the key, so that a record without it is an error.
    pub(super) named: bool,
}

/// [`Fields`] made ready for looking keys up.
#[derive(Debug)]
pub(super) struct FieldTable {
    keys: Vec<String>,
    pub(super) id: Role,
    pub(super) title: Role,
    pub(super) text: Role,
    pub(super) date: Role,
    pub(super) source: Role,
}

impl FieldTable {
    pub(super) fn new(fields: &Fields) -> FieldTable {
        let mut keys = Vec::new();
        let mut role = |name, chosen: &Option<String>, usual: &[&str]| Role {
            name,
            keys: match chosen {
                Some(key) => vec![index_of(&mut keys, key)],
                None => usual.iter().map(|key| index_of(&mut keys, key)).collect(),
            },
            named: chosen.is_some(),
        };
        let id = role("id", &fields.id, &["id", "url"]);
        let title = role("title", &fields.title, &["title", "headline"]);
        let text = role("text", &fields.text, &["text", "content", "body"]);
        let date = role("date", &fields.date, &["date", "published", "date_extracted"]);
        let source = role("source", &fields.source, &["source"]);
        FieldTable { keys, id, title, text, date, source }
    }

    /// The index of `key`, below [`MOST_KEYS`], if it plays a part.
    pub(super) fn find(&self, key: &str) -> Option<usize> {
        self.keys.iter().position(|known| known == key)
    }

    pub(super) fn key(&self, index: usize) -> &str {
        &self.keys[index]
    }

    /// `found` holds no key for `role`.
    pub(super) fn missing(&self, role: &Role, found: impl Into<String>) -> Trouble {
        let wanted: Vec<String> = role.keys.iter().map(|&key| quoted(self.key(key))).collect();
        Trouble::new(found, format!("the field {} ({})", wanted.join(" or "), role.name))
    }

    /// For each column of a table what [`FieldTable::find`] says of its name.
    ///
    /// # Errors
    /// Where there is no column for the text or for a role that the user named, or two are called the same and
    /// play a part.
    pub(super) fn columns<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str> + Clone,
    ) -> Result<Vec<Option<usize>>, Trouble> {
        let keys: Vec<Option<usize>> = names.clone().into_iter().map(|name| self.find(name)).collect();
        let present = |key: &usize| keys.contains(&Some(*key));
        for role in [&self.text, &self.id, &self.title, &self.date, &self.source] {
            if (role.named || role.name == self.text.name) && !role.keys.iter().any(present) {
                let mut listed: Vec<String> = names.clone().into_iter().take(LISTED).map(quoted).collect();
                if keys.len() > LISTED {
                    listed.push("...".to_owned());
                }
                return Err(self.missing(role, format!("a table with only the columns {}", listed.join(", "))));
            }
        }
        let mut seen = [false; MOST_KEYS];
        for &key in keys.iter().flatten() {
            if std::mem::replace(&mut seen[key], true) {
                return Err(Trouble::new(format!("the column {} twice", quoted(self.key(key))), "it once"));
            }
        }
        Ok(keys)
    }
}

/// The index of `key` in `keys`, added where it is new: one key may serve two roles.
fn index_of(keys: &mut Vec<String>, key: &str) -> usize {
    keys.iter().position(|known| known == key).unwrap_or_else(|| {
        keys.push(key.to_owned());
        keys.len() - 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_names_in_order() {
        let table = FieldTable::new(&Fields::default());
        let names = |role: &Role| -> Vec<String> {
            let name = |&index: &usize| table.key(index).to_owned();
            role.keys.iter().map(name).collect()
        };
        assert_eq!(names(&table.id), ["id", "url"]);
        assert_eq!(names(&table.text), ["text", "content", "body"]);
        assert_eq!(table.keys.len(), MOST_KEYS);
        assert_eq!(table.find("pubdate"), None);
    }

    #[test]
    fn a_key_may_serve_two_roles() {
        let fields = Fields { source: Some("url".into()), ..Fields::default() };
        let table = FieldTable::new(&fields);
        assert!(table.source.named && !table.id.named);
        assert_eq!(table.source.keys[0], table.id.keys[1]);
    }
}
