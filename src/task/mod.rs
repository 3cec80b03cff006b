//! What is asked of a network, and how its answers are judged. One task per file.
//!
//! To add one: write `my_task.rs` with a `KIND`, add its `mod` line and its row.

mod classification;
mod reconstruction;

use crate::dataset::Samples;
use crate::exhibit::Exhibit;
use crate::matrix::Matrix;
use crate::metric::Metric;
use crate::parameter::{Kind, Values};

/// Every task, in the order `twinfire list` shows them.
pub const KINDS: &[Kind<dyn Task>] = &[classification::KIND, reconstruction::KIND];

/// The task of experiments that name none.
pub fn default() -> Box<dyn Task> {
    (KINDS[0].build)(&Values::default()).expect("the first task has no parameters")
}

/// What the samples of a batch should be answered with.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets {
    /// The class of each sample.
    Classes(Vec<u16>),
    /// Values that the outputs should have, outputs x B.
    Values(Matrix),
}

/// A task with its parameters.
pub trait Task: Send + Sync + std::fmt::Debug {
    /// What the samples `indices`, whose values are `values` (inputs x B), should be answered with.
    fn targets(&self, samples: &Samples, indices: &[u32], values: &Matrix) -> Targets;

    /// Outputs that a network needs for samples of this shape in so many classes, where their number is known.
    fn outputs(&self, classes: Option<usize>, shape: &[usize]) -> Option<usize>;

    /// Whether samples without classes will do.
    fn needs_classes(&self) -> bool {
        false
    }

    /// Fills `error` (outputs x B) with minus the gradient of the loss at outputs / temperature, and answers with the
    /// loss of every presentation.
    fn error(&self, output: &Matrix, targets: &Targets, error: &mut Matrix) -> Vec<f64>;

    /// What a choice of one output is rewarded with in every presentation, 1 or 0; `None` where nothing is chosen.
    fn reward(&self, choices: &[u16], targets: &Targets) -> Option<Vec<f32>> {
        let _ = (choices, targets);
        None
    }

    /// What is measured; the first chooses the best epoch.
    fn metrics(&self) -> &'static [Metric];

    /// Adds what each presentation counts for each metric, in their order, to `sums`.
    fn measure(&self, output: &Matrix, targets: &Targets, sums: &mut [f64]);

    /// The class that is answered with, where one is.
    fn decision(&self, output: &[f32]) -> Option<u16> {
        let _ = output;
        None
    }

    /// Gathers what there is to show of the answers to samples of this shape, in so many classes.
    fn gallery(&self, classes: usize, shape: &[usize]) -> Box<dyn Gallery>;
}

/// What there is to show of answers.
pub trait Gallery {
    /// Sees a batch: its values (inputs x B), the answers (outputs x B), and what was asked for.
    fn see(&mut self, values: &Matrix, output: &Matrix, targets: &Targets);

    /// What is shown.
    fn exhibits(self: Box<Self>) -> Vec<Exhibit>;
}
