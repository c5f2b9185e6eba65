//! Places in a text: the library counts bytes, Python counts characters.

/// Turns bytes of a text into characters; quick where they are asked for in their order.
pub(crate) struct Characters<'t> {
    text: &'t str,
    /// A place that is known, by bytes and by characters.
    known: (usize, usize),
}

impl<'t> Characters<'t> {
    pub(crate) fn of(text: &'t str) -> Characters<'t> {
        Characters { text, known: (0, 0) }
    }

    /// How many characters stand before byte `place`.
    pub(crate) fn before(&mut self, place: usize) -> usize {
        let (bytes, characters) = if place < self.known.0 { (0, 0) } else { self.known };
        let between = self.text.get(bytes..place).unwrap_or_default();
        self.known = (place, characters + between.chars().count());
        self.known.1
    }
}
