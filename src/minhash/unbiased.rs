//! Statistical test of the signatures: on sets of exactly known similarity the estimate is right on
//! average and scatters no more than theory allows.
//!
//! The variance. Let f bins be full in the union (of u members) of two sets. Every position takes
//! part in the estimate through one of these f bins (its own, or its first donor full in the
//! union); let w_d be the share of positions that take bin d, and X_d whether the least value of the
//! union there is in both sets. Then the estimate is the sum of w_d X_d, the w_d add up to 1, and
//! the X_d mark different members of the union drawn without replacement, so that
//!
//! ```text
//! Var X_d = J(1-J),   Cov(X_d, X_e) = -J(1-J) / (u-1),
//! Var = J(1-J) (u S - 1) / (u - 1)  <=  J(1-J) S,        S = E[sum of w_d^2],
//! k^2 S = f + 2e + e (1 - 1/f) + e^2 / f                 for e = k - f empty bins,
//! ```
//!
//! as k w_d = 1 + n_d, where n_d of e empty bins land on bin d uniformly: n_d ~ Bin(e, 1/f). For
//! big sets f = k and S = 1/k, so the bound is the classic J(1-J)/k; with one full bin S = 1. The
//! test averages S over the f that occurred and asks for the exact value on both sides, within 4
//! standard errors of a sample variance (from the fourth moment).

use super::{MinHasher, jaccard};
use crate::shingle::mask;

const K: usize = 128;

/// The expected sum of w_d^2, S above, for `full` of `k` bins.
fn crowding(full: f64, k: f64) -> f64 {
    let empty = k - full;
    (full + 2.0 * empty + empty * (1.0 - 1.0 / full) + empty * empty / full) / (k * k)
}

/// Bins that are full in the union: as many as there are different top bits.
fn full_bins(union: impl Iterator<Item = u64>, seed: u64) -> f64 {
    let mut full = [false; K];
    for shingle in union {
        full[(crate::shingle::finalise(shingle ^ mask(seed)) >> (64 - K.ilog2())) as usize] = true;
    }
    full.iter().filter(|&&full| full).count() as f64
}

#[test]
fn the_estimate_is_unbiased_and_scatters_as_it_should() {
    for (size, draws) in [(20u64, 4000u64), (100, 2000), (600, 1000), (3000, 500)] {
        for step in 0..10u32 {
            let wanted = 0.05 + 0.1 * f64::from(step);
            let shared = (2.0 * size as f64 * wanted / (1.0 + wanted)).round() as u64;
            let union = 2 * size - shared;
            let truth = shared as f64 / union as f64;
            let (mut errors, mut allowed) = (Vec::new(), 0.0);
            let mut set = vec![0; union as usize];
            for draw in 0..draws {
                // New shingles and a new seed each time: A = set[..size], B = set[union - size..].
                let name = (size << 48) + (u64::from(step) << 40) + (draw << 16);
                set.iter_mut().zip(0..).for_each(|(s, i): (&mut u64, u64)| *s = mask(name + i));
                let hasher = MinHasher::new(K, draw).unwrap();
                let a = hasher.signature(&set[..size as usize]).unwrap();
                let b = hasher.signature(&set[(union - size) as usize..]).unwrap();
                errors.push(jaccard(&a, &b) - truth);
                allowed += crowding(full_bins(set.iter().copied(), draw), K as f64);
            }
            let n = draws as f64;
            let mean = errors.iter().sum::<f64>() / n;
            let moment = |p: i32| errors.iter().map(|e| (e - mean).powi(p)).sum::<f64>() / n;
            let (variance, fourth) = (moment(2), moment(4));
            let bound = truth * (1.0 - truth) * allowed / n;
            let theory = truth * (1.0 - truth) * (union as f64 * allowed / n - 1.0) / (union as f64 - 1.0);
            let slack = 4.0 * ((fourth - variance * variance) / n).sqrt();
            let case = format!(
                "size {size}, J {truth:.3}: mean error {mean:.5}, variance {variance:.6} \
                 (theory {theory:.6} +- {slack:.6}, bound {bound:.6})"
            );
            assert!(mean.abs() < 4.0 * (variance / n).sqrt(), "{case}");
            assert!((variance - theory).abs() < slack && theory <= bound, "{case}");
            if size == 3000 {
                let classic = truth * (1.0 - truth) / K as f64;
                assert!((bound / classic - 1.0).abs() < 1e-6, "{case}: not {classic}");
            }
        }
    }
}

#[test]
fn the_bound_has_the_right_ends() {
    assert_eq!(crowding(128.0, 128.0), 1.0 / 128.0);
    assert_eq!(crowding(1.0, 128.0), 1.0);
    assert!((1..128).all(|f| crowding(f64::from(f), 128.0) > crowding(f64::from(f + 1), 128.0)));
}
