//! One observer for a whole run: it keeps statistics, spikes and samples in memory where they
//! are wanted there, and tells others that stream them elsewhere.

use super::SpikeObserver;
use super::recording::{Outcome, Recording};
use super::setup::Setup;
use super::statistics::Statistics;
use crate::error::Result;
use crate::id::PopulationId;
use crate::time::Tick;

/// Records a run.
///
/// ```
/// # use twinfire::record::{SpikeObserver, recorder::Recorder, recording::Outcome, setup::Setup};
/// # use twinfire::{id::PopulationId, time::{Resolution, Tick}};
/// let setup = Setup::new(Resolution::from_ms(0.1).unwrap(), Tick(10_000), &[("exc", 100)]);
/// let mut recorder = Recorder::new(&setup).in_memory();
/// recorder.spikes(PopulationId(0), Tick(42), &[3, 17], None)?;
/// let recording = recorder.finish(Outcome { last: Tick(10_000), ..Outcome::default() });
/// assert_eq!(recording.populations[0].firing.spikes, 2);
/// # twinfire::error::Result::Ok(())
/// ```
pub struct Recorder<'a> {
    setup: &'a Setup,
    statistics: Statistics,
    memory: Option<Memory>,
    listeners: Vec<&'a mut dyn SpikeObserver>,
}

/// Spikes by population and samples by probe.
struct Memory {
    spikes: Vec<Vec<(Tick, u32)>>,
    offsets: Vec<Vec<f64>>,
    samples: Vec<Vec<(Tick, f64)>>,
}

impl<'a> Recorder<'a> {
    /// Keeps statistics only.
    pub fn new(setup: &'a Setup) -> Self {
        Self { setup, statistics: Statistics::new(setup), memory: None, listeners: Vec::new() }
    }

    /// Keeps spikes and samples too: memory grows with their number.
    pub fn in_memory(mut self) -> Self {
        let (populations, probes) = (self.setup.populations.len(), self.setup.probes.len());
        self.memory = Some(Memory {
            spikes: vec![Vec::new(); populations],
            offsets: vec![Vec::new(); populations],
            samples: vec![Vec::new(); probes],
        });
        self
    }

    /// Tells `listener` the spikes of the recorded populations, and every sample.
    pub fn with(mut self, listener: &'a mut dyn SpikeObserver) -> Self {
        self.listeners.push(listener);
        self
    }

    /// What was recorded of a run that came to `outcome`.
    pub fn finish(mut self, outcome: Outcome) -> Recording {
        let last = outcome.last;
        self.statistics.pass(last);
        let populations = (0..self.setup.populations.len()).map(PopulationId);
        let fired = populations.map(|id| (self.statistics.firing(id, last), self.statistics.profile(id, last)));
        let mut recording = Recording::new(self.setup, outcome, fired.collect());
        if let Some(memory) = self.memory {
            let kept = memory.spikes.into_iter().zip(memory.offsets).zip(&self.setup.populations);
            for (population, ((spikes, offsets), group)) in recording.populations.iter_mut().zip(kept) {
                (population.spikes, population.offsets) = (group.recorded.then_some(spikes), offsets);
            }
            for (probe, values) in memory.samples.into_iter().enumerate() {
                recording.add_trace(self.setup, probe, values);
            }
        }
        recording
    }
}

impl SpikeObserver for Recorder<'_> {
    fn spikes(&mut self, population: PopulationId, tick: Tick, neurons: &[u32], offsets: Option<&[f64]>) -> Result<()> {
        self.statistics.spikes(population, tick, neurons, offsets)?;
        if !self.setup.populations[population.0].recorded {
            return Ok(());
        }
        if let Some(memory) = &mut self.memory {
            memory.spikes[population.0].extend(neurons.iter().map(|&neuron| (tick, neuron)));
            memory.offsets[population.0].extend(offsets.into_iter().flatten());
        }
        self.listeners.iter_mut().try_for_each(|listener| listener.spikes(population, tick, neurons, offsets))
    }

    fn sample(&mut self, probe: usize, tick: Tick, value: f64) -> Result<()> {
        if let Some(memory) = &mut self.memory {
            memory.samples[probe].push((tick, value));
        }
        self.listeners.iter_mut().try_for_each(|listener| listener.sample(probe, tick, value))
    }
}
