//! Results of trainings and comparisons: plain data, saved as `summary.json` and read
//! back by `twinfire plot`.

pub mod origin;
mod regime;
pub mod statistics;

pub use regime::Regime;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::exhibit::{Content, Exhibit};
use crate::matrix::Matrix;
use crate::metric::{Metric, Scores};
use origin::Of;

/// Everything a comparison (or a single training) found. The report is drawn from it alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Version of twinfire that made it.
    pub version: String,
    pub title: String,
    /// The command line, quoted for a shell, and every `--set` of it.
    pub command: String,
    #[serde(default)]
    pub settings: Vec<String>,
    /// The checkpoint that trainings started from, where they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Of>,
    /// Trainings of the experiment that are not in it, as they are not done.
    #[serde(default)]
    pub missing: usize,
    pub dataset: String,
    pub classes: Vec<String>,
    /// Shape of one sample.
    pub shape: Vec<usize>,
    /// Names and sizes of the layers, input first.
    pub layers: Vec<LayerInfo>,
    pub seeds: Vec<u64>,
    pub threads: usize,
    pub train_samples: usize,
    pub validation_samples: usize,
    pub test_samples: usize,
    /// What is measured; the first chose the best epochs.
    pub measured: Vec<Metric>,
    pub arms: Vec<ArmResult>,
    /// Spiking minus rate, one per rule that ran in both regimes.
    pub differences: Vec<Difference>,
    /// Wall time of the whole comparison, in seconds.
    pub wall_s: f64,
    /// The resolved experiment, as TOML.
    pub experiment: String,
}

/// One population of the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerInfo {
    pub name: String,
    pub shape: Vec<usize>,
}

/// A trained network with all that it takes to run it elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainedNetwork {
    pub arm: String,
    pub seed: u64,
    /// Epoch (from 1) of the weights; 0 where none was finished.
    pub epoch: u32,
    pub tick_ms: f64,
    /// Input first.
    pub layers: Vec<TrainedLayer>,
    /// How samples enter and decisions leave, as `kind: parameter = value; ...`.
    pub encoder: String,
    pub decoder: String,
    /// Constant current through the synapses of each input, in spikes per tick; empty for none.
    pub offset: Vec<f32>,
    /// A readout fitted on firing rates, classes x (neurons + 1), its last column the bias.
    pub readout: Option<Matrix>,
    /// The resolved experiment of this arm and seed alone, as TOML.
    pub experiment: String,
}

/// A layer of a trained network.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainedLayer {
    pub name: String,
    pub shape: Vec<usize>,
    /// The kind, or `source`.
    pub neuron: String,
    /// `parameter = value; ...`
    pub parameters: String,
    /// Whether its neurons spike; otherwise they only integrate.
    pub fires: bool,
    /// What leads to it; none for the input.
    pub projection: Option<TrainedProjection>,
}

/// The synapses that lead to a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainedProjection {
    pub name: String,
    pub delay_ms: f64,
    /// Targets x sources.
    pub weights: Matrix,
}

/// One arm over all its seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArmResult {
    pub regime: Regime,
    pub rule: String,
    pub runs: Vec<Run>,
    /// Every metric of the test, over the seeds.
    pub metrics: BTreeMap<String, Estimate>,
    /// Epochs until the best validation, over the seeds.
    pub epochs_to_best: Estimate,
    /// What one test presentation costs, averaged over the first seed's test set.
    pub cost: Cost,
    /// A few test presentations of the first seed.
    pub examples: Vec<Example>,
    /// First-layer weights of the first seed.
    pub weight_maps: Option<WeightMaps>,
    /// Spiking arms: firing rate against the rate unit's activity, same weights, same images.
    pub scatter: Option<Scatter>,
}

impl ArmResult {
    /// `spiking-q_agrel`
    pub fn label(&self) -> String {
        format!("{}-{}", self.regime.name(), self.rule)
    }
}

/// A mean with its 95 % interval (Student's t over n values).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    pub mean: f64,
    /// Half the width of the interval; 0 when n = 1.
    pub half_width: f64,
    /// Sample standard deviation; 0 when n = 1.
    pub std: f64,
    pub n: usize,
}

/// A paired difference of metrics over the seeds, in their units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    pub rule: String,
    pub spiking_minus_rate: BTreeMap<String, Estimate>,
}

impl Run {
    /// What is shown of its test under this name.
    pub fn exhibit(&self, name: &str) -> Option<&Content> {
        self.exhibits.iter().find(|exhibit| exhibit.name == name).map(|exhibit| &exhibit.content)
    }
}

/// One arm trained with one seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub seed: u64,
    pub epochs: Vec<Epoch>,
    /// Epoch (from 1) with the best validation; its parameters were tested.
    pub best_epoch: u32,
    /// Metrics of the test.
    pub test: Scores,
    /// What there is to show of the test.
    #[serde(default)]
    pub exhibits: Vec<Exhibit>,
    /// Training time in seconds: on the clock, and of the processor.
    pub wall_s: f64,
    pub cpu_s: f64,
}

/// One pass over the training set.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Epoch {
    /// From 1.
    pub epoch: u32,
    /// Metrics during training, exploration included.
    pub training: Scores,
    /// Metrics of the validation; `None` without a validation split.
    pub validation: Option<Scores>,
    /// What the rule watches.
    #[serde(default)]
    pub watched: Scores,
    /// Mean of the rule's own loss.
    pub loss: f64,
    /// Per layer but the input: mean activity in spikes per tick, and the part of neurons
    /// that were silent during the whole validation (or the last part of the epoch).
    pub mean_activity: Vec<f64>,
    pub silent_fraction: Vec<f64>,
    /// Spikes per training presentation, input and hidden; 0 in the rate regime.
    pub input_spikes: f64,
    pub hidden_spikes: f64,
    /// Training only (no validation), in seconds.
    pub wall_s: f64,
    pub cpu_s: f64,
}

/// What one presentation costs.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Cost {
    pub input_spikes: f64,
    pub hidden_spikes: f64,
    /// Spikes times fan-out.
    pub synaptic_operations: f64,
    /// Multiply-accumulates of the rate network.
    pub multiply_accumulates: f64,
    /// Spiking arms whose encoder sends constant currents: multiply-accumulates that turn
    /// them into the drive of the first layer, once per presentation.
    #[serde(default)]
    pub analog_operations: f64,
    /// Spiking arms with constant currents, from the encoder or from centring: additions of
    /// that drive, one per first-layer neuron and tick.
    #[serde(default)]
    pub current_additions: f64,
}

/// One presentation through all layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// Index in the test set.
    pub sample: usize,
    /// Its class and the one that the network decides for, where there are classes.
    pub label: Option<u16>,
    pub decision: Option<u16>,
    /// The sample's values, each in [0, 1].
    pub values: Vec<f32>,
    /// One score per class.
    pub scores: Vec<f32>,
    /// Spiking arms: `spikes[layer]` = (time in ms from the start of the presentation, neuron).
    pub spikes: Vec<Vec<(f64, u32)>>,
    /// Rate arms: `activities[layer]`, in spikes per tick.
    pub activities: Vec<Vec<f32>>,
    /// Spiking arms whose output neurons do not fire: `membranes[neuron]` at the times
    /// `membrane_ms`, from 0 and divided by the ticks of the window, so that without leak
    /// the last value is the score.
    #[serde(default)]
    pub membranes: Vec<Vec<f32>>,
    /// In ms from the start of the presentation.
    #[serde(default)]
    pub membrane_ms: Vec<f64>,
    /// Whether the network gets the sample minus the mean training sample.
    #[serde(default)]
    pub centred: bool,
    /// Length of the presentation in ms, delays through the layers included.
    pub duration_ms: f64,
}

impl Example {
    /// Whether this class is the sample's.
    pub fn is_of(&self, class: usize) -> bool {
        self.label.map(usize::from) == Some(class)
    }

    /// Whether the network decides for this class.
    pub fn is_taken_for(&self, class: usize) -> bool {
        self.decision.map(usize::from) == Some(class)
    }
}

/// Weights from the input onto some first-layer neurons, as images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeightMaps {
    pub rows: usize,
    pub columns: usize,
    /// One image per neuron, row by row.
    pub maps: Vec<Vec<f32>>,
}

/// Pairs of (rate unit's activity, firing rate), both in spikes per tick, of hidden neurons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scatter {
    pub points: Vec<(f32, f32)>,
    /// Pearson's correlation over all pairs, not only those kept.
    pub correlation: f64,
}
