//! Spike counts of the output neurons.
//!
//! ```text
//! score = (spikes in the window) / T,   in spikes per tick
//! ```
//! The rate regime's score is the activity of its output units, in spikes per tick too.

use super::{Decoder, Output};
use crate::parameter::Kind;
use crate::time::Resolution;

#[derive(Debug)]
struct SpikeCount;

pub(super) const KIND: Kind<dyn Decoder> = Kind {
    name: "spike_count",
    aliases: &["count", "rate"],
    summary: "Spikes of each output neuron per tick of the presentation",
    fields: &[],
    build: |_| Ok(Box::new(SpikeCount)),
};

impl Decoder for SpikeCount {
    fn fires(&self) -> bool {
        true
    }

    fn scores(&self, output: Output<'_>, _: Resolution, scores: &mut [f32]) {
        output.per_tick(scores);
    }
}
