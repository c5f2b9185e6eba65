//! Which keys of a JSON record hold what.

/// The keys to read from a JSON record. Where a name is `None` the usual names are tried in order,
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
