//! What travels between layers while a batch of B presentations runs, in either regime.

use std::rc::Rc;

use crate::gain::Mode;
use crate::matrix::Matrix;
use crate::pool::Pooled;
use crate::random::{Purpose, Stream};
use crate::trains::Trains;

/// What a layer of n neurons sends to the next: scale x (spikes + currents), whose mean is all that rates are.
#[derive(Debug, Clone)]
pub struct Signal {
    /// In spikes per tick, n x B, with all that gains do to it.
    pub mean: Pooled,
    /// Who spikes when, silenced neurons left out; `None` in the rate regime.
    pub spikes: Option<Trains>,
    /// Constant currents beside spikes, in spikes per tick: n x B, or n x 1 where they are the same in all
    /// presentations. Part of the mean in the rate regime.
    pub currents: Option<Pooled>,
    /// Factor on all that arrives (1, but for dropout); part of the mean in the rate regime.
    pub scale: f32,
}

impl Signal {
    /// A signal of rates.
    pub fn of_rates(mean: Pooled) -> Self {
        Self { mean, spikes: None, currents: None, scale: 1.0 }
    }
}

/// What one layer did during a batch.
#[derive(Debug, Clone)]
pub struct LayerPass {
    /// Mean drive per tick, n x B.
    pub drive: Pooled,
    /// What gates plasticity, n x B: the slope of the rate curve or the pseudo-derivative of spiking neurons, times
    /// what gains do to the activity.
    pub gate: Pooled,
    /// What it sent.
    pub signal: Rc<Signal>,
}

/// What a stack of layers did during a batch.
#[derive(Debug, Clone)]
pub struct Pass {
    pub input: Rc<Signal>,
    /// Layers behind the input.
    pub layers: Vec<LayerPass>,
    /// What is read out of the last layer, outputs x B.
    pub output: Pooled,
    pub work: Work,
}

impl Pass {
    /// Number of layers, the input included.
    pub fn len(&self) -> usize {
        self.layers.len() + 1
    }

    /// Whether there is none behind the input.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// What layer `layer` sent; 0 is the input.
    pub fn signal(&self, layer: usize) -> &Rc<Signal> {
        layer.checked_sub(1).map_or(&self.input, |behind| &self.layers[behind].signal)
    }

    /// The mean of it, in spikes per tick, n x B.
    pub fn activity(&self, layer: usize) -> &Matrix {
        &self.signal(layer).mean
    }

    /// What gates plasticity of a layer behind the input, n x B.
    pub fn gate(&self, layer: usize) -> &Matrix {
        &self.layers[layer - 1].gate
    }

    /// Mean drive per tick of a layer behind the input, n x B.
    pub fn drive(&self, layer: usize) -> &Matrix {
        &self.layers[layer - 1].drive
    }

    /// Number of presentations.
    pub fn batch(&self) -> usize {
        self.input.mean.ncols()
    }
}

/// Work counted during presentations; none in the rate regime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    pub input_spikes: u64,
    /// Spikes of the layers between the input and the last one.
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
}

/// Takes of one step are told apart above this bit.
const TAKE: u32 = 32;

impl Batch {
    /// The random numbers of the presentation in `column` for `purpose`. A second take of the same step has others;
    /// the same take has the same.
    pub fn stream(&self, column: usize, purpose: Purpose, take: u32) -> Stream {
        Stream::new(self.seed, purpose, self.samples[column], self.step | u64::from(take) << TAKE)
    }
}

/// How a pass is run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Conditions<'a> {
    pub mode: Mode,
    /// Passes of the same take have the same random numbers: spikes of the input, dropout.
    pub take: u32,
    /// What is done to layers from outside.
    pub nudges: &'a [Nudge<'a>],
}

/// Learning, nothing from outside.
pub const LEARN: Conditions<'static> = Conditions { mode: Mode::Learn, take: 0, nudges: &[] };
/// An answer.
pub const ANSWER: Conditions<'static> = Conditions { mode: Mode::Answer, take: 0, nudges: &[] };

/// Something that is done to a layer from outside: noise, a teacher, a clamp.
#[derive(Debug, Clone, Copy)]
pub struct Nudge<'a> {
    /// Of the layers behind the input.
    pub layer: usize,
    pub how: How,
    /// n x B, per tick.
    pub values: &'a Matrix,
}

/// How a nudge acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// A constant current is added to the drive.
    AddToDrive,
    /// The activity is replaced; in the spiking regime by evenly spaced spikes (rates from 0 to 1 per tick).
    ReplaceActivity,
}

impl<'a> Conditions<'a> {
    /// What is done to `layer` in this way, summed up where there are several.
    pub fn nudge(&self, layer: usize, how: How) -> impl Iterator<Item = &'a Matrix> {
        self.nudges.iter().filter(move |nudge| nudge.layer == layer && nudge.how == how).map(|nudge| nudge.values)
    }
}
