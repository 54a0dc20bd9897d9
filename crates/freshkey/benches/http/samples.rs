//! Times that were measured, and whether two kinds of them differ.

use std::time::{Duration, Instant};

/// How long an answer took, in milliseconds.
pub fn since(sent: Instant) -> f64 {
    sent.elapsed().as_secs_f64() * 1e3
}

/// Of a hundred of them, so many are smaller.
pub fn percentile(percent: usize, samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() * percent / 100]
}

/// How far two kinds of samples are apart, in standard deviations of what chance does, whatever their distribution is
/// (Mann-Whitney's U by its normal approximation, which holds from some twenty samples on).
pub fn apart(ones: &[f64], others: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = ones.iter().map(|one| (*one, true)).collect();
    all.extend(others.iter().map(|other| (*other, false)));
    all.sort_by(|left, right| left.0.total_cmp(&right.0));
    // Nanoseconds are hardly ever equal, so that ties need no rank of their own.
    let ranks = (1_u32..).zip(&all).filter(|(_, (_, one))| *one).map(|(rank, _)| f64::from(rank));
    let (n, m) = (count(ones), count(others));
    let u = ranks.sum::<f64>() - n * (n + 1.0) / 2.0;
    (u - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt()
}

fn count(samples: &[f64]) -> f64 {
    f64::from(u32::try_from(samples.len()).unwrap())
}

/// Chance (splitmix64), the same in every run.
pub struct Dice(pub u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(most).unwrap()).unwrap()
    }

    /// Puts them into another order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// Waits until it is so, and not for ever.
pub async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !done().await {
        assert!(begun.elapsed() < Duration::from_mins(5), "it never happens: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
