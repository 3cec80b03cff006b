//! Regular spikes at a rate in proportion to the value (deterministic rate code).
//!
//! ```text
//! r = min(1, value max_rate h)                                   spikes per tick of length h
//! spike at tick t  iff  floor((t + 1) r + phase) > floor(t r + phase)
//! ```
//! Over T ticks an input sends floor(T r + phase) spikes; with phase 1/2 that is T r, rounded.
//! The rate regime sees r itself, not the rounded count.

use super::{Encoder, MAX_RATE, Stimulus, WINDOW, level_of, window_ticks};
use crate::parameter::{Field, Form, Kind, Range};
use crate::random::Stream;
use crate::time::Resolution;
use crate::unit::Dimension;

#[derive(Debug)]
struct Regular {
    window_ms: f64,
    max_rate: f64,
    phase: f64,
}

pub(super) const KIND: Kind<dyn Encoder> = Kind {
    name: "regular",
    aliases: &["deterministic"],
    summary: "Evenly spaced spikes, at a rate in proportion to the value",
    fields: &[
        WINDOW,
        MAX_RATE,
        Field {
            name: "phase",
            aliases: &[],
            form: Form::Quantity(Dimension::None),
            default: Some("0.5"),
            range: Range::Within(0.0, 1.0),
            doc: "How far each input is into its first interval at the start, below 1; 0.5 rounds spike counts, 0 cuts them off",
        },
    ],
    build: |v| {
        if v.number("phase") >= 1.0 {
            return Err("phase 1 would be a spike before the first tick; give one below 1".into());
        }
        Ok(Box::new(Regular {
            window_ms: v.number("window"),
            max_rate: v.number("max_rate"),
            phase: v.number("phase"),
        }))
    },
};

impl Encoder for Regular {
    fn window_ms(&self) -> f64 {
        self.window_ms
    }

    fn encode(&self, values: &[f32], resolution: Resolution, _: &mut Stream, stimulus: &mut Stimulus) {
        let gain = self.max_rate * resolution.seconds();
        let phase = (self.phase * 4_294_967_296.0) as u64;
        // In units of 2^-32 spikes, so that no rounding adds up.
        let sent = |step: u64, ticks: usize| (step * ticks as u64 + phase) >> 32;
        stimulus.fill(
            values,
            window_ticks(self.window_ms, resolution),
            |value| level_of(f64::from(value) * gain),
            |level, tick| {
                let step = u64::from(level) + 1;
                sent(step, tick + 1) > sent(step, tick)
            },
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

    fn ticks_of_spikes(value: f32, max_rate: f64) -> Vec<usize> {
        let encoder = Regular { window_ms: 8.0, max_rate, phase: 0.5 };
        let mut stimulus = Stimulus::default();
        let mut stream = Stream::new(0, Purpose::Encoding, 0, 0);
        encoder.encode(&[0.0, value], Resolution::from_ms(1.0).unwrap(), &mut stream, &mut stimulus);
        (0..8).filter(|&tick| stimulus.at(tick) == [1]).collect()
    }

    #[test]
    fn spikes_are_evenly_spaced_and_counts_are_rounded() {
        assert_eq!(ticks_of_spikes(1.0, 1000.0), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(ticks_of_spikes(0.5, 1000.0), [0, 2, 4, 6]);
        assert_eq!(ticks_of_spikes(1.0, 250.0), [1, 5]);
        assert_eq!(ticks_of_spikes(0.75, 1000.0), [0, 1, 3, 4, 5, 7]);
        // 8 * 0.18 = 1.44 and 8 * 0.2 = 1.6 spikes.
        assert_eq!(ticks_of_spikes(0.18, 1000.0).len(), 1);
        assert_eq!(ticks_of_spikes(0.2, 1000.0).len(), 2);
        assert!(ticks_of_spikes(0.06, 1000.0).is_empty());
    }

    /// floor(T r + phase) spikes, whatever the value and the phase.
    #[test]
    fn counts_are_what_the_phase_makes_of_them() {
        for phase in [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999] {
            for step in 0..=1000u32 {
                let value = step as f32 / 1000.0;
                let encoder = Regular { window_ms: 8.0, max_rate: 1000.0, phase };
                let (mut stimulus, mut stream) = (Stimulus::default(), Stream::new(0, Purpose::Encoding, 0, 0));
                encoder.encode(&[value], Resolution::from_ms(1.0).unwrap(), &mut stream, &mut stimulus);
                let exact = 8.0 * f64::from(value) + phase;
                let near = (exact - exact.round()).abs() < 1e-6;
                assert!(
                    near || stimulus.sources.len() == exact as usize,
                    "{value} {phase}: {}",
                    stimulus.sources.len()
                );
            }
        }
        let kind = &KIND;
        let mut values = crate::parameter::Values::default();
        for (name, number) in [("window", 8.0), ("max_rate", 1000.0), ("phase", 1.0)] {
            values.set(name, crate::parameter::Value::Number(number));
        }
        assert!((kind.build)(&values).unwrap_err().contains("below 1"));
    }

    #[test]
    fn faster_than_the_grid_is_one_spike_per_tick() {
        assert_eq!(ticks_of_spikes(1.0, 5000.0).len(), 8);
    }
}
