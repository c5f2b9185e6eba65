//! The checksum at the end of every row, so that damage is never taken for an answer.
//!
//! It is XXH3 of the row, seeded with the table, the key and, where a row is replaced as a whole, the version that is
//! expected: a row that stands whole in a wrong place, or an older one, does not pass either.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Bytes of a checksum.
pub(super) const SEAL: usize = 8;

fn checksum(table: u8, key: i64, version: u64, row: &[u8]) -> [u8; SEAL] {
    let mut place = [0; 17];
    place[0] = table;
    place[1..9].copy_from_slice(&key.to_le_bytes());
    place[9..].copy_from_slice(&version.to_le_bytes());
    xxh3_64_with_seed(row, xxh3_64_with_seed(&place, 0)).to_le_bytes()
}

/// Adds the checksum to a row.
pub(super) fn seal(table: u8, key: i64, version: u64, row: &mut Vec<u8>) {
    let checksum = checksum(table, key, version, row);
    row.extend(checksum);
}

/// The row without its checksum; `None` if that does not fit.
pub(super) fn opened(table: u8, key: i64, version: u64, row: &[u8]) -> Option<&[u8]> {
    let (row, seal) = row.split_last_chunk::<SEAL>()?;
    (*seal == checksum(table, key, version, row)).then_some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_row_itself_in_its_place_passes() {
        let mut row = b"some row".to_vec();
        seal(1, -5, 9, &mut row);
        assert_eq!(opened(1, -5, 9, &row), Some(&b"some row"[..]));
        for (table, key, version) in [(2, -5, 9), (1, 5, 9), (1, -5, 8)] {
            assert_eq!(opened(table, key, version, &row), None);
        }
        for bit in 0..row.len() * 8 {
            let mut damaged = row.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(opened(1, -5, 9, &damaged), None);
        }
        assert_eq!(opened(1, -5, 9, &row[..15]), None);
        assert_eq!(opened(1, -5, 9, &[]), None);
    }
}
