//! How far a training is, as a checkpoint keeps it.

use serde::{Deserialize, Serialize};

use super::evaluation::Evaluation;
use super::{Arm, Experiment};
use crate::regime::Work;
use crate::result::Epoch;
use crate::rule::Lesson;

/// How far a training is: everything but matrices that a checkpoint keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The resolved experiment, and which of its arms this is.
    pub experiment: String,
    pub arm: String,
    pub seed: u64,
    /// Epochs that are done, and batches of the next one.
    pub epoch: u32,
    pub batch: u32,
    pub epochs: Vec<Epoch>,
    /// Epoch (from 1) and validation accuracy of the best weights so far; 0 for none.
    pub best_epoch: u32,
    pub best_accuracy: f64,
    pub tally: Tally,
}

/// Sums over the batches of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Tally {
    pub presented: u64,
    pub right: u64,
    pub loss: f64,
    pub input_spikes: u64,
    pub hidden_spikes: u64,
    pub wall_s: f64,
    pub cpu_s: f64,
}

impl Position {
    /// The start of a training.
    pub fn start(experiment: &Experiment, arm: &Arm, seed: u64) -> Self {
        Self {
            experiment: experiment.resolved.clone(),
            arm: arm.label(),
            seed,
            epoch: 0,
            batch: 0,
            epochs: Vec::new(),
            best_epoch: 0,
            best_accuracy: 0.0,
            tally: Tally::default(),
        }
    }
}

impl Tally {
    /// Adds a batch.
    pub fn add(&mut self, lesson: &Lesson, labels: &[u16], work: Work) {
        self.presented += labels.len() as u64;
        self.right += lesson.decisions.iter().zip(labels).filter(|(decision, label)| decision == label).count() as u64;
        self.loss += lesson.loss;
        self.input_spikes += work.input_spikes;
        self.hidden_spikes += work.hidden_spikes;
    }

    /// The epoch that these sums make, with what its validation showed.
    pub fn epoch(&self, epoch: u32, validation: Option<f64>, evaluation: &Evaluation) -> Epoch {
        let presented = self.presented.max(1) as f64;
        let layers = 1..evaluation.activity.len();
        Epoch {
            epoch,
            train_accuracy: 100.0 * self.right as f64 / presented,
            validation_accuracy: validation,
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
