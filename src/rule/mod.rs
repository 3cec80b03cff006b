//! Learning rules of trainings, one per file (TOML `rule.*`). A rule is written once for both
//! regimes: it sees activities, gates and scores, and never how a regime came by them.
//!
//! ```text
//! three-factor change     dW_l = rate / B  sum over presentations of  m (gate_l f_l) h_{l-1}^T
//! ```
//! h presynaptic activity, gate_l postsynaptic gate, f_l the factor that reaches the
//! postsynaptic neuron (an error, or attention), m a neuromodulator common to all synapses.
//!
//! To add one: write `my_rule.rs` with a `KIND`, add its `mod` line and its row. Rules on
//! spike times have a folder of their own (`plasticity/`).

mod backpropagation;
mod cross_entropy;
mod fixed;
mod max_boltzmann;
mod q_agrel;

use crate::matrix::{Matrix, outer_products};
use crate::parameter::Kind;
use crate::random::Stream;

/// Every rule, in the order `twinfire list` shows them.
pub const KINDS: &[Kind<dyn Rule>] = &[q_agrel::KIND, backpropagation::KIND, fixed::KIND];

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
