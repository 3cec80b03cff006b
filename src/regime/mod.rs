//! How networks run. `events` simulates any network of a model. To train, samples are
//! presented with spikes (`spiking`) or with rates (`rate`): both take a [`Batch`] to a
//! [`Chain`] of layers and answer with a [`Response`] of the same form, which is all that a
//! rule sees (`stage.rs`).

pub mod events;
pub mod rate;
pub mod spiking;
pub mod stage;

pub use crate::result::Regime;

use crate::decode::Decoder;
use crate::encode::{Encoder, Stimulus};
use crate::matrix::Matrix;
use crate::network::chain::Chain;
use crate::random::{Purpose, Stream};
use crate::time::Resolution;
use spiking::trains::Trains;

impl Regime {
    /// Something that presents batches to `chain` in this regime.
    pub fn presenter(self, chain: &Chain, code: Code) -> Box<dyn Presenter> {
        match self {
            Self::Spiking => Box::new(spiking::presenter::SpikingPresenter::new(chain, code)),
            Self::Rate => Box::new(rate::RatePresenter::new(code)),
        }
    }
}

/// How samples enter a network and how decisions leave it.
#[derive(Debug, Clone)]
pub struct Code {
    pub encoder: std::sync::Arc<dyn Encoder>,
    pub decoder: std::sync::Arc<dyn Decoder>,
    /// A constant current through the synapses of each input, at every tick, beside what the
    /// encoder sends, in spikes per tick: minus the mean image, for one. Empty for none.
    pub offset: Vec<f32>,
}

impl Code {
    /// What the presentation in `column` of `batch` sends without dropout, the offset included.
    pub fn stimulus(&self, batch: &Batch, column: usize, resolution: Resolution) -> Stimulus {
        let mut stimulus = Stimulus::default();
        let values = batch.values.column(column);
        self.encoder.encode(values.as_slice(), resolution, &mut batch.stream(column, Purpose::Encoding), &mut stimulus);
        if stimulus.currents.is_empty() {
            stimulus.currents.clone_from(&self.offset);
        } else {
            stimulus.currents.iter_mut().zip(&self.offset).for_each(|(current, offset)| *current += offset);
        }
        stimulus
    }
}

/// Samples to present together.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Values in [0, 1], inputs x B.
    pub values: Matrix,
    /// Which sample stands in each column.
    pub samples: Vec<u32>,
    /// Keys all random numbers of the batch, with the sample.
    pub seed: u64,
    /// Counts presentations of the same sample: the epoch.
    pub step: u64,
    /// Probability that an input or hidden neuron is silenced; 0 for none.
    pub dropout: f64,
}

impl Batch {
    /// The random numbers of the presentation in `column` for `purpose`.
    pub fn stream(&self, column: usize, purpose: Purpose) -> Stream {
        Stream::new(self.seed, purpose, self.samples[column], self.step)
    }

    /// What is left of the drive is scaled by this, so that its mean stays.
    fn dropout_gain(&self) -> f32 {
        (1.0 / (1.0 - self.dropout)) as f32
    }

    /// For each layer but the last, 1 / (1 - p) where a neuron is kept and 0 where it is
    /// silenced (n x B), or nothing without dropout.
    fn kept(&self, sizes: &[usize]) -> Option<Vec<Matrix>> {
        if self.dropout == 0.0 {
            return None;
        }
        let gain = self.dropout_gain();
        let hidden = &sizes[..sizes.len() - 1];
        let mut kept: Vec<Matrix> = hidden.iter().map(|&n| Matrix::zeros(n, self.samples.len())).collect();
        for column in 0..self.samples.len() {
            let mut stream = self.stream(column, Purpose::Dropout);
            for layer in &mut kept {
                for keep in layer.column_mut(column).iter_mut() {
                    *keep = if stream.chance(self.dropout) { 0.0 } else { gain };
                }
            }
        }
        Some(kept)
    }
}

/// What the layers did during a batch.
#[derive(Debug, Clone)]
pub struct Response {
    /// Per layer, n x B: spikes per tick (rates, or counts over the window).
    pub activity: Vec<Matrix>,
    /// Per layer, n x B: the slope or pseudo-derivative; empty for the input.
    pub gate: Vec<Matrix>,
    /// Per layer, n x B: mean drive per tick; empty for the input.
    pub drive: Vec<Matrix>,
    /// Classes x B.
    pub scores: Matrix,
    /// Spike trains of every layer, each relative to its own window; empty in the rate regime.
    pub trains: Vec<Trains>,
    /// Spikes and synaptic events of the batch; zero in the rate regime.
    pub work: Work,
}

/// Work counted during presentations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    pub input_spikes: u64,
    pub hidden_spikes: u64,
    /// Spikes times fan-out.
    pub synaptic_events: u64,
}

impl std::ops::AddAssign for Work {
    fn add_assign(&mut self, other: Self) {
        self.input_spikes += other.input_spikes;
        self.hidden_spikes += other.hidden_spikes;
        self.synaptic_events += other.synaptic_events;
    }
}

/// Presents batches. Holds scratch memory only: what it answers depends on its arguments.
pub trait Presenter: Send {
    /// Runs a batch through the layers.
    fn present(&mut self, chain: &Chain, batch: &Batch) -> Response;

    /// Sends a signal of the output neurons (K x B) down through `feedback` (one matrix per
    /// projection but the first, post x pre), gating it at every hidden layer:
    /// `f_l = feedback_l^T (gate_{l+1} f_{l+1})`. Answers with f of each hidden layer, lowest first.
    fn descend(
        &mut self,
        response: &Response,
        feedback: &[&Matrix],
        signal: &Matrix,
        ticks: Option<usize>,
    ) -> Vec<Matrix>;
}

/// The analog descent: a product with the transposed matrix per layer.
fn descend_analog(response: &Response, feedback: &[&Matrix], signal: &Matrix) -> Vec<Matrix> {
    let mut above = signal.component_mul(&response.gate[feedback.len() + 1]);
    let mut factors = Vec::with_capacity(feedback.len());
    for (index, weights) in feedback.iter().enumerate().rev() {
        let factor = crate::matrix::product_of_transposed(weights, &above);
        above = factor.component_mul(&response.gate[index + 1]);
        factors.push(factor);
    }
    factors.reverse();
    factors
}
