//! The spikes of one partition over some ticks, for the other partitions and the observer.

use super::fault::Fault;

/// Spikes and samples of consecutive ticks.
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    /// Neurons, counted within their population, by (tick, population), ascending.
    spikes: Vec<u32>,
    /// ms from each spike to the end of its tick; empty when spikes are on the grid.
    offsets: Vec<f64>,
    /// Where the list of each (tick, population) ends.
    ends: Vec<usize>,
    /// (probe, tick, value), by tick.
    pub samples: Vec<(u32, u64, f64)>,
    /// What is not finite any more.
    pub fault: Option<Fault>,
}

impl Outbox {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.spikes.clear();
        self.offsets.clear();
        self.ends.clear();
        self.samples.clear();
        self.fault = None;
    }

    /// Notes a fault, unless there was one before.
    pub fn note(&mut self, fault: Fault) {
        self.fault = Some(self.fault.map_or(fault, |first| first.min(fault)));
    }

    /// Adds the list of the next population, or of the first one at the next tick.
    pub fn push(&mut self, spikes: impl Iterator<Item = u32>) {
        self.spikes.extend(spikes);
        self.ends.push(self.spikes.len());
    }

    /// Adds a list of spikes with their offsets.
    pub fn push_timed(&mut self, spikes: impl Iterator<Item = (u32, f64)>) {
        for (neuron, offset) in spikes {
            self.spikes.push(neuron);
            self.offsets.push(offset);
        }
        self.ends.push(self.spikes.len());
    }

    /// The offsets of the list at this place; empty when spikes are on the grid.
    pub fn offsets(&self, place: usize) -> &[f64] {
        let first = if place == 0 { 0 } else { self.ends[place - 1] };
        if self.offsets.is_empty() { &[] } else { &self.offsets[first..self.ends[place]] }
    }

    /// The list at this place: number of the tick times number of populations, plus population.
    pub fn list(&self, place: usize) -> &[u32] {
        let first = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.spikes[first..self.ends[place]]
    }
}
