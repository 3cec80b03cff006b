//! Learning rules of trainings, one per file (TOML `rule.*`). A rule is a procedure on a
//! [`Bench`], written once for both regimes: it runs the passes that it wants, sees activities,
//! gates and outputs, and never how a regime came by them.
//!
//! ```text
//! three-factor change     dW_l = rate / B  sum over presentations of  m (gate_l o f_l) h_{l-1}^T
//! ```
//! h presynaptic activity, gate_l postsynaptic gate, f_l the factor that reaches the
//! postsynaptic neuron (an error, or attention), m a neuromodulator common to all synapses.
//!
//! To add one: write `my_rule.rs` with a `KIND`, add its `mod` line and its row. Rules on
//! spike times have a folder of their own (`plasticity/`).

mod backpropagation;
mod fixed;
mod max_boltzmann;
mod q_agrel;

use crate::learned::{Changes, Parameter, Parameters};
use crate::matrix::Matrix;
use crate::network::bench::{Bench, Moment};
use crate::network::stack::Stack;
use crate::parameter::Kind;
use crate::pool::Pooled;

/// Every rule, in the order `twinfire list` shows them.
pub const KINDS: &[Kind<dyn Rule>] = &[q_agrel::KIND, backpropagation::KIND, fixed::KIND];

/// What a rule learned from a batch.
#[derive(Debug)]
pub struct Lesson {
    /// Weights move by learning rate times these.
    pub changes: Changes,
    /// The rule's loss of each presentation.
    pub loss: Vec<f64>,
    /// The answers, exploration included, outputs x B.
    pub output: Pooled,
}

/// What a rule needs of the rest; checked before anything runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Names of stacks beside the main one.
    pub stacks: &'static [&'static str],
    /// Whether it learns from what is read out, and so needs a readout that teaches.
    pub scores: bool,
    /// Whether it learns from reward for a choice, and so needs a task in which something is chosen.
    pub reward: bool,
}

/// A learning rule with its parameters.
pub trait Rule: Send + Sync + std::fmt::Debug {
    /// Learning rates, one per layer behind the input or one for all.
    fn learning_rates(&self) -> &[f64];

    /// What it needs.
    fn needs(&self) -> Needs {
        Needs { stacks: &[], scores: true, reward: false }
    }

    /// Parameters of its own, such as feedback weights. `feedback/NAME.weights` learns at the rate of layer NAME.
    fn parameters(&self, stacks: &[Stack], seed: u64) -> Vec<Parameter> {
        let _ = (stacks, seed);
        Vec::new()
    }

    /// Passes over the training samples per epoch.
    fn sweeps(&self) -> u32 {
        1
    }

    /// What to change after a batch.
    fn learn(&self, bench: &Bench<'_>) -> Lesson;

    /// What to change after an epoch, on the bench of its last batch.
    fn close(&self, bench: &Bench<'_>) -> Changes {
        let _ = bench;
        Changes::default()
    }

    /// Values by name that are kept for every epoch: angles between weights, say.
    fn watch(&self, stacks: &[Stack], parameters: &Parameters, moment: Moment) -> Vec<(String, f64)> {
        let _ = (stacks, parameters, moment);
        Vec::new()
    }
}

/// Multiplies every column of each factor by its presentation's modulator.
fn modulate(factors: &mut [Pooled], modulators: &[f32]) {
    for factor in factors {
        for (mut column, &modulator) in factor.column_iter_mut().zip(modulators) {
            column *= modulator;
        }
    }
}

/// `to + factor * other`, value by value.
fn add_scaled(to: &mut Matrix, factor: f32, other: &Matrix) {
    to.iter_mut().zip(other.iter()).for_each(|(to, other)| *to += factor * other);
}
