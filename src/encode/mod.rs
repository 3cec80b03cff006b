//! Encoders: what a sample becomes before it enters the network, spikes in the spiking
//! regime and rates in the rate regime. One per file.
//!
//! To add one: write `my_encoder.rs` with a `KIND`, add its `mod` line and its row.

use crate::parameter::Kind;
use crate::random::Stream;
use crate::time::Resolution;

/// Every encoder, in the order `synfire list` shows them.
pub const KINDS: &[Kind<dyn Encoder>] = &[];

/// What one presentation sends into the input population.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stimulus {
    /// `sources[offsets[t] .. offsets[t + 1]]` are the inputs that spike at tick t of the
    /// window, ascending. `offsets` has one entry more than the window has ticks.
    pub offsets: Vec<u32>,
    pub sources: Vec<u32>,
    /// A constant current into every input's synapses: input i acts at every tick as
    /// `currents[i]` spikes would. Empty when the encoder sends spikes.
    pub currents: Vec<f32>,
}

impl Stimulus {
    /// Empties the stimulus, keeping its memory.
    pub fn clear(&mut self) {
        self.offsets.clear();
        self.offsets.push(0);
        self.sources.clear();
        self.currents.clear();
    }

    /// Ends a tick: what was pushed to `sources` since the last call spikes at it.
    pub fn end_tick(&mut self) {
        self.offsets.push(self.sources.len() as u32);
    }

    /// Number of ticks.
    pub fn window(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The inputs that spike at `tick`.
    pub fn at(&self, tick: usize) -> &[u32] {
        &self.sources[self.offsets[tick] as usize..self.offsets[tick + 1] as usize]
    }
}

/// Turns the values of a sample, each in [0, 1], into a stimulus.
pub trait Encoder: Send + Sync + std::fmt::Debug {
    /// How long a presentation lasts, in ms.
    fn window_ms(&self) -> f64;

    /// Fills `stimulus` for a presentation of `values`, drawing from `stream` only.
    fn encode(&self, values: &[f32], resolution: Resolution, stream: &mut Stream, stimulus: &mut Stimulus);

    /// What the rate regime sees: replaces each value by the expected number of spikes per
    /// tick, averaged over the window (for currents: the current).
    fn rates(&self, values: &mut [f32], resolution: Resolution);
}
