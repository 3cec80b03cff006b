//! A piecewise constant current: one amplitude after the other (NEST's step_current_generator).
//!
//! ```text
//! I(t) = values[i]  for times[i] < t <= times[i + 1];  0 up to times[0]
//! ```

use std::sync::Arc;

use super::generator::{Generator, InputSlice};
use super::steps::Steps;
use super::{DELAY, Input, Misfit};
use crate::parameter::{self, Field, Form, Kind, Values};
use crate::time::Resolution;
use crate::unit::Dimension;

#[derive(Debug)]
struct StepCurrent {
    /// (ms, pA), ascending.
    steps: Vec<(f64, f64)>,
    delay_ms: f64,
}

pub(super) const KIND: Kind<dyn Input> = Kind {
    name: "step_current",
    aliases: &["step_current_generator", "step_current_source"],
    summary: "A current that takes one value after the other, the same for all neurons",
    fields: &[
        Field {
            name: "times",
            aliases: &["amplitude_times"],
            form: Form::Quantities(Dimension::Time),
            default: None,
            range: parameter::Range::NotNegative,
            doc: "When each value begins, ascending, in whole ticks",
        },
        Field {
            name: "values",
            aliases: &["amplitudes", "amplitude_values"],
            form: Form::Quantities(Dimension::Current),
            default: None,
            range: parameter::Range::Any,
            doc: "Currents, one for each time",
        },
        DELAY,
    ],
    build: |v: &Values| {
        let (times, values) = (v.numbers("times"), v.numbers("values"));
        if times.len() != values.len() {
            return Err(format!("there are {} times, but {} values", times.len(), values.len()));
        }
        if let Some(pair) = times.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(format!("the times do not ascend: {} ms is followed by {} ms", pair[0], pair[1]));
        }
        let steps = times.iter().copied().zip(values.iter().copied()).collect();
        Ok(Box::new(StepCurrent { steps, delay_ms: v.number("delay") }))
    },
};

impl Input for StepCurrent {
    fn generator(self: Arc<Self>, scope: InputSlice) -> Box<dyn Generator> {
        let change = |&(ms, value)| (scope.resolution.nearest(ms), value);
        Box::new(Steps::new(self.steps.iter().map(change).collect(), &[1.0], &scope))
    }

    fn misfit(&self, resolution: Resolution, _: bool) -> Option<Misfit> {
        let mut times = self.steps.iter().map(|&(ms, _)| Misfit::of("times", ms, resolution, 0));
        times.find_map(|misfit| misfit).or_else(|| Misfit::of("delay", self.delay_ms, resolution, 0))
    }

    fn delay_ms(&self) -> f64 {
        self.delay_ms
    }

    fn weight(&self) -> f64 {
        0.0
    }

    fn sends_currents(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::input::tests::{build, levels};
    use crate::parameter::Value::Numbers;

    #[test]
    fn each_value_flows_until_the_next() {
        let given = [("times", Numbers(vec![0.2, 0.4])), ("values", Numbers(vec![5.0, -1.0]))];
        let flowing = levels(build("step_current", &given).unwrap(), 3..5, 6);
        assert_eq!(flowing.concat(), [0.0, 0.0, 0.0, 0.0, 5.0, 5.0, 5.0, 5.0, -1.0, -1.0, -1.0, -1.0]);
    }

    #[test]
    fn times_that_do_not_ascend_or_fit_their_values_are_refused() {
        let wrong = |times: &[f64], values: &[f64]| {
            let given = [("times", Numbers(times.to_vec())), ("values", Numbers(values.to_vec()))];
            build("step_current", &given).unwrap_err()
        };
        assert_eq!(wrong(&[1.0, 2.0], &[3.0]), "there are 2 times, but 1 values");
        assert_eq!(wrong(&[2.0, 1.0], &[3.0, 4.0]), "the times do not ascend: 2 ms is followed by 1 ms");
    }
}
