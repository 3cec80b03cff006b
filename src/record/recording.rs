//! What a simulation recorded: statistics and weights always, spikes and samples where they
//! were kept in memory.

use serde::{Deserialize, Serialize};

use super::Site;
use super::setup::{Acts, Sampled, Setup};
use super::statistics::{Firing, Profile};
use super::weights::{PlasticWeights, WeightSummary};
use crate::result::origin::Origin;
use crate::time::{Resolution, Tick};

/// A recorded run, from tick 0 to `duration`, both included.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    pub title: String,
    pub seed: u64,
    pub resolution: Resolution,
    pub duration: Tick,
    /// The statistics leave out what came before this tick.
    pub analysed_from: Tick,
    /// Whether the user chose the bins of rates over time.
    pub bin_asked: bool,
    /// All populations of the network, in its order.
    pub populations: Vec<PopulationRecord>,
    /// What the probes sampled, in names.
    pub sampled: Vec<Sampled>,
    /// Sampled synapses, in the order of the probes.
    pub synapses: Vec<SynapseTrace>,
    /// The projections whose weights changed by a rule.
    pub weights: Vec<PlasticWeights>,
    /// Their units, such as `mV`.
    pub weight_units: Vec<String>,
    /// The populations that their synapses come from.
    pub weight_sources: Vec<String>,
    pub synaptic_events: u64,
    pub neuron_updates: u64,
    /// What the run took, where that was measured.
    pub cost: Option<Cost>,
    /// The command that ran it, where there is one.
    pub origin: Origin,
}

/// One population of a recorded run.
#[derive(Debug, Clone, PartialEq)]
pub struct PopulationRecord {
    pub name: String,
    /// Number of neurons.
    pub size: usize,
    /// Whether its spikes were written down, here or elsewhere.
    pub recorded: bool,
    /// The colour that the model gives it.
    pub color: Option<String>,
    pub acts: Option<Acts>,
    /// Every spike, in order of tick and neuron; `None` when spikes were not kept.
    pub spikes: Option<Vec<(Tick, u32)>>,
    /// For each spike the ms by which it came before its tick; empty when spikes are on the grid.
    pub offsets: Vec<f64>,
    /// Sampled neurons, in the order of the probes.
    pub traces: Vec<Trace>,
    /// Kept whether spikes were recorded or not.
    pub firing: Firing,
    pub profile: Profile,
}

/// A variable of one neuron over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    pub neuron: usize,
    /// Such as `v`.
    pub variable: String,
    /// (tick, value in the unit of the model): the state after all that happens at the tick.
    pub values: Vec<(Tick, f64)>,
}

/// A variable of one synapse over time.
#[derive(Debug, Clone, PartialEq)]
pub struct SynapseTrace {
    /// Name of the projection.
    pub projection: String,
    pub synapse: usize,
    pub variable: String,
    /// (tick, value in the unit of the model).
    pub values: Vec<(Tick, f64)>,
}

/// What the engine says of a run when it is over.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// The last tick that is done: the duration, unless the run was stopped.
    pub last: Tick,
    pub synaptic_events: u64,
    pub neuron_updates: u64,
    pub weights: Vec<PlasticWeights>,
}

/// What a run came to, in numbers: `summary.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// Version of twinfire that made it.
    pub version: String,
    pub title: String,
    /// The command that made it, and every `--set` of it.
    #[serde(default)]
    pub command: String,
    #[serde(default)]
    pub settings: Vec<String>,
    pub seed: u64,
    pub resolution_ms: f64,
    pub duration_ms: f64,
    pub analysed_from_ms: f64,
    /// Whether the user chose the bins of rates over time.
    #[serde(default)]
    pub bin_asked: bool,
    pub populations: Vec<PopulationSummary>,
    pub sampled: Vec<Sampled>,
    pub weights: Vec<WeightSummary>,
    pub synaptic_events: u64,
    pub neuron_updates: u64,
    /// What it took, where that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// Seconds on the clock and of the processor (all threads) that a run took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Setting up: drawing synapses, mostly.
    pub build_wall_s: f64,
    pub build_cpu_s: f64,
    /// The simulation itself, with recording and analysis.
    pub run_wall_s: f64,
    pub run_cpu_s: f64,
}

/// One population of a [`RunSummary`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PopulationSummary {
    pub name: String,
    /// Number of neurons.
    pub size: usize,
    /// Whether its spikes were written down.
    pub recorded: bool,
    /// The colour that the model gives it, such as `#c03030`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// What its spikes do to others, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acts: Option<Acts>,
    #[serde(flatten)]
    pub firing: Firing,
    #[serde(flatten)]
    pub profile: Profile,
}

impl Recording {
    /// Of the run that `setup` describes and that came to `outcome`, without spikes and samples.
    pub(super) fn new(setup: &Setup, outcome: Outcome, fired: Vec<(Firing, Profile)>) -> Self {
        let population = |(group, (firing, profile)): (&super::setup::Group, _)| PopulationRecord {
            name: group.name.clone(),
            size: group.size,
            recorded: group.recorded,
            color: group.color.clone(),
            acts: group.acts,
            spikes: None,
            offsets: Vec::new(),
            traces: Vec::new(),
            firing,
            profile,
        };
        Self {
            title: setup.title.clone(),
            seed: setup.seed,
            resolution: setup.resolution,
            duration: outcome.last,
            analysed_from: setup.analysis.start.min(outcome.last),
            bin_asked: setup.analysis.bin_asked,
            weight_units: of_projections(setup, &outcome.weights, &setup.weight_units),
            weight_sources: of_projections(setup, &outcome.weights, &setup.sources),
            populations: setup.populations.iter().zip(fired).map(population).collect(),
            sampled: setup.sampled(),
            synapses: Vec::new(),
            weights: outcome.weights,
            synaptic_events: outcome.synaptic_events,
            neuron_updates: outcome.neuron_updates,
            cost: None,
            origin: Origin::default(),
        }
    }

    /// Adds what a probe sampled.
    pub(super) fn add_trace(&mut self, setup: &Setup, probe: usize, values: Vec<(Tick, f64)>) {
        let probe = &setup.probes[probe];
        let variable = probe.variable.clone();
        match probe.site {
            Site::Neuron { population, neuron } => {
                self.populations[population.0].traces.push(Trace { neuron, variable, values });
            }
            Site::Synapse { projection, synapse } => {
                let projection = setup.projections[projection.0].clone();
                self.synapses.push(SynapseTrace { projection, synapse, variable, values });
            }
        }
    }

    /// The run in numbers.
    pub fn summary(&self) -> RunSummary {
        let population = |p: &PopulationRecord| PopulationSummary {
            name: p.name.clone(),
            size: p.size,
            recorded: p.recorded,
            color: p.color.clone(),
            acts: p.acts,
            firing: p.firing.clone(),
            profile: p.profile.clone(),
        };
        let weights = |((weights, unit), source): ((&PlasticWeights, &String), &String)| WeightSummary {
            unit: unit.clone(),
            source: source.clone(),
            ..weights.summary()
        };
        RunSummary {
            version: env!("CARGO_PKG_VERSION").into(),
            title: self.title.clone(),
            command: self.origin.command.clone(),
            settings: self.origin.settings.clone(),
            seed: self.seed,
            resolution_ms: self.resolution.ms(),
            duration_ms: self.resolution.to_ms(self.duration),
            analysed_from_ms: self.resolution.to_ms(self.analysed_from),
            bin_asked: self.bin_asked,
            populations: self.populations.iter().map(population).collect(),
            sampled: self.sampled.clone(),
            weights: self.weights.iter().zip(&self.weight_units).zip(&self.weight_sources).map(weights).collect(),
            synaptic_events: self.synaptic_events,
            neuron_updates: self.neuron_updates,
            cost: self.cost,
        }
    }

    /// Time in ms, neuron and index of the population of every spike kept in memory, in order
    /// of tick, population and neuron.
    pub fn spikes(&self) -> Vec<(f64, u32, u16)> {
        let mut all = Vec::new();
        for (index, population) in self.populations.iter().enumerate() {
            for (position, &(tick, neuron)) in population.spikes.iter().flatten().enumerate() {
                let offset = population.offsets.get(position).copied().unwrap_or(0.0);
                all.push((tick, index as u16, neuron, offset));
            }
        }
        all.sort_by_key(|&(tick, population, neuron, _)| (tick, population, neuron));
        all.into_iter()
            .map(|(tick, index, neuron, early)| (self.resolution.to_ms(tick) - early, neuron, index))
            .collect()
    }
}

/// What `words`, one for each projection of `setup`, say of those with these weights.
fn of_projections(setup: &Setup, weights: &[PlasticWeights], words: &[String]) -> Vec<String> {
    let place = |weights: &PlasticWeights| setup.projections.iter().position(|name| *name == weights.name);
    let word = |place: usize| words.get(place).cloned();
    weights.iter().map(|weights| place(weights).and_then(word).unwrap_or_default()).collect()
}
