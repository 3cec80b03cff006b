//! The neurons of one population that are in a partition, with the inputs that drive them.

use std::ops::Range;

use super::delivery::Sums;
use super::float::Float;
use super::precise_arrivals::PreciseArrivals;
use super::worklist::Worklist;
use crate::input::generator::{Generator, Pulses};
use crate::neuron::block::Block;
use crate::neuron::lazy::{LazyBlock, Visit};
use crate::neuron::precise::{PreciseBlock, PreciseFault};
use crate::widest::widest;

/// A slice of a population.
pub struct PopulationSlice<R> {
    /// Counted within the population.
    pub neurons: Range<usize>,
    /// Number of the first one within the partition.
    pub base: usize,
    pub receptors: usize,
    /// Whether the neurons repeat what reaches them: inputs make them fire, as sources.
    pub repeats: bool,
    /// The tick at which neurons have their initial state; they live from the next one on.
    pub start: u64,
    pub cells: Cells<R>,
    pub inputs: Vec<InputAtWork<R>>,
    /// The current into each neuron in pA; empty when no input sends any.
    pub current: Vec<R>,
}

/// What a slice is made of, and how it is run.
pub enum Cells<R> {
    /// Sources of spikes.
    Sources,
    /// All neurons at every tick.
    Swept(Box<dyn Block<R>>),
    /// Neurons to which something happens.
    Lazy {
        block: Box<dyn LazyBlock<R>>,
        /// To be visited at the next tick, whatever arrives.
        awake: Vec<u32>,
    },
    /// All neurons, with spikes timed within the tick.
    Precise(Box<dyn PreciseBlock>),
}

/// An input at work.
pub struct InputAtWork<R> {
    pub generator: Box<dyn Generator>,
    pub weight: R,
    /// The current that it sends into each neuron; empty for inputs that send spikes.
    pub levels: Vec<f64>,
}

impl<R: Float> PopulationSlice<R> {
    /// Whether it is made of neurons that are visited.
    pub fn is_lazy(&self) -> bool {
        matches!(self.cells, Cells::Lazy { .. })
    }

    /// The neurons within the partition.
    pub fn range(&self) -> Range<usize> {
        self.base..self.base + self.neurons.len()
    }

    /// Takes the spikes of inputs at `tick`: neurons sum weights, sources fire each into `spikes`.
    pub fn receive(
        &mut self,
        tick: u64,
        sums: &mut [Sums<R>; 2],
        spikes: &mut Vec<u32>,
        mut worklist: Option<&mut Worklist>,
    ) {
        let fires = self.repeats || matches!(self.cells, Cells::Sources);
        for input in self.inputs.iter_mut().filter(|input| input.levels.is_empty()) {
            let two = self.receptors == 2;
            let place = receptor(two, input.weight);
            match input.generator.pulses(tick) {
                Pulses::None => {}
                Pulses::Weighted(own) if fires => spikes.extend(own.iter().map(|&(neuron, _)| neuron)),
                Pulses::Weighted(own) => add_weighted(own, self.base, two, sums, worklist.as_deref_mut()),
                Pulses::Counts(counts) if fires => {
                    let firing = counts.iter().enumerate().filter(|(_, count)| **count > 0);
                    spikes.extend(firing.flat_map(|(neuron, &count)| times(neuron as u32, count)));
                }
                Pulses::Counts(counts) => {
                    add_counts(&mut sums[place].0[self.base..][..counts.len()], counts, input.weight);
                    if let Some(worklist) = worklist.as_deref_mut() {
                        let reached = counts.iter().enumerate().filter(|(_, count)| **count > 0);
                        reached.for_each(|(neuron, _)| worklist.touch((self.base + neuron) as u16));
                    }
                }
                Pulses::Few(few) if fires => {
                    spikes.extend(few.iter().flat_map(|&(neuron, count)| times(neuron, count)));
                }
                Pulses::Few(few) => {
                    let sums = &mut sums[place].0[self.base..];
                    for &(neuron, count) in few {
                        sums[neuron as usize] += R::from(f32::from(count)) * input.weight;
                        if let Some(worklist) = worklist.as_deref_mut() {
                            worklist.touch((self.base + neuron as usize) as u16);
                        }
                    }
                }
            }
        }
        if fires && self.inputs.len() > 1 {
            spikes.sort_unstable();
        }
    }

    /// Takes the spikes of inputs at `tick` with their times: neurons into what `timed` lists,
    /// sources into its `fired`.
    pub fn receive_timed(&mut self, tick: u64, timed: &mut PreciseArrivals) {
        let fires = self.repeats || matches!(self.cells, Cells::Sources);
        for input in self.inputs.iter_mut().filter(|input| input.levels.is_empty()) {
            let weight: f64 = input.weight.into();
            let arriving: Vec<(u32, f64)> = match input.generator.pulses(tick) {
                Pulses::None => continue,
                Pulses::Few(few) => {
                    few.iter().flat_map(|&(neuron, count)| times(neuron, count)).map(|n| (n, weight)).collect()
                }
                Pulses::Counts(counts) => {
                    let each = (0..).zip(counts).flat_map(|(neuron, &count)| times(neuron, count));
                    each.map(|neuron| (neuron, weight)).collect()
                }
                Pulses::Weighted(own) => own.to_vec(),
            };
            let mut offsets = input.generator.offsets().iter().copied();
            for (neuron, weight) in arriving {
                let offset = offsets.next().unwrap_or(0.0);
                if fires {
                    timed.fired.push((neuron, offset));
                } else {
                    timed.receive(self.base + neuron as usize, offset, weight);
                }
            }
        }
        if fires {
            timed.sort_fired();
        }
    }

    /// Asks the inputs for the currents that flow from `tick` on; whether any changed. They flow
    /// once [`set_currents`](Self::set_currents) is called.
    pub fn ask_currents(&mut self, tick: u64) -> bool {
        let mut changed = false;
        for input in self.inputs.iter_mut().filter(|input| !input.levels.is_empty()) {
            if let Some(levels) = input.generator.currents(tick) {
                input.levels.copy_from_slice(levels);
                changed = true;
            }
        }
        changed
    }

    /// Lets the currents flow that the inputs sent last.
    pub fn set_currents(&mut self) {
        for (neuron, current) in self.current.iter_mut().enumerate() {
            let levels = self.inputs.iter().filter_map(|input| input.levels.get(neuron));
            *current = R::rounded(levels.sum());
        }
        if let Cells::Lazy { awake, .. } = &mut self.cells {
            // Whether the new currents make a neuron spike is found at the next tick.
            *awake = (0..self.neurons.len() as u32).collect();
        }
    }

    /// Lists the neurons that are to be visited though nothing arrives: those awake, or all.
    pub fn wake(&mut self, all: bool, worklist: &mut Worklist) {
        let (base, range) = (self.base, self.range());
        if let Cells::Lazy { awake, .. } = &mut self.cells {
            if all {
                range.for_each(|neuron| worklist.touch(neuron as u16));
            } else {
                awake.iter().for_each(|&neuron| worklist.touch((base + neuron as usize) as u16));
            }
            awake.clear();
        }
    }

    /// Drops what arrives at neurons that do not live yet.
    pub fn drop_arrivals(&self, sums: &mut [Sums<R>; 2]) {
        if !matches!(self.cells, Cells::Sources) {
            sums.iter_mut().for_each(|sums| sums.0[self.range()].fill(R::default()));
        }
    }

    /// Advances the neurons to `tick`; those that spike are appended to `spikes`. Gives the number
    /// of updates.
    pub fn advance(
        &mut self,
        tick: u64,
        sums: &mut [Sums<R>; 2],
        worklist: Option<&Worklist>,
        spikes: &mut Vec<u32>,
    ) -> u64 {
        if matches!(self.cells, Cells::Sources | Cells::Precise(_)) {
            return 0; // nothing is summed for them, however many they are
        }
        let range = self.range();
        let [first, second] = sums;
        let second = if self.receptors == 2 { &mut second.0[range.clone()] } else { &mut [] };
        let arrivals = [&mut first.0[range.clone()], second];
        match &mut self.cells {
            Cells::Swept(block) => {
                block.advance(arrivals, &self.current, spikes);
                if self.repeats {
                    spikes.sort_unstable(); // those of inputs stand before those of synapses
                }
                self.neurons.len() as u64
            }
            Cells::Lazy { block, awake } => {
                let listed = worklist.map_or(&[][..], |worklist| worklist.within(range));
                let neurons: Vec<u32> = listed.iter().map(|&neuron| u32::from(neuron) - self.base as u32).collect();
                block.visit(
                    tick - self.start,
                    Visit { neurons: &neurons, arrivals, current: &self.current, spikes, awake },
                );
                neurons.len() as u64
            }
            Cells::Sources | Cells::Precise(_) => 0,
        }
    }

    /// Advances neurons with precise spike times to `tick`; those that spike are appended to
    /// `timed.fired`. Gives the number of updates.
    pub fn advance_timed(&mut self, tick: u64, timed: &mut PreciseArrivals) -> u64 {
        let Cells::Precise(block) = &mut self.cells else {
            return 0;
        };
        let current: Vec<f64> = self.current.iter().map(|&current| current.into()).collect();
        let events = timed.events(self.base, self.neurons.len());
        block.advance(tick, &events, &current, &mut timed.fired);
        if self.repeats {
            timed.sort_fired();
        }
        self.neurons.len() as u64
    }

    /// The first neuron, counted within the population, with a state that is not finite, or that spiked without end.
    pub fn fault(&self) -> Option<PreciseFault> {
        let no_number = |neuron| PreciseFault { neuron, is_endless: false };
        let within = match &self.cells {
            Cells::Sources => None,
            Cells::Swept(block) => block.fault().map(no_number),
            Cells::Lazy { block, .. } => block.fault().map(no_number),
            Cells::Precise(block) => block.fault(),
        };
        within.map(|fault| PreciseFault { neuron: self.neurons.start + fault.neuron, ..fault })
    }

    /// A state variable of a neuron, counted within the slice, at `tick`; `None` for sources.
    pub fn value(&self, variable: usize, neuron: usize, tick: u64) -> Option<f64> {
        match &self.cells {
            Cells::Sources => None,
            Cells::Swept(block) => Some(block.value(variable, neuron)),
            Cells::Lazy { block, .. } => {
                let current = self.current.get(neuron).copied().unwrap_or_default();
                Some(block.value(variable, neuron, tick.saturating_sub(self.start), current))
            }
            Cells::Precise(block) => Some(block.value(variable, neuron)),
        }
    }
}

/// Which receptor a weight goes to, where a neuron has `two`.
fn receptor<R: Float>(two: bool, weight: R) -> usize {
    usize::from(two && weight < R::default())
}

/// Adds spikes that have weights of their own to what arrives at the neurons from `base` on.
fn add_weighted<R: Float>(
    own: &[(u32, f64)],
    base: usize,
    two: bool,
    sums: &mut [Sums<R>; 2],
    mut worklist: Option<&mut Worklist>,
) {
    for &(neuron, weight) in own {
        let (place, weight) = (base + neuron as usize, R::rounded(weight));
        sums[receptor(two, weight)].0[place] += weight;
        if let Some(worklist) = worklist.as_deref_mut() {
            worklist.touch(place as u16);
        }
    }
}

/// `neuron`, `count` times.
fn times(neuron: u32, count: u16) -> impl Iterator<Item = u32> {
    std::iter::repeat_n(neuron, usize::from(count))
}

widest!(add_counts, add_counts_in_lanes, [R: Float], (sums: &mut [R], counts: &[u16], weight: R));

/// Adds `weight` so many times to each sum.
#[inline(always)]
fn add_counts_in_lanes<R: Float>(sums: &mut [R], counts: &[u16], weight: R) {
    for (sum, &count) in sums.iter_mut().zip(counts) {
        *sum += R::from(f32::from(count)) * weight;
    }
}

impl<R: Float> Clone for PopulationSlice<R> {
    fn clone(&self) -> Self {
        Self {
            neurons: self.neurons.clone(),
            base: self.base,
            receptors: self.receptors,
            repeats: self.repeats,
            start: self.start,
            cells: self.cells.clone(),
            inputs: self.inputs.clone(),
            current: self.current.clone(),
        }
    }
}

impl<R> Clone for Cells<R> {
    fn clone(&self) -> Self {
        match self {
            Self::Sources => Self::Sources,
            Self::Swept(block) => Self::Swept(block.duplicate()),
            Self::Lazy { block, awake } => Self::Lazy { block: block.duplicate(), awake: awake.clone() },
            Self::Precise(block) => Self::Precise(block.duplicate()),
        }
    }
}

impl<R: Copy> Clone for InputAtWork<R> {
    fn clone(&self) -> Self {
        Self { generator: self.generator.duplicate(), weight: self.weight, levels: self.levels.clone() }
    }
}
