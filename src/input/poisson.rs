//! Poisson spikes, independent for each neuron.
//!
//! ```text
//! number of spikes of a neuron at a tick ~ Poisson(rate h)        drawn in poisson_counts.rs
//! ```
//! More than one spike may fall into a tick: a neuron gets the weight of each, a source of
//! spikes fires each.

use std::ops::Range;
use std::sync::Arc;

use rand_distr::{Distribution, Exp1};

use super::generator::{Generator, Scope};
use super::poisson_counts::PoissonCounts;
use super::{Arrival, FREQUENCIES, Input, Interval, START, STOP, WEIGHT, fits_each};
use crate::parameter::{Field, Form, Kind, Values};
use crate::random::Stream;
use crate::time::{Resolution, Tick};
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
    ],
    build: |v: &Values| {
        let rates_hz = v.numbers("rate").to_vec();
        Ok(Box::new(Poisson { rates_hz, weight: v.number("weight"), on: Interval::from_values(v)? }))
    },
};

impl Input for Poisson {
    fn generator(self: Arc<Self>, scope: Scope) -> Box<dyn Generator> {
        let on = self.on.ticks(scope.resolution);
        Box::new(PoissonCounts::new(&self.rates_hz, on, scope))
    }

    fn mean_rate(&self) -> f64 {
        self.rates_hz.iter().sum::<f64>() / self.rates_hz.len().max(1) as f64
    }

    fn weight(&self) -> f64 {
        self.weight
    }

    fn fits(&self, neurons: usize) -> Result<(), String> {
        fits_each("rate", self.rates_hz.len(), neurons)
    }

    fn arrivals(&self, neuron: usize, span: Range<Tick>, resolution: Resolution, stream: &mut Stream) -> Vec<Arrival> {
        let on = self.on.within(span, resolution);
        let rate_hz = self.rates_hz[if self.rates_hz.len() == 1 { 0 } else { neuron }];
        let mean_interval = 1.0 / (rate_hz * resolution.seconds());
        let mut arrivals = Vec::new();
        let mut time = on.start.0 as f64;
        // The process has no memory, so it may begin anew with every span.
        while mean_interval.is_finite() {
            let interval: f64 = Exp1.sample(stream);
            time += interval * mean_interval;
            if time >= on.end.0 as f64 {
                break;
            }
            arrivals.push(Arrival::Spike(Tick(time as u64)));
        }
        arrivals
    }
}

#[cfg(test)]
mod tests {
    use crate::input::tests::{arrivals, build};
    use crate::parameter::Value::{Number, Numbers};

    #[test]
    fn the_number_of_spikes_has_poisson_mean_and_variance_whatever_the_spans() {
        let input = build("poisson", &[("rate", Numbers(vec![800.0]))]).unwrap();
        let ends: Vec<u64> = (1..=2000).map(|i| i * 100).collect();
        let spikes = arrivals(&*input, &ends);
        let counts: Vec<f64> =
            ends.iter().map(|end| spikes.iter().filter(|s| s.tick().0 / 100 + 1 == end / 100).count() as f64).collect();
        let mean = counts.iter().sum::<f64>() / 2000.0;
        let variance = counts.iter().map(|n| (n - mean).powi(2)).sum::<f64>() / 1999.0;
        assert!((mean - 8.0).abs() < 0.25 && (variance - 8.0).abs() < 1.0, "{mean} {variance}");
        let whole = arrivals(&*input, &[200_000]).len() as f64;
        assert!((whole - 16_000.0).abs() < 500.0, "{whole}");
    }

    #[test]
    fn nothing_arrives_outside_of_its_interval_or_at_rate_0() {
        let given = [("rate", Numbers(vec![1000.0])), ("start", Number(10.0)), ("stop", Number(30.0))];
        let spikes = arrivals(&*build("poisson", &given).unwrap(), &[50, 150, 1000, 2000]);
        assert!(spikes.iter().all(|s| (100..300).contains(&s.tick().0)) && spikes.len() > 5);
        assert!(arrivals(&*build("poisson", &[("rate", Numbers(vec![0.0]))]).unwrap(), &[100_000]).is_empty());
    }
}
