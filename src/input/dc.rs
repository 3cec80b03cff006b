//! A constant current into neurons.
//!
//! ```text
//! I(t) = amplitude  for start < t <= stop:  it acts on the membrane from the tick after start
//! ```

use std::ops::Range;
use std::sync::Arc;

use super::generator::{Generator, Scope};
use super::spans::Spans;
use super::{Arrival, Input, Interval, START, STOP};
use crate::parameter::{self, Field, Form, Kind, Values};
use crate::random::Stream;
use crate::time::{Resolution, Tick};
use crate::unit::Dimension;

#[derive(Debug)]
struct Dc {
    amplitude: f64,
    on: Interval,
}

pub(super) const KIND: Kind<dyn Input> = Kind {
    name: "dc",
    aliases: &["dc_generator", "current"],
    summary: "A constant current into neurons",
    fields: &[
        Field {
            name: "amplitude",
            aliases: &[],
            form: Form::Quantity(Dimension::Current),
            default: None,
            range: parameter::Range::Any,
            doc: "Current into each neuron; neurons without a capacitance take 1 pA as one unit of threshold per ms",
        },
        START,
        STOP,
    ],
    build: |v: &Values| Ok(Box::new(Dc { amplitude: v.number("amplitude"), on: Interval::from_values(v)? })),
};

impl Input for Dc {
    fn generator(self: Arc<Self>, scope: Scope) -> Box<dyn Generator> {
        Box::new(Spans::new(self, scope))
    }

    fn weight(&self) -> f64 {
        0.0
    }

    fn sends_currents(&self) -> bool {
        true
    }

    fn arrivals(&self, _: usize, span: Range<Tick>, resolution: Resolution, _: &mut Stream) -> Vec<Arrival> {
        let on = self.on.ticks(resolution);
        let steps = [Arrival::Current(on.start, self.amplitude), Arrival::Current(on.end, 0.0)];
        steps.into_iter().filter(|step| span.contains(&step.tick())).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::input::Arrival::Current;
    use crate::input::tests::{arrivals, build};
    use crate::parameter::Value::Number;
    use crate::time::Tick;

    #[test]
    fn a_current_is_switched_on_and_off_once() {
        let given = [("amplitude", Number(400.0)), ("start", Number(2.0)), ("stop", Number(5.0))];
        let steps = arrivals(&*build("dc", &given).unwrap(), &[20, 21, 50, 51, 100]);
        assert_eq!(steps, [Current(Tick(20), 400.0), Current(Tick(50), 0.0)]);
        let endless = build("dc", &[("amplitude", Number(-1.0))]).unwrap();
        assert_eq!(arrivals(&*endless, &[10, 1000]), [Current(Tick(0), -1.0)]);
    }
}
