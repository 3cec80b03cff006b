//! A checked model: what a model file says, with names resolved, units gone and ranges
//! checked. `file.rs` reads a model file and reports everything wrong at once, table by
//! table (`population.rs`, `projection.rs`); `layers.rs` expands the layered shorthand,
//! `resolved.rs` writes a model out again, `keys.rs` lists what a file may hold.

pub mod file;
pub mod keys;
mod layers;
mod population;
mod projection;
mod resolved;
mod simulation;

pub use keys::schema;

use std::path::PathBuf;
use std::sync::Arc;

use crate::id::PopulationId;
use crate::input::Input;
use crate::neuron::Neuron;
use crate::parameter::Spec;
use crate::time::Resolution;
use crate::topology::Topology;

/// A network description that can be built and run.
#[derive(Debug, Clone)]
pub struct Model {
    /// The file's `title`, or its name.
    pub title: String,
    pub simulation: Simulation,
    pub populations: Vec<PopulationSpec>,
    pub projections: Vec<ProjectionSpec>,
    pub inputs: Vec<InputSpec>,
    pub recordings: Vec<RecordingSpec>,
    /// The population whose activity is decoded, where the file names one.
    pub readout: Option<PopulationId>,
    /// The resolved file: TOML that gives this model again, with `--set` worked in,
    /// parameters evaluated and defaults written out.
    pub resolved: String,
}

/// How a model runs when it is simulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Simulation {
    pub resolution: Resolution,
    /// Ticks; 0 where the file says nothing.
    pub duration: u64,
    pub seed: u64,
    pub precision: Precision,
}

/// Floating-point type of membranes.
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
    /// In ticks, at least 1.
    pub delay: u32,
    /// Whether a rule may change the weights.
    pub plastic: bool,
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
    /// Membranes of these neurons, every so many ticks.
    pub membrane: Option<(Vec<usize>, u64)>,
}
