//! Latency readout: the earlier the first spike of an output neuron, the larger its score.
//!
//! ```text
//! score = 1 - (t + u) / T,   t the tick of the first spike,   u = (1 - z / (1 + |z|)) / 2 in (0, 1)
//! ```
//! The earlier the first spike, the larger the score. `u` orders neurons whose first spikes fall
//! on the same tick: the one with the larger mean input z comes first. A silent neuron has t = T,
//! so it scores 0 or a little below, under every neuron that fired.
//!
//! The rate regime has no spike times: there the score is the activity of the output units, which
//! orders them as their first spikes would under constant drive.

use super::{Decoder, Output};
use crate::parameter::Kind;
use crate::time::Resolution;

#[derive(Debug)]
struct FirstSpike;

pub(super) const KIND: Kind<dyn Decoder> = Kind {
    name: "first_spike",
    aliases: &["time_to_first_spike"],
    summary: "The earlier the first spike of an output neuron, the larger its score",
    fields: &[],
    build: |_| Ok(Box::new(FirstSpike)),
};

impl Decoder for FirstSpike {
    fn fires(&self) -> bool {
        true
    }

    fn needs_times(&self) -> bool {
        true
    }

    fn scores(&self, output: Output<'_>, _: Resolution, scores: &mut [f32]) {
        let window = output.window as f32;
        scores.fill(window);
        for &(tick, neuron) in output.spikes.iter().rev() {
            scores[neuron as usize] = tick as f32;
        }
        for (score, drive) in scores.iter_mut().zip(output.drive) {
            let within = 0.5 - 0.5 * drive / (1.0 + drive.abs());
            *score = 1.0 - (*score + within) / window;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_wins_drive_breaks_ties_and_the_silent_come_last() {
        let spikes = [(2, 1), (4, 0), (4, 2), (5, 1), (9, 3)];
        let output =
            Output { window: 10, counts: &[0.0; 6], drive: &[0.3, 0.1, 0.5, -9.0, 0.9, -0.9], spikes: &spikes };
        let mut scores = [0.0; 6];
        FirstSpike.scores(output, Resolution::from_ms(1.0).unwrap(), &mut scores);
        let mut order: Vec<usize> = (0..6).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        assert_eq!(order, [1, 2, 0, 3, 4, 5]);
        assert!((scores[1] - 0.8).abs() <= 0.1);
        assert!(scores[3] > 0.0 && scores[4] <= 0.0);
    }
}
