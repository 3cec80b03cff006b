//! Time to first spike: one spike per input, earlier for larger values.
//!
//! ```text
//! linear        tick = round((1 - value) (T - 1))                           T ticks of length h
//! logarithmic   tick = round((tau / h) ln(value / (value - threshold)))     when that is below T
//! ```
//! Inputs whose value is not above the threshold are silent. The logarithmic curve is the time
//! at which a leaky membrane with time constant tau, charged by a constant input of that value,
//! crosses the threshold. The rate regime sees 1/T for an input that spikes, 0 for one that does
//! not: it cannot see when a spike comes.

use super::{Encoder, Stimulus, WINDOW, window_ticks};
use crate::parameter::{Field, Form, Kind, Range};
use crate::random::Stream;
use crate::time::Resolution;
use crate::unit::Dimension;

#[derive(Debug)]
struct Latency {
    window_ms: f64,
    threshold: f64,
    curve: Curve,
}

#[derive(Debug, Clone, Copy)]
enum Curve {
    Linear,
    Logarithmic { tau_ms: f64 },
}

pub(super) const KIND: Kind<dyn Encoder> = Kind {
    name: "latency",
    aliases: &["time_to_first_spike", "ttfs"],
    summary: "One spike per input, the earlier the larger the value",
    fields: &[
        WINDOW,
        Field {
            name: "threshold",
            aliases: &[],
            form: Form::Quantity(Dimension::None),
            default: Some("0.1"),
            range: Range::Within(0.0, 1.0),
            doc: "Inputs whose value is not above this are silent",
        },
        Field {
            name: "curve",
            aliases: &[],
            form: Form::Choice(&["linear", "logarithmic"]),
            default: Some("linear"),
            range: Range::Any,
            doc: "How the time of the spike follows from the value: a line, or the charging of a leaky membrane",
        },
        Field {
            name: "tau",
            aliases: &[],
            form: Form::Quantity(Dimension::Time),
            default: Some("5 ms"),
            range: Range::Positive,
            doc: "Time constant, for curve = \"logarithmic\"",
        },
    ],
    build: |v| {
        let (threshold, logarithmic) = (v.number("threshold"), v.text("curve") == "logarithmic");
        if logarithmic && threshold <= 0.0 {
            return Err("with curve = \"logarithmic\" threshold must be above 0".into());
        }
        let curve = if logarithmic { Curve::Logarithmic { tau_ms: v.number("tau") } } else { Curve::Linear };
        Ok(Box::new(Latency { window_ms: v.number("window"), threshold, curve }))
    },
};

impl Latency {
    /// The tick at which an input of this value spikes.
    fn tick(&self, value: f32, resolution: Resolution) -> Option<u32> {
        let (value, window) = (f64::from(value.clamp(0.0, 1.0)), window_ticks(self.window_ms, resolution) as f64);
        if value <= self.threshold {
            return None;
        }
        let tick = match self.curve {
            Curve::Linear => (1.0 - value) * (window - 1.0),
            Curve::Logarithmic { tau_ms } => tau_ms / resolution.ms() * (value / (value - self.threshold)).ln(),
        };
        (tick.round() < window).then_some(tick.round() as u32)
    }
}

impl Encoder for Latency {
    fn window_ms(&self) -> f64 {
        self.window_ms
    }

    fn encode(&self, values: &[f32], resolution: Resolution, _: &mut Stream, stimulus: &mut Stimulus) {
        let window = window_ticks(self.window_ms, resolution);
        stimulus.fill(values, window, |value| self.tick(value, resolution), |level, tick| level as usize == tick);
    }

    fn rates(&self, values: &mut [f32], resolution: Resolution) {
        let rate = 1.0 / window_ticks(self.window_ms, resolution) as f32;
        for value in values {
            *value = self.tick(*value, resolution).map_or(0.0, |_| rate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn larger_values_spike_earlier() {
        let h = Resolution::from_ms(1.0).unwrap();
        let encoder = Latency { window_ms: 11.0, threshold: 0.1, curve: Curve::Linear };
        let ticks = [1.0, 0.9, 0.5, 0.11, 0.05, 0.0].map(|value| encoder.tick(value, h));
        assert_eq!(ticks, [Some(0), Some(1), Some(5), Some(9), None, None]);
    }

    #[test]
    fn the_logarithmic_curve_is_the_charging_of_a_membrane() {
        let h = Resolution::from_ms(0.001).unwrap();
        let encoder = Latency { window_ms: 20.0, threshold: 0.3, curve: Curve::Logarithmic { tau_ms: 5.0 } };
        for value in [0.31f32, 0.5, 1.0] {
            let time = f64::from(encoder.tick(value, h).unwrap()) * 1e-3;
            let membrane = f64::from(value) * (1.0 - (-time / 5.0).exp());
            assert!((membrane - 0.3).abs() < 1e-3, "{membrane}");
        }
        // 5 ln(0.301 / 0.001) = 28.5 ms comes after the window.
        assert_eq!(encoder.tick(0.301, h), None);
    }
}
