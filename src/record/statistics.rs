//! Statistics of spike trains, kept up as spikes come: memory grows with the number of
//! neurons, not with the duration or the number of spikes.
//!
//! ```text
//! rate              spikes / (neurons * duration)
//! CV and LV         see interval.rs, averaged over the neurons with at least three spikes
//! correlation       see correlation.rs
//! synchrony         see rate.rs
//! silent fraction   part of the neurons without any spike
//! ```
//! All of them leave out what comes up to the tick at which the analysis starts; rates over time do not.
//! A run to tick n has n ticks, 1 to n, and so has each of its bins as many as it is wide.

use serde::{Deserialize, Serialize};

use super::SpikeObserver;
use super::correlation::{Correlation, CorrelationHistogram};
use super::course::{self, Course, CourseCounter};
use super::interval::{IntervalCounter, IntervalHistogram, Train};
use super::rate::{RateCounter, RateHistogram, Synchrony};
use super::setup::Setup;
use super::spectrum::{Spectrum, Welch};
use crate::error::Result;
use crate::id::PopulationId;
use crate::time::{Resolution, Tick};

/// How a population fired, in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Firing {
    pub spikes: u64,
    /// Mean rate of a neuron, in Hz.
    pub rate_hz: f64,
    /// Coefficient of variation of interspike intervals; `None` when no neuron spiked three times.
    pub cv_isi: Option<f64>,
    /// Local variation of interspike intervals; `None` when no neuron spiked three times.
    pub lv_isi: Option<f64>,
    /// Mean correlation of the spike counts of pairs; `None` where too little was seen.
    pub correlation: Option<f64>,
    /// Variance over mean of the population's spike counts; `None` where too little was seen.
    pub synchrony: Option<f64>,
    /// Part of the neurons that never spiked, in [0, 1].
    pub silent_fraction: f64,
}

/// How a population fired, in curves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// The rate over time.
    pub psth: RateHistogram,
    /// The same as a curve for the eye; `None` without a spike.
    #[serde(default)]
    pub course: Option<Course>,
    pub intervals: Option<IntervalHistogram>,
    pub correlations: Option<CorrelationHistogram>,
    pub spectrum: Option<Spectrum>,
}

/// Keeps the statistics of every population.
#[derive(Debug, Clone)]
pub struct Statistics {
    resolution: Resolution,
    start: u64,
    populations: Vec<Population>,
}

/// The statistics of one population.
#[derive(Debug, Clone)]
struct Population {
    trains: Vec<Train>,
    intervals: IntervalCounter,
    rate: RateCounter,
    course: CourseCounter,
    synchrony: Synchrony,
    correlation: Correlation,
    spectrum: Welch,
}

impl Statistics {
    /// For the run that `setup` describes.
    pub fn new(setup: &Setup) -> Self {
        let sizes = setup.populations.iter().map(|population| population.size).enumerate();
        let populations = sizes.map(|(index, size)| Population::new(setup, index, size)).collect();
        Self { resolution: setup.resolution, start: setup.analysis.start.0, populations }
    }

    /// Every tick up to this one is done.
    pub fn pass(&mut self, end: Tick) {
        for population in &mut self.populations {
            population.synchrony.pass(end.0);
            population.correlation.pass(end.0);
            population.spectrum.pass(end.0);
        }
    }

    /// How `population` fired in a run that ended at tick `end`.
    pub fn firing(&self, PopulationId(population): PopulationId, end: Tick) -> Firing {
        let population = &self.populations[population];
        let trains = &population.trains;
        let spikes: u64 = trains.iter().map(|train| train.spikes).sum();
        let per_neuron = |total: f64| if trains.is_empty() { 0.0 } else { total / trains.len() as f64 };
        let seconds = end.0.saturating_sub(self.start) as f64 * self.resolution.seconds();
        Firing {
            spikes,
            rate_hz: if seconds > 0.0 { per_neuron(spikes as f64) / seconds } else { 0.0 },
            cv_isi: mean(trains.iter().filter_map(Train::cv)),
            lv_isi: mean(trains.iter().filter_map(Train::lv)),
            correlation: population.correlation.result().map(|(mean, _)| mean),
            synchrony: population.synchrony.result(),
            silent_fraction: per_neuron(trains.iter().filter(|train| train.spikes == 0).count() as f64),
        }
    }

    /// The curves of `population` in a run that ended at tick `end`.
    pub fn profile(&self, PopulationId(population): PopulationId, end: Tick) -> Profile {
        let population = &self.populations[population];
        Profile {
            psth: population.rate.histogram(population.trains.len(), self.resolution, end.0),
            course: population.course.course(population.trains.len(), end.0),
            intervals: population.intervals.histogram(self.resolution),
            correlations: population.correlation.result().map(|(_, histogram)| histogram),
            spectrum: population.spectrum.result(),
        }
    }
}

impl Population {
    fn new(setup: &Setup, index: usize, size: usize) -> Self {
        let (start, end) = (setup.analysis.start.0, setup.duration.0);
        Self {
            trains: vec![Train::default(); size],
            intervals: IntervalCounter::new(end),
            rate: RateCounter::new(setup.analysis.bin, end),
            course: CourseCounter::new(setup.resolution, (0, end), course::columns(setup.populations.len())),
            synchrony: Synchrony::new(setup.resolution, start),
            correlation: Correlation::new(index, size, setup.resolution, start),
            spectrum: Welch::new(size, setup.resolution, start, end),
        }
    }

    fn spike(&mut self, neuron: u32, time: f64) {
        if let Some(interval) = self.trains[neuron as usize].spike(time) {
            self.intervals.add(interval);
        }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, number) = values.fold((0.0, 0u64), |(sum, number), value| (sum + value, number + 1));
    (number > 0).then(|| sum / number as f64)
}

impl SpikeObserver for Statistics {
    fn spikes(
        &mut self,
        PopulationId(population): PopulationId,
        Tick(tick): Tick,
        neurons: &[u32],
        offsets: Option<&[f64]>,
    ) -> Result<()> {
        let population = &mut self.populations[population];
        let place = tick.saturating_sub(1);
        population.rate.spikes(place, neurons.len());
        population.course.spikes(place, neurons.len());
        if place < self.start {
            return Ok(());
        }
        population.synchrony.spikes(place, neurons.len());
        population.correlation.spikes(place, neurons);
        population.spectrum.spikes(place, neurons.len());
        for (index, &neuron) in neurons.iter().enumerate() {
            let early = offsets.map_or(0.0, |offsets| offsets[index] / self.resolution.ms());
            population.spike(neuron, tick as f64 - early);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fed(start: u64, spikes: &[(u64, &[u32])], offsets: Option<&[f64]>) -> Statistics {
        let mut setup = Setup::new(Resolution::from_ms(0.1).unwrap(), Tick(5000), &[("exc", 4), ("inh", 0)]);
        setup.analysis.start = Tick(start);
        let mut statistics = Statistics::new(&setup);
        for (tick, neurons) in spikes {
            statistics.spikes(PopulationId(0), Tick(*tick), neurons, offsets).unwrap();
        }
        statistics.pass(Tick(5000));
        statistics
    }

    /// A clock, intervals 1 and 3 (mean 2, std 1), two spikes, silence.
    const TRAINS: &[(u64, &[u32])] = &[(1, &[0, 1]), (2, &[1]), (5, &[1, 2]), (6, &[0, 2]), (11, &[0]), (16, &[0])];

    #[test]
    fn statistics_of_known_trains() {
        let statistics = fed(0, TRAINS, None);
        let firing = statistics.firing(PopulationId(0), Tick(5000));
        assert_eq!((firing.spikes, firing.rate_hz, firing.silent_fraction), (9, 4.5, 0.25));
        assert_eq!((firing.cv_isi, firing.lv_isi), (Some(0.25), Some(0.375)));
        let nobody = statistics.firing(PopulationId(1), Tick(5000));
        assert_eq!((nobody.spikes, nobody.rate_hz, nobody.cv_isi, nobody.synchrony), (0, 0.0, None, None));
        let profile = statistics.profile(PopulationId(0), Tick(5000));
        assert_eq!(profile.intervals.unwrap().counts.iter().sum::<u64>(), 6);
        assert!(profile.spectrum.is_some() && profile.psth.rates_hz[0] > 0.0);
    }

    #[test]
    fn what_comes_before_the_analysis_is_left_out() {
        let statistics = fed(4, TRAINS, None);
        let firing = statistics.firing(PopulationId(0), Tick(4004));
        assert_eq!((firing.spikes, firing.rate_hz, firing.silent_fraction), (6, 3.75, 0.25));
        assert_eq!(firing.cv_isi, Some(0.0));
        let rates = statistics.profile(PopulationId(0), Tick(5000)).psth;
        let spikes: f64 = rates.rates_hz.iter().map(|rate| rate * rates.bin_ms / 1000.0 * 4.0).sum();
        assert!((spikes - 9.0).abs() < 1e-9);
    }

    #[test]
    fn spikes_off_the_grid_have_exact_intervals() {
        // Neuron 0 at 0.95, 1.95 and 2.95 ms.
        let clock: &[(u64, &[u32])] = &[(10, &[0]), (20, &[0]), (30, &[0])];
        let exact = fed(0, clock, Some(&[0.05])).firing(PopulationId(0), Tick(5000));
        assert!(exact.cv_isi.unwrap() < 1e-6);
    }
}
