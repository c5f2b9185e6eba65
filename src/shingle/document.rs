//! What is kept of an article: its content stems in order, cut into segments.

use std::ops::Range;

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
const BYTES_A_STEM: usize = 12;
/// Room for stems is made for so many at a time.
const ROOM: usize = 256;

impl Document {
    /// The content of `article`, up to 65,536 stems.
    pub fn new(article: &Article, tokenizer: &Tokenizer) -> Document {
        Self::of(&article.title, &article.text, tokenizer)
    }

    /// The content of the article with these texts.
    pub(crate) fn of(title: &str, text: &str, tokenizer: &Tokenizer) -> Document {
        let mut document = Document::default();
        document.read(title, text, tokenizer);
        document.shrink();
        document
    }

    /// Becomes the content of the article with these texts, in the memory it has.
    pub(crate) fn read(&mut self, title: &str, text: &str, tokenizer: &Tokenizer) {
        self.stems.clear();
        self.forms.clear();
        self.segments.clear();
        // Most stems take up more bytes of a text than this.
        self.make_room((text.len() / BYTES_A_STEM).min(LONGEST));
        // A title is one segment, whatever its punctuation.
        let (title, len) = tokenizer.fold(title, 0, |len, token| match token.kind {
            TokenKind::Word | TokenKind::Number | TokenKind::Stop => self.push(len, &token),
            TokenKind::Sentence | TokenKind::Line => len,
        });
        self.close(len, true);
        let (body, len) = tokenizer.fold(text, len, |len, token| match token.kind {
            TokenKind::Word | TokenKind::Number | TokenKind::Stop => self.push(len, &token),
            TokenKind::Sentence | TokenKind::Line => {
                self.close(len, false);
                len
            }
        });
        self.close(len, false);
        self.stems.truncate(len);
        self.forms.truncate(len);
        self.hash_segments();
        self.fingerprint = fingerprint(title, body);
    }

    /// The fingerprint alone of the article with these texts, without the stems that others are compared by.
    pub(crate) fn fingerprint_of(title: &str, text: &str, tokenizer: &Tokenizer) -> Document {
        let [title, body] = [title, text].map(|text| tokenizer.each(text, |_| {}));
        Document { fingerprint: fingerprint(title, body), ..Document::default() }
    }

    /// Number of stems of the title.
    pub fn title_len(&self) -> usize {
        self.segments.first().filter(|s| s.title).map_or(0, |s| s.end as usize)
    }

    /// Is its title long enough to tell a teaser by?
    pub(crate) fn has_telling_title(&self) -> bool {
        self.title_len() >= super::furniture::TITLE
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

    /// Drops the segments for which `keep`, given each one and the number of its stems, says no.
    pub(crate) fn retain_segments(&mut self, mut keep: impl FnMut(&Segment, usize) -> bool) {
        let before = self.segments.len();
        let (mut start, mut to) = (0, 0);
        self.segments.retain_mut(|segment| {
            let content = start..segment.end as usize;
            start = content.end;
            let kept = keep(segment, content.len());
            if kept {
                let len = content.len();
                self.stems.copy_within(content.clone(), to);
                self.forms.copy_within(content, to);
                to += len;
                segment.end = to as u32;
            }
            kept
        });
        if self.segments.len() < before {
            self.stems.truncate(to);
            self.forms.truncate(to);
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        self.stems.shrink_to_fit();
        self.forms.shrink_to_fit();
        self.segments.shrink_to_fit();
    }

    /// Takes up a word or number, but no stop word, behind the first `len`, and returns how many there are then. Which it is
    /// no processor can guess: without a branch.
    #[inline(always)]
    fn push(&mut self, len: usize, token: &Token) -> usize {
        if len >= self.stems.len() {
            if len == LONGEST {
                return len;
            }
            self.make_room(len + 1);
        }
        self.stems[len] = token.stem;
        self.forms[len] = token.form;
        len + usize::from(token.kind != TokenKind::Stop)
    }

    /// Makes room for so many stems, or somewhat more.
    #[cold]
    fn make_room(&mut self, stems: usize) {
        let room = stems.next_multiple_of(ROOM).min(LONGEST);
        self.stems.resize(room, Stem(0));
        self.forms.resize(room, Form::default());
    }

    /// Ends a segment with the first `len` stems; what it hashes to is for [`Document::hash_segments`].
    fn close(&mut self, len: usize, title: bool) {
        let start = self.segments.last().map_or(0, |s| s.end as usize);
        if len > start {
            self.segments.push(Segment { end: len as u32, hash: 0, title });
        }
    }

    /// Hashes all segments, one after another: a processor begins with the next before one is done, for each step of a hash
    /// waits for the one before.
    fn hash_segments(&mut self) {
        let mut start = 0;
        for segment in &mut self.segments {
            let end = segment.end as usize;
            segment.hash = super::run(&self.stems[start..end]);
            start = end;
        }
    }
}

/// The segments of the body of `article`: the hash of each, and the bytes of the text from its first word to its
/// last, stop words included.
pub(crate) fn spans(article: &Article, tokenizer: &Tokenizer) -> Vec<(u64, Range<usize>)> {
    let document = Document::new(article, tokenizer);
    let mut spans: Vec<Range<usize>> = Vec::new();
    let mut open: Option<Range<usize>> = None;
    let mut has_content = false;
    let mut close = |open: &mut Option<Range<usize>>, has_content: &mut bool| {
        spans.extend(open.take().filter(|_| std::mem::take(has_content)));
    };
    tokenizer.each(&article.text, |token| match token.kind {
        TokenKind::Sentence | TokenKind::Line => close(&mut open, &mut has_content),
        TokenKind::Word | TokenKind::Number | TokenKind::Stop => {
            has_content |= token.kind != TokenKind::Stop;
            let start = open.as_ref().map_or(token.start as usize, |open| open.start);
            open = Some(start..token.end as usize);
        }
    });
    close(&mut open, &mut has_content);
    // Of a longer text than is compared there are spans without a segment, at the end.
    let body = document.segments.iter().filter(|segment| !segment.title);
    body.map(|segment| segment.hash).zip(spans).collect()
}

/// Of the hashes of all words of title and body.
fn fingerprint(title: u64, body: u64) -> u64 {
    if title == 0 && body == 0 { 0 } else { chain(title, body).max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(title: &str, text: &str) -> (Vec<u64>, Vec<(u64, String)>) {
        let article = Article { title: title.into(), text: text.into(), ..Article::default() };
        let document = Document::new(&article, &Tokenizer::new());
        let body = document.segments.iter().filter(|segment| !segment.title).map(|segment| segment.hash);
        let found = spans(&article, &Tokenizer::new()).into_iter();
        (body.collect(), found.map(|(hash, span)| (hash, text[span].to_owned())).collect())
    }

    #[test]
    fn spans_hold_the_wording_of_segments() {
        let text = "في المدينةِ «مكتبةٌ» جديدة! ومن ثم. 12 كتابا\n\nإلى\nثم تأجل السباق إلى السبت ولا";
        let (hashes, found) = spelled("مكتبة المدينة", text);
        let words: Vec<&str> = found.iter().map(|(_, words)| words.as_str()).collect();
        // Segments of stop words alone are none.
        assert_eq!(words, ["في المدينةِ «مكتبةٌ» جديدة", "12 كتابا", "ثم تأجل السباق إلى السبت ولا"]);
        assert_eq!(found.iter().map(|(hash, _)| *hash).collect::<Vec<_>>(), hashes);
        // By itself the wording is the segment again.
        for (hash, words) in found {
            assert_eq!(spelled("", &words).0, [hash], "{words}");
        }
    }

    #[test]
    fn the_fingerprint_alone_is_the_same() {
        for (title, text) in [("", ""), ("", " - "), ("مكتبة", ""), ("", "مكتبة"), ("في", "من"), ("مكتبة", "كتابٌ، 12")]
        {
            let article = Article { title: title.into(), text: text.into(), ..Article::default() };
            let whole = Document::new(&article, &Tokenizer::new());
            let alone = Document::fingerprint_of(title, text, &Tokenizer::new());
            assert_eq!(alone, Document { fingerprint: whole.fingerprint, ..Document::default() });
        }
    }

    #[test]
    fn a_text_longer_than_is_compared() {
        let text = "مكتبة المدينة. ".repeat(LONGEST / 2 + 3);
        let (hashes, found) = spelled("باب", &text);
        assert_eq!(hashes.len(), LONGEST / 2);
        // The last one is cut.
        assert_ne!(hashes[0], hashes[LONGEST / 2 - 1]);
        assert_eq!(found.len(), hashes.len());
        assert_eq!(spelled(&text, &text).1, []);
    }
}
