//! Readouts: from what the output population did to one score per class. One per file.
//!
//! To add one: write `my_readout.rs` with a `KIND`, add its `mod` line and its row.

mod assignment;
mod filtered_rate;
mod first_spike;
mod linear;
mod membrane;
mod spike_count;

use crate::matrix::Matrix;
use crate::parameter::Kind;
use crate::time::Resolution;

/// Every readout, in the order `twinfire list` shows them.
pub const KINDS: &[Kind<dyn Decoder>] =
    &[membrane::KIND, spike_count::KIND, filtered_rate::KIND, first_spike::KIND, linear::KIND, assignment::KIND];

/// What one output population did during one presentation.
#[derive(Debug, Clone, Copy)]
pub struct Output<'a> {
    /// Ticks of the presentation.
    pub window: usize,
    /// Spikes of each neuron. All zero when [`Decoder::fires`] is false.
    pub counts: &'a [f32],
    /// Mean synaptic input per tick of each neuron.
    pub drive: &'a [f32],
    /// `(tick, neuron)` of every spike, in time order, ticks from the start of the
    /// neuron's own window. Empty unless [`Decoder::needs_times`].
    pub spikes: &'a [(u32, u32)],
}

impl Output<'_> {
    /// Writes the mean number of spikes per tick of each neuron.
    fn per_tick(&self, rates: &mut [f32]) {
        let scale = 1.0 / self.window.max(1) as f32;
        for (rate, count) in rates.iter_mut().zip(self.counts) {
            *rate = count * scale;
        }
    }
}

/// Reads one score per output neuron; the decision is the largest (first on ties).
pub trait Decoder: Send + Sync + std::fmt::Debug {
    /// Whether the output neurons fire. When false they only integrate (threshold at
    /// infinity), and the readout is their membrane.
    fn fires(&self) -> bool;

    /// Whether the readout looks at [`Output::spikes`].
    fn needs_times(&self) -> bool {
        false
    }

    /// Scores in the spiking regime, one per output neuron, scaled so that a score is
    /// comparable with the rate regime's.
    fn scores(&self, output: Output<'_>, resolution: Resolution, scores: &mut [f32]);

    /// Whether scores can serve as predictions that a rule learns from. A readout that is
    /// fitted after training cannot.
    fn teaches(&self) -> bool {
        true
    }

    /// Whether the readout is fitted to firing rates after training.
    fn is_fitted(&self) -> bool {
        false
    }

    /// Fits it to the rates of the output population (n x S, in spikes per tick) over samples with these classes.
    /// `None` for readouts that are not fitted.
    fn fit(&self, rates: &Matrix, labels: &[u16], classes: usize) -> Option<Matrix> {
        let _ = (rates, labels, classes);
        None
    }

    /// Scores (classes x S) of a fitted readout for rates, n x S.
    fn apply(&self, fitted: &Matrix, rates: &Matrix) -> Matrix {
        let _ = fitted;
        rates.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::{Value, Values, find};

    #[test]
    fn scores_are_per_tick() {
        let resolution = Resolution::from_ms(1.0).unwrap();
        let output = Output { window: 4, counts: &[1.0, 4.0], drive: &[-0.5, 2.0], spikes: &[] };
        for (name, known) in [("membrane", [-0.5, 2.0]), ("spike_count", [0.25, 1.0]), ("linear", [0.25, 1.0])] {
            let mut values = Values::default();
            values.set("ridge", Value::Number(0.1));
            let mut scores = [0.0; 2];
            (find(KINDS, name).unwrap().build)(&values).unwrap().scores(output, resolution, &mut scores);
            assert_eq!(scores, known, "{name}");
        }
    }
}
