//! What a simulation recorded: spikes, membranes, and statistics of every population.

use serde::{Deserialize, Serialize};

use super::SpikeObserver;
use super::statistics::Firing;
use crate::error::Result;
use crate::id::PopulationId;
use crate::model::RecordingSpec;
use crate::network::Network;
use crate::time::{Resolution, Tick};

/// A recorded run, from tick 0 to `duration`, both included.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    pub title: String,
    pub seed: u64,
    pub resolution: Resolution,
    pub duration: Tick,
    /// All populations of the network, in its order.
    pub populations: Vec<PopulationRecord>,
    pub synaptic_events: u64,
    pub neuron_updates: u64,
}

/// One population of a recorded run.
#[derive(Debug, Clone, PartialEq)]
pub struct PopulationRecord {
    pub name: String,
    /// Number of neurons.
    pub size: usize,
    /// Every spike, in order of tick and neuron; `None` when spikes were not recorded.
    pub spikes: Option<Vec<(Tick, u32)>>,
    pub traces: Vec<Trace>,
    /// Kept whether spikes were recorded or not.
    pub firing: Firing,
}

/// The membrane of one neuron over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    pub neuron: usize,
    /// (tick, membrane in the unit of the model): the state after all that happens at the tick.
    pub values: Vec<(Tick, f64)>,
}

/// What a run came to, in numbers: `summary.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// Version of synfire that made it.
    pub version: String,
    pub title: String,
    pub seed: u64,
    pub resolution_ms: f64,
    pub duration_ms: f64,
    pub populations: Vec<PopulationSummary>,
    pub synaptic_events: u64,
    pub neuron_updates: u64,
}

/// One population of a [`RunSummary`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PopulationSummary {
    pub name: String,
    /// Number of neurons.
    pub size: usize,
    #[serde(flatten)]
    pub firing: Firing,
}

impl Recording {
    /// The run in numbers.
    pub fn summary(&self) -> RunSummary {
        let population =
            |p: &PopulationRecord| PopulationSummary { name: p.name.clone(), size: p.size, firing: p.firing.clone() };
        RunSummary {
            version: env!("CARGO_PKG_VERSION").into(),
            title: self.title.clone(),
            seed: self.seed,
            resolution_ms: self.resolution.ms(),
            duration_ms: self.resolution.to_ms(self.duration),
            populations: self.populations.iter().map(population).collect(),
            synaptic_events: self.synaptic_events,
            neuron_updates: self.neuron_updates,
        }
    }

    /// Time in ms, neuron and index of the population of every recorded spike, in order of
    /// time, population and neuron.
    pub fn spikes(&self) -> Vec<(f64, u32, u16)> {
        let mut all = Vec::new();
        for (index, population) in self.populations.iter().enumerate() {
            all.extend(population.spikes.iter().flatten().map(|&(tick, neuron)| (tick, index as u16, neuron)));
        }
        all.sort_unstable();
        all.into_iter().map(|(tick, population, neuron)| (self.resolution.to_ms(tick), neuron, population)).collect()
    }
}

/// Keeps the spikes of some populations in memory.
#[derive(Debug, Clone)]
pub struct SpikeRecorder {
    populations: Vec<Option<Vec<(Tick, u32)>>>,
}

impl SpikeRecorder {
    /// For a run of `network`: of the populations that `recordings` ask for, or of all when
    /// there is no recording at all.
    pub fn new(network: &Network, recordings: &[RecordingSpec]) -> Self {
        let asked = |index| recordings.iter().any(|r| r.spikes && r.population == PopulationId(index));
        let recorded = |index| (recordings.is_empty() || asked(index)).then(Vec::new);
        Self { populations: (0..network.populations.len()).map(recorded).collect() }
    }

    /// The recorded spikes of each population, in order of tick and neuron.
    pub fn into_spikes(self) -> Vec<Option<Vec<(Tick, u32)>>> {
        self.populations
    }
}

impl SpikeObserver for SpikeRecorder {
    fn spikes(
        &mut self,
        population: PopulationId,
        tick: Tick,
        neurons: &[u32],
        _offsets: Option<&[f64]>,
    ) -> Result<()> {
        if let Some(spikes) = &mut self.populations[population.0] {
            spikes.extend(neurons.iter().map(|&neuron| (tick, neuron)));
        }
        Ok(())
    }
}

/// Two observers, one after the other.
impl<A: SpikeObserver, B: SpikeObserver> SpikeObserver for (A, B) {
    fn spikes(&mut self, population: PopulationId, tick: Tick, neurons: &[u32], offsets: Option<&[f64]>) -> Result<()> {
        self.0.spikes(population, tick, neurons, offsets)?;
        self.1.spikes(population, tick, neurons, offsets)
    }
}
