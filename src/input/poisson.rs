//! Poisson spikes, independent for each neuron.
//!
//! ```text
//! number of spikes of a neuron at a tick ~ Poisson(rate h)        drawn in poisson_counts.rs
//! ```
//! More than one spike may fall into a tick: a neuron gets the weight of each, a source of
//! spikes fires each. They arrive at ticks, also where other spikes are timed within ticks.

use std::sync::Arc;

use super::generator::{Generator, InputSlice};
use super::poisson_counts::PoissonCounts;
use super::{DELAY, FREQUENCIES, Input, Interval, Misfit, START, STOP, WEIGHT, fits_each};
use crate::parameter::{Field, Form, Kind, Values};
use crate::time::Resolution;
use crate::unit::Dimension;

#[derive(Debug)]
struct Poisson {
    /// One for all neurons, or one for each.
    rates_hz: Vec<f64>,
    weight: f64,
    on: Interval,
}

pub(super) const KIND: Kind<dyn Input> = Kind {
    name: "poisson",
    aliases: &["poisson_generator"],
    summary: "Poisson spikes, independent for each neuron",
    fields: &[
        Field {
            name: "rate",
            aliases: &["frequency", "rates"],
            form: Form::OneOrEach(Dimension::Frequency),
            default: None,
            range: FREQUENCIES,
            doc: "Spikes per second onto each neuron; one for all, or one for each",
        },
        WEIGHT,
        START,
        STOP,
        DELAY,
    ],
    build: |v: &Values| {
        let rates_hz = v.numbers("rate").to_vec();
        Ok(Box::new(Poisson { rates_hz, weight: v.number("weight"), on: Interval::from_values(v)? }))
    },
};

impl Input for Poisson {
    fn generator(self: Arc<Self>, scope: InputSlice) -> Box<dyn Generator> {
        let on = self.on.spikes(scope.resolution);
        Box::new(PoissonCounts::new(&self.rates_hz, on, scope))
    }

    fn mean_rate(&self) -> f64 {
        self.rates_hz.iter().sum::<f64>() / self.rates_hz.len().max(1) as f64
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

    fn fits(&self, neurons: usize) -> Result<(), String> {
        fits_each("rate", self.rates_hz.len(), neurons)
    }
}

#[cfg(test)]
mod tests {
    use crate::input::tests::{build, counts};
    use crate::parameter::Value::{Number, Numbers};

    #[test]
    fn the_number_of_spikes_has_poisson_mean_and_variance() {
        let ticks = counts(build("poisson", &[("rate", Numbers(vec![800.0]))]).unwrap(), 0..200_000);
        let counts: Vec<f64> = ticks.chunks(100).map(|some| some.iter().map(|&count| f64::from(count)).sum()).collect();
        let mean = counts.iter().sum::<f64>() / 2000.0;
        let variance = counts.iter().map(|n| (n - mean).powi(2)).sum::<f64>() / 1999.0;
        assert!((mean - 8.0).abs() < 0.25 && (variance - 8.0).abs() < 1.0, "{mean} {variance}");
    }

    #[test]
    fn nothing_arrives_outside_of_its_interval_or_at_rate_0() {
        let given = [("rate", Numbers(vec![1000.0])), ("start", Number(10.0)), ("stop", Number(30.0))];
        let spikes = counts(build("poisson", &given).unwrap(), 0..2000);
        let inside: u16 = spikes[101..=300].iter().sum();
        assert!(inside > 5 && inside == spikes.iter().sum::<u16>());
        let silent = counts(build("poisson", &[("rate", Numbers(vec![0.0]))]).unwrap(), 0..10_000);
        assert!(silent.iter().all(|&count| count == 0));
    }
}
