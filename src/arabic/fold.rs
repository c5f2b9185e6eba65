//! Folding: every way of writing one letter becomes one character, marks become nothing.
//!
//! Folding works a character at a time and needs no context, so the order of its rules cannot matter:
//! compatibility decomposition (NFKD: presentation forms, ligatures, full-width forms), then marks are
//! dropped, then each remaining character is mapped by [`letter`] and put in lower case. Two strings that
//! are equal under NFKC fold to the same text. Folding twice changes nothing.

use unicode_normalization::char::decompose_compatible;

use super::letters::*;

/// Calls `emit` for each character that `c` folds to: none for a mark, several for a ligature.
pub(crate) fn fold_char(c: char, mut emit: impl FnMut(char)) {
    if c.is_ascii() {
        emit(c.to_ascii_lowercase());
        return;
    }
    // Spacing forms of the harakat decompose to a space or a tatweel that would cut the word in two.
    if is_mark(c) || matches!(c, '\u{FC5E}'..='\u{FC63}' | '\u{FCF2}'..='\u{FCF4}' | '\u{FE70}'..='\u{FE7F}') {
        return;
    }
    decompose_compatible(c, |part| {
        if is_mark(part) {
            return;
        }
        let mapped = letter(part);
        if mapped != part || mapped.is_ascii() {
            emit(mapped.to_ascii_lowercase());
            return;
        }
        for lower in part.to_lowercase() {
            // Lower case may need decomposing once more (U+0130 becomes i and a dot above).
            decompose_compatible(lower, |x| {
                if !is_mark(x) {
                    emit(letter(x));
                }
            });
        }
    });
}

/// `text` folded, without spans.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        fold_char(c, |x| folded.push(x));
    }
    folded
}

/// Marks that carry no letter: tashkeel, Quranic signs, dagger alef, tatweel, combining accents,
/// bidirectional and zero-width controls, variation selectors.
pub(crate) fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{00AD}'
        | '\u{0300}'..='\u{036F}'
        | '\u{0610}'..='\u{061A}'
        | '\u{061C}'
        | TATWEEL
        | '\u{064B}'..='\u{065F}'
        | DAGGER_ALEF
        | '\u{0674}'
        | '\u{06D6}'..='\u{06DC}'
        | '\u{06DF}'..='\u{06E8}'
        | '\u{06EA}'..='\u{06ED}'
        | '\u{0898}'..='\u{089F}'
        | '\u{08CA}'..='\u{08E1}'
        | '\u{08E3}'..='\u{08FF}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}')
}

/// The letter, digit or separator that stands for `c` after decomposition.
pub(crate) fn letter(c: char) -> char {
    match c {
        ALEF_MADDA | ALEF_HAMZA_ABOVE | ALEF_HAMZA_BELOW | ALEF_WASLA | '\u{0672}' | '\u{0673}' | '\u{0675}' => ALEF,
        WAW_HAMZA | '\u{0676}' => WAW,
        YEH_HAMZA | ALEF_MAKSURA | FARSI_YEH | YEH_WITH_TAIL | E_YEH | YEH_BARREE | YEH_BARREE_HAMZA | '\u{0678}' => {
            YEH
        }
        TEH_MARBUTA | HEH_DOACHASHMEE | HEH_WITH_YEH | HEH_GOAL | HEH_GOAL_HAMZA | TEH_MARBUTA_GOAL | AE => HEH,
        KEHEH | SWASH_KAF | GAF => KAF,
        PEH => BEH,
        TCHEH => JEEM,
        VEH => FEH,
        NOON_GHUNNA => NOON,
        '\u{0660}'..='\u{0669}' => ascii_digit(c, 0x0660),
        '\u{06F0}'..='\u{06F9}' => ascii_digit(c, 0x06F0),
        DECIMAL_SEPARATOR => '.',
        THOUSANDS_SEPARATOR => ',',
        other => other,
    }
}

fn ascii_digit(c: char, zero: u32) -> char {
    char::from(b'0' + (c as u32 - zero) as u8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    /// One rule a line: what it is, input, expected.
    const RULES: &str = include_str!("testdata/fold.tsv");

    #[test]
    fn each_rule_alone() {
        for line in RULES.lines().filter(|l| !l.starts_with('#')) {
            let [rule, input, expected] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("three columns wanted: {line}")
            };
            assert_eq!(fold(input), expected, "{rule}");
        }
    }

    fn arabic_text() -> impl Strategy<Value = String> {
        proptest::collection::vec(
            prop_oneof![
                6 => proptest::char::range('\u{0600}', '\u{06FF}'),
                1 => proptest::char::range('\u{FB50}', '\u{FEFC}'),
                1 => proptest::char::range('\u{2000}', '\u{206F}'),
                1 => proptest::char::range(' ', '\u{024F}'),
                1 => any::<char>(),
            ],
            0..40,
        )
        .prop_map(|v| v.into_iter().collect())
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in arabic_text()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn normalising_first_changes_nothing(text in arabic_text()) {
            // Except where NFKC itself would put a space in place of a spacing haraka.
            prop_assume!(!text.chars().any(|c| matches!(c, '\u{FC5E}'..='\u{FC63}' | '\u{FCF2}'..='\u{FCF4}' | '\u{FE70}'..='\u{FE7F}')));
            let nfc: String = text.nfc().collect();
            let nfkc: String = text.nfkc().collect();
            let nfd: String = text.nfd().collect();
            let mut want: Vec<char> = fold(&text).chars().collect();
            // Canonical reordering may move marks of other scripts past each other.
            let sort = |s: String| { let mut v: Vec<char> = s.chars().collect(); v.sort_unstable(); v };
            want.sort_unstable();
            prop_assert_eq!(sort(fold(&nfc)), want.clone());
            prop_assert_eq!(sort(fold(&nfd)), want.clone());
            prop_assert_eq!(sort(fold(&nfkc)), want);
        }

        #[test]
        fn marks_may_go_before_or_after(text in arabic_text()) {
            let bare: String = text.chars().filter(|&c| !is_mark(c)).collect();
            prop_assert_eq!(fold(&bare), fold(&text));
        }

        #[test]
        fn letters_may_go_before_or_after(text in arabic_text()) {
            let mapped: String = text.chars().map(letter).collect();
            prop_assert_eq!(fold(&mapped), fold(&text));
        }
    }
}
