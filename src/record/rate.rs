//! The rate of a population over time.
//!
//! ```text
//! rate        spikes in a bin / (neurons * width of the bin)
//! synchrony   variance / mean of the population's spike counts in bins of 3 ms
//! ```
//! Synchrony is 1 for independent Poisson neurons and grows with what they have in common and
//! with their number (bins as in Potjans & Diesmann 2014, Cereb. Cortex 24:785).

use serde::{Deserialize, Serialize};

use super::bins::Bins;
use crate::time::Resolution;

const BIN_MS: f64 = 3.0;
/// Fewer bins say nothing.
const FEWEST_BINS: u64 = 10;

/// Rates per neuron in bins from the start of the run on; the last bin ends with the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RateHistogram {
    pub bin_ms: f64,
    pub rates_hz: Vec<f64>,
}

/// Counts spikes in bins while they come.
#[derive(Debug, Clone)]
pub(super) struct RateCounter {
    width: u64,
    counts: Vec<u64>,
}

impl RateCounter {
    /// Bins of `width` ticks in a run to tick `end`.
    pub fn new(width: u64, end: u64) -> Self {
        Self { width, counts: vec![0; end.div_ceil(width).max(1) as usize] }
    }

    /// Takes `number` spikes at `place` (see bins.rs).
    pub fn spikes(&mut self, place: u64, number: usize) {
        let last = self.counts.len() - 1;
        self.counts[((place / self.width) as usize).min(last)] += number as u64;
    }

    /// The rates of `size` neurons in a run that ended at tick `end`.
    pub fn histogram(&self, size: usize, resolution: Resolution, end: u64) -> RateHistogram {
        let width = |bin: usize| end.saturating_sub(bin as u64 * self.width).clamp(1, self.width);
        let rate = |(bin, &count): (usize, &u64)| {
            count as f64 / (width(bin) as f64 * resolution.seconds() * size.max(1) as f64)
        };
        let bins = (end.div_ceil(self.width) as usize).clamp(1, self.counts.len());
        let rates_hz = self.counts[..bins].iter().enumerate().map(rate).collect();
        RateHistogram { bin_ms: self.width as f64 * resolution.ms(), rates_hz }
    }
}

/// Sums up the spike counts of bins and their squares while spikes come.
#[derive(Debug, Clone)]
pub(super) struct Synchrony {
    bins: Bins,
    count: u64,
    sum: f64,
    squares: f64,
}

impl Synchrony {
    pub fn new(resolution: Resolution, start: u64) -> Self {
        Self { bins: Bins::new(BIN_MS, resolution, start), count: 0, sum: 0.0, squares: 0.0 }
    }

    /// Takes `number` spikes at `place` (see bins.rs).
    pub fn spikes(&mut self, place: u64, number: usize) {
        self.pass(place);
        self.count += number as u64;
    }

    /// Every place before this one is done.
    pub fn pass(&mut self, place: u64) {
        if self.bins.pass(place) > 0 {
            self.sum += self.count as f64;
            self.squares += self.count as f64 * self.count as f64;
            self.count = 0;
        }
    }

    /// `None` where too few bins or no spikes were seen.
    pub fn result(&self) -> Option<f64> {
        let bins = Some(self.bins.passed()).filter(|&bins| bins >= FEWEST_BINS)? as f64;
        let mean = self.sum / bins;
        (mean > 0.0).then(|| (self.squares / bins - mean * mean).max(0.0) / mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_per_second_and_neuron_in_a_last_bin_that_is_cut() {
        let resolution = Resolution::from_ms(1.0).unwrap();
        let mut counter = RateCounter::new(10, 25);
        (0..25).for_each(|place| counter.spikes(place, 1));
        let histogram = counter.histogram(2, resolution, 25);
        assert_eq!((histogram.bin_ms, &histogram.rates_hz[..]), (10.0, &[500.0, 500.0, 500.0][..]));
        assert_eq!(counter.histogram(2, resolution, 10).rates_hz.len(), 1, "an interrupted run has fewer bins");
    }

    #[test]
    fn synchrony_of_a_clock_and_of_volleys() {
        let synchrony = |number: fn(u64) -> usize| {
            let mut synchrony = Synchrony::new(Resolution::from_ms(1.0).unwrap(), 0);
            (0..300).for_each(|tick| synchrony.spikes(tick, number(tick)));
            synchrony.pass(300);
            synchrony.result()
        };
        assert_eq!(synchrony(|_| 4), Some(0.0));
        // 20 spikes in every tenth of the bins: variance 36, mean 2.
        let volleys = synchrony(|tick| if tick % 30 == 0 { 20 } else { 0 }).unwrap();
        assert!((volleys - 18.0).abs() < 1e-9);
        assert_eq!(synchrony(|_| 0), None);
    }
}
