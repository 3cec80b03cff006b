//! Inputs of a simulation: what drives populations from outside. One per file.
//!
//! To add one: write `my_input.rs` with a `KIND`, add its `mod` line and its row.

mod dc;
mod delayed;
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

use generator::{Generator, InputSlice};

use crate::parameter::{self, Field, Form, Kind};
use crate::time::{Resolution, Tick, TimeError};
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

    /// How many spikes it lists, and how many of them are for all of its neurons.
    fn listed(&self) -> (usize, usize) {
        (0, 0)
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

    /// Which of its times no run with this resolution can keep, and how to mend that: those that have to be
    /// whole ticks and are not. `precise` says whether spikes are timed within ticks.
    fn misfit(&self, resolution: Resolution, precise: bool) -> Option<Misfit>;

    /// How much later than it says everything reaches the neurons, in ms.
    fn delay_ms(&self) -> f64 {
        0.0
    }

    /// The input at work on a slice of a population, but for its delay.
    fn generator(self: Arc<Self>, scope: InputSlice) -> Box<dyn Generator>;
}

/// An input at work on a slice of a population.
pub fn at_work(input: &Arc<dyn Input>, scope: InputSlice) -> Box<dyn Generator> {
    let delay = scope.resolution.nearest(input.delay_ms()).0;
    let neurons = scope.neurons.len();
    let generator = Arc::clone(input).generator(scope);
    if delay == 0 { generator } else { Box::new(delayed::Delayed::new(generator, delay, neurons)) }
}

/// A time that no run can keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    pub message: String,
    pub help: String,
}

impl Misfit {
    /// Whether the time called `name` is no whole number of ticks, or fewer than `least`.
    fn of(name: &str, ms: f64, resolution: Resolution, least: u64) -> Option<Self> {
        let nearest = match resolution.ticks(ms) {
            Ok(ticks) if ticks >= least => return None,
            Ok(_) => resolution.to_ms(Tick(least)),
            Err(TimeError::OffGrid { nearest_ms, .. }) => nearest_ms.max(resolution.to_ms(Tick(least))),
            Err(error) => return Some(Self { message: format!("`{name}`: {error}"), help: "make it shorter".into() }),
        };
        let message = format!("`{name}` is {ms} ms, which is no whole number of ticks of {} ms", resolution.ms());
        Some(Self { message, help: format!("the nearest time that is: \"{nearest} ms\"") })
    }
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

/// How late an input is; shared by all.
const DELAY: Field = Field {
    name: "delay",
    aliases: &["lag"],
    form: Form::Quantity(Dimension::Time),
    default: Some("0 ms"),
    range: parameter::Range::NotNegative,
    doc: "How much later all of it reaches the neurons, in whole ticks",
};

/// When an input begins; shared by all but lists.
const START: Field = Field {
    name: "start",
    aliases: &["onset"],
    form: Form::Quantity(Dimension::Time),
    default: Some("0 ms"),
    range: parameter::Range::NotNegative,
    doc: "When it begins, in whole ticks: it acts on what comes after this time",
};

/// When an input ends; shared by all but lists.
const STOP: Field = Field {
    name: "stop",
    aliases: &[],
    form: Form::Quantity(Dimension::Time),
    default: Some("0 ms"),
    range: parameter::Range::NotNegative,
    doc: "When it ends, in whole ticks; what comes at this time still counts. 0: never",
};

/// Refuses `given` values of a parameter that are neither one for all of `neurons` nor one for each.
fn fits_each(name: &str, given: usize, neurons: usize) -> Result<(), String> {
    match given {
        1 => Ok(()),
        _ if given == neurons => Ok(()),
        _ => Err(format!("`{name}` has {given} values for {neurons} neurons; give one for all or one for each")),
    }
}

/// From when to when an input is on, and how late it is.
///
/// ```text
/// start < t <= stop     spikes; currents act on membranes from the tick after start to the one of stop
/// ```
#[derive(Debug, Clone, Copy)]
struct Interval {
    start_ms: f64,
    /// Infinite when it never ends.
    stop_ms: f64,
    delay_ms: f64,
}

impl Interval {
    fn from_values(values: &parameter::Values) -> Result<Self, String> {
        let (start_ms, stop_ms) = (values.number("start"), values.number("stop"));
        if stop_ms != 0.0 && stop_ms <= start_ms {
            return Err(format!("stop ({stop_ms} ms) is not after start ({start_ms} ms)"));
        }
        let stop_ms = if stop_ms == 0.0 { f64::INFINITY } else { stop_ms };
        Ok(Self { start_ms, stop_ms, delay_ms: values.number("delay") })
    }

    /// The ticks from which on currents flow to the next.
    fn currents(self, resolution: Resolution) -> Range<Tick> {
        resolution.nearest(self.start_ms)..resolution.nearest(self.stop_ms)
    }

    /// The ticks at which spikes arrive.
    fn spikes(self, resolution: Resolution) -> Range<Tick> {
        let Range { start, end } = self.currents(resolution);
        Tick(start.0.saturating_add(1))..Tick(end.0.saturating_add(1))
    }

    /// Which of its times is no whole number of ticks.
    fn misfit(self, resolution: Resolution) -> Option<Misfit> {
        let stop = Some(self.stop_ms).filter(|stop| stop.is_finite());
        Misfit::of("start", self.start_ms, resolution, 0)
            .or_else(|| stop.and_then(|stop| Misfit::of("stop", stop, resolution, 1)))
            .or_else(|| Misfit::of("delay", self.delay_ms, resolution, 0))
    }
}

/// The tick at which a spike at `ms` arrives, and how long before it, in ms: 0 on the grid, where it goes to the
/// nearest tick.
fn place(ms: f64, resolution: Resolution, precise: bool) -> (Tick, f64) {
    let nearest = resolution.nearest(ms);
    let before = resolution.to_ms(nearest) - ms;
    // What is on the grid but for rounding is on the grid.
    match before {
        _ if !precise || before.abs() < (1e-9 * resolution.ms()).max(4.0 * f64::EPSILON * ms) => (nearest, 0.0),
        _ if before < 0.0 => (Tick(nearest.0.saturating_add(1)), before + resolution.ms()),
        _ => (nearest, before),
    }
}

#[cfg(test)]
mod tests {
    use super::generator::Pulses;
    use super::*;
    use crate::parameter::{Value, Values, find};

    pub(super) fn build(kind: &str, given: &[(&'static str, Value)]) -> Result<Box<dyn Input>, String> {
        let kind = find(KINDS, kind).unwrap();
        let mut values = Values::default();
        for (name, number) in [("weight", 1.0), ("start", 0.0), ("stop", 0.0), ("delay", 0.0)] {
            values.set(name, Value::Number(number));
        }
        given.iter().for_each(|(name, value)| values.set(name, value.clone()));
        (kind.build)(&values)
    }

    /// A slice at 0.1 ms.
    pub(super) fn scope(neurons: Range<usize>) -> InputSlice {
        let resolution = Resolution::from_ms(0.1).unwrap();
        InputSlice { neurons, first_entity: 40, input: 2, resolution, precise: false, seed: 9 }
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
            Pulses::Weighted(spikes) => spikes.iter().filter(|spike| spike.0 == 1).count() as u16,
        };
        ticks.map(at).collect()
    }

    #[test]
    fn an_input_that_ends_before_it_begins_is_refused() {
        let given = [("rate", Value::Numbers(vec![10.0])), ("start", Value::Number(5.0)), ("stop", Value::Number(4.0))];
        assert_eq!(build("poisson", &given).unwrap_err(), "stop (4 ms) is not after start (5 ms)");
    }

    #[test]
    fn times_off_the_grid_do_not_fit_and_the_nearest_that_do_are_told() {
        let rate = ("rate", Value::Numbers(vec![10.0]));
        let current = ("amplitude", Value::Numbers(vec![1.0]));
        for (kind, given, name, nearest) in [
            ("poisson", [rate.clone(), ("start", Value::Number(0.25))], "start", "0.3 ms"),
            ("poisson", [rate, ("stop", Value::Number(0.04))], "stop", "0.1 ms"),
            ("dc", [current, ("delay", Value::Number(0.33))], "delay", "0.3 ms"),
            ("noise_current", [("std", Value::Number(1.0)), ("dt", Value::Number(0.25))], "dt", "0.3 ms"),
            ("noise_current", [("std", Value::Number(1.0)), ("dt", Value::Number(0.001))], "dt", "0.1 ms"),
        ] {
            let mut all = vec![("mean", Value::Number(0.0)), ("dt", Value::Number(1.0))];
            all.extend(given);
            let misfit = build(kind, &all).unwrap().misfit(scope(0..1).resolution, false).unwrap();
            assert!(misfit.message.starts_with(&format!("`{name}` is ")), "{misfit:?}");
            assert_eq!(misfit.help, format!("the nearest time that is: \"{nearest}\""));
        }
    }

    #[test]
    fn an_input_is_as_late_as_its_delay() {
        let given = [("rate", Value::Number(2000.0)), ("phase", Value::Number(1.0)), ("delay", Value::Number(0.3))];
        let late = Arc::<dyn Input>::from(build("regular", &given).unwrap());
        let mut generator = at_work(&late, scope(2..4));
        let spikes: Vec<u64> = (1..20).filter(|&tick| generator.pulses(tick) != Pulses::None).collect();
        assert_eq!(spikes, [8, 13, 18]);
        let given =
            [("amplitude", Value::Numbers(vec![5.0])), ("stop", Value::Number(0.2)), ("delay", Value::Number(0.3))];
        let late = Arc::<dyn Input>::from(build("dc", &given).unwrap());
        let mut generator = at_work(&late, scope(2..4));
        let answers: Vec<Option<f64>> = (0..8).map(|tick| generator.currents(tick).map(|levels| levels[1])).collect();
        assert_eq!(answers, [Some(0.0), None, None, Some(5.0), None, Some(0.0), None, None]);
    }
}
