//! What a network does on samples it does not learn from.

use super::batches::Preparation;
use crate::dataset::Samples;
use crate::decode::best;
use crate::matrix::Matrix;
use crate::network::chain::Chain;
use crate::regime::{Batch, Presenter, Response, Work};

/// Presentations per batch of an evaluation.
const BATCH: usize = 256;

/// Results over a set of samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    pub presentations: usize,
    /// `confusion[label][decision]`
    pub confusion: Vec<Vec<u32>>,
    /// Per layer: each neuron's activity summed over all presentations.
    pub activity: Vec<Vec<f64>>,
    pub work: Work,
}

impl Evaluation {
    /// Decisions that were right, in percent.
    pub fn accuracy(&self) -> f64 {
        let right: u32 = (0..self.confusion.len()).map(|class| self.confusion[class][class]).sum();
        100.0 * f64::from(right) / self.presentations.max(1) as f64
    }

    /// Mean activity of a layer in spikes per tick.
    pub fn mean_activity(&self, layer: usize) -> f64 {
        let sums = &self.activity[layer];
        sums.iter().sum::<f64>() / (sums.len() * self.presentations).max(1) as f64
    }

    /// Part of a layer's neurons that never were active.
    pub fn silent_fraction(&self, layer: usize) -> f64 {
        let sums = &self.activity[layer];
        sums.iter().filter(|&&sum| sum <= 0.0).count() as f64 / sums.len().max(1) as f64
    }

    fn record(&mut self, response: &Response, scores: &Matrix, labels: &[u16]) {
        self.presentations += labels.len();
        self.work += response.work;
        for (column, &label) in scores.column_iter().zip(labels) {
            self.confusion[label as usize][best(column.as_slice()) as usize] += 1;
        }
        for (sums, activity) in self.activity.iter_mut().zip(&response.activity) {
            for column in activity.as_slice().chunks_exact(sums.len()) {
                for (sum, &value) in sums.iter_mut().zip(column) {
                    *sum += f64::from(value);
                }
            }
        }
    }
}

/// Presents samples in evaluation mode: no dropout, no shifts, always the best choice.
pub struct Evaluator<'a> {
    pub presenter: &'a mut dyn Presenter,
    pub chain: &'a Chain,
    /// A readout fitted on firing rates (classes x (n + 1)), in place of the network's scores.
    pub fitted: Option<&'a Matrix>,
    pub seed: u64,
}

impl Evaluator<'_> {
    /// Results over the samples `indices`.
    pub fn run(&mut self, samples: &Samples, indices: &[u32], classes: usize) -> Evaluation {
        let mut evaluation = Evaluation {
            presentations: 0,
            confusion: vec![vec![0; classes]; classes],
            activity: self.chain.sizes.iter().map(|&size| vec![0.0; size]).collect(),
            work: Work::default(),
        };
        self.each(samples, indices, &mut |response, scores, labels| evaluation.record(response, scores, labels));
        evaluation
    }

    /// Activity of the last layer, n x S, for the samples `indices`.
    pub fn features(&mut self, samples: &Samples, indices: &[u32]) -> Matrix {
        let last = self.chain.layers() - 1;
        let mut features = Matrix::zeros(self.chain.sizes[last], indices.len());
        let mut done = 0;
        self.each(samples, indices, &mut |response, _, labels| {
            features.columns_mut(done, labels.len()).copy_from(&response.activity[last]);
            done += labels.len();
        });
        features
    }

    /// The samples `indices` to present together, with their labels.
    pub fn batch(&self, samples: &Samples, indices: &[u32]) -> (Batch, Vec<u16>) {
        Preparation { seed: self.seed, step: 0, shift: 0, dropout: 0.0 }.batch(samples, indices)
    }

    /// Calls `visit` with response, scores and labels of every batch.
    pub fn each(&mut self, samples: &Samples, indices: &[u32], visit: &mut dyn FnMut(&Response, &Matrix, &[u16])) {
        for indices in indices.chunks(BATCH) {
            let (batch, labels) = self.batch(samples, indices);
            let response = self.presenter.present(self.chain, &batch);
            let scores = match self.fitted {
                Some(weights) => crate::decode::linear::apply(weights, &response.activity[self.chain.layers() - 1]),
                None => response.scores.clone(),
            };
            visit(&response, &scores, &labels);
        }
    }
}
