//! Statistics of spike trains, kept up as spikes come: memory grows with the number of
//! neurons, not with the number of spikes.
//!
//! ```text
//! rate              spikes / (neurons * duration)
//! CV of intervals   std / mean of a neuron's interspike intervals (population std), averaged
//!                   over the neurons with at least three spikes; 1 for Poisson, 0 for a clock
//! silent fraction   part of the neurons without any spike
//! ```

use serde::{Deserialize, Serialize};

use super::SpikeObserver;
use crate::error::Result;
use crate::id::PopulationId;
use crate::network::Network;
use crate::time::Tick;

/// How a population fired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Firing {
    pub spikes: u64,
    /// Mean rate of a neuron, in Hz.
    pub rate_hz: f64,
    /// Coefficient of variation of interspike intervals; `None` when no neuron spiked three times.
    pub cv_isi: Option<f64>,
    /// Part of the neurons that never spiked, in [0, 1].
    pub silent_fraction: f64,
}

/// Keeps the statistics of every population.
#[derive(Debug, Clone)]
pub struct Statistics {
    populations: Vec<Vec<Train>>,
}

/// What is kept of one spike train. Intervals are in ticks.
#[derive(Debug, Clone, Copy, Default)]
struct Train {
    spikes: u64,
    last: u64,
    /// Sums of intervals and of their squares.
    sum: f64,
    squares: f64,
}

impl Statistics {
    /// For a run of `network`.
    pub fn new(network: &Network) -> Self {
        Self { populations: network.populations.iter().map(|p| vec![Train::default(); p.size()]).collect() }
    }

    /// How `population` fired in a run of `seconds`.
    pub fn firing(&self, PopulationId(population): PopulationId, seconds: f64) -> Firing {
        let trains = &self.populations[population];
        let spikes: u64 = trains.iter().map(|train| train.spikes).sum();
        let per_neuron = |total: f64| if trains.is_empty() { 0.0 } else { total / trains.len() as f64 };
        let cvs: Vec<f64> = trains.iter().filter_map(|train| train.cv()).collect();
        Firing {
            spikes,
            rate_hz: if seconds > 0.0 { per_neuron(spikes as f64) / seconds } else { 0.0 },
            cv_isi: (!cvs.is_empty()).then(|| cvs.iter().sum::<f64>() / cvs.len() as f64),
            silent_fraction: per_neuron(trains.iter().filter(|train| train.spikes == 0).count() as f64),
        }
    }
}

impl Train {
    fn spike(&mut self, tick: u64) {
        if self.spikes > 0 {
            let interval = (tick - self.last) as f64;
            self.sum += interval;
            self.squares += interval * interval;
        }
        self.last = tick;
        self.spikes += 1;
    }

    fn cv(&self) -> Option<f64> {
        let intervals = self.spikes.checked_sub(1).filter(|&n| n >= 2)? as f64;
        let mean = self.sum / intervals;
        Some((self.squares / intervals - mean * mean).max(0.0).sqrt() / mean)
    }
}

impl SpikeObserver for Statistics {
    fn spikes(
        &mut self,
        population: PopulationId,
        tick: Tick,
        neurons: &[u32],
        _offsets: Option<&[f64]>,
    ) -> Result<()> {
        let trains = &mut self.populations[population.0];
        neurons.iter().for_each(|&neuron| trains[neuron as usize].spike(tick.0));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_of_known_trains() {
        let mut statistics = Statistics { populations: vec![vec![Train::default(); 4], vec![]] };
        // A clock, intervals 1 and 3 (mean 2, std 1), two spikes, silence.
        for (tick, neurons) in [(0, &[0, 1][..]), (1, &[1]), (4, &[1, 2]), (5, &[0, 2]), (10, &[0]), (15, &[0])] {
            statistics.spikes(PopulationId(0), Tick(tick), neurons, None).unwrap();
        }
        let firing = statistics.firing(PopulationId(0), 0.5);
        assert_eq!((firing.spikes, firing.rate_hz, firing.silent_fraction), (9, 4.5, 0.25));
        assert!((firing.cv_isi.unwrap() - 0.25).abs() < 1e-12);
        let nobody = Firing { spikes: 0, rate_hz: 0.0, cv_isi: None, silent_fraction: 0.0 };
        assert_eq!(statistics.firing(PopulationId(1), 0.5), nobody);
    }
}
