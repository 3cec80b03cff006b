//! What a run is asked to sample: plain data that the engine reads and observers label by.

use crate::id::{PopulationId, ProjectionId};

/// One value of a network, sampled now and then. A run is given a list of probes; observers
/// are told of samples by the index in that list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    pub site: Site,
    /// What is sampled there: `v`, or another variable of the neuron or the synapse.
    pub variable: String,
    /// Ticks from one sample to the next, at least 1. The first sample is that of tick 0.
    pub every: u64,
}

/// Where a probe sits. Indices count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Site {
    Neuron {
        population: PopulationId,
        neuron: usize,
    },
    /// Synapses of a projection in order of source and, within a source, of target.
    Synapse {
        projection: ProjectionId,
        synapse: usize,
    },
}

impl Probe {
    /// The membrane of a neuron every so many ticks.
    pub fn membrane(population: PopulationId, neuron: usize, every: u64) -> Self {
        Self { site: Site::Neuron { population, neuron }, variable: "v".into(), every }
    }

    /// Whether a sample is due at `tick`.
    pub fn is_due(&self, tick: u64) -> bool {
        tick.is_multiple_of(self.every.max(1))
    }
}
