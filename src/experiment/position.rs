//! How far a training is, as a checkpoint keeps it.

use serde::{Deserialize, Serialize};

use super::evaluation::Evaluation;
use super::{Arm, Experiment};
use crate::metric::{Metric, Scores, by_name};
use crate::network::signal::Work;
use crate::result::Epoch;
use crate::rule::Lesson;
use crate::task::{Targets, Task};

/// How far a training is: everything but matrices that a checkpoint keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The resolved experiment with all its arms, and which of them this is.
    pub experiment: String,
    pub arm: String,
    pub seed: u64,
    /// Epochs that are done, and batches of the next one.
    pub epoch: u32,
    pub batch: u32,
    pub epochs: Vec<Epoch>,
    /// Epoch (from 1) of the best parameters so far, 0 for none, and the value of the task's first metric.
    pub best_epoch: u32,
    pub best_value: f64,
    pub tally: Tally,
}

/// Sums over the batches of an epoch.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Tally {
    pub presented: u64,
    /// What presentations counted for each metric of the task.
    pub sums: Vec<f64>,
    pub loss: f64,
    pub input_spikes: u64,
    pub hidden_spikes: u64,
    pub wall_s: f64,
    pub cpu_s: f64,
}

impl Position {
    /// The start of a training.
    pub fn start(experiment: &Experiment, arm: &Arm, seed: u64, metrics: usize) -> Self {
        Self {
            experiment: experiment.whole(),
            arm: arm.label(),
            seed,
            epoch: 0,
            batch: 0,
            epochs: Vec::new(),
            best_epoch: 0,
            best_value: 0.0,
            tally: Tally::start(metrics),
        }
    }
}

impl Tally {
    /// Nothing yet, of a task with so many metrics.
    pub fn start(metrics: usize) -> Self {
        Self { sums: vec![0.0; metrics], ..Self::default() }
    }

    /// Adds a batch.
    pub fn add(&mut self, task: &dyn Task, lesson: &Lesson, targets: &Targets, work: Work) {
        self.presented += lesson.output.ncols() as u64;
        task.measure(&lesson.output, targets, &mut self.sums);
        self.loss += lesson.loss.iter().sum::<f64>();
        self.input_spikes += work.input_spikes;
        self.hidden_spikes += work.hidden_spikes;
    }

    /// The epoch that these sums make, with what was seen at its end: of a validation, where there is one.
    pub fn epoch(&self, task: &dyn Task, epoch: u32, validates: bool, evaluation: &Evaluation) -> Epoch {
        let presented = self.presented.max(1) as f64;
        let layers = 1..evaluation.activity.len();
        let value = |(metric, &sum): (&Metric, &f64)| metric.value(sum, self.presented as usize);
        let values: Vec<f64> = task.metrics().iter().zip(&self.sums).map(value).collect();
        Epoch {
            epoch,
            training: by_name(task.metrics(), &values),
            validation: validates.then(|| by_name(task.metrics(), &evaluation.metrics)),
            watched: Scores::new(),
            loss: self.loss / presented,
            mean_activity: layers.clone().map(|layer| evaluation.mean_activity(layer)).collect(),
            silent_fraction: layers.map(|layer| evaluation.silent_fraction(layer)).collect(),
            input_spikes: self.input_spikes as f64 / presented,
            hidden_spikes: self.hidden_spikes as f64 / presented,
            wall_s: self.wall_s,
            cpu_s: self.cpu_s,
        }
    }
}
