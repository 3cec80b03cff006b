//! A constant current into neurons.
//!
//! ```text
//! I(t) = amplitude  for start < t <= stop:  it acts on the membrane from the tick after start
//! ```

use std::sync::Arc;

use super::generator::{Generator, InputSlice};
use super::steps::Steps;
use super::{DELAY, Input, Interval, Misfit, START, STOP, fits_each};
use crate::parameter::{self, Field, Form, Kind, Values};
use crate::time::Resolution;
use crate::unit::Dimension;

#[derive(Debug)]
struct Dc {
    /// One for all neurons, or one for each.
    amplitudes: Vec<f64>,
    on: Interval,
}

pub(super) const KIND: Kind<dyn Input> = Kind {
    name: "dc",
    aliases: &["dc_generator", "dc_source", "current"],
    summary: "A constant current into neurons",
    fields: &[
        Field {
            name: "amplitude",
            aliases: &["amplitudes"],
            form: Form::OneOrEach(Dimension::Current),
            default: None,
            range: parameter::Range::Any,
            doc: "Current into the neurons, one for all or one for each; \
                  those without a capacitance take 1 pA as one unit of threshold per ms",
        },
        START,
        STOP,
        DELAY,
    ],
    build: |v: &Values| Ok(Box::new(Dc { amplitudes: v.numbers("amplitude").to_vec(), on: Interval::from_values(v)? })),
};

impl Input for Dc {
    fn generator(self: Arc<Self>, scope: InputSlice) -> Box<dyn Generator> {
        let on = self.on.currents(scope.resolution);
        Box::new(Steps::new(vec![(on.start, 1.0), (on.end, 0.0)], &self.amplitudes, &scope))
    }

    fn misfit(&self, resolution: Resolution, _: bool) -> Option<Misfit> {
        self.on.misfit(resolution)
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

    fn fits(&self, neurons: usize) -> Result<(), String> {
        fits_each("amplitude", self.amplitudes.len(), neurons)
    }
}

#[cfg(test)]
mod tests {
    use crate::input::tests::{build, levels};
    use crate::parameter::Value::{Number, Numbers};

    #[test]
    fn a_current_flows_from_start_to_stop() {
        let given = [("amplitude", Numbers(vec![400.0])), ("start", Number(0.2)), ("stop", Number(0.5))];
        let flowing = levels(build("dc", &given).unwrap(), 0..2, 7);
        assert_eq!(flowing.iter().map(|level| level[1]).collect::<Vec<_>>(), [0.0, 0.0, 400.0, 400.0, 400.0, 0.0, 0.0]);
        let endless = build("dc", &[("amplitude", Numbers(vec![-1.0]))]).unwrap();
        assert!(levels(endless, 0..1, 300).iter().all(|level| level == &[-1.0]));
    }

    #[test]
    fn every_neuron_may_have_its_own_current() {
        let given = [("amplitude", Numbers(vec![1.0, 2.0, 3.0, 4.0]))];
        assert_eq!(levels(build("dc", &given).unwrap(), 1..3, 1), [[2.0, 3.0]]);
        assert!(build("dc", &given).unwrap().fits(4).is_ok());
        let message = build("dc", &given).unwrap().fits(5).unwrap_err();
        assert_eq!(message, "`amplitude` has 4 values for 5 neurons; give one for all or one for each");
    }
}
