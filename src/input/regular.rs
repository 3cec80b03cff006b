//! Evenly spaced spikes, the same for all neurons.
//!
//! ```text
//! spike k = 0, 1, 2 ...  at  start + (k + phase) / rate, if that is after start
//! ```
//! On the grid each goes to the nearest tick, half-way to the later one.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use super::generator::{Generator, InputSlice, Pulses};
use super::{DELAY, FREQUENCIES, Input, Interval, Misfit, START, STOP, WEIGHT, place};
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
            doc: "First spike after start, in intervals; 0 is as 1, for nothing comes at start itself",
        },
        WEIGHT,
        START,
        STOP,
        DELAY,
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
    /// The tick of spike `k`, and how long before it the spike is, in ms.
    fn spike(&self, k: u64, resolution: Resolution, precise: bool) -> (Tick, f64) {
        place(self.on.start_ms + (k as f64 + self.phase) * 1e3 / self.rate_hz, resolution, precise)
    }
}

impl Input for Regular {
    fn generator(self: Arc<Self>, scope: InputSlice) -> Box<dyn Generator> {
        let on = self.on.spikes(scope.resolution);
        let counts = vec![0; scope.neurons.len()];
        let InputSlice { resolution, precise, .. } = scope;
        Box::new(Beat { input: self, on, resolution, precise, next: 0, counts, offsets: Vec::new() })
    }

    fn mean_rate(&self) -> f64 {
        self.rate_hz
    }

    fn misfit(&self, resolution: Resolution, _: bool) -> Option<Misfit> {
        self.on.misfit(resolution)
    }

    fn delay_ms(&self) -> f64 {
        self.on.delay_ms
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
    precise: bool,
    /// Number of the first spike that is not past.
    next: u64,
    counts: Vec<u16>,
    /// Of the spikes of one neuron, then of the next.
    offsets: Vec<f64>,
}

impl Generator for Beat {
    fn pulses(&mut self, tick: u64) -> Pulses<'_> {
        if self.input.rate_hz == 0.0 || !self.on.contains(&Tick(tick)) {
            return Pulses::None;
        }
        let (mut count, mut own) = (0u16, Vec::new());
        loop {
            let (due, offset) = self.input.spike(self.next, self.resolution, self.precise);
            match due.0.cmp(&tick) {
                Ordering::Greater => break,
                Ordering::Equal => {
                    count = count.saturating_add(1);
                    own.extend(self.precise.then_some(offset));
                }
                Ordering::Less => {}
            }
            self.next += 1;
        }
        self.offsets = own.repeat(self.counts.len());
        if count == 0 {
            return Pulses::None;
        }
        self.counts.fill(count);
        Pulses::Counts(&self.counts)
    }

    fn offsets(&self) -> &[f64] {
        &self.offsets
    }

    fn duplicate(&self) -> Box<dyn Generator> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use crate::input::Input;
    use crate::input::generator::{InputSlice, Pulses};
    use crate::input::tests::{build, counts, scope};
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
    fn precise_spikes_are_where_they_are() {
        let given = [("rate", Number(800.0)), ("phase", Number(0.3))];
        let input = std::sync::Arc::<dyn Input>::from(build("regular", &given).unwrap());
        let mut generator = input.generator(InputSlice { precise: true, ..scope(0..2) });
        let mut found = Vec::new();
        for tick in 1..40u64 {
            if let Pulses::Counts(counts) = generator.pulses(tick) {
                assert_eq!(counts, [1, 1]);
                found.push(tick as f64 * 0.1 - generator.offsets()[1]);
            }
        }
        assert!(found.iter().zip([0.375, 1.625, 2.875]).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
    }

    #[test]
    fn a_rate_above_one_spike_per_tick_gives_several() {
        let spikes = |rate| counts(build("regular", &[("rate", Number(rate)), ("phase", Number(0.0))]).unwrap(), 0..20);
        // At 0.5, 1, 1.5 ... 19 ticks: halves go to the later tick, and nothing comes at tick 0.
        assert_eq!((spikes(20_000.0)[0], spikes(20_000.0)[1], spikes(20_000.0)[19]), (0, 2, 2));
        assert_eq!(spikes(20_000.0).iter().sum::<u16>(), 38);
        assert_eq!(spikes(0.0), [0; 20]);
    }
}
