//! A checked experiment and its parts: arms (regime x rule), each trained once per seed.
//! `file.rs` parses and checks, `session.rs` trains one arm with one seed, `compare.rs`
//! runs them all; what they give is plain data (`result/`).

pub mod batches;
pub mod checkpoint;
pub mod compare;
pub mod evaluation;
pub mod file;
mod fit;
pub mod keys;
pub mod memory;
pub mod optimizer;
pub mod portrait;
pub mod position;
mod resolved;
pub mod resumption;
pub mod session;
pub mod trained;
pub mod training;

pub use keys::schema;

use std::path::PathBuf;

use crate::dataset::{self, Data, Outline, Source};
use crate::document::kind::Chosen;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::parameter::{Spec, Value};
use crate::regime::Regime;
use training::Training;

/// What an experiment file says, checked and with defaults filled in, by [`Experiment::from_file`]
/// or [`Experiment::from_text`].
#[derive(Clone)]
#[non_exhaustive]
pub struct Experiment {
    /// The file's `title`, or its name.
    pub title: String,
    /// File name without its ending: names the default output folder.
    pub name: String,
    pub model: Model,
    pub dataset: Chosen<dyn Source>,
    /// What headers tell of the data set.
    pub outline: Outline,
    pub seeds: Vec<u64>,
    /// One per regime and rule, regimes first.
    pub arms: Vec<Arm>,
    /// The checkpoint whose weights trainings start from.
    pub start: Option<PathBuf>,
    /// Test presentations whose rasters are kept for the report.
    pub examples: usize,
    /// Arms that the file has and that are left out, with their places in it.
    left_out: Vec<(usize, Arm)>,
}

impl Experiment {
    /// The experiment as it is, as TOML that gives it again: `--set` worked in and defaults written out.
    /// The model stands in it inline, as a string.
    pub fn resolved(&self) -> String {
        resolved::write(self)
    }

    /// The same with the arms that were left out. Checkpoints keep it: a training can go on whichever
    /// other arms are trained beside it.
    pub fn whole(&self) -> String {
        let mut whole = self.clone();
        for (place, arm) in &self.left_out {
            whole.arms.insert((*place).min(whole.arms.len()), arm.clone());
        }
        whole.resolved()
    }

    /// Leaves out the arms that `keep` does not pick.
    pub fn choose(&mut self, keep: impl Fn(&Arm) -> bool) {
        let (arms, before) = (std::mem::take(&mut self.arms), std::mem::take(&mut self.left_out));
        for (place, arm) in arms.into_iter().enumerate() {
            if keep(&arm) { self.arms.push(arm) } else { self.left_out.push((place, arm)) }
        }
        self.left_out.extend(before);
    }

    /// Reads the data set; files of sets known by name are looked for below each of `folders` in turn.
    ///
    /// # Errors
    /// As [`Source::load`]; [`Error::Invalid`] when the samples turn out not to fit the model.
    pub fn load(&self, folders: &[PathBuf]) -> Result<Data> {
        let data = self.dataset.1.load(folders)?;
        fit::check_data(self, &data).map_err(|problem| Error::Invalid(vec![problem]))?;
        Ok(data)
    }

    /// The same experiment on no other data than these: with the checksum of a user's own files.
    pub fn on(&self, data: &Data) -> Self {
        let mut experiment = self.clone();
        if !data.checksum.is_empty() {
            experiment.dataset.0.values.set(dataset::CHECKSUM, Value::Text(data.checksum.clone()));
        }
        experiment
    }
}

/// One way to train the network of an experiment. An experiment file gives values for all
/// arms, and under `[spiking]` and `[rate]` those that differ for a regime.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    pub regime: Regime,
    pub task: Spec,
    pub rule: Spec,
    pub encoder: Spec,
    pub decoder: Spec,
    pub training: Training,
}

impl Arm {
    /// `spiking-q_agrel`: names files, and labels figures.
    pub fn label(&self) -> String {
        format!("{}-{}", self.regime.name(), self.rule.kind)
    }
}
