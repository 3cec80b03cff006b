//! A checked model: what a model file says, with names resolved, units gone and ranges
//! checked. `file.rs` reads a model file and reports everything wrong at once, table by
//! table (`population.rs` with `neuron.rs`, `varied.rs`, `per_neuron.rs` and `foreign.rs`, `projection.rs` with `rule.rs`, `input.rs`,
//! `recording.rs`); `layers.rs` expands the layered shorthand,
//! `resolved.rs` writes a model out again, `keys.rs` lists what a file may hold.

pub mod file;
mod foreign;
mod input;
pub mod keys;
mod layers;
mod neuron;
mod per_neuron;
mod population;
mod projection;
mod recording;
mod resolved;
mod rule;
mod simulation;
mod varied;

pub use keys::schema;

use std::path::PathBuf;
use std::sync::Arc;

use crate::color::Rgb;
use crate::id::{PopulationId, ProjectionId};
use crate::input::Input;
use crate::neuron::Neuron;
use crate::parameter::Spec;
use crate::plasticity::on_spikes::SpikeRule;
use crate::time::Resolution;
use crate::topology::Topology;
use crate::unit::Dimension;

/// What every synapse has, as a variable that can be recorded.
pub const WEIGHT: &str = "weight";

/// A network description that can be built and run. [`Model::from_file`] and [`Model::from_text`] check it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Model {
    /// The file's `title`, or its name.
    pub title: String,
    pub simulation: Simulation,
    pub populations: Vec<PopulationSpec>,
    pub projections: Vec<ProjectionSpec>,
    pub inputs: Vec<InputSpec>,
    pub recordings: Vec<RecordingSpec>,
    pub synapse_recordings: Vec<SynapseRecordingSpec>,
    /// The population whose activity is decoded, where the file names one.
    pub readout: Option<PopulationId>,
}

impl Model {
    /// The model as it is, as TOML that gives it again: `--set` worked in, parameters evaluated and
    /// defaults written out.
    pub fn resolved(&self) -> String {
        resolved::write(self)
    }
}

/// How a model runs when it is simulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Simulation {
    pub resolution: Resolution,
    /// Ticks; 0 where the file says nothing.
    pub duration: u64,
    pub seed: u64,
    pub precision: Precision,
    pub spike_times: SpikeTimes,
}

/// When neurons can spike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpikeTimes {
    /// At ticks.
    Grid,
    /// At any time within a tick.
    Precise,
}

/// Floating-point type of membranes and weights in a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// f32, as presentations in training use it.
    Single,
    /// f64, the default of simulations.
    Double,
}

/// A group of neurons of one kind.
#[derive(Debug, Clone)]
pub struct PopulationSpec {
    pub name: String,
    pub shape: Vec<usize>,
    /// `None` for a population of spike sources.
    pub neuron: NeuronSpec,
    /// Parameters of the neuron that differ from neuron to neuron.
    pub varied: Vec<Varied>,
    /// What figures draw it in, where the file says so.
    pub color: Option<Rgb>,
}

impl PopulationSpec {
    /// Whether its neurons repeat what reaches them.
    pub fn repeats(&self) -> bool {
        self.neuron.as_ref().is_some_and(|(_, neuron)| neuron.repeats())
    }

    /// Into how many receptors what arrives is sorted.
    pub fn receptors(&self) -> usize {
        match &self.neuron {
            None => 1,
            // Some neurons may have two where others have one; those sum both.
            Some(_) if self.varied.iter().any(|varied| varied.field.starts_with("tau_syn")) => 2,
            Some((_, neuron)) => neuron.receptors(),
        }
    }
}

/// A parameter of a neuron kind that differs from neuron to neuron.
#[derive(Debug, Clone)]
pub struct Varied {
    /// Name of the field.
    pub field: &'static str,
    pub values: VariedValues,
}

/// Where the values of a [`Varied`] parameter come from.
#[derive(Debug, Clone)]
pub enum VariedValues {
    /// One for each neuron.
    Each(Vec<f64>),
    Distribution(Spec, Arc<dyn crate::distribution::Distribution>),
}

/// A kind of neuron, or `None` for spike sources.
pub type NeuronSpec = Option<(Spec, Arc<dyn Neuron>)>;

/// Connections from one population to another.
#[derive(Debug, Clone)]
pub struct ProjectionSpec {
    pub name: String,
    pub source: PopulationId,
    pub target: PopulationId,
    pub topology: (Spec, Arc<dyn Topology>),
    pub weight: WeightSpec,
    pub delay: DelaySpec,
    /// Whether a rule of a training may change the weights.
    pub plastic: bool,
    /// Whether parrots repeat what it brings them.
    pub repeated: bool,
    /// Rules on spikes, at work whenever the model is simulated.
    pub rules: Vec<RuleSpec>,
}

impl ProjectionSpec {
    /// What can be recorded of its rules beside weights, with dimensions.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, Dimension)> + '_ {
        self.rules.iter().flat_map(|rule| rule.rule.1.variables()).copied()
    }
}

/// A rule on spikes, with the population that modulates it, where it needs one.
#[derive(Debug, Clone)]
pub struct RuleSpec {
    pub rule: (Spec, Arc<dyn SpikeRule>),
    pub modulator: Option<PopulationId>,
}

/// How long a spike is on its way.
#[derive(Debug, Clone)]
pub enum DelaySpec {
    /// In ticks, at least 1.
    Constant(u32),
    /// In ms, drawn for each synapse and rounded to a tick, at least 1.
    Distribution(Spec, Arc<dyn crate::distribution::Distribution>),
}

/// Where initial weights come from. Values are in the unit of the target's synapses.
#[derive(Debug, Clone)]
pub enum WeightSpec {
    Constant(f64),
    Distribution(Spec, Arc<dyn crate::distribution::Distribution>),
    /// A `.npy` (f32 or f64, sources x targets, C order) or `.csv` file.
    File(PathBuf),
}

/// An input with the populations it drives.
#[derive(Debug, Clone)]
pub struct InputSpec {
    pub name: String,
    pub targets: Vec<PopulationId>,
    pub input: (Spec, Arc<dyn Input>),
}

/// What to record of one population.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordingSpec {
    pub population: PopulationId,
    pub spikes: bool,
    pub samples: Vec<SampleSpec>,
}

/// A state variable of some neurons, every so many ticks.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleSpec {
    /// One of [`Neuron::variables`].
    pub variable: &'static str,
    pub neurons: Chosen,
    /// At least 1.
    pub every: u64,
}

/// Some neurons of a population.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// All of so many.
    All(usize),
    These(Vec<usize>),
}

impl Chosen {
    /// How many there are.
    pub fn number(&self) -> usize {
        match self {
            Self::All(size) => *size,
            Self::These(neurons) => neurons.len(),
        }
    }

    /// Each of them.
    pub fn neurons(&self) -> impl Iterator<Item = usize> + '_ {
        let (all, these) = match self {
            Self::All(size) => (0..*size, &[][..]),
            Self::These(neurons) => (0..0, &neurons[..]),
        };
        all.chain(these.iter().copied())
    }
}

/// Weights of one projection, or a variable of its rules, every so many ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SynapseRecordingSpec {
    pub projection: ProjectionId,
    /// [`WEIGHT`], or one of [`ProjectionSpec::variables`].
    pub variable: &'static str,
    /// How many, spread evenly over the projection; all when it has fewer.
    pub synapses: usize,
    /// At least 1.
    pub every: u64,
}
