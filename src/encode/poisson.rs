//! Poisson spikes at a rate in proportion to the value, at most one per tick.
//!
//! ```text
//! P(spike at a tick) = 1 - exp(-value max_rate h),  independent between ticks and inputs
//! ```
//! This is a Poisson process of that rate of which each tick of length h keeps one spike at
//! most. The rate regime sees the same expected number of spikes per tick.

use super::{Encoder, MAX_RATE, Stimulus, WINDOW, level_of, window_ticks};
use crate::parameter::Kind;
use crate::random::Stream;
use crate::time::Resolution;

#[derive(Debug)]
struct Poisson {
    window_ms: f64,
    max_rate: f64,
}

pub(super) const KIND: Kind<dyn Encoder> = Kind {
    name: "poisson",
    aliases: &[],
    summary: "Poisson spikes, at a rate in proportion to the value",
    fields: &[WINDOW, MAX_RATE],
    build: |v| Ok(Box::new(Poisson { window_ms: v.number("window"), max_rate: v.number("max_rate") })),
};

impl Poisson {
    /// Probability of a spike at a tick.
    fn probability(&self, value: f32, resolution: Resolution) -> f64 {
        -(-f64::from(value.clamp(0.0, 1.0)) * self.max_rate * resolution.seconds()).exp_m1()
    }
}

impl Encoder for Poisson {
    fn window_ms(&self) -> f64 {
        self.window_ms
    }

    fn encode(&self, values: &[f32], resolution: Resolution, stream: &mut Stream, stimulus: &mut Stimulus) {
        stimulus.fill(
            values,
            window_ticks(self.window_ms, resolution),
            |value| level_of(self.probability(value, resolution)),
            |level, _| stream.word() <= level,
        );
    }

    fn rates(&self, values: &mut [f32], resolution: Resolution) {
        for value in values {
            *value = self.probability(*value, resolution) as f32;
        }
    }
}
