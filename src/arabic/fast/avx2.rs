//! The words of [`super::segment`] by AVX2 and BMI2, where the processor has them: sixteen letters looked up at once.
//!
//! Nearly all words are of the 42 letters from U+0621 to U+064A, whose first byte is 0xD8 or 0xD9: of two bytes in a lane
//! of 16 bits three shuffles, for U+0620, U+0630 and U+0640 and the 15 behind each, make codes.

use std::arch::x86_64::{
    __m128i, __m256i, _bzhi_u32, _bzhi_u64, _mm_cmpeq_epi8, _mm_cvtsi128_si64, _mm_extract_epi64, _mm_movemask_epi8,
    _mm_packus_epi16, _mm_setzero_si128, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_castsi256_si128,
    _mm256_cmpeq_epi16, _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_set1_epi16, _mm256_shuffle_epi8, _mm256_srli_epi16, _pext_u64,
};

use super::{TABLE, Table, behind_word, ends_word, segment_by};
use crate::arabic::pieces::{Folded, Piece, Pieces};

/// A word of at most so many letters is found here.
const LETTERS: u32 = Folded::LETTERS;
/// Bytes looked at: so many letters, and what stands behind them.
const WINDOW: usize = 32;

/// Does this processor have what is needed?
pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi2")
}

/// The codes of the letters of three rows of sixteen.
struct Rows([__m256i; 3]);

impl Rows {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn of(table: &Table) -> Rows {
        let row = |row: [u8; 16]| {
            // SAFETY: both are sixteen bytes, of which any are fine.
            _mm256_broadcastsi128_si256(unsafe { std::mem::transmute::<[u8; 16], __m128i>(row) })
        };
        Rows(table.rows.map(row))
    }

    /// The codes of the sixteen letters in `window`, a byte each; 0 for what is none.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn codes(&self, window: __m256i) -> __m128i {
        let Rows([first, second, third]) = *self;
        // A letter is a lane, its first byte the low one: what tells its row, and its place there. The shuffle gives 0 for
        // the high byte of a lane, whose top bit is set.
        let row = _mm256_and_si256(window, _mm256_set1_epi16(0xF0FFu16 as i16));
        let place = _mm256_and_si256(_mm256_srli_epi16::<8>(window), _mm256_set1_epi16(0x000F));
        let place = _mm256_or_si256(place, _mm256_set1_epi16(0x8000u16 as i16));
        let first = _mm256_and_si256(is_row(row, 0xA0D8), _mm256_shuffle_epi8(first, place));
        let second = _mm256_and_si256(is_row(row, 0xB0D8), _mm256_shuffle_epi8(second, place));
        let third = _mm256_and_si256(is_row(row, 0x80D9), _mm256_shuffle_epi8(third, place));
        let codes = _mm256_or_si256(_mm256_or_si256(first, second), third);
        _mm_packus_epi16(_mm256_castsi256_si128(codes), _mm256_extracti128_si256::<1>(codes))
    }
}

/// The lanes that are of the row that begins with this pair of bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn is_row(row: __m256i, begin: u16) -> __m256i {
    _mm256_cmpeq_epi16(row, _mm256_set1_epi16(begin as i16))
}

/// As [`super::segment`], on a processor that has what is needed.
#[target_feature(enable = "avx2,bmi2")]
pub(super) fn segment(text: &str, pieces: &mut Pieces, announce: impl Fn(&Piece)) {
    let table: &Table = &TABLE;
    let rows = Rows::of(table);
    segment_by(table, text, pieces, |bytes, at, list| {
        let at = words(table, &rows, bytes, at, 0, list, &announce);
        if bytes.len() < at + WINDOW && at < bytes.len() {
            // Behind the text there are spaces here, which end its last word as its end does.
            let mut last = [b' '; 2 * WINDOW];
            last[..bytes.len() - at].copy_from_slice(&bytes[at..]);
            return at + words(table, &rows, &last, 0, at, list, &announce);
        }
        at
    });
}

/// Adds the words that begin at `at` and follow one another as most do, and returns where something else begins. The bytes
/// begin at byte `base` of the text.
///
/// Where a word ends is mostly read off its bytes: a processor is at the next one before it knows the letters of this.
#[inline]
#[target_feature(enable = "avx2,bmi2")]
fn words(
    table: &Table,
    rows: &Rows,
    bytes: &[u8],
    mut at: usize,
    base: usize,
    list: &mut Vec<Piece>,
    announce: &impl Fn(&Piece),
) -> usize {
    while let Some(window) = bytes.get(at..).and_then(|rest| rest.first_chunk::<WINDOW>()) {
        // SAFETY: these are 32 bytes to be read, and need not be aligned.
        let wide = unsafe { _mm256_loadu_si256(window.as_ptr().cast()) };
        let run = (!_mm256_movemask_epi8(wide) as u32).trailing_zeros();
        let codes = rows.codes(wide);
        let none = _mm_movemask_epi8(_mm_cmpeq_epi8(codes, _mm_setzero_si128())) as u32;
        let hamza = table.begins_with_hamza(window[0], window[1]);
        let start = base + at;
        if run.wrapping_sub(1) < 2 * LETTERS && _bzhi_u32(none, run / 2) == 0 {
            let behind = window[run as usize];
            let piece = Piece::word(packed(codes, 3 * run), hamza, start, start + run as usize);
            if behind == b' ' {
                announce(&piece);
                list.push(piece);
                at += run as usize + 1;
                continue;
            }
            if !ends_word(table.ascii[usize::from(behind & 0x7F)]) {
                return at;
            }
            announce(&piece);
            list.push(piece);
            at = behind_word(table, bytes, at + run as usize, base, list);
            continue;
        }
        // Something Arabic that is no letter, a comma say, may stand behind it.
        let letters = none.trailing_zeros();
        if letters == 0 || letters > LETTERS || !ends_word(table.look(bytes, at + 2 * letters as usize).0) {
            return at;
        }
        let len = 2 * letters as usize;
        let piece = Piece::word(packed(codes, 6 * letters), hamza, start, start + len);
        announce(&piece);
        list.push(piece);
        at = behind_word(table, bytes, at + len, base, list);
    }
    at
}

/// The first letters, which take up so many bits, packed.
#[inline]
#[target_feature(enable = "avx2,bmi2")]
fn packed(codes: __m128i, bits: u32) -> u64 {
    let (low, high) = (_mm_cvtsi128_si64(codes) as u64, _mm_extract_epi64::<1>(codes) as u64);
    _bzhi_u64(_pext_u64(low, 0x3F3F_3F3F_3F3F_3F3F) | _pext_u64(high, 0x3F3F) << 48, bits)
}
