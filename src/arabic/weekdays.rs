//! The days of the week as news names them: with the article, perhaps behind a conjunction or a preposition.
//! Without the article they are other words: two, five, one of.

use std::sync::LazyLock;

use super::{Form, Stem, Token, Tokenizer};

const DAYS: [&str; 7] = ["السبت", "الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة"];
const BEFORE: [&str; 4] = ["", "و", "ف", "ب"];

/// Each spelling with the number of its day, in order.
static SPELLINGS: LazyLock<Vec<((Stem, Form), u8)>> = LazyLock::new(|| {
    let mut spellings = Vec::new();
    let mut tokens: Vec<Token> = Vec::new();
    for (day, number) in DAYS.iter().zip(0..) {
        for before in BEFORE {
            Tokenizer::new().tokens(&format!("{before}{day}"), &mut tokens);
            spellings.extend(tokens.iter().map(|token| ((token.stem, token.form), number)));
        }
    }
    spellings.sort_unstable();
    spellings
});

/// The set of the days of the week, as bits, that words name.
pub(crate) fn weekdays(words: impl Iterator<Item = (Stem, Form)>) -> u8 {
    let spellings = &*SPELLINGS;
    words
        .filter_map(|word| spellings.binary_search_by_key(&word, |spelling| spelling.0).ok())
        .fold(0, |days, at| days | 1 << spellings[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(text: &str) -> u8 {
        let mut tokens: Vec<Token> = Vec::new();
        Tokenizer::new().tokens(text, &mut tokens);
        weekdays(tokens.iter().map(|token| (token.stem, token.form)))
    }

    #[test]
    fn days_by_name_however_they_are_spelled() {
        assert_eq!(days("عاد المسافرون يوم الأحد والاثنين"), 0b110);
        assert_eq!(days("يوم الاحد و الإثنين"), 0b110);
        assert_eq!(days("ينتهي العمل بالخميس فالجُمعة"), 0b110_0000);
        assert_eq!(days("السبت الثلاثاء الأربعاء"), 0b1_1001);
    }

    #[test]
    fn numbers_and_other_words_are_no_days() {
        assert_eq!(days("لم يعد أحد من اثنين وخميس وسبتمبر واجتمعوا جمعة"), 0);
        assert_eq!(days(""), 0);
    }
}
