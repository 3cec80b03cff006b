//! Bursts: more spikes, closer together, for larger values.
//! Guo, Fouda, Eltawil, Salama 2021, Front. Neurosci. 15:638474, eqs. of section "Burst coding".
//!
//! ```text
//! N   = ceil(max_spikes value)                                                     spikes
//! ISI = ceil((max_interval - (max_interval - min_interval) value) / h)             ticks of length h
//! spike at tick t  iff  t = k ISI for a k in 0 .. N - 1
//! ```
//! Spikes that would come after the window are not sent. The rate regime sees the number of
//! spikes that are, per tick.

use super::{Encoder, Stimulus, WINDOW, window_ticks};
use crate::parameter::{Field, Form, Kind, Range};
use crate::random::Stream;
use crate::time::Resolution;
use crate::unit::Dimension;

#[derive(Debug)]
struct Burst {
    window_ms: f64,
    max_spikes: f64,
    min_interval_ms: f64,
    max_interval_ms: f64,
}

const fn interval(name: &'static str, default: &'static str, doc: &'static str) -> Field {
    Field {
        name,
        aliases: &[],
        form: Form::Quantity(Dimension::Time),
        default: Some(default),
        range: Range::Positive,
        doc,
    }
}

pub(super) const KIND: Kind<dyn Encoder> = Kind {
    name: "burst",
    aliases: &[],
    summary: "A burst per input, of more and closer spikes for larger values",
    fields: &[
        WINDOW,
        Field {
            name: "max_spikes",
            aliases: &["n_max"],
            form: Form::Count,
            default: Some("5"),
            range: Range::Within(1.0, 65_535.0),
            doc: "Spikes in the burst of an input of value 1",
        },
        interval("min_interval", "1 ms", "Interval between the spikes of an input of value 1"),
        interval("max_interval", "4 ms", "Interval between the spikes of an input of value near 0"),
    ],
    build: |v| {
        let burst = Burst {
            window_ms: v.number("window"),
            max_spikes: v.count("max_spikes") as f64,
            min_interval_ms: v.number("min_interval"),
            max_interval_ms: v.number("max_interval"),
        };
        if burst.min_interval_ms > burst.max_interval_ms {
            return Err("min_interval is above max_interval".into());
        }
        Ok(Box::new(burst))
    },
};

impl Burst {
    /// Number of spikes that fall into the window, and ticks between them.
    fn burst(&self, value: f32, resolution: Resolution) -> (u32, u32) {
        let value = f64::from(value.clamp(0.0, 1.0));
        let interval_ms = self.max_interval_ms - (self.max_interval_ms - self.min_interval_ms) * value;
        // A hair less, so that rounding does not lift a whole number over the edge.
        let interval = (interval_ms / resolution.ms() - 1e-6).ceil().clamp(1.0, 65_535.0);
        let wanted = (self.max_spikes * value - 1e-6).ceil().max(0.0);
        let room = (window_ticks(self.window_ms, resolution) as f64 / interval).ceil();
        (wanted.min(room) as u32, interval as u32)
    }
}

impl Encoder for Burst {
    fn window_ms(&self) -> f64 {
        self.window_ms
    }

    fn encode(&self, values: &[f32], resolution: Resolution, _: &mut Stream, stimulus: &mut Stimulus) {
        let level = |value| {
            let (spikes, interval) = self.burst(value, resolution);
            (spikes > 0).then_some(spikes << 16 | interval)
        };
        stimulus.fill(values, window_ticks(self.window_ms, resolution), level, |level, tick| {
            let (spikes, interval, tick) = (level >> 16, level & 0xffff, tick as u32);
            tick.is_multiple_of(interval) && tick / interval < spikes
        });
    }

    fn rates(&self, values: &mut [f32], resolution: Resolution) {
        let window = window_ticks(self.window_ms, resolution) as f32;
        for value in values {
            *value = self.burst(*value, resolution).0 as f32 / window;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn larger_values_burst_longer_and_faster() {
        let encoder = Burst { window_ms: 12.0, max_spikes: 5.0, min_interval_ms: 1.0, max_interval_ms: 4.0 };
        let mut stimulus = Stimulus::default();
        let mut stream = Stream::new(0, Purpose::Encoding, 0, 0);
        encoder.encode(&[1.0, 0.6, 0.5, 0.01], Resolution::from_ms(1.0).unwrap(), &mut stream, &mut stimulus);
        let ticks = |input| (0..12).filter(|&tick| stimulus.at(tick).contains(&input)).collect::<Vec<_>>();
        assert_eq!(ticks(0), [0, 1, 2, 3, 4]);
        assert_eq!(ticks(1), [0, 3, 6]);
        assert_eq!(ticks(2), [0, 3, 6]);
        assert_eq!(ticks(3), [0]);
    }

    #[test]
    fn a_burst_ends_with_the_window() {
        let encoder = Burst { window_ms: 4.0, max_spikes: 5.0, min_interval_ms: 2.0, max_interval_ms: 4.0 };
        assert_eq!(encoder.burst(1.0, Resolution::from_ms(1.0).unwrap()), (2, 2));
    }
}
