//! Interspike intervals I_1 ... I_n of a neuron, as its spikes come.
//!
//! ```text
//! CV    std(I) / mean(I), with the population std
//! LV    3 / (n - 1) * sum over i of ((I_i - I_i+1) / (I_i + I_i+1))^2
//!       (Shinomoto, Shima & Tanji 2003, Neural Comput. 15:2823)
//! ```
//! Both are 1 for a Poisson process and 0 for a clock; LV does not rise with slow changes of
//! the rate. Neurons with at least three spikes count, unless all are at one time.

use serde::{Deserialize, Serialize};

use crate::time::Resolution;

/// Each bin of a histogram is about so much wider than the one before.
const GROWTH: f64 = 1.08;

/// What is kept of one spike train. Times are in ticks, with fractions where spikes are off the grid.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Train {
    pub spikes: u64,
    last: f64,
    interval: f64,
    /// Sums of intervals, of their squares and of the terms of LV.
    sum: f64,
    squares: f64,
    variation: f64,
}

impl Train {
    /// Takes a spike; gives the interval since the one before.
    pub fn spike(&mut self, time: f64) -> Option<f64> {
        let interval = time - self.last;
        self.last = time;
        self.spikes += 1;
        if self.spikes == 1 {
            return None;
        }
        if self.spikes > 2 && interval + self.interval > 0.0 {
            let contrast = (interval - self.interval) / (interval + self.interval);
            self.variation += contrast * contrast;
        }
        self.interval = interval;
        self.sum += interval;
        self.squares += interval * interval;
        Some(interval)
    }

    pub fn cv(&self) -> Option<f64> {
        let intervals = self.spikes.checked_sub(1).filter(|&n| n >= 2)? as f64;
        let mean = Some(self.sum / intervals).filter(|&mean| mean > 0.0)?;
        Some((self.squares / intervals - mean * mean).max(0.0).sqrt() / mean)
    }

    pub fn lv(&self) -> Option<f64> {
        let pairs = self.spikes.checked_sub(2).filter(|&n| n >= 1)? as f64;
        Some(3.0 * self.variation / pairs)
    }
}

/// How often intervals of each length came. Bins grow in proportion to the intervals, so that
/// bursts and long pauses are both seen; bins without intervals at either end are left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntervalHistogram {
    /// One more than there are bins, ascending.
    pub edges_ms: Vec<f64>,
    pub counts: Vec<u64>,
}

/// Counts intervals while they come.
#[derive(Debug, Clone)]
pub(super) struct IntervalCounter {
    /// First tick of each bin.
    edges: Vec<u64>,
    counts: Vec<u64>,
}

impl IntervalCounter {
    /// For intervals up to `longest` ticks.
    pub fn new(longest: u64) -> Self {
        let mut edges = vec![0, 1];
        while let Some(&last) = edges.last().filter(|&&last| last <= longest) {
            edges.push((last + 1).max((last as f64 * GROWTH).ceil() as u64));
        }
        Self { counts: vec![0; edges.len()], edges }
    }

    /// Takes an interval, in ticks.
    pub fn add(&mut self, interval: f64) {
        let nearest = interval.round() as u64;
        let bin = self.edges.partition_point(|&edge| edge <= nearest) - 1;
        self.counts[bin] += 1;
    }

    /// The histogram; `None` without an interval. A bin of whole ticks reaches half a tick
    /// further at both ends.
    pub fn histogram(&self, resolution: Resolution) -> Option<IntervalHistogram> {
        let first = self.counts.iter().position(|&count| count > 0)?;
        let last = self.counts.iter().rposition(|&count| count > 0)?;
        let ms = |&tick: &u64| (tick as f64 - 0.5).max(0.0) * resolution.ms();
        let mut edges_ms: Vec<f64> = self.edges[first..=last].iter().map(ms).collect();
        edges_ms.push(self.edges.get(last + 1).map_or(f64::MAX, ms));
        Some(IntervalHistogram { edges_ms, counts: self.counts[first..=last].to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn train(times: &[f64]) -> Train {
        let mut train = Train::default();
        for &time in times {
            train.spike(time);
        }
        train
    }

    #[test]
    fn variation_of_known_trains() {
        let clock = train(&[0.0, 5.0, 10.0, 15.0]);
        assert_eq!((clock.cv(), clock.lv()), (Some(0.0), Some(0.0)));
        // Intervals 1 and 3: mean 2, std 1; 3 * (2 / 4)^2.
        let uneven = train(&[0.0, 1.0, 4.0]);
        assert_eq!((uneven.cv(), uneven.lv()), (Some(0.5), Some(0.75)));
        assert_eq!((train(&[3.0, 4.0]).cv(), train(&[3.0, 4.0]).lv()), (None, None));
        assert_eq!(train(&[3.0, 3.0, 3.0]).cv(), None);
        // A rate that falls slowly: intervals vary much, neighbours hardly.
        let slowing: Vec<f64> = (0..2000).map(|i| (f64::from(i) * 0.002).exp() * 100.0).collect();
        assert!(train(&slowing).cv().unwrap() > 0.9 && train(&slowing).lv().unwrap() < 1e-4);
    }

    #[test]
    fn intervals_fall_into_growing_bins() {
        let resolution = Resolution::from_ms(0.1).unwrap();
        let mut counter = IntervalCounter::new(10_000);
        assert_eq!(counter.histogram(resolution), None);
        for interval in [20.0, 20.4, 21.0, 9_999.0, 10_000.0] {
            counter.add(interval);
        }
        let histogram = counter.histogram(resolution).unwrap();
        assert_eq!(histogram.edges_ms.len(), histogram.counts.len() + 1);
        assert_eq!(histogram.counts.iter().sum::<u64>(), 5);
        assert!(histogram.edges_ms[0] <= 2.0 && histogram.edges_ms.last().unwrap() > &1000.0);
        assert!(histogram.edges_ms.is_sorted() && histogram.counts[0] >= 2);
    }
}
