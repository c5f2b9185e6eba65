//! What may follow what, and how often: rows of weighted successors, and their packed form.
//!
//! Packed, a row has its successors in ascending order as differences, and a byte for each weight. The parts of all rows
//! stand together, for the sake of compression: lengths of rows, differences, weights. Lengths and differences are
//! written seven bits a byte, the low ones first.

use anyhow::{Context, bail, ensure};

use crate::random::Random;

/// For each row its successors, ready to be drawn by the alias method (Walker, "An efficient method for generating discrete
/// random variables with general distributions", 1977): one look at one slot, however many there are.
pub(crate) struct Table {
    /// Where each row begins, and where the last one ends.
    starts: Vec<u32>,
    slots: Vec<Slot>,
}

/// As likely as any other slot of its row.
#[derive(Clone, Copy)]
struct Slot {
    /// Up to this draw of 32 bits it stands for `own`, from there on for `other`.
    limit: u32,
    own: u32,
    other: u32,
}

impl Table {
    /// A successor, as often as its weight says; `None` if the row has none.
    pub(crate) fn draw(&self, row: u32, random: &mut Random) -> Option<u32> {
        let row = row as usize;
        let slots = self.slots.get(*self.starts.get(row)? as usize..*self.starts.get(row + 1)? as usize)?;
        let drawn = random.draw();
        // The high half says which slot, the low half which of its two.
        let slot = slots.get((((drawn >> 32) * slots.len() as u64) >> 32) as usize)?;
        Some(if drawn as u32 <= slot.limit { slot.own } else { slot.other })
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// Number of successors.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The greatest successor.
    pub(crate) fn most(&self) -> u32 {
        self.slots.iter().map(|slot| slot.own).max().unwrap_or(0)
    }

    /// Reads what [`pack`] wrote; what follows it stays in `packed`.
    pub(crate) fn unpack(packed: &mut &[u8]) -> anyhow::Result<Table> {
        let rows = number(packed)?;
        let mut starts = vec![0];
        for _ in 0..rows {
            starts.push(starts[starts.len() - 1] + number(packed)?);
        }
        let mut next = Vec::new();
        for row in starts.windows(2) {
            let mut last = 0;
            for _ in row[0]..row[1] {
                last += number(packed)?;
                next.push(last);
            }
        }
        let (weights, rest) = packed.split_at_checked(next.len()).context("found the end amid weights")?;
        ensure!(weights.iter().all(|&byte| byte <= HEAVIEST), "found a weight beyond {HEAVIEST}");
        *packed = rest;
        let mut slots = Vec::with_capacity(next.len());
        for row in starts.windows(2) {
            let row = row[0] as usize..row[1] as usize;
            slots.extend(aliases(&next[row.clone()], &weights[row]));
        }
        Ok(Table { starts, slots })
    }
}

/// The slots of a row: what is too much of one fills up what is too little of others.
fn aliases(next: &[u32], weights: &[u8]) -> Vec<Slot> {
    // A full slot weighs as much as the whole row by its slots; times their number, to stay whole.
    let full: u64 = weights.iter().map(|&byte| u64::from(weight(byte))).sum();
    let mut left: Vec<u64> = weights.iter().map(|&byte| u64::from(weight(byte)) * next.len() as u64).collect();
    let mut slots: Vec<Slot> = next.iter().map(|&own| Slot { limit: u32::MAX, own, other: own }).collect();
    let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..next.len()).partition(|&slot| left[slot] < full);
    while let Some(&most) = large.last() {
        let Some(least) = small.pop() else { break };
        slots[least].limit = ((u128::from(left[least]) << 32) / u128::from(full)).saturating_sub(1) as u32;
        slots[least].other = next[most];
        left[most] -= full - left[least];
        if left[most] < full {
            large.pop();
            small.push(most);
        }
    }
    slots
}

/// Appends rows of (successor, how often); successors in ascending order.
pub(crate) fn pack(rows: &[Vec<(u32, u32)>], out: &mut Vec<u8>) {
    put(rows.len() as u32, out);
    for row in rows {
        put(row.len() as u32, out);
    }
    for row in rows {
        let mut last = 0;
        for &(next, _) in row {
            put(next - last, out);
            last = next;
        }
    }
    out.extend(rows.iter().flatten().map(|&(_, count)| nearest(count)));
}

/// Appends a number, seven bits a byte.
pub(crate) fn put(mut value: u32, out: &mut Vec<u8>) {
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Takes off a number that [`put`] wrote.
pub(crate) fn number(packed: &mut &[u8]) -> anyhow::Result<u32> {
    let mut value = 0;
    for shift in (0..32).step_by(7) {
        let (&byte, rest) = packed.split_first().context("found the end amid a number")?;
        *packed = rest;
        value |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    bail!("found a number of more than 32 bits")
}

/// The byte of the greatest weight, which stands for a count of 33 million.
const HEAVIEST: u8 = 100;

/// What a byte weighs: two bits behind the leading one, so within an eighth of four times the count.
fn weight(byte: u8) -> u32 {
    (4 + u32::from(byte % 4)) << (byte / 4)
}

/// The byte that weighs nearest to four times `count`.
fn nearest(count: u32) -> u8 {
    let four = count.saturating_mul(4);
    let above = (0..HEAVIEST).find(|&byte| weight(byte) >= four).unwrap_or(HEAVIEST);
    let nearer = |byte: &u8| weight(*byte).abs_diff(four);
    [above.saturating_sub(1), above].into_iter().min_by_key(nearer).unwrap_or(above)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_comes_back_from_its_packed_form() {
        let rows = vec![vec![(0, 1), (3, 300), (70_000, 2)], vec![], vec![(9, 1)]];
        let mut packed = Vec::new();
        pack(&rows, &mut packed);
        packed.push(77);
        let mut rest = &packed[..];
        let table = Table::unpack(&mut rest).unwrap();
        assert_eq!((rest, table.rows(), table.len()), (&[77][..], 3, 4));

        let mut random = Random::new(3);
        let mut counts = [0_u32; 3];
        for _ in 0..30_300 {
            match table.draw(0, &mut random) {
                Some(0) => counts[0] += 1,
                Some(3) => counts[1] += 1,
                Some(70_000) => counts[2] += 1,
                other => panic!("{other:?}"),
            }
        }
        assert!((50..200).contains(&counts[0]) && (100..400).contains(&counts[2]), "{counts:?}");
        assert_eq!((table.draw(1, &mut random), table.draw(2, &mut random)), (None, Some(9)));
        assert_eq!(table.draw(3, &mut random), None);
        for cut in 0..packed.len() - 1 {
            assert!(Table::unpack(&mut &packed[..cut]).is_err(), "{cut}");
        }
    }

    #[test]
    fn weights_are_near_their_counts() {
        for count in (1..1_000).chain([12_345, 1_000_000, 9_999_999]) {
            let off = f64::from(weight(nearest(count))) / f64::from(4 * count);
            assert!((0.88..1.13).contains(&off), "{count}: {off}");
        }
    }
}
