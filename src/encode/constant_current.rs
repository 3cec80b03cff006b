//! A constant current instead of spikes ("direct" or "analog" input).
//!
//! ```text
//! current = gain value,  acting at every tick as so many spikes would
//! ```
//! The rate regime sees the current.

use super::{Encoder, Stimulus, WINDOW, window_ticks};
use crate::parameter::{Field, Form, Kind, Range};
use crate::random::Stream;
use crate::time::Resolution;
use crate::unit::Dimension;

#[derive(Debug)]
struct ConstantCurrent {
    window_ms: f64,
    gain: f32,
}

pub(super) const KIND: Kind<dyn Encoder> = Kind {
    name: "constant_current",
    aliases: &["current", "direct"],
    summary: "A constant current in proportion to the value; inputs do not spike",
    fields: &[
        WINDOW,
        Field {
            name: "gain",
            aliases: &[],
            form: Form::Quantity(Dimension::None),
            default: Some("1"),
            range: Range::Positive,
            doc: "Current of an input of value 1, in spikes per tick",
        },
    ],
    build: |v| Ok(Box::new(ConstantCurrent { window_ms: v.number("window"), gain: v.number("gain") as f32 })),
};

impl Encoder for ConstantCurrent {
    fn window_ms(&self) -> f64 {
        self.window_ms
    }

    fn encode(&self, values: &[f32], resolution: Resolution, _: &mut Stream, stimulus: &mut Stimulus) {
        stimulus.clear();
        (0..window_ticks(self.window_ms, resolution)).for_each(|_| stimulus.end_tick());
        stimulus.currents.extend(values.iter().map(|value| value * self.gain));
    }

    fn rates(&self, values: &mut [f32], _: Resolution) {
        values.iter_mut().for_each(|value| *value *= self.gain);
    }
}
