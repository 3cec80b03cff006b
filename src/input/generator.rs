//! An input at work on a slice of a population: what reaches each of its neurons, tick by
//! tick. Random numbers are keyed by (seed, input, neuron, tick), so they do not depend on
//! how a population is cut into slices.

use std::ops::Range;

use crate::time::Resolution;

/// What a generator is made for.
#[derive(Debug, Clone)]
pub struct InputSlice {
    /// Indices of the neurons within the population.
    pub neurons: Range<usize>,
    /// Number of the first neuron of the population, counted over all populations: with the index
    /// within the population it is the entity of random streams.
    pub first_entity: u32,
    /// Index of the input in the model.
    pub input: usize,
    pub resolution: Resolution,
    /// Whether spikes are timed within ticks.
    pub precise: bool,
    pub seed: u64,
}

/// The spikes that reach a slice at one tick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pulses<'a> {
    None,
    /// How many reach each neuron of the slice.
    Counts(&'a [u16]),
    /// (neuron counted within the slice, how many), ascending.
    Few(&'a [(u32, u16)]),
    /// (neuron counted within the slice, weight) of each spike, ascending by neuron.
    Weighted(&'a [(u32, f64)]),
}

/// An input at work on a slice.
pub trait Generator: Send {
    /// The spikes that arrive at `tick`. Asked for every tick above 0, in order, from any tick on.
    fn pulses(&mut self, tick: u64) -> Pulses<'_> {
        let _ = tick;
        Pulses::None
    }

    /// The current into each neuron of the slice, in pA, that flows from `tick` to the next, if it
    /// is not the same as at the tick before. It is asked for at every tick, in order, from any
    /// tick on; the first answer is never `None` for inputs that send currents.
    fn currents(&mut self, tick: u64) -> Option<&[f64]> {
        let _ = tick;
        None
    }

    /// How long before its tick each spike among the last pulses arrives, in ms: neuron by neuron, in the
    /// order of the pulses. Empty where all arrive at the tick, as on the grid.
    fn offsets(&self) -> &[f64] {
        &[]
    }

    /// A copy, with its state.
    fn duplicate(&self) -> Box<dyn Generator>;
}
