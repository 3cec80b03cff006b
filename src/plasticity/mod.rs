//! Learning rules, one per file. A rule on quantities is written once for both regimes:
//! it sees activities, gates and scores, and never how a regime came by them.
//!
//! To add one: write `my_rule.rs` with a `KIND`, add its `mod` line and its row.

use crate::matrix::Matrix;
use crate::parameter::Kind;
use crate::random::Stream;

/// Every rule, in the order `synfire list` shows them.
pub const KINDS: &[Kind<dyn Rule>] = &[];

/// What a regime offers to a rule for one batch of B presentations. Layer 0 is the input;
/// projection p leads from layer p to layer p + 1.
pub trait Stage {
    /// Number of layers, the input included.
    fn layers(&self) -> usize;

    /// Activity of a layer in spikes per tick, n x B: rates, or spike counts over the window.
    fn activity(&self, layer: usize) -> &Matrix;

    /// What gates plasticity of a hidden layer, n x B: the slope of the rate curve, or the
    /// spiking pseudo-derivative.
    fn gate(&self, layer: usize) -> &Matrix;

    /// Decoded scores, classes x B.
    fn scores(&self) -> &Matrix;

    /// The class of each presentation.
    fn labels(&self) -> &[u16];

    /// Weights of a projection, post x pre.
    fn weights(&self, projection: usize) -> &Matrix;

    /// Sends a signal of post neurons (post x B) backward through `feedback` (post x pre):
    /// `feedback^T signal` in the rate regime; carried by signed spikes, and so quantised,
    /// in the spiking regime, unless `analog`.
    fn send_back(&mut self, feedback: Feedback<'_>, signal: &Matrix, analog: bool) -> Matrix;

    /// Random numbers of presentation `column` of this batch, for choosing actions.
    fn exploration(&self, column: usize) -> Stream;
}

/// Which weights carry a signal backward.
#[derive(Debug, Clone, Copy)]
pub enum Feedback<'a> {
    /// The forward weights of this projection ("tied").
    Tied(usize),
    /// Weights of the rule's own, post x pre.
    Own(&'a Matrix),
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

    /// Matrices that the rule owns and a checkpoint keeps, such as feedback weights.
    /// `projections` gives (post, pre) of each projection.
    fn memory(&self, _projections: &[(usize, usize)], _seed: u64) -> Vec<Matrix> {
        Vec::new()
    }

    /// What to change after a batch.
    fn learn(&self, stage: &mut dyn Stage, memory: &[Matrix]) -> Lesson;
}
