//! The membrane integral of output neurons that do not fire.
//!
//! ```text
//! score = (1 / T) sum over ticks of synaptic input
//! ```
//! The mean input per tick is what the rate regime computes as the drive of its output units,
//! so both regimes learn from the same quantity, and it is linear and signed.

use super::{Decoder, Output};
use crate::parameter::Kind;
use crate::time::Resolution;

#[derive(Debug)]
struct Membrane;

pub(super) const KIND: Kind<dyn Decoder> = Kind {
    name: "membrane",
    aliases: &["membrane_integral"],
    summary: "Mean synaptic input of output neurons that integrate and do not fire",
    fields: &[],
    build: |_| Ok(Box::new(Membrane)),
};

impl Decoder for Membrane {
    fn fires(&self) -> bool {
        false
    }

    fn scores(&self, output: Output<'_>, _: Resolution, scores: &mut [f32]) {
        scores.copy_from_slice(output.drive);
    }
}
