//! Learning rules, one per file. A rule on quantities is written once for both regimes:
//! it sees activities, gates and scores, and never how a regime came by them.
//!
//! ```text
//! three-factor change     dW_l = rate / B  sum over presentations of  m (gate_l f_l) h_{l-1}^T
//! ```
//! h presynaptic activity, gate_l postsynaptic gate, f_l the factor that credit brought to
//! the postsynaptic neuron, m a neuromodulator common to all synapses.
//!
//! To add one: write `my_rule.rs` with a `KIND`, add its `mod` line and its row. Rules on
//! spike times (`on_spikes.rs`) have a list of their own, [`SPIKE_KINDS`].

/// Gives a rule on spikes that is put to work in either precision by `new(rule, scope)`.
macro_rules! in_both_precisions {
    ($at_work:ident) => {
        fn single(&self, scope: &Scope) -> Box<dyn SpikePlasticity<f32>> {
            Box::new($at_work::new(*self, scope))
        }

        fn double(&self, scope: &Scope) -> Box<dyn SpikePlasticity<f64>> {
            Box::new($at_work::new(*self, scope))
        }
    };
}

mod backpropagation;
mod decay;
mod dependence;
mod depression;
mod dopamine;
mod dopamine_stdp;
mod facilitation;
mod fixed;
mod homeostatic_scaling;
mod inhibitory_stdp;
pub mod on_spikes;
mod postsynaptic;
mod presynaptic;
mod q_agrel;
#[cfg(test)]
mod rehearsal;
mod spike_pairs;
mod stdp;
mod stdp_nearest;
mod triplet_stdp;
mod tsodyks_markram;
mod weight_normalisation;

use crate::matrix::{Matrix, outer_products};
use crate::parameter::{self, Kind};
use crate::random::Stream;

/// Every rule, in the order `twinfire list` shows them.
pub const KINDS: &[Kind<dyn Rule>] = &[q_agrel::KIND, backpropagation::KIND, fixed::KIND];

/// Every rule on spikes, in the order `twinfire list` shows them.
pub const SPIKE_KINDS: &[Kind<dyn on_spikes::SpikeRule>] = &[
    stdp::KIND,
    triplet_stdp::KIND,
    dopamine_stdp::KIND,
    inhibitory_stdp::KIND,
    tsodyks_markram::KIND,
    weight_normalisation::KIND,
    homeostatic_scaling::KIND,
];

/// Parameters that a name of a rule sets, or that follow from another parameter.
#[derive(Debug)]
pub struct Preset {
    /// Name of the rule, or an alias.
    pub name: &'static str,
    /// The field and its word from which the values follow where the user gives none; without it
    /// the name stands for them.
    pub given: Option<(&'static str, &'static str)>,
    /// Fields, with their values as they would stand in a file.
    pub sets: &'static [(&'static str, &'static str)],
}

/// The presets of a rule on spikes by the name that the user wrote.
pub fn presets(name: &str) -> impl Iterator<Item = &'static Preset> {
    let rule = parameter::find(SPIKE_KINDS, name).map(|kind| kind.name);
    let all = stdp::PRESETS.iter().chain(triplet_stdp::PRESETS);
    let is_meant = move |preset: &&Preset| preset.name == name || preset.given.is_some() && rule == Some(preset.name);
    all.filter(is_meant).collect::<Vec<_>>().into_iter()
}

/// What a regime offers to a rule for one batch of B presentations. Layer 0 is the input;
/// projection p leads from layer p to layer p + 1.
pub trait Stage {
    /// Number of layers, the input included.
    fn layers(&self) -> usize;

    /// Activity of a layer in spikes per tick, n x B: rates, or spike counts over the window.
    fn activity(&self, layer: usize) -> &Matrix;

    /// What gates plasticity of a layer behind the input, n x B: the slope of the rate curve,
    /// or the spiking pseudo-derivative.
    fn gate(&self, layer: usize) -> &Matrix;

    /// Decoded scores, classes x B.
    fn scores(&self) -> &Matrix;

    /// The class of each presentation.
    fn labels(&self) -> &[u16];

    /// Weights of a projection, post x pre.
    fn weights(&self, projection: usize) -> &Matrix;

    /// Sends a signal of the output neurons (classes x B) down the layers, through every gate
    /// on its way, and answers with the factor f_l that reaches each hidden layer (n_l x B,
    /// lowest first): `f_l = W'_{l+1}^T (gate_{l+1} f_{l+1})`. With `ticks` the spiking regime
    /// carries it by signed spikes over so many ticks; without, and in the rate regime, it is
    /// analog.
    fn descend(&mut self, feedback: Feedback<'_>, signal: &Matrix, ticks: Option<usize>) -> Vec<Matrix>;

    /// Random numbers of presentation `column` of this batch, for choosing actions.
    fn exploration(&self, column: usize) -> Stream;
}

/// Which weights carry a signal backward.
#[derive(Debug, Clone, Copy)]
pub enum Feedback<'a> {
    /// The forward weights ("tied").
    Tied,
    /// The rule's own, one matrix (post x pre) per projection but the first.
    Own(&'a [Matrix]),
}

/// What a rule learned from a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// One per projection, post x pre: weights move by learning rate times this.
    pub changes: Vec<Matrix>,
    /// Likewise for the rule's own [`Rule::memory`].
    pub memory_changes: Vec<Matrix>,
    /// The decision of each presentation, exploration included.
    pub decisions: Vec<u16>,
    /// Sum of the rule's loss over the batch.
    pub loss: f64,
}

/// A learning rule with its parameters.
pub trait Rule: Send + Sync + std::fmt::Debug {
    /// Learning rates, one per projection or one for all.
    fn learning_rates(&self) -> &[f64];

    /// Whether the rule learns from scores (and needs a readout that teaches).
    fn needs_scores(&self) -> bool {
        true
    }

    /// Matrices that the rule owns and a checkpoint keeps, such as feedback weights; matrix i
    /// learns with the rate of projection `i + 1`. `projections` gives (post, pre) of each.
    fn memory(&self, _projections: &[(usize, usize)], _seed: u64) -> Vec<Matrix> {
        Vec::new()
    }

    /// What to change after a batch.
    fn learn(&self, stage: &mut dyn Stage, memory: &[Matrix]) -> Lesson;
}

/// The three-factor change of every projection, averaged over the batch. `factors` holds
/// f_l of each layer behind the input (n_l x B), modulator included.
fn three_factor(stage: &dyn Stage, factors: &[Matrix]) -> Vec<Matrix> {
    let scale = 1.0 / stage.labels().len().max(1) as f32;
    let change = |(index, factor): (usize, &Matrix)| {
        let gated = factor.component_mul(stage.gate(index + 1));
        outer_products(scale, &gated, stage.activity(index))
    };
    factors.iter().enumerate().map(change).collect()
}

/// Multiplies every column of each factor by its presentation's modulator.
fn modulate(factors: &mut [Matrix], modulators: &[f32]) {
    for factor in factors {
        for (mut column, &modulator) in factor.column_iter_mut().zip(modulators) {
            column *= modulator;
        }
    }
}
