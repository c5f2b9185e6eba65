//! One block of postings: which articles of a segment have the keys that begin with the same bits.
//!
//! A key is 32 bits. The highest `bucket` bits say in which block it is; the next ones, up to `prefix` bits in all, in
//! which run of it; the rest stands in the entry, before the number of the article within its segment. Entries are
//! sorted and all as wide as they must be, so one is found without unpacking the others.
//!
//! ```text
//! entries 4 │ end of each run, as wide as `entries` needs │ entries × (32 - prefix + local) bits │ zeros to a whole byte, 8 more
//! ```

use std::ops::ControlFlow;

use rayon::prelude::*;

/// How the postings of a segment are cut into blocks, and how wide their entries are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Bits of a key that choose the block.
    pub(super) bucket: u8,
    /// Bits of a key that choose the run, those of the block among them.
    pub(super) prefix: u8,
    /// Bits of the number of an article.
    pub(super) local: u8,
}

/// A key, and the number of an article that has it.
pub(super) type Entry = (u32, u32);

const ENTRIES_A_BLOCK: usize = 512;
const ENTRIES_A_RUN: usize = 16;
/// So that every number can be read as eight bytes.
const PADDING: usize = 8;

impl Shape {
    /// That of so many entries of articles below `locals`.
    pub(super) fn of(entries: usize, locals: u32) -> Shape {
        let log = |n: usize| (n.max(1).ilog2() as u8).min(24);
        let bucket = log(entries / ENTRIES_A_BLOCK);
        let prefix = log(entries / ENTRIES_A_RUN).clamp(bucket, bucket + 8);
        Shape { bucket, prefix, local: width(locals.saturating_sub(1)) }
    }

    /// Is it one that [`Shape::of`] may have made?
    pub(super) fn is_possible(self) -> bool {
        self.bucket <= self.prefix && self.prefix <= self.bucket + 8 && self.prefix <= 32 && self.local <= 32
    }

    /// How many blocks there are.
    pub(super) fn blocks(self) -> u32 {
        1 << self.bucket
    }

    /// The block of a key.
    pub(super) fn block(self, key: u32) -> u32 {
        high(key, self.bucket)
    }

    fn runs(self) -> usize {
        1 << (self.prefix - self.bucket)
    }

    fn rest(self) -> u8 {
        32 - self.prefix
    }
}

fn high(key: u32, bits: u8) -> u32 {
    key.checked_shr(32 - u32::from(bits)).unwrap_or(0)
}

fn low(number: u64, bits: u8) -> u64 {
    number & ((1 << bits) - 1)
}

fn width(number: u32) -> u8 {
    (32 - number.leading_zeros()) as u8
}

/// The blocks of entries sorted by key and article, the first block first.
pub(super) fn blocks(shape: Shape, entries: &[Entry]) -> Vec<Vec<u8>> {
    let first = |block: u32| entries.partition_point(|&(key, _)| shape.block(key) < block);
    let encoded = |block: u32| encoded(shape, &entries[first(block)..first(block + 1)]);
    (0..shape.blocks()).into_par_iter().map(encoded).collect()
}

fn encoded(shape: Shape, entries: &[Entry]) -> Vec<u8> {
    let mut bytes = (entries.len() as u32).to_le_bytes().to_vec();
    let mut bits = Bits::default();
    let run = |key: u32| high(key, shape.prefix) as usize % shape.runs();
    for number in 0..shape.runs() {
        let end = entries.partition_point(|&(key, _)| run(key) <= number);
        bits.put(&mut bytes, end as u64, width(entries.len() as u32));
    }
    for &(key, local) in entries {
        bits.put(&mut bytes, low(key.into(), shape.rest()), shape.rest());
        bits.put(&mut bytes, local.into(), shape.local);
    }
    bits.finish(&mut bytes);
    bytes.extend([0; PADDING]);
    bytes
}

/// Bits on their way into bytes.
#[derive(Default)]
struct Bits {
    open: u64,
    count: u8,
}

impl Bits {
    /// At most 32 bits.
    fn put(&mut self, to: &mut Vec<u8>, number: u64, bits: u8) {
        self.open |= number << self.count;
        self.count += bits;
        while self.count >= 8 {
            to.push(self.open as u8);
            self.open >>= 8;
            self.count -= 8;
        }
    }

    fn finish(self, to: &mut Vec<u8>) {
        if self.count > 0 {
            to.push(self.open as u8);
        }
    }
}

/// A block to look keys up in.
#[derive(Clone, Copy)]
pub(super) struct Block<'b> {
    shape: Shape,
    bytes: &'b [u8],
    entries: usize,
    /// Bits of the end of a run, and of an entry; the bit at which entries begin.
    end_bits: u8,
    entry_bits: usize,
    entries_at: usize,
}

impl<'b> Block<'b> {
    /// `None` if the bytes are not a block of this shape.
    pub(super) fn new(shape: Shape, bytes: &'b [u8]) -> Option<Block<'b>> {
        let (entries, _) = bytes.split_first_chunk()?;
        let entries = u32::from_le_bytes(*entries) as usize;
        let end_bits = width(entries as u32);
        let entry_bits = usize::from(shape.rest() + shape.local);
        let entries_at = 32 + shape.runs() * usize::from(end_bits);
        let block = Block { shape, bytes, entries, end_bits, entry_bits, entries_at };
        (block.at(entries).div_ceil(8) + PADDING == bytes.len()).then_some(block)
    }

    /// Where `key` begins, or would.
    pub(super) fn seek(self, key: u32) -> Seek<'b> {
        let run = high(key, self.shape.prefix) as usize & (self.shape.runs() - 1);
        let end = self.end(run);
        let first = if run == 0 { 0 } else { self.end(run - 1) };
        let wanted = low(key.into(), self.shape.rest());
        // Keys are spread evenly, so by its size one is all but found.
        let near = first + ((wanted * end.saturating_sub(first) as u64) >> self.shape.rest()) as usize;
        Seek { block: self, wanted, first, near, end, is_behind: near < end && self.rest(near) < wanted }
    }

    fn rest(self, entry: usize) -> u64 {
        self.bits(self.at(entry), self.shape.rest())
    }

    /// Tells all entries of what is block `number`, in order; `false` if they are in none.
    pub(super) fn all(self, number: u32, mut each: impl FnMut(Entry)) -> bool {
        let (mut first, mut before) = (0, None);
        for run in 0..self.shape.runs() {
            let end = self.end(run);
            let prefix = (u64::from(number) << (self.shape.prefix - self.shape.bucket)) | run as u64;
            for entry in first..end {
                let at = self.at(entry);
                let key = (prefix << self.shape.rest()) | self.bits(at, self.shape.rest());
                let entry = (key as u32, self.bits(at + usize::from(self.shape.rest()), self.shape.local) as u32);
                if before.is_some_and(|before| before > entry) {
                    return false;
                }
                before = Some(entry);
                each(entry);
            }
            if end < first {
                return false;
            }
            first = end;
        }
        first == self.entries
    }

    /// The bit an entry begins at.
    fn at(self, entry: usize) -> usize {
        self.entries_at + entry * self.entry_bits
    }

    fn end(self, run: usize) -> usize {
        (self.bits(32 + run * usize::from(self.end_bits), self.end_bits) as usize).min(self.entries)
    }

    fn bits(self, at: usize, bits: u8) -> u64 {
        let bytes = self.bytes.get(at / 8..).and_then(|bytes| bytes.first_chunk());
        low(u64::from_le_bytes(bytes.copied().unwrap_or_default()) >> (at % 8), bits)
    }
}

/// A key being looked up in a block. Several that are begun before the first is ended wait for memory together.
#[derive(Clone, Copy)]
pub(super) struct Seek<'b> {
    block: Block<'b>,
    wanted: u64,
    /// The run, and about where the key is in it.
    first: usize,
    near: usize,
    end: usize,
    /// Is it behind that?
    is_behind: bool,
}

impl Seek<'_> {
    /// Tells the numbers of the articles that have the key, in order, until `each` says that there have been enough.
    pub(super) fn each(self, mut each: impl FnMut(u32) -> ControlFlow<()>) {
        let Seek { block, wanted, first, near: mut entry, end, is_behind } = self;
        if is_behind {
            while entry < end && block.rest(entry) < wanted {
                entry += 1;
            }
        } else {
            while entry > first && block.rest(entry - 1) >= wanted {
                entry -= 1;
            }
        }
        while entry < end && block.rest(entry) == wanted {
            let local = block.bits(block.at(entry) + usize::from(block.shape.rest()), block.shape.local);
            if each(local as u32).is_break() {
                break;
            }
            entry += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(shape: Shape, blocks: &[Vec<u8>], key: u32) -> Vec<u32> {
        let block = Block::new(shape, &blocks[shape.block(key) as usize]).unwrap();
        let mut found = Vec::new();
        block.seek(key).each(|local| {
            found.push(local);
            ControlFlow::Continue(())
        });
        found
    }

    fn check(mut entries: Vec<Entry>, locals: u32, others: &[u32]) {
        entries.sort_unstable();
        let shape = Shape::of(entries.len(), locals);
        assert!(shape.is_possible());
        let blocks = blocks(shape, &entries);
        for &key in entries.iter().map(|(key, _)| key).chain(others) {
            let naive: Vec<u32> = entries.iter().filter(|entry| entry.0 == key).map(|entry| entry.1).collect();
            assert_eq!(found(shape, &blocks, key), naive);
        }
        let mut all = Vec::new();
        for (number, block) in (0..).zip(&blocks) {
            assert!(Block::new(shape, block).unwrap().all(number, |entry| all.push(entry)));
        }
        assert_eq!(all, entries);
    }

    proptest! {
        #[test]
        fn every_key_is_found_as_in_a_plain_list(
            keys in proptest::collection::vec((any::<u32>(), 0..32u32, any::<u32>()), 0..300),
            locals in 1..u32::MAX,
            others: Vec<u32>,
        ) {
            // Some keys small, so that they crowd into one run, and some the same.
            check(keys.iter().map(|&(key, shift, local)| (key >> shift, local % locals)).collect(), locals, &others);
        }

        #[test]
        fn bytes_of_any_kind_are_no_panic(bytes: Vec<u8>, bucket in 0..24u8, more in 0..8u8, local in 0..33u8) {
            let shape = Shape { bucket, prefix: bucket + more, local };
            if let Some(block) = Block::new(shape, &bytes) {
                block.seek(7).each(|_| ControlFlow::Continue(()));
                block.all(1, |_| ());
            }
        }
    }

    #[test]
    fn many_blocks_and_many_of_one_key() {
        let mixed = |i: u32| i.wrapping_mul(0x9E37_79B9);
        let mut entries: Vec<Entry> = (0..20_000).map(|i| (mixed(i), i % 700)).collect();
        entries.extend((0..700).map(|local| (mixed(3), local)));
        entries.sort_unstable();
        entries.dedup();
        let shape = Shape::of(entries.len(), 700);
        assert_eq!(shape, Shape { bucket: 5, prefix: 10, local: 10 });
        let blocks = blocks(shape, &entries);
        let bytes: usize = blocks.iter().map(Vec::len).sum();
        assert!(bytes * 8 < entries.len() * 34, "{bytes} bytes for {} entries", entries.len());
        assert_eq!(found(shape, &blocks, mixed(3)).len(), 700);
        assert_eq!(found(shape, &blocks, mixed(4)), [4]);
        check(entries, 700, &[1, 2]);
    }
}
