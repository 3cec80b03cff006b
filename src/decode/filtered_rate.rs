//! Firing rates at the end of a presentation, filtered exponentially.
//!
//! ```text
//! score = sum over spikes of d^(T - 1 - t) / sum over ticks of d^(T - 1 - t),    d = exp(-h / tau)
//! ```
//! A neuron that fires at a constant rate of r spikes per tick gets r, so scores compare with
//! the activity of the rate regime's output units. Late spikes count more than early ones.

use super::{Decoder, Output};
use crate::parameter::{Field, Form, Kind, Range};
use crate::time::Resolution;
use crate::unit::Dimension;

#[derive(Debug)]
struct FilteredRate {
    tau_ms: f64,
}

pub(super) const KIND: Kind<dyn Decoder> = Kind {
    name: "filtered_rate",
    aliases: &["trace"],
    summary: "Exponentially filtered spikes at the end of the presentation",
    fields: &[Field {
        name: "tau",
        aliases: &[],
        form: Form::Quantity(Dimension::Time),
        default: Some("10 ms"),
        range: Range::Positive,
        doc: "Time constant of the filter",
    }],
    build: |v| Ok(Box::new(FilteredRate { tau_ms: v.number("tau") })),
};

impl Decoder for FilteredRate {
    fn fires(&self) -> bool {
        true
    }

    fn needs_times(&self) -> bool {
        true
    }

    fn scores(&self, output: Output<'_>, resolution: Resolution, scores: &mut [f32]) {
        let step = resolution.ms() / self.tau_ms;
        let weight = |ticks_ago: f64| (-step * ticks_ago).exp();
        let total: f64 = (0..output.window).map(|ago| weight(ago as f64)).sum();
        scores.fill(0.0);
        for &(tick, neuron) in output.spikes {
            let ago = output.window as f64 - 1.0 - f64::from(tick);
            scores[neuron as usize] += (weight(ago) / total) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(spikes: &[(u32, u32)]) -> [f32; 2] {
        let mut scores = [9.0; 2];
        let output = Output { window: 100, counts: &[0.0; 2], drive: &[0.0; 2], spikes };
        FilteredRate { tau_ms: 20.0 }.scores(output, Resolution::from_ms(1.0).unwrap(), &mut scores);
        scores
    }

    #[test]
    fn a_constant_rate_gives_itself() {
        let every_tick: Vec<_> = (0..100).map(|tick| (tick, 1)).collect();
        let [silent, full] = scores(&every_tick);
        assert_eq!(silent, 0.0);
        assert!((full - 1.0).abs() < 1e-5);
        let every_fourth: Vec<_> = (0..25).map(|k| (4 * k + 2, 0)).collect();
        assert!((scores(&every_fourth)[0] - 0.25).abs() < 0.01);
    }

    #[test]
    fn a_spike_counts_e_times_less_a_time_constant_earlier() {
        let [early, late] = scores(&[(30, 0), (50, 1)]);
        assert!((late / early - std::f32::consts::E).abs() < 1e-4);
    }
}
