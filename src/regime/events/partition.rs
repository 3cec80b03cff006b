//! A partition: a slice of every population, the synapses onto it, and all that it needs to
//! go on alone until the shortest delay has passed. A tick:
//!
//! ```text
//! 1. deliver    the spikes that are due: synapses that stay as they are, in the order of
//!               (delay, longest first; population; source), then projections with rules;
//!               then the spikes of inputs, by input
//! 2. advance    every block by one tick, with the currents that were set at the tick before
//! 3. after      rules hear who spiked; currents that inputs set flow from here on; probes
//! ```

use std::ops::Range;
use std::sync::Arc;

use super::Work;
use super::delivery::{Sums, deliver, no_sums};
use super::due::{Calendar, Due};
use super::float::Float;
use super::layout::Layout;
use super::outbox::Outbox;
use super::ruled::Ruled;
use super::table::Table;
use crate::input::generator::{Generator, Pulses};
use crate::neuron::block::Block;

/// The part of a network that one thread runs.
pub struct Partition<R> {
    pub members: Vec<Members<R>>,
    fixed: Arc<Table<R>>,
    due: Calendar,
    pub ruled: Vec<Ruled<R>>,
    sums: [Sums<R>; 2],
    /// (probe, every so many ticks, population, variable, neuron of the slice)
    pub probes: Vec<Probed>,
    pub work: Work,
    pub outbox: Outbox,
    spikes: Vec<u32>,
}

/// A state variable that is sampled.
#[derive(Debug, Clone, Copy)]
pub struct Probed {
    pub probe: u32,
    pub every: u64,
    pub population: usize,
    pub variable: usize,
    /// Counted within the slice.
    pub neuron: usize,
}

/// The neurons of one population that are in a partition.
pub struct Members<R> {
    /// Counted within the population.
    pub neurons: Range<usize>,
    /// Number of the first one within the partition.
    pub base: usize,
    pub receptors: usize,
    /// `None` for spike sources.
    pub block: Option<Box<dyn Block<R>>>,
    pub inputs: Vec<Driven<R>>,
    /// The current into each neuron in pA; empty when no input sends any.
    pub current: Vec<R>,
}

/// An input at work.
pub struct Driven<R> {
    pub generator: Box<dyn Generator>,
    pub weight: R,
    /// The current that it sends into each neuron; empty for inputs that send spikes.
    pub levels: Vec<f64>,
}

impl<R: Float> Partition<R> {
    /// A partition at tick 0.
    pub fn new(members: Vec<Members<R>>, fixed: Table<R>, ruled: Vec<Ruled<R>>) -> Self {
        let longest = fixed.heads.iter().map(|head| head.delay).max().unwrap_or(1);
        Self {
            members,
            fixed: Arc::new(fixed),
            due: Calendar::new(longest),
            ruled,
            sums: [no_sums(), no_sums()],
            probes: Vec::new(),
            work: Work::default(),
            outbox: Outbox::default(),
            spikes: Vec::new(),
        }
    }

    /// The shortest delay of its synapses in ticks.
    pub fn shortest_delay(&self) -> Option<u32> {
        let heads = self.ruled.iter().flat_map(|ruled| &ruled.table.heads).chain(&self.fixed.heads);
        heads.map(|head| head.delay).min()
    }

    /// Runs the ticks of `window`, which is no longer than the shortest delay.
    pub fn run(&mut self, window: Range<u64>) {
        self.outbox.clear();
        for tick in window {
            self.step(tick);
        }
    }

    fn step(&mut self, tick: u64) {
        let due = self.due.take(tick);
        self.work.synaptic_events += deliver(&self.fixed, &due, &mut self.sums);
        self.due.restore(tick, due);
        for ruled in &mut self.ruled {
            self.work.synaptic_events += ruled.deliver(tick, &mut self.sums);
        }
        for population in 0..self.members.len() {
            self.advance(population, tick);
        }
        for probe in self.probes.iter().filter(|probe| tick.is_multiple_of(probe.every)) {
            if let Some(block) = &self.members[probe.population].block {
                self.outbox.samples.push((probe.probe, tick, block.value(probe.variable, probe.neuron)));
            }
        }
    }

    /// Advances the neurons of a population to `tick`.
    fn advance(&mut self, population: usize, tick: u64) {
        let members = &mut self.members[population];
        self.spikes.clear();
        members.receive(tick, &mut self.sums, &mut self.spikes);
        if let Some(block) = &mut members.block
            && tick > 0
        {
            let range = members.base..members.base + members.neurons.len();
            let [first, second] = &mut self.sums;
            let second = if members.receptors == 2 { &mut second[range.clone()] } else { &mut [] };
            block.advance([&mut first[range], second], &members.current, &mut self.spikes);
            self.work.neuron_updates += members.neurons.len() as u64;
        }
        members.set_currents(tick);
        for ruled in self.ruled.iter_mut().filter(|ruled| ruled.target == population) {
            ruled.after(tick, &self.spikes);
        }
        self.work.spikes += self.spikes.len() as u64;
        let first = members.neurons.start as u32;
        self.outbox.push(self.spikes.iter().map(|&neuron| first + neuron));
    }

    /// Takes note of the spikes of all partitions in the ticks from `start` on.
    pub fn absorb(&mut self, layout: &Layout, start: u64, ticks: usize, outboxes: &[&Outbox]) {
        let populations = self.members.len();
        for place in 0..ticks * populations {
            let (tick, population) = (start + (place / populations) as u64, place % populations);
            let mut spikes = 0;
            for outbox in outboxes {
                let list = outbox.list(place);
                spikes += list.len();
                for &neuron in list {
                    self.enter(tick, layout.firsts[population] + neuron);
                }
            }
            if spikes > 0 {
                self.ruled.iter_mut().for_each(|ruled| ruled.modulate(population, tick, spikes));
            }
        }
    }

    /// Enters the segments of a source that spiked at `tick` for when they are due.
    #[inline]
    fn enter(&mut self, tick: u64, source: u32) {
        enter(&self.fixed, &mut self.due, tick, source);
        for ruled in &mut self.ruled {
            enter(&ruled.table, &mut ruled.due, tick, source);
        }
    }
}

#[inline]
fn enter<R: Copy>(table: &Table<R>, calendar: &mut Calendar, tick: u64, source: u32) {
    for segment in table.segments(source) {
        let head = &table.heads[segment];
        let due = Due {
            first: head.first,
            len: head.len,
            segment: segment as u32,
            sort: head.sort,
            contiguous: head.contiguous,
        };
        calendar.enter(tick + u64::from(head.delay), due);
    }
}

impl<R: Float> Members<R> {
    /// Takes the spikes of inputs at `tick`: neurons sum weights, sources fire.
    fn receive(&mut self, tick: u64, sums: &mut [Sums<R>; 2], spikes: &mut Vec<u32>) {
        let fires = self.block.is_none();
        for input in &mut self.inputs {
            let receptor = usize::from(self.receptors == 2 && input.weight < R::default());
            let sums = &mut sums[receptor][self.base..];
            match input.generator.pulses(tick) {
                Pulses::None => {}
                Pulses::Counts(counts) if fires => {
                    let firing = counts.iter().enumerate().filter(|(_, count)| **count > 0);
                    spikes.extend(firing.map(|(neuron, _)| neuron as u32));
                }
                Pulses::Counts(counts) => add_counts(&mut sums[..counts.len()], counts, input.weight),
                Pulses::Few(few) if fires => spikes.extend(few.iter().map(|(neuron, _)| neuron)),
                Pulses::Few(few) => few.iter().for_each(|&(neuron, count)| {
                    sums[neuron as usize] += R::from(f32::from(count)) * input.weight;
                }),
            }
        }
        if fires && self.inputs.len() > 1 {
            spikes.sort_unstable();
            spikes.dedup();
        }
    }

    /// Takes the currents that flow from `tick` on.
    fn set_currents(&mut self, tick: u64) {
        let mut changed = false;
        for input in self.inputs.iter_mut().filter(|input| !input.levels.is_empty()) {
            if let Some(levels) = input.generator.currents(tick) {
                input.levels.copy_from_slice(levels);
                changed = true;
            }
        }
        if changed {
            for (neuron, current) in self.current.iter_mut().enumerate() {
                let levels = self.inputs.iter().filter_map(|input| input.levels.get(neuron));
                *current = R::rounded(levels.sum());
            }
        }
    }
}

/// Adds `weight` so many times to each sum.
fn add_counts<R: Float>(sums: &mut [R], counts: &[u16], weight: R) {
    for (sum, &count) in sums.iter_mut().zip(counts) {
        *sum += R::from(f32::from(count)) * weight;
    }
}

impl<R: Float> Clone for Partition<R> {
    fn clone(&self) -> Self {
        Self {
            members: self.members.clone(),
            fixed: Arc::clone(&self.fixed),
            due: self.due.clone(),
            ruled: self.ruled.clone(),
            sums: self.sums.clone(),
            probes: self.probes.clone(),
            work: self.work,
            outbox: Outbox::default(),
            spikes: Vec::new(),
        }
    }
}

impl<R: Float> Clone for Members<R> {
    fn clone(&self) -> Self {
        Self {
            neurons: self.neurons.clone(),
            base: self.base,
            receptors: self.receptors,
            block: self.block.as_ref().map(|block| block.duplicate()),
            inputs: self.inputs.clone(),
            current: self.current.clone(),
        }
    }
}

impl<R: Copy> Clone for Driven<R> {
    fn clone(&self) -> Self {
        Self { generator: self.generator.duplicate(), weight: self.weight, levels: self.levels.clone() }
    }
}
