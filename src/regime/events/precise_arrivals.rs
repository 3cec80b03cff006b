//! Precise spike times: spikes in transit, and those that arrive within a tick, in order of time.

use super::calendar::Calendar;
use super::table::Table;
use crate::neuron::precise::PreciseEvent;
use crate::real::Real;

/// Segments that are due, with the ms from their arrival to the end of the tick, and what arrives
/// in the present tick.
#[derive(Debug, Clone)]
pub struct PreciseArrivals {
    due: Calendar<(u32, f64)>,
    /// Neurons are counted within the partition.
    events: Vec<PreciseEvent>,
    /// Neurons that fire, counted within their slice, with offsets.
    pub fired: Vec<(u32, f64)>,
}

impl PreciseArrivals {
    /// For delays up to `longest` ticks.
    pub fn new(longest: u32) -> Self {
        Self { due: Calendar::new(longest), events: Vec::new(), fired: Vec::new() }
    }

    /// Enters a segment.
    pub fn enter(&mut self, tick: u64, segment: u32, offset: f64) {
        self.due.enter(tick, (segment, offset));
    }

    /// Lists what arrives over synapses at `tick`. Gives the number of synapses.
    pub fn deliver<R: Real>(&mut self, table: &Table<R>, tick: u64) -> u64 {
        let due = self.due.take(tick);
        let mut synapses = 0;
        for (segment, offset) in &due {
            let segment = &table.heads[*segment as usize];
            let range = segment.first as usize..segment.first as usize + segment.len as usize;
            let constant = table.sorts[usize::from(segment.sort)].weight;
            for position in range {
                let weight: f64 = constant.unwrap_or_else(|| table.weights[position]).into();
                self.receive(usize::from(table.targets[position]), *offset, weight);
            }
            synapses += u64::from(segment.len);
        }
        self.due.restore(tick, due);
        synapses
    }

    /// Lists something that arrives at a neuron, counted within the partition.
    pub fn receive(&mut self, neuron: usize, offset: f64, weight: f64) {
        self.events.push(PreciseEvent { neuron: neuron as u32, offset, weight });
    }

    /// Puts what arrives in order: by neuron, then by time, then as it was listed.
    pub fn sort(&mut self) {
        self.events.sort_by(|a, b| a.neuron.cmp(&b.neuron).then(b.offset.total_cmp(&a.offset)));
    }

    /// Puts the neurons that fire in order: by neuron, earliest first.
    pub fn sort_fired(&mut self) {
        self.fired.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    }

    /// What arrives at the `size` neurons from `base` on, which are counted from there.
    pub fn events(&self, base: usize, size: usize) -> Vec<PreciseEvent> {
        let position = |end: usize| self.events.partition_point(|event| (event.neuron as usize) < end);
        let mine = &self.events[position(base)..position(base + size)];
        mine.iter().map(|event| PreciseEvent { neuron: event.neuron - base as u32, ..*event }).collect()
    }

    /// Forgets what arrived.
    pub fn clear(&mut self) {
        self.events.clear();
    }
}
