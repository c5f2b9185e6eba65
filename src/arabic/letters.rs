//! Code points of the Arabic script by name, so that rules can be read without an Arabic font.

#![allow(missing_docs)]

pub(crate) const COMMA: char = '\u{060C}';
pub(crate) const QUESTION_MARK: char = '\u{061F}';
pub(crate) const FULL_STOP: char = '\u{06D4}';
pub(crate) const DECIMAL_SEPARATOR: char = '\u{066B}';
pub(crate) const THOUSANDS_SEPARATOR: char = '\u{066C}';

pub(crate) const ALEF: char = '\u{0627}';
pub(crate) const ALEF_MADDA: char = '\u{0622}';
pub(crate) const ALEF_HAMZA_ABOVE: char = '\u{0623}';
pub(crate) const WAW_HAMZA: char = '\u{0624}';
pub(crate) const ALEF_HAMZA_BELOW: char = '\u{0625}';
pub(crate) const YEH_HAMZA: char = '\u{0626}';
pub(crate) const BEH: char = '\u{0628}';
pub(crate) const TEH_MARBUTA: char = '\u{0629}';
pub(crate) const JEEM: char = '\u{062C}';
pub(crate) const FEH: char = '\u{0641}';
pub(crate) const KAF: char = '\u{0643}';
pub(crate) const LAM: char = '\u{0644}';
pub(crate) const NOON: char = '\u{0646}';
pub(crate) const HEH: char = '\u{0647}';
pub(crate) const WAW: char = '\u{0648}';
pub(crate) const ALEF_MAKSURA: char = '\u{0649}';
pub(crate) const YEH: char = '\u{064A}';
pub(crate) const TATWEEL: char = '\u{0640}';
pub(crate) const DAGGER_ALEF: char = '\u{0670}';
pub(crate) const ALEF_WASLA: char = '\u{0671}';

// Letters of Persian, Urdu, Kurdish and Uyghur that the Arabic press uses, or that a keyboard puts,
// in place of an Arabic letter.
pub(crate) const PEH: char = '\u{067E}';
pub(crate) const TCHEH: char = '\u{0686}';
pub(crate) const VEH: char = '\u{06A4}';
pub(crate) const KEHEH: char = '\u{06A9}';
pub(crate) const SWASH_KAF: char = '\u{06AA}';
pub(crate) const GAF: char = '\u{06AF}';
pub(crate) const NOON_GHUNNA: char = '\u{06BA}';
pub(crate) const HEH_DOACHASHMEE: char = '\u{06BE}';
pub(crate) const HEH_WITH_YEH: char = '\u{06C0}';
pub(crate) const HEH_GOAL: char = '\u{06C1}';
pub(crate) const HEH_GOAL_HAMZA: char = '\u{06C2}';
pub(crate) const TEH_MARBUTA_GOAL: char = '\u{06C3}';
pub(crate) const FARSI_YEH: char = '\u{06CC}';
pub(crate) const YEH_WITH_TAIL: char = '\u{06CD}';
pub(crate) const E_YEH: char = '\u{06D0}';
pub(crate) const YEH_BARREE: char = '\u{06D2}';
pub(crate) const YEH_BARREE_HAMZA: char = '\u{06D3}';
pub(crate) const AE: char = '\u{06D5}';
