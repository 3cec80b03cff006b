//! Bernoulli spikes: each input spikes at each tick with a probability in proportion to its value.
//!
//! ```text
//! P(spike at a tick) = min(1, value max_rate h),  independent between ticks and inputs
//! ```
//! The rate regime sees the same expected number of spikes per tick.

use super::{Encoder, MAX_RATE, Stimulus, WINDOW, level_of, window_ticks};
use crate::parameter::Kind;
use crate::random::Stream;
use crate::time::Resolution;

#[derive(Debug)]
struct Bernoulli {
    window_ms: f64,
    max_rate: f64,
}

pub(super) const KIND: Kind<dyn Encoder> = Kind {
    name: "bernoulli",
    aliases: &[],
    summary: "A spike at each tick with a probability in proportion to the value",
    fields: &[WINDOW, MAX_RATE],
    build: |v| Ok(Box::new(Bernoulli { window_ms: v.number("window"), max_rate: v.number("max_rate") })),
};

impl Encoder for Bernoulli {
    fn window_ms(&self) -> f64 {
        self.window_ms
    }

    fn encode(&self, values: &[f32], resolution: Resolution, stream: &mut Stream, stimulus: &mut Stimulus) {
        let gain = self.max_rate * resolution.seconds();
        stimulus.fill(
            values,
            window_ticks(self.window_ms, resolution),
            |value| level_of(f64::from(value) * gain),
            |level, _| stream.word() <= level,
        );
    }

    fn rates(&self, values: &mut [f32], resolution: Resolution) {
        let gain = self.max_rate * resolution.seconds();
        for value in values {
            *value = (f64::from(*value) * gain).clamp(0.0, 1.0) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn certainty_is_a_spike_at_every_tick() {
        let encoder = Bernoulli { window_ms: 500.0, max_rate: 1000.0 };
        let mut stimulus = Stimulus::default();
        let mut stream = Stream::new(3, Purpose::Encoding, 0, 0);
        encoder.encode(&[1.0, 0.0, 0.5], Resolution::from_ms(1.0).unwrap(), &mut stream, &mut stimulus);
        assert!((0..500).all(|tick| stimulus.at(tick).first() == Some(&0)));
        assert!(!stimulus.sources.contains(&1));
    }
}
