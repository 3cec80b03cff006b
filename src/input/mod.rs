//! Inputs of a simulation: what drives populations from outside. One per file.
//!
//! To add one: write `my_input.rs` with a `KIND`, add its `mod` line and its row.

mod dc;
pub mod generator;
mod noise_current;
mod poisson;
mod poisson_counts;
mod regular;
mod spike_list;
pub mod spike_times;
mod step_current;
mod steps;

use std::ops::Range;
use std::sync::Arc;

use generator::{Generator, Scope};

use crate::parameter::{self, Field, Form, Kind};
use crate::time::{Resolution, Tick};
use crate::unit::Dimension;

/// Every input, in the order `twinfire list` shows them.
pub const KINDS: &[Kind<dyn Input>] =
    &[poisson::KIND, regular::KIND, spike_times::KIND, dc::KIND, step_current::KIND, noise_current::KIND];

/// Drives every neuron of its target populations, each on its own.
pub trait Input: Send + Sync + std::fmt::Debug {
    /// The weight of an arriving spike, in the unit of the target's synapses.
    fn weight(&self) -> f64;

    /// Whether it sends currents, which sources of spikes cannot take.
    fn sends_currents(&self) -> bool {
        false
    }

    /// About how many spikes a neuron gets from it per second; 0 where that cannot be said.
    fn mean_rate(&self) -> f64 {
        0.0
    }

    /// The neurons it names, when it does not reach all of its targets.
    fn neurons(&self) -> &[usize] {
        &[]
    }

    /// Whether a population of so many neurons can be driven.
    ///
    /// # Errors
    /// A sentence when it has values for another number of neurons.
    fn fits(&self, neurons: usize) -> Result<(), String> {
        match self.neurons().iter().find(|&&neuron| neuron >= neurons) {
            Some(neuron) => Err(format!("there is no neuron {neuron} among its {neurons}, counted from 0")),
            None => Ok(()),
        }
    }

    /// The input at work on a slice of a population.
    fn generator(self: Arc<Self>, scope: Scope) -> Box<dyn Generator>;
}

/// The weight onto neurons; shared by the inputs that send spikes.
const WEIGHT: Field = Field {
    name: "weight",
    aliases: &[],
    form: Form::Quantity(Dimension::Relative),
    default: Some("1"),
    range: parameter::Range::Any,
    doc: "Weight of its spikes onto neurons; sources fire with each, whatever the weight",
};

/// The rates an input can have, in Hz: up to ten spikes in the shortest tick there is, 1 us.
const FREQUENCIES: parameter::Range = parameter::Range::Within(0.0, 1e7);

/// When an input begins; shared by all but lists.
const START: Field = Field {
    name: "start",
    aliases: &["onset"],
    form: Form::Quantity(Dimension::Time),
    default: Some("0 ms"),
    range: parameter::Range::NotNegative,
    doc: "When it begins",
};

/// When an input ends; shared by all but lists.
const STOP: Field = Field {
    name: "stop",
    aliases: &[],
    form: Form::Quantity(Dimension::Time),
    default: Some("0 ms"),
    range: parameter::Range::NotNegative,
    doc: "When it ends; 0: never",
};

/// Refuses `given` values of a parameter that are neither one for all of `neurons` nor one for each.
fn fits_each(name: &str, given: usize, neurons: usize) -> Result<(), String> {
    match given {
        1 => Ok(()),
        _ if given == neurons => Ok(()),
        _ => Err(format!("`{name}` has {given} values for {neurons} neurons; give one for all or one for each")),
    }
}

/// From when to when an input is on.
#[derive(Debug, Clone, Copy)]
struct Interval {
    start_ms: f64,
    /// Infinite when it never ends.
    stop_ms: f64,
}

impl Interval {
    fn from_values(values: &parameter::Values) -> Result<Self, String> {
        let (start_ms, stop_ms) = (values.number("start"), values.number("stop"));
        if stop_ms != 0.0 && stop_ms <= start_ms {
            return Err(format!("stop ({stop_ms} ms) is not after start ({start_ms} ms)"));
        }
        Ok(Self { start_ms, stop_ms: if stop_ms == 0.0 { f64::INFINITY } else { stop_ms } })
    }

    /// The first tick at or after `start`, and the first at or after `stop`.
    fn ticks(self, resolution: Resolution) -> Range<Tick> {
        nearest_tick(self.start_ms, resolution)..nearest_tick(self.stop_ms, resolution)
    }
}

/// The tick nearest to `ms`; the last one there is for infinity.
fn nearest_tick(ms: f64, resolution: Resolution) -> Tick {
    Tick((ms / resolution.ms()).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::generator::Pulses;
    use super::*;
    use crate::parameter::{Value, Values, find};

    pub(super) fn build(kind: &str, given: &[(&'static str, Value)]) -> Result<Box<dyn Input>, String> {
        let kind = find(KINDS, kind).unwrap();
        let mut values = Values::default();
        for (name, number) in [("weight", 1.0), ("start", 0.0), ("stop", 0.0)] {
            values.set(name, Value::Number(number));
        }
        given.iter().for_each(|(name, value)| values.set(name, value.clone()));
        (kind.build)(&values)
    }

    /// A slice at 0.1 ms.
    pub(super) fn scope(neurons: Range<usize>) -> Scope {
        Scope { neurons, first_entity: 40, input: 2, resolution: Resolution::from_ms(0.1).unwrap(), seed: 9 }
    }

    /// The currents into a slice at each of `ticks` ticks, from tick 0 on.
    pub(super) fn levels(input: Box<dyn Input>, neurons: Range<usize>, ticks: u64) -> Vec<Vec<f64>> {
        let mut generator = Arc::<dyn Input>::from(input).generator(scope(neurons));
        let mut now = None;
        let mut at = |tick| {
            now = generator.currents(tick).map(<[f64]>::to_vec).or(now.take());
            now.clone().expect("a first answer")
        };
        (0..ticks).map(&mut at).collect()
    }

    /// The spikes that reach the second of two neurons at each of `ticks`.
    pub(super) fn counts(input: Box<dyn Input>, ticks: Range<u64>) -> Vec<u16> {
        let mut generator = Arc::<dyn Input>::from(input).generator(scope(2..4));
        let at = |tick| match generator.pulses(tick) {
            Pulses::None => 0,
            Pulses::Counts(counts) => counts[1],
            Pulses::Few(few) => few.iter().find(|spike| spike.0 == 1).map_or(0, |spike| spike.1),
        };
        ticks.map(at).collect()
    }

    #[test]
    fn an_input_that_ends_before_it_begins_is_refused() {
        let given = [("rate", Value::Numbers(vec![10.0])), ("start", Value::Number(5.0)), ("stop", Value::Number(4.0))];
        assert_eq!(build("poisson", &given).unwrap_err(), "stop (4 ms) is not after start (5 ms)");
    }
}
