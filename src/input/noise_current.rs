//! White noise as a current that is drawn anew every so often (NEST's noise_generator).
//!
//! ```text
//! I(t) = mean + std N(0, 1)    drawn for each neuron every dt
//! ```
//! The noise of a membrane grows with dt: std sqrt(dt) is what stays the same when dt changes.

use std::ops::Range;
use std::sync::Arc;

use rand_distr::{Distribution, StandardNormal};

use super::generator::{Generator, InputSlice};
use super::{DELAY, Input, Interval, Misfit, START, STOP};
use crate::parameter::{self, Field, Form, Kind, Values};
use crate::random::{Purpose, Stream, Words};
use crate::time::{Resolution, Tick};
use crate::unit::Dimension;

/// Values of a neuron that are drawn at a time.
const DRAWN: u64 = 16;

#[derive(Debug)]
struct NoiseCurrent {
    mean: f64,
    std: f64,
    dt_ms: f64,
    on: Interval,
}

pub(super) const KIND: Kind<dyn Input> = Kind {
    name: "noise_current",
    aliases: &["noise_generator", "noisy_current_source", "noise"],
    summary: "A current of Gaussian white noise, independent for each neuron",
    fields: &[
        Field {
            name: "mean",
            aliases: &[],
            form: Form::Quantity(Dimension::Current),
            default: Some("0 pA"),
            range: parameter::Range::Any,
            doc: "Mean current",
        },
        Field {
            name: "std",
            aliases: &["stdev"],
            form: Form::Quantity(Dimension::Current),
            default: None,
            range: parameter::Range::NotNegative,
            doc: "Standard deviation of the current",
        },
        Field {
            name: "dt",
            aliases: &["interval"],
            form: Form::Quantity(Dimension::Time),
            default: Some("1 ms"),
            range: parameter::Range::Positive,
            doc: "How long each value lasts, in whole ticks, one or more",
        },
        START,
        STOP,
        DELAY,
    ],
    build: |v: &Values| {
        let (mean, std, dt_ms) = (v.number("mean"), v.number("std"), v.number("dt"));
        Ok(Box::new(NoiseCurrent { mean, std, dt_ms, on: Interval::from_values(v)? }))
    },
};

impl Input for NoiseCurrent {
    fn generator(self: Arc<Self>, scope: InputSlice) -> Box<dyn Generator> {
        let on = self.on.currents(scope.resolution);
        let lasting = scope.resolution.nearest(self.dt_ms).0.max(1);
        let levels = vec![0.0; scope.neurons.len()];
        Box::new(Noise { input: self, scope, on, lasting, drawn: None, values: Vec::new(), now: None, levels })
    }

    fn misfit(&self, resolution: Resolution, _: bool) -> Option<Misfit> {
        Misfit::of("dt", self.dt_ms, resolution, 1).or_else(|| self.on.misfit(resolution))
    }

    fn delay_ms(&self) -> f64 {
        self.on.delay_ms
    }

    fn weight(&self) -> f64 {
        0.0
    }

    fn sends_currents(&self) -> bool {
        true
    }
}

/// Noise into a slice.
#[derive(Debug, Clone)]
struct Noise {
    input: Arc<NoiseCurrent>,
    scope: InputSlice,
    on: Range<Tick>,
    /// Ticks that a value lasts.
    lasting: u64,
    /// The values that were drawn last, counted in [`DRAWN`]s.
    drawn: Option<u64>,
    /// [`DRAWN`] for each neuron.
    values: Vec<f64>,
    /// Which value flows, or 0 while it is off; one more than its number.
    now: Option<u64>,
    levels: Vec<f64>,
}

impl Noise {
    fn draw(&mut self, group: u64) {
        self.drawn = Some(group);
        self.values.clear();
        let step = (self.scope.input as u64) << 40 | group;
        for neuron in self.scope.neurons.clone() {
            let entity = self.scope.first_entity + neuron as u32;
            let mut words = Words::new(&Stream::new(self.scope.seed, Purpose::Noise, entity, step));
            let NoiseCurrent { mean, std, .. } = *self.input;
            let mut value = || {
                let gauss: f64 = StandardNormal.sample(&mut words);
                mean + std * gauss
            };
            self.values.extend((0..DRAWN).map(|_| value()));
        }
    }
}

impl Generator for Noise {
    fn currents(&mut self, tick: u64) -> Option<&[f64]> {
        let value = (tick.wrapping_sub(self.on.start.0)) / self.lasting;
        let now = if self.on.contains(&Tick(tick)) { value + 1 } else { 0 };
        if self.now == Some(now) {
            return None;
        }
        self.now = Some(now);
        if now == 0 {
            self.levels.fill(0.0);
            return Some(&self.levels);
        }
        if self.drawn != Some(value / DRAWN) {
            self.draw(value / DRAWN);
        }
        let place = (value % DRAWN) as usize;
        let drawn = self.values.iter().skip(place).step_by(DRAWN as usize);
        self.levels.iter_mut().zip(drawn).for_each(|(level, value)| *level = *value);
        Some(&self.levels)
    }

    fn duplicate(&self) -> Box<dyn Generator> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use crate::input::tests::{build, levels};
    use crate::input::{Input, tests::scope};
    use crate::parameter::Value::Number;

    fn noise(dt: f64) -> Box<dyn Input> {
        let given = [("mean", Number(20.0)), ("std", Number(3.0)), ("dt", Number(dt)), ("start", Number(0.5))];
        build("noise_current", &given).unwrap()
    }

    #[test]
    fn noise_has_its_moments_and_is_independent_in_time_and_space() {
        let flowing = levels(noise(0.1), 0..50, 2005);
        assert!(flowing[..5].iter().flatten().all(|&level| level == 0.0));
        let flowing = &flowing[5..];
        let all: Vec<f64> = flowing.concat();
        let mean = all.iter().sum::<f64>() / 1e5;
        let variance = all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e5;
        assert!((mean - 20.0).abs() < 0.05 && (variance - 9.0).abs() < 0.2, "{mean} {variance}");
        let covariance = |pairs: &mut dyn Iterator<Item = (f64, f64)>| {
            pairs.map(|(a, b)| (a - 20.0) * (b - 20.0)).sum::<f64>() / 1e5
        };
        let in_time = covariance(&mut flowing.windows(2).flat_map(|pair| (0..50).map(|i| (pair[0][i], pair[1][i]))));
        let in_space =
            covariance(&mut flowing.iter().flat_map(|level| level.windows(2).map(|pair| (pair[0], pair[1]))));
        assert!(in_time.abs() < 0.2 && in_space.abs() < 0.2, "{in_time} {in_space}");
    }

    #[test]
    fn a_value_lasts_dt_and_does_not_depend_on_the_slice() {
        let flowing = levels(noise(0.4), 0..9, 105);
        for (tick, level) in flowing.iter().enumerate().skip(6) {
            assert_eq!(level == &flowing[tick - 1], (tick - 5) % 4 != 0, "{tick}");
        }
        let part = levels(noise(0.4), 4..7, 105);
        assert!(flowing.iter().zip(&part).all(|(whole, part)| whole[4..7] == part[..]));
        let mut late = std::sync::Arc::<dyn Input>::from(noise(0.4)).generator(scope(0..9));
        assert_eq!(late.currents(77).unwrap(), flowing[77]);
    }
}
