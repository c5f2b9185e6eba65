//! What is kept of an article: its content stems in order, cut into segments.

use crate::arabic::{Form, Stem, Token, TokenKind, Tokenizer, chain};
use crate::article::Article;

/// The content of one article.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Content stems and numbers in order: the title's, then the body's.
    pub stems: Vec<Stem>,
    /// The form of each stem.
    pub forms: Vec<Form>,
    /// The title, each sentence and each line; those without content are left out.
    pub segments: Vec<Segment>,
    /// Fingerprint of all words of title and body, after normalisation; 0 if there are none.
    pub fingerprint: u64,
}

/// One sentence or line: where its stems end, and a hash of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Index behind its last stem.
    pub end: u32,
    /// Hash of its stems, in order.
    pub hash: u64,
    /// It is the title.
    pub title: bool,
}

/// An article is compared by so many stems from its beginning, some 800 KB of text: longer than any news
/// article, short enough that a whole library in one record takes no more memory than a large article.
/// The fingerprint is of all its words.
const LONGEST: usize = 1 << 16;

impl Document {
    /// The content of `article`, up to 65,536 stems.
    pub fn new(article: &Article, tokenizer: &Tokenizer) -> Document {
        let mut document = Document::default();
        // A title is one segment, whatever its punctuation.
        let title = tokenizer.each(&article.title, |token| {
            if matches!(token.kind, TokenKind::Word | TokenKind::Number) {
                document.push(&token);
            }
        });
        document.close(true);
        let body = tokenizer.each(&article.text, |token| match token.kind {
            TokenKind::Word | TokenKind::Number => document.push(&token),
            TokenKind::Stop => {}
            TokenKind::Sentence | TokenKind::Line => document.close(false),
        });
        document.close(false);
        if title != 0 || body != 0 {
            document.fingerprint = chain(title, body).max(1);
        }
        document.stems.shrink_to_fit();
        document.forms.shrink_to_fit();
        document.segments.shrink_to_fit();
        document
    }

    /// Number of stems of the title.
    pub fn title_len(&self) -> usize {
        self.segments.first().filter(|s| s.title).map_or(0, |s| s.end as usize)
    }

    /// The segments with their stems.
    pub(crate) fn segments(&self) -> impl Iterator<Item = (&Segment, &[Stem])> {
        let mut start = 0;
        self.segments.iter().map(move |segment| {
            let end = segment.end as usize;
            let stems = &self.stems[start..end];
            start = end;
            (segment, stems)
        })
    }

    /// Drops the segments for which `keep` says no.
    pub(crate) fn retain_segments(&mut self, mut keep: impl FnMut(usize, &Segment) -> bool) {
        let mut stems = Vec::with_capacity(self.stems.len());
        let mut forms = Vec::with_capacity(self.forms.len());
        let mut segments = Vec::with_capacity(self.segments.len());
        let mut start = 0;
        for (index, (segment, content)) in self.segments().enumerate() {
            if keep(index, segment) {
                stems.extend_from_slice(content);
                forms.extend_from_slice(&self.forms[start..start + content.len()]);
                segments.push(Segment { end: stems.len() as u32, ..*segment });
            }
            start += content.len();
        }
        self.stems = stems;
        self.forms = forms;
        self.segments = segments;
    }

    fn push(&mut self, token: &Token) {
        if self.stems.len() < LONGEST {
            self.stems.push(token.stem);
            self.forms.push(token.form);
        }
    }

    fn close(&mut self, title: bool) {
        let start = self.segments.last().map_or(0, |s| s.end as usize);
        if self.stems.len() > start {
            let hash = super::run(&self.stems[start..]);
            self.segments.push(Segment { end: self.stems.len() as u32, hash, title });
        }
    }
}
