//! What two articles have in common, counted and weighed once, for all features to draw on.

use ahash::AHashMap;

use super::weights::Weights;
use crate::arabic::Stem;
use crate::shingle::{Document, PAIR_DISTANCE, pair, pairs};

/// An article with its weights.
pub struct Prepared<'d> {
    doc: &'d Document,
    weight: Vec<f32>,
    stem_sum: f64,
    stem_sq: f64,
    pair_n: u32,
    pair_sum: f64,
    pair_sq: f64,
    title: usize,
    numbers: u32,
}

impl<'d> Prepared<'d> {
    /// Prepares `doc`.
    pub fn new(doc: &'d Document, w: &Weights) -> Prepared<'d> {
        let weight: Vec<f32> = doc.stems.iter().map(|&s| w.stem(s)).collect();
        let mut u: Vec<(Stem, f32)> = doc.stems.iter().copied().zip(weight.iter().copied()).collect();
        u.sort_unstable_by_key(|x| x.0);
        u.dedup_by_key(|x| x.0);
        let mut p = Vec::new();
        pairs(&doc.stems, |_, _, h| p.push(h));
        p.sort_unstable();
        p.dedup();
        let (mut ps, mut pq) = (0.0, 0.0);
        for &h in &p {
            let x = f64::from(w.pair(h).0);
            ps += x;
            pq += x * x;
        }
        Prepared {
            doc,
            stem_sum: u.iter().map(|x| f64::from(x.1)).sum(),
            stem_sq: u.iter().map(|x| f64::from(x.1 * x.1)).sum(),
            pair_n: p.len() as u32,
            pair_sum: ps,
            pair_sq: pq,
            title: doc.title_len(),
            numbers: u.iter().filter(|x| x.0.is_number()).count() as u32,
            weight,
        }
    }
}

/// An article laid out to be compared with many.
pub struct Probe<'p, 'd> {
    a: &'p Prepared<'d>,
    stems: AHashMap<Stem, u32>,
    pairs: AHashMap<u64, (u32, u32, f32, u32)>,
}

/// The raw figures.
#[derive(Clone, Debug, Default)]
pub struct Overlap {
    /// Named values, in a fixed order.
    pub values: Vec<(&'static str, f64)>,
}

impl<'p, 'd> Probe<'p, 'd> {
    /// Lays out `a`.
    pub fn new(a: &'p Prepared<'d>, w: &Weights) -> Probe<'p, 'd> {
        let mut stems = AHashMap::new();
        for (i, &s) in a.doc.stems.iter().enumerate() {
            stems.entry(s).or_insert(i as u32);
        }
        let mut ps = AHashMap::new();
        pairs(&a.doc.stems, |i, j, h| {
            ps.entry(h).or_insert_with(|| {
                let (x, df) = w.pair(h);
                (i as u32, j as u32, x, df)
            });
        });
        Probe { a, stems, pairs: ps }
    }

    /// Compares with `b`.
    pub fn compare(&self, b: &Prepared<'_>) -> Overlap {
        let a = self.a;
        let (sa, sb) = (&a.doc.stems, &b.doc.stems);
        let (na, nb) = (sa.len(), sb.len());
        let mut in_a = vec![false; na];
        let mut cov_a = vec![false; na];
        let mut cov_b = vec![false; nb];
        let mut lead_hits = 0.0;
        let mut seen = AHashMap::new();
        let (mut shared_sum, mut shared_sq) = (0.0f64, 0.0f64);
        let hit: Vec<Option<u32>> = sb.iter().map(|s| self.stems.get(s).copied()).collect();
        for h in hit.iter().flatten() {
            if !in_a[*h as usize] {
                in_a[*h as usize] = true;
                let x = f64::from(a.weight[*h as usize]);
                shared_sum += x;
                shared_sq += x * x;
            }
        }
        let (mut n, mut ps, mut pq, mut rare, mut common, mut rare2) = (0u32, 0.0, 0.0, 0.0, 0.0, 0.0);
        let mut bigrams = 0u32;
        let mut cross = 0.0;
        let mut longest = 0u32;
        let mut run = 0u32;
        let mut last = u32::MAX;
        let lead = 40;
        for i in 0..nb {
            let mut adjacent = None;
            if hit[i].is_some() {
                for j in i + 1..(i + 1 + PAIR_DISTANCE).min(nb) {
                    if hit[j].is_none() || sb[i] == sb[j] {
                        continue;
                    }
                    let h = pair(sb[i], sb[j]);
                    if let Some(&(p, q, x, df)) = self.pairs.get(&h) {
                        let x = f64::from(x);
                        if seen.insert(h, ()).is_none() {
                            n += 1;
                            ps += x;
                            pq += x * x;
                            if df <= 3 { rare2 += x; }
                            if df <= 8 { rare += x; }
                            if df > 40 { common += x; }
                            if i.max(p as usize) < lead { lead_hits += x; }
                            if (j < b.title) != ((q as usize) < a.title) { cross += x; }
                        }
                        cov_a[p as usize] = true;
                        cov_a[q as usize] = true;
                        cov_b[i] = true;
                        cov_b[j] = true;
                        if j == i + 1 && q == p + 1 && sa[p as usize] == sb[i] {
                            adjacent = Some(p);
                        }
                    }
                }
            }
            match adjacent {
                Some(p) => {
                    bigrams += 1;
                    run = if p == last.wrapping_add(1) { run + 1 } else { 1 };
                    last = p;
                    longest = longest.max(run);
                }
                None => { run = 0; last = u32::MAX; }
            }
        }
        let wsum = |w: &[f32], c: &[bool], lo: usize, hi: usize| -> (f64, f64) {
            let (mut t, mut s) = (0.0, 0.0);
            for i in lo..hi.min(w.len()) {
                t += f64::from(w[i]);
                if c[i] { s += f64::from(w[i]); }
            }
            (s, t)
        };
        let ratio = |x: (f64, f64)| if x.1 > 0.0 { x.0 / x.1 } else { 0.0 };
        let ca = ratio(wsum(&a.weight, &cov_a, a.title, na));
        let cb = ratio(wsum(&b.weight, &cov_b, b.title, nb));
        let la = ratio(wsum(&a.weight, &cov_a, a.title, a.title + lead));
        let lb = ratio(wsum(&b.weight, &cov_b, b.title, b.title + lead));
        // slots: uncovered, unshared, between covered neighbours
        let hit_a: Vec<bool> = {
            let mut m: AHashMap<Stem, bool> = AHashMap::new();
            for s in sb { m.insert(*s, true); }
            sa.iter().map(|s| m.contains_key(s)).collect()
        };
        let hit_b: Vec<bool> = hit.iter().map(|h| h.is_some()).collect();
        let slots = |st: &[Stem], w: &[f32], cov: &[bool], hit: &[bool]| {
            let (mut slot, mut numslot, mut covered, mut ncov) = (0.0f64, 0.0f64, 0.0f64, 0.0f64);
            for i in 0..w.len() {
                if cov[i] {
                    covered += f64::from(w[i]);
                    if st[i].is_number() { ncov += 1.0; }
                    continue;
                }
                let near = |mut r: std::ops::Range<usize>| r.any(|k| cov[k]);
                let left = near(i.saturating_sub(2)..i);
                let right = near(i + 1..(i + 3).min(w.len()));
                if left && right && !hit[i] {
                    slot += f64::from(w[i]);
                    if st[i].is_number() { numslot += 1.0; }
                }
            }
            (slot / (slot + covered + 1e-9), numslot / (numslot + ncov + 1.0), numslot)
        };
        let (sla, nsa, na_) = slots(sa, &a.weight, &cov_a, &hit_a);
        let (slb, nsb, nb_) = slots(sb, &b.weight, &cov_b, &hit_b);
        let num_shared = sa.iter().zip(&in_a).filter(|(s, h)| s.is_number() && **h).count() as f64;
        let num_min = f64::from(a.numbers.min(b.numbers));
        let title_shared: f64 = {
            let ta = &sa[..a.title];
            let mut x = 0.0;
            for (i, s) in sb[..b.title].iter().enumerate() {
                if ta.contains(s) { x += f64::from(b.weight[i]); }
            }
            x
        };
        let tw = |p: &Prepared<'_>| p.weight[..p.title].iter().map(|x| f64::from(*x)).sum::<f64>();
        let (ta, tb) = (tw(a), tw(b));
        let t_in = |w: &[f32], hit: &[bool], t: usize, tot: f64| if tot > 0.0 { w[..t].iter().zip(hit).filter(|x| *x.1).map(|x| f64::from(*x.0)).sum::<f64>() / tot } else { 0.0 };
        let pmin = a.pair_sum.min(b.pair_sum).max(1e-9);
        let pmax = a.pair_sum.max(b.pair_sum).max(1e-9);
        let qmin = a.pair_sq.min(b.pair_sq).max(1e-9);
        let _ = cross;
        Overlap {
            values: vec![
                ("cos", shared_sq / (a.stem_sq * b.stem_sq).sqrt().max(1e-9)),
                ("stem_cont", shared_sum / a.stem_sum.min(b.stem_sum).max(1e-9)),
                ("stem_cont2", shared_sq / a.stem_sq.min(b.stem_sq).max(1e-9)),
                ("stem_cont_max", shared_sum / a.stem_sum.max(b.stem_sum).max(1e-9)),
                ("pair_jac", f64::from(n) / f64::from(a.pair_n + b.pair_n - n.min(a.pair_n + b.pair_n)).max(1.0)),
                ("pair_cont_plain", f64::from(n) / f64::from(a.pair_n.min(b.pair_n)).max(1.0)),
                ("pair_wjac", ps / (a.pair_sum + b.pair_sum - ps).max(1e-9)),
                ("pair_cont", ps / pmin),
                ("pair_cont_max", ps / pmax),
                ("pair_cont2", pq / qmin),
                ("cov_min", if a.stem_sum < b.stem_sum { ca } else { cb }),
                ("cov_max", ca.max(cb)),
                ("cov_lo", ca.min(cb)),
                ("lead_max", la.max(lb)),
                ("lead_min", la.min(lb)),
                ("lead_both", lead_hits / 60.0),
                ("verbatim", f64::from(bigrams) / (na.min(nb) as f64).max(1.0)),
                ("verb_of_cov", f64::from(bigrams) / (cov_b.iter().filter(|c| **c).count() as f64).max(1.0)),
                ("longest", f64::from(longest + 1).ln()),
                ("rare2", rare2 / ps.max(1e-9)),
                ("rare", rare / ps.max(1e-9)),
                ("common", common / ps.max(1e-9)),
                ("rare2_n", rare2.max(0.0).ln_1p()),
                ("rare_cont", rare / pmin),
                ("slot_min", sla.min(slb)),
                ("slot_max", sla.max(slb)),
                ("numslot", nsa.max(nsb)),
                ("numslot_n", (na_ + nb_).ln_1p()),
                ("num_cont", if num_min > 0.0 { num_shared / num_min } else { 0.5 }),
                ("num_shared", num_shared.ln_1p()),
                ("num_miss", (num_min - num_shared).max(0.0).ln_1p()),
                ("title", title_shared / ta.min(tb).max(0.5)),
                ("title_in", t_in(&a.weight, &hit_a, a.title, ta).max(t_in(&b.weight, &hit_b, b.title, tb))),
                ("title_in_min", t_in(&a.weight, &hit_a, a.title, ta).min(t_in(&b.weight, &hit_b, b.title, tb))),
                ("len_ratio", (a.stem_sum / b.stem_sum).ln().abs()),
                ("len_min", a.stem_sum.min(b.stem_sum).max(1.0).ln()),
                ("len_max", a.stem_sum.max(b.stem_sum).max(1.0).ln()),
                ("ps", ps.ln_1p()),
            ],
        }
    }
}
