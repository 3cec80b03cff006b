//! What a network does on samples it does not learn from.

use super::batches::Preparation;
use crate::dataset::Samples;
use crate::exhibit::Exhibit;
use crate::learner::layered::Layered;
use crate::matrix::Matrix;
use crate::metric::Metric;
use crate::network::signal::{Batch, Pass, Work};
use crate::regime::Regime;
use crate::task::{Targets, Task};

/// Presentations per batch of an evaluation.
const BATCH: usize = 256;

/// Results over a set of samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    pub presentations: usize,
    /// Those of the task, in its order.
    pub metrics: Vec<f64>,
    pub exhibits: Vec<Exhibit>,
    /// Per layer: each neuron's activity summed over all presentations.
    pub activity: Vec<Vec<f64>>,
    pub work: Work,
}

impl Evaluation {
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

    fn record(&mut self, pass: &Pass) {
        self.presentations += pass.batch();
        self.work += pass.work;
        for (layer, sums) in self.activity.iter_mut().enumerate() {
            for column in pass.activity(layer).as_slice().chunks_exact(sums.len()) {
                for (sum, &value) in sums.iter_mut().zip(column) {
                    *sum += f64::from(value);
                }
            }
        }
    }
}

/// Presents samples to be answered: nothing random is done to activities, always the best choice.
pub struct Evaluator<'a> {
    pub learner: &'a mut Layered,
    pub task: &'a dyn Task,
    /// A readout fitted on firing rates, in place of the network's outputs.
    pub fitted: Option<&'a Matrix>,
    /// Classes that there are.
    pub classes: usize,
    pub seed: u64,
    /// Another regime than the learner's.
    pub regime: Option<Regime>,
}

/// A batch that was answered.
pub struct Answered<'a> {
    pub batch: &'a Batch,
    pub targets: &'a Targets,
    pub pass: &'a Pass,
    /// Outputs x B: those of the network, or of the fitted readout.
    pub output: &'a Matrix,
}

impl Evaluator<'_> {
    /// Results over the samples `indices`.
    pub fn run(&mut self, samples: &Samples, indices: &[u32]) -> Evaluation {
        let metrics = self.task.metrics();
        let mut evaluation = Evaluation {
            presentations: 0,
            metrics: Vec::new(),
            exhibits: Vec::new(),
            activity: self.learner.main().layers.iter().map(|layer| vec![0.0; layer.size()]).collect(),
            work: Work::default(),
        };
        let (task, mut sums, mut gallery) =
            (self.task, vec![0.0; metrics.len()], self.task.gallery(self.classes, &samples.shape));
        self.each(samples, indices, &mut |answered| {
            evaluation.record(answered.pass);
            task.measure(answered.output, answered.targets, &mut sums);
            gallery.see(&answered.batch.values, answered.output, answered.targets);
        });
        let value = |(metric, sum): (&Metric, &f64)| metric.value(*sum, evaluation.presentations);
        evaluation.metrics = metrics.iter().zip(&sums).map(value).collect();
        evaluation.exhibits = gallery.exhibits();
        evaluation
    }

    /// Activity of the last layer, n x S, for the samples `indices`.
    pub fn features(&mut self, samples: &Samples, indices: &[u32]) -> Matrix {
        let last = self.learner.main().len() - 1;
        let mut features = Matrix::zeros(self.learner.main().output().size(), indices.len());
        let mut done = 0;
        self.each(samples, indices, &mut |answered| {
            let width = answered.pass.batch();
            features.columns_mut(done, width).copy_from(answered.pass.activity(last));
            done += width;
        });
        features
    }

    /// The samples `indices` to present together, with what they should be answered with.
    pub fn batch(&self, samples: &Samples, indices: &[u32]) -> (Batch, Targets) {
        Preparation::answer(self.seed).batch(self.task, samples, indices)
    }

    /// Calls `visit` with every batch.
    pub fn each(&mut self, samples: &Samples, indices: &[u32], visit: &mut dyn FnMut(&Answered<'_>)) {
        for indices in indices.chunks(BATCH) {
            let (batch, targets) = self.batch(samples, indices);
            let pass = match self.regime {
                None => self.learner.answer(&batch, &targets),
                Some(regime) => self.learner.answer_in(regime, &batch, &targets),
            };
            let last = pass.len() - 1;
            let fitted = self.fitted.map(|fitted| self.learner.coding.decoder.apply(fitted, pass.activity(last)));
            let output = fitted.as_ref().unwrap_or(&pass.output);
            visit(&Answered { batch: &batch, targets: &targets, pass: &pass, output });
        }
    }
}
