//! Inputs of a simulation: what drives populations from outside. One per file.
//!
//! To add one: write `my_input.rs` with a `KIND`, add its `mod` line and its row.

use crate::parameter::Kind;
use crate::random::Stream;
use crate::time::{Resolution, Tick};

/// Every input, in the order `synfire list` shows them.
pub const KINDS: &[Kind<dyn Input>] = &[];

/// What one neuron gets from an input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrival {
    /// The tick at which a spike arrives. A source population fires at it; a neuron gets
    /// the input's weight.
    Spike(Tick),
    /// A current of so many pA from this tick on.
    Current(Tick, f64),
}

/// Drives every neuron of its target populations, each on its own.
pub trait Input: Send + Sync + std::fmt::Debug {
    /// The weight of an arriving spike, in the unit of the target's synapses.
    fn weight(&self) -> f64;

    /// Everything that reaches `neuron` before `end`, in time order, drawing from `stream`
    /// only (which is this neuron's own).
    fn arrivals(&self, neuron: usize, end: Tick, resolution: Resolution, stream: &mut Stream) -> Vec<Arrival>;
}
