//! Observers: what listens to a run. Progress bars, statistics and files are observers;
//! the engine and the trainer print nothing and write nothing.
//!
//! ```text
//! Setup --Recorder--> the engine calls spikes and sample --finish(Outcome)--> Recording --summary--> RunSummary
//!           |-> Statistics (rate, interval, correlation, spectrum)
//!           `-> listeners: files that grow as spikes come (report)
//! ```

mod bins;
pub mod correlation;
pub mod course;
pub mod interval;
pub mod memory;
mod probe;
pub mod rate;
pub mod recorder;
pub mod recording;
pub mod setup;
pub mod spectrum;
pub mod statistics;
pub mod weights;

pub use probe::{Probe, Site};

use crate::error::Result;
use crate::id::PopulationId;
use crate::metric::Metric;
use crate::result::Epoch;
use crate::time::Tick;

/// Listens to a simulation.
pub trait SpikeObserver {
    /// The neurons of `population` that spiked at `tick`, ascending; one that spiked more than once,
    /// as sources may, comes as often. Called in time order, and within a tick in the order of populations.
    ///
    /// `offsets` are given where spikes are not bound to the grid: for each spike, the ms by
    /// which it came before `tick`.
    ///
    /// # Errors
    /// When the spikes cannot be kept, such as on a full disk. The run ends with that error.
    fn spikes(&mut self, population: PopulationId, tick: Tick, neurons: &[u32], offsets: Option<&[f64]>) -> Result<()>;

    /// The value of the probe with this index, in the unit of the model, after all that
    /// happens at `tick`. Called in time order, and within a tick in the order of probes.
    ///
    /// # Errors
    /// As for [`spikes`](Self::spikes).
    fn sample(&mut self, probe: usize, tick: Tick, value: f64) -> Result<()> {
        let _ = (probe, tick, value);
        Ok(())
    }
}

/// How far a training is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// From 1.
    pub epoch: u32,
    pub epochs: u32,
    /// Presentations of this epoch that are done, and how many it has.
    pub presented: usize,
    pub presentations: usize,
    /// The first metric of the task over the presentations of this epoch, as it is written.
    pub value: String,
    /// In the last batch: mean activity of hidden neurons in spikes per tick, part of hidden neurons that were silent.
    pub mean_activity: f64,
    pub silent_fraction: f64,
}

/// Listens to a training.
pub trait TrainingObserver: Sync {
    /// After every batch.
    fn batch(&self, arm: &str, seed: u64, progress: &Progress) {
        let _ = (arm, seed, progress);
    }

    /// After every epoch, validation included; `first` is the metric by which epochs are chosen.
    fn epoch(&self, arm: &str, seed: u64, epoch: &Epoch, first: &Metric) {
        let _ = (arm, seed, epoch, first);
    }

    /// Seconds on the clock, and of the processor on behalf of this run. The core reads no clock;
    /// where the observer reads none either, trainings take no time.
    fn clock(&self) -> (f64, f64) {
        (0.0, 0.0)
    }

    /// Whether the user asked to stop: the trainer saves and returns at the next batch.
    fn interrupted(&self) -> bool {
        false
    }
}

/// Listens to nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl SpikeObserver for Silent {
    fn spikes(&mut self, _: PopulationId, _: Tick, _: &[u32], _: Option<&[f64]>) -> Result<()> {
        Ok(())
    }
}

impl TrainingObserver for Silent {}
