//! What scales and shifts the activity of a layer, unit by unit, on its way to the next one. One per
//! file; a layer has a list of them, and they act in its order.
//!
//! ```text
//! sent = keep o (activity + offset)        keep: n x B, 0 or one number c;   offset: n x 1
//! ```
//! In rates this is what the next layer gets. With spikes the offset is a constant current through the next
//! synapses, neurons with keep = 0 send no spikes, and c scales what arrives.

pub mod centring;
pub mod dropout;

use crate::learned::Parameter;
use crate::matrix::Matrix;
use crate::pool::{Pool, Pooled};
use crate::random::Stream;

/// Whether something is learned from what is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    #[default]
    Learn,
    /// An answer is asked for: nothing random is done to activities.
    Answer,
}

/// What a gain is asked about.
pub struct Asked<'a> {
    /// Activity of the layer, n x B; of the input, the samples.
    pub activity: &'a Matrix,
    /// Values of the gain's own parameters.
    pub own: &'a [&'a Matrix],
    pub mode: Mode,
    /// The random numbers of this layer in a presentation.
    pub stream: &'a dyn Fn(usize) -> Stream,
    pub pool: &'a Pool,
}

/// What a gain does to a layer in a batch.
#[derive(Debug, Clone, Default)]
pub struct Affine {
    /// n x 1
    pub offset: Option<Pooled>,
    pub keep: Option<Keep>,
}

/// Which units send anything.
#[derive(Debug, Clone)]
pub struct Keep {
    /// n x B: 0 for silenced units, `scale` for others.
    pub factors: Pooled,
    pub scale: f32,
}

/// Something that scales and shifts a layer.
pub trait Gain: Send + Sync + std::fmt::Debug {
    /// Parameters of its own for a layer of so many units; their names follow the layer's and a dot.
    fn parameters(&self, units: usize) -> Vec<Parameter> {
        let _ = units;
        Vec::new()
    }

    /// Fits them, before a training, to what the units send on average over the training samples, in spikes per
    /// tick. Only asked of gains of the input.
    fn fit(&self, means: &[f64], own: &mut [&mut Matrix]) {
        let _ = (means, own);
    }

    /// What it does in a batch.
    fn affine(&self, asked: &Asked<'_>) -> Affine;
}
