//! Numbers as evidence: one canonical spelling for the ways newspapers write one value.

use super::letters::COMMA;

/// Splits a run of folded digits and separators (`.`, `,`, Arabic comma; a digit at both ends, no two
/// separators in a row) into values in canonical spelling, and calls `emit` with each value and its
/// byte range in `run`.
///
/// - groups of three after `,`, the Arabic comma or (twice or more) `.` are thousands: `1,250` is `1250`;
/// - one `.`, or one `,` that does not group thousands, is a decimal point: `3,5` is `3.5`;
/// - any other sequence is a list or a date: `21.7.2015` is three numbers;
/// - leading zeros and zeros after the point go: `07` is `7`, `2.50` is `2.5`.
pub(crate) fn values(run: &str, mut emit: impl FnMut(&str, std::ops::Range<usize>)) {
    if run.bytes().all(|b| b.is_ascii_digit()) {
        emit(trim_zeros(run), 0..run.len());
        return;
    }
    let is_separator = |c: char| !c.is_ascii_digit();
    let parts: Vec<&str> = run.split(is_separator).collect();
    let separators: Vec<char> = run.chars().filter(|&c| is_separator(c)).collect();
    let thousands = |upto: usize| upto > 0 && parts[0].len() <= 3 && parts[1..=upto].iter().all(|p| p.len() == 3);
    let first = separators[0];
    let same = separators.iter().all(|&s| s == first);
    let last = separators.len();
    let whole = 0..run.len();
    if same && thousands(last) && (first != '.' || last > 1) && parts[0] != "0" {
        let joined = parts.concat();
        emit(trim_zeros(&joined), whole);
    } else if last == 1 && first != COMMA {
        emit(&decimal(parts[0], parts[1]), whole);
    } else if last > 1
        && first == ','
        && separators[last - 1] == '.'
        && thousands(last - 1)
        && separators[..last - 1].iter().all(|&s| s == ',')
    {
        emit(&decimal(&parts[..last].concat(), parts[last]), whole);
    } else {
        let mut at = 0;
        for (i, part) in parts.iter().enumerate() {
            emit(trim_zeros(part), at..at + part.len());
            at += part.len() + separators.get(i).map_or(0, |s| s.len_utf8());
        }
    }
}

fn trim_zeros(digits: &str) -> &str {
    let trimmed = digits.trim_start_matches('0');
    if trimmed.is_empty() { "0" } else { trimmed }
}

fn decimal(whole: &str, fraction: &str) -> String {
    let fraction = fraction.trim_end_matches('0');
    let whole = trim_zeros(whole);
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(run: &str) -> String {
        let mut found = Vec::new();
        values(run, |v, range| {
            assert!(run.get(range).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit())));
            found.push(v.to_owned());
        });
        found.join(" ")
    }

    #[test]
    fn spellings_of_one_value_meet() {
        for (run, expected) in [
            ("2015", "2015"),
            ("07", "7"),
            ("000", "0"),
            ("1,250", "1250"),
            ("1\u{060C}250", "1250"),
            ("1,250,000", "1250000"),
            ("1.250.000", "1250000"),
            ("1,250.75", "1250.75"),
            ("3.5", "3.5"),
            ("3,5", "3.5"),
            ("3.50", "3.5"),
            ("4.0", "4"),
            ("0.125", "0.125"),
            ("12\u{060C}15", "12 15"),
            ("21.7.2015", "21 7 2015"),
            ("1,2,3", "1 2 3"),
        ] {
            assert_eq!(all(run), expected, "{run}");
        }
    }
}
