//! What was made of the articles asked for last, so that it need not be made again.

/// One place for all articles whose numbers leave the same remainder: each takes the place of the one before it.
pub(crate) struct Kept<T, const PLACES: usize>(Vec<(Option<u32>, T)>);

impl<T: Default, const PLACES: usize> Default for Kept<T, PLACES> {
    /// Of no article.
    fn default() -> Self {
        Kept((0..PLACES).map(|_| Default::default()).collect())
    }
}

impl<T, const PLACES: usize> Kept<T, PLACES> {
    /// What was made of `article`; `make` makes it, where it is not kept, of what stood in its place.
    pub(crate) fn get(&mut self, article: u32, make: impl FnOnce(&mut T)) -> &T {
        let (of, kept) = &mut self.0[article as usize % PLACES];
        if of.replace(article) != Some(article) {
            make(kept);
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_made_once_until_another_takes_its_place() {
        let mut kept = Kept::<u32, 4>::default();
        let mut made = Vec::new();
        for article in [0, 0, 1, 4, 4, 1, 0, 7, 3, 7] {
            let of = *kept.get(article, |of| {
                made.push((article, *of));
                *of = article;
            });
            assert_eq!(of, article);
        }
        assert_eq!(made, [(0, 0), (1, 0), (4, 0), (0, 4), (7, 0), (3, 7), (7, 3)]);
    }
}
