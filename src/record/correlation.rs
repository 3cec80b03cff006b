//! Spike-count correlations within a population.
//!
//! ```text
//! r_ij          Pearson's correlation of the spike counts of neurons i and j in bins of 2 ms
//! correlation   mean of r_ij over all pairs i < j of a fixed random choice of at most 200
//!               neurons; neurons whose counts never change have no r_ij and are left out
//! ```
//! Bins and number of neurons as in van Albada et al. (2018), Front. Neurosci. 12:291.

use serde::{Deserialize, Serialize};

use super::bins::Bins;
use crate::random::{Purpose, Stream};
use crate::time::Resolution;

/// The most neurons of a population that are compared.
const NEURONS: usize = 200;
const BIN_MS: f64 = 2.0;
/// Fewer bins say nothing.
const FEWEST_BINS: u64 = 50;
/// Bins of the histogram, and the least that they span together.
const CELLS: usize = 60;
const NARROWEST: f64 = 0.02;
/// Stands for a neuron that is not compared.
const NOBODY: u16 = u16::MAX;

/// How many pairs are correlated how much, in equal steps from `low` on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CorrelationHistogram {
    pub low: f64,
    pub step: f64,
    pub counts: Vec<u64>,
}

/// Sums up counts and products of counts while spikes come.
#[derive(Debug, Clone)]
pub(super) struct Correlation {
    bins: Bins,
    /// For each neuron, its place among those compared.
    places: Vec<u16>,
    /// Of the bin that is filled: counts by place, and the places that are not 0.
    counts: Vec<u32>,
    active: Vec<u16>,
    /// Over the bins that are over: sums by place, and of products by pair (i, j), j <= i.
    sums: Vec<u64>,
    products: Vec<u64>,
}

impl Correlation {
    /// For `size` neurons of the population with this index, from the place `start` in time on.
    pub fn new(population: usize, size: usize, resolution: Resolution, start: u64) -> Self {
        let chosen = choose(population, size);
        let mut places = vec![NOBODY; size];
        chosen.iter().enumerate().for_each(|(place, &neuron)| places[neuron] = place as u16);
        let number = chosen.len();
        Self {
            bins: Bins::new(BIN_MS, resolution, start),
            places,
            counts: vec![0; number],
            active: Vec::new(),
            sums: vec![0; number],
            products: vec![0; number * (number + 1) / 2],
        }
    }

    /// Takes spikes at the place `at` in time (see bins.rs).
    pub fn spikes(&mut self, at: u64, neurons: &[u32]) {
        self.pass(at);
        for &neuron in neurons {
            let place = self.places[neuron as usize];
            if place != NOBODY {
                let count = &mut self.counts[usize::from(place)];
                if *count == 0 {
                    self.active.push(place);
                }
                *count += 1;
            }
        }
    }

    /// Every place in time before this one is done.
    pub fn pass(&mut self, at: u64) {
        if self.bins.pass(at) == 0 || self.active.is_empty() {
            return;
        }
        self.active.sort_unstable();
        for (index, &i) in self.active.iter().enumerate() {
            let i = usize::from(i);
            let count = u64::from(self.counts[i]);
            self.sums[i] += count;
            let row = &mut self.products[i * (i + 1) / 2..][..=i];
            for &j in &self.active[..=index] {
                row[usize::from(j)] += count * u64::from(self.counts[usize::from(j)]);
            }
        }
        self.active.drain(..).for_each(|place| self.counts[usize::from(place)] = 0);
    }

    /// Mean and distribution over the pairs; `None` where too few bins or spikes were seen.
    pub fn result(&self) -> Option<(f64, CorrelationHistogram)> {
        let pairs = self.pairs().filter(|pairs| !pairs.is_empty())?;
        let mean = pairs.iter().sum::<f64>() / pairs.len() as f64;
        let low = pairs.iter().copied().fold(f64::INFINITY, f64::min);
        let high = pairs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let margin = (NARROWEST - (high - low)).max(0.0) / 2.0;
        let (low, high) = (low - margin, high + margin);
        let step = (high - low) / CELLS as f64;
        let mut counts = vec![0; CELLS];
        for r in &pairs {
            counts[(((r - low) / step) as usize).min(CELLS - 1)] += 1;
        }
        Some((mean, CorrelationHistogram { low, step, counts }))
    }

    /// The correlation of every pair.
    fn pairs(&self) -> Option<Vec<f64>> {
        let bins = Some(self.bins.passed()).filter(|&bins| bins >= FEWEST_BINS)? as f64;
        let covariance = |i: usize, j: usize| {
            let product = self.products[i * (i + 1) / 2 + j] as f64 / bins;
            product - self.sums[i] as f64 / bins * (self.sums[j] as f64 / bins)
        };
        let varying: Vec<(usize, f64)> = (0..self.sums.len())
            .map(|i| (i, covariance(i, i)))
            .filter(|&(i, variance)| self.sums[i] > 0 && variance > 1e-12)
            .collect();
        let pair = |(index, &(i, a)): (usize, &(usize, f64))| {
            let earlier = varying[..index].iter();
            earlier.map(|&(j, b)| covariance(i, j) / (a * b).sqrt()).collect::<Vec<f64>>()
        };
        Some(varying.iter().enumerate().flat_map(pair).collect())
    }
}

/// The neurons that are compared: the same in every run.
fn choose(population: usize, size: usize) -> Vec<usize> {
    let mut stream = Stream::new(0, Purpose::Analysis, population as u32, size as u64);
    let mut neurons: Vec<usize> = (0..size).collect();
    for place in 0..NEURONS.min(size) {
        neurons.swap(place, place + stream.below((size - place) as u32) as usize);
    }
    neurons.truncate(NEURONS);
    neurons
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts of every neuron in each bin, fed as spikes; the correlation of all pairs.
    fn correlation(size: usize, bins: u64, spikes: impl Fn(u64) -> Vec<u32>) -> Option<f64> {
        let mut correlation = Correlation::new(0, size, Resolution::from_ms(1.0).unwrap(), 0);
        (0..bins * 2).for_each(|tick| correlation.spikes(tick, &spikes(tick)));
        correlation.pass(bins * 2);
        correlation.result().map(|(mean, histogram)| {
            assert_eq!(histogram.counts.iter().sum::<u64>(), (size.min(NEURONS) * (size.min(NEURONS) - 1) / 2) as u64);
            mean
        })
    }

    fn chance(tick: u64, neuron: u32, p: f64) -> bool {
        Stream::new(3, Purpose::Input, neuron, tick).chance(p)
    }

    #[test]
    fn independent_neurons_are_not_correlated_and_twins_are() {
        let independent = |tick| (0..300).filter(|&neuron| chance(tick, neuron, 0.05)).collect();
        assert!(correlation(300, 1000, independent).unwrap().abs() < 0.002);
        let twins = |tick| if chance(tick, 0, 0.1) { vec![0, 1] } else { vec![] };
        assert!((correlation(2, 500, twins).unwrap() - 1.0).abs() < 1e-9);
        // One or the other, never both, in every bin: as much against as can be.
        let rivals = |tick: u64| vec![u32::from(chance(tick / 2, 0, 0.5))];
        assert!((correlation(2, 500, rivals).unwrap() + 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_shared_part_of_the_spikes_is_the_correlation() {
        // Half of the spikes are common: r = p / (2 p) for rare spikes.
        let shared = |tick: u64| {
            let common = chance(tick, 1_000, 0.01);
            (0..50).filter(|&neuron| common || chance(tick, neuron, 0.01)).collect()
        };
        let r = correlation(50, 20_000, shared).unwrap();
        assert!((r - 0.5).abs() < 0.02, "{r}");
    }

    #[test]
    fn silence_and_short_runs_have_no_correlation() {
        assert_eq!(correlation(5, 1000, |_| vec![]), None);
        assert_eq!(correlation(5, 10, |_| vec![0, 1]), None);
    }

    #[test]
    fn the_choice_is_fixed_and_of_different_neurons() {
        let mut chosen = choose(1, 10_000);
        assert_eq!(chosen, choose(1, 10_000));
        chosen.sort_unstable();
        chosen.dedup();
        assert_eq!(chosen.len(), NEURONS);
    }
}
