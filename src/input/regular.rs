//! Evenly spaced spikes, the same for all neurons.
//!
//! ```text
//! spike k = 0, 1, 2 ...  at  start + (k + phase) / rate,  at the nearest tick
//! ```

use std::ops::Range;
use std::sync::Arc;

use super::generator::{Generator, Pulses, Scope};
use super::{FREQUENCIES, Input, Interval, START, STOP, WEIGHT, nearest_tick};
use crate::parameter::{self, Field, Form, Kind, Values};
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
        let on = self.on.ticks(scope.resolution);
        let counts = vec![0; scope.neurons.len()];
        Box::new(Beat { input: self, on, resolution: scope.resolution, next: 0, counts })
    }

    fn mean_rate(&self) -> f64 {
        self.rate_hz
    }

    fn weight(&self) -> f64 {
        self.weight
    }
}

/// At work on a slice.
#[derive(Debug, Clone)]
struct Beat {
    input: Arc<Regular>,
    on: Range<Tick>,
    resolution: Resolution,
    /// Number of the first spike that is not past.
    next: u64,
    counts: Vec<u16>,
}

impl Generator for Beat {
    fn pulses(&mut self, tick: u64) -> Pulses<'_> {
        if self.input.rate_hz == 0.0 || !self.on.contains(&Tick(tick)) {
            return Pulses::None;
        }
        let mut count = 0u16;
        while self.input.spike(self.next, self.resolution) <= Tick(tick) {
            count = count.saturating_add(u16::from(self.input.spike(self.next, self.resolution) == Tick(tick)));
            self.next += 1;
        }
        if count == 0 {
            return Pulses::None;
        }
        self.counts.fill(count);
        Pulses::Counts(&self.counts)
    }

    fn duplicate(&self) -> Box<dyn Generator> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use crate::input::tests::{build, counts};
    use crate::parameter::Value::Number;

    #[test]
    fn spikes_are_evenly_spaced_from_any_tick_on() {
        let given = [("rate", Number(300.0)), ("phase", Number(0.5)), ("start", Number(2.0)), ("stop", Number(50.0))];
        let expected: Vec<u64> = (0..14).map(|k| (20.0 + (k as f64 + 0.5) * 10_000.0 / 300.0).round() as u64).collect();
        for start in [0, 1, 37, 38, 170, 400] {
            let counts = counts(build("regular", &given).unwrap(), start..1000);
            let ticks: Vec<u64> =
                (start..1000).zip(&counts).filter(|(_, count)| **count == 1).map(|(t, _)| t).collect();
            assert_eq!(ticks, expected.iter().copied().filter(|&tick| tick >= start).collect::<Vec<_>>());
            assert_eq!(counts.iter().map(|&count| usize::from(count)).sum::<usize>(), ticks.len());
        }
    }

    #[test]
    fn a_rate_above_one_spike_per_tick_gives_several() {
        let spikes = |rate| counts(build("regular", &[("rate", Number(rate)), ("phase", Number(0.0))]).unwrap(), 0..20);
        // At 0, 0.5, 1 ... 19 ticks.
        assert_eq!(spikes(20_000.0).iter().sum::<u16>(), 39);
        assert_eq!(spikes(0.0), [0; 20]);
    }
}
