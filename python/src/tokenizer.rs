//! `naskh.Tokenizer`: what is made of a text.

use pyo3::prelude::*;

use crate::characters::Characters;

/// Makes tokens of Arabic texts, by the rules that all comparison rests on.
#[pyclass(module = "naskh", frozen)]
pub(crate) struct Tokenizer(naskh::Tokenizer);

/// One word or number of a text.
#[pyclass(module = "naskh", frozen, get_all, eq, skip_from_py_object)]
#[derive(Clone, PartialEq)]
pub(crate) struct Token {
    /// As it stands in the text.
    word: String,
    /// The word as folded; of a number its digits as written.
    folded: String,
    /// The stem, or the number in canonical spelling.
    stem: String,
    /// `word`, `number` or `stop`.
    kind: &'static str,
    /// The first character in the text.
    start: usize,
    /// The character behind the last one.
    end: usize,
}

#[pymethods]
impl Tokenizer {
    #[new]
    fn new() -> Tokenizer {
        Tokenizer(naskh::Tokenizer::new())
    }

    /// The name and version of the rules.
    #[getter]
    fn profile(&self) -> &'static str {
        naskh::PROFILE
    }

    /// The tokens of `text`, in order.
    fn tokens(&self, py: Python<'_>, text: &str) -> Vec<Token> {
        py.detach(|| {
            let mut characters = Characters::of(text);
            let spelled = self.0.spelled(text).into_iter();
            let token = |spelled: naskh::SpelledToken| {
                let span = spelled.token.span();
                Token {
                    word: text.get(span.clone()).unwrap_or_default().to_owned(),
                    folded: spelled.folded,
                    stem: spelled.stem,
                    kind: spelled.token.kind.name(),
                    start: characters.before(span.start),
                    end: characters.before(span.end),
                }
            };
            spelled.map(token).collect()
        })
    }

    fn __repr__(&self) -> String {
        "Tokenizer()".into()
    }
}

#[pymethods]
impl Token {
    fn __repr__(&self) -> String {
        let Token { word, stem, kind, start, end, .. } = self;
        format!("Token(word={word:?}, stem={stem:?}, kind={kind:?}, start={start}, end={end})")
    }
}
