//! Spikes at listed times, the same for all neurons, or for some of them.

use std::ops::Range;
use std::sync::Arc;

use super::generator::{Generator, Scope};
use super::spans::Spans;
use super::{Arrival, Input, WEIGHT, nearest_tick};
use crate::parameter::{self, Field, Form, Kind, Values};
use crate::random::Stream;
use crate::time::{Resolution, Tick};
use crate::unit::Dimension;

#[derive(Debug)]
struct SpikeTimes {
    /// Ascending.
    times_ms: Vec<f64>,
    /// Ascending; empty for all.
    neurons: Vec<usize>,
    weight: f64,
}

pub(super) const KIND: Kind<dyn Input> = Kind {
    name: "spike_times",
    aliases: &["spike_array", "spike_generator"],
    summary: "Spikes at listed times",
    fields: &[
        Field {
            name: "times",
            aliases: &["spike_times"],
            form: Form::Quantities(Dimension::Time),
            default: None,
            range: parameter::Range::NotNegative,
            doc: "When they arrive; each goes to the nearest tick",
        },
        Field {
            name: "neurons",
            aliases: &["neuron"],
            form: Form::Quantities(Dimension::None),
            default: Some("[]"),
            range: parameter::Range::NotNegative,
            doc: "Indices of the neurons that get them, from 0; none given: all",
        },
        WEIGHT,
    ],
    build: |v: &Values| {
        let mut times_ms = v.numbers("times").to_vec();
        times_ms.sort_by(f64::total_cmp);
        if let Some(index) = v.numbers("neurons").iter().find(|index| index.fract() != 0.0) {
            return Err(format!("neuron {index} is not a whole number"));
        }
        let mut neurons: Vec<usize> = v.numbers("neurons").iter().map(|&index| index as usize).collect();
        neurons.sort_unstable();
        Ok(Box::new(SpikeTimes { times_ms, neurons, weight: v.number("weight") }))
    },
};

impl Input for SpikeTimes {
    fn generator(self: Arc<Self>, scope: Scope) -> Box<dyn Generator> {
        Box::new(Spans::new(self, scope))
    }

    fn weight(&self) -> f64 {
        self.weight
    }

    fn neurons(&self) -> &[usize] {
        &self.neurons
    }

    fn arrivals(&self, neuron: usize, span: Range<Tick>, resolution: Resolution, _: &mut Stream) -> Vec<Arrival> {
        if !self.neurons.is_empty() && self.neurons.binary_search(&neuron).is_err() {
            return Vec::new();
        }
        let first = self.times_ms.partition_point(|&ms| nearest_tick(ms, resolution) < span.start);
        let ticks = self.times_ms[first..].iter().map(|&ms| nearest_tick(ms, resolution));
        ticks.take_while(|&tick| tick < span.end).map(Arrival::Spike).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::input::tests::{arrivals, build};
    use crate::parameter::Value::Numbers;

    #[test]
    fn listed_times_arrive_once_each_at_the_listed_neurons() {
        let times = ("times", Numbers(vec![5.0, 0.0, 1.24, 5.0]));
        let input = build("spike_times", &[times.clone(), ("neurons", Numbers(vec![]))]).unwrap();
        let ticks: Vec<u64> = arrivals(&*input, &[12, 13, 50, 100]).iter().map(|s| s.tick().0).collect();
        assert_eq!(ticks, [0, 12, 50, 50]);
        let other = build("spike_times", &[times.clone(), ("neurons", Numbers(vec![4.0, 2.0]))]).unwrap();
        assert!(arrivals(&*other, &[100]).is_empty());
        let half = build("spike_times", &[times, ("neurons", Numbers(vec![0.5]))]).unwrap_err();
        assert_eq!(half, "neuron 0.5 is not a whole number");
    }
}
