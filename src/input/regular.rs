//! Evenly spaced spikes, the same for all neurons.
//!
//! ```text
//! spike k = 0, 1, 2 ...  at  start + (k + phase) / rate,  at the nearest tick
//! ```

use std::ops::Range;
use std::sync::Arc;

use super::generator::{Generator, Scope};
use super::spans::Spans;
use super::{Arrival, FREQUENCIES, Input, Interval, START, STOP, WEIGHT, nearest_tick};
use crate::parameter::{self, Field, Form, Kind, Values};
use crate::random::Stream;
use crate::time::{Resolution, Tick};
use crate::unit::Dimension;

#[derive(Debug)]
struct Regular {
    rate_hz: f64,
    phase: f64,
    weight: f64,
    on: Interval,
}

pub(super) const KIND: Kind<dyn Input> = Kind {
    name: "regular",
    aliases: &[],
    summary: "Evenly spaced spikes, at the same times for all neurons",
    fields: &[
        Field {
            name: "rate",
            aliases: &["frequency"],
            form: Form::Quantity(Dimension::Frequency),
            default: None,
            range: FREQUENCIES,
            doc: "Spikes per second onto each neuron",
        },
        Field {
            name: "phase",
            aliases: &["offset"],
            form: Form::Quantity(Dimension::None),
            default: Some("1"),
            range: parameter::Range::Within(0.0, 1.0),
            doc: "First spike after start, in intervals",
        },
        WEIGHT,
        START,
        STOP,
    ],
    build: |v: &Values| {
        Ok(Box::new(Regular {
            rate_hz: v.number("rate"),
            phase: v.number("phase"),
            weight: v.number("weight"),
            on: Interval::from_values(v)?,
        }))
    },
};

impl Regular {
    fn spike(&self, k: u64, resolution: Resolution) -> Tick {
        nearest_tick(self.on.start_ms + (k as f64 + self.phase) * 1e3 / self.rate_hz, resolution)
    }
}

impl Input for Regular {
    fn generator(self: Arc<Self>, scope: Scope) -> Box<dyn Generator> {
        Box::new(Spans::new(self, scope))
    }

    fn mean_rate(&self) -> f64 {
        self.rate_hz
    }

    fn weight(&self) -> f64 {
        self.weight
    }

    fn arrivals(&self, _: usize, span: Range<Tick>, resolution: Resolution, _: &mut Stream) -> Vec<Arrival> {
        let on = self.on.within(span, resolution);
        if self.rate_hz == 0.0 || on.is_empty() {
            return Vec::new();
        }
        let elapsed_ms = resolution.to_ms(on.start) - self.on.start_ms;
        // Two spikes early, for rounding; they are skipped below.
        let first = (elapsed_ms / 1e3 * self.rate_hz - self.phase - 2.0).max(0.0) as u64;
        (first..)
            .map(|k| self.spike(k, resolution))
            .skip_while(|&tick| tick < on.start)
            .take_while(|&tick| tick < on.end)
            .map(Arrival::Spike)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::input::tests::{arrivals, build};
    use crate::parameter::Value::Number;

    #[test]
    fn spikes_are_evenly_spaced_whatever_the_spans() {
        let given = [("rate", Number(300.0)), ("phase", Number(0.5)), ("start", Number(2.0)), ("stop", Number(50.0))];
        let input = build("regular", &given).unwrap();
        let ticks = |ends: &[u64]| arrivals(&*input, ends).iter().map(|s| s.tick().0).collect::<Vec<_>>();
        let expected: Vec<u64> = (0..14).map(|k| (20.0 + (k as f64 + 0.5) * 10_000.0 / 300.0).round() as u64).collect();
        assert_eq!(ticks(&[1000]), expected);
        assert_eq!(ticks(&[1, 37, 38, 70, 71, 170, 400, 500, 600]), expected);
    }

    #[test]
    fn a_rate_above_one_spike_per_tick_gives_several() {
        let input = build("regular", &[("rate", Number(20_000.0)), ("phase", Number(0.0))]).unwrap();
        // At 0, 0.5, 1 ... 19 ticks.
        assert_eq!(arrivals(&*input, &[10, 20]).len(), 39);
        assert!(
            arrivals(&*build("regular", &[("rate", Number(0.0)), ("phase", Number(0.0))]).unwrap(), &[9]).is_empty()
        );
    }
}
