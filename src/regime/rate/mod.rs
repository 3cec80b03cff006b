//! The rate regime: layers as matrix products over a batch.
//!
//! ```text
//! h_0 = encoder's rates,   z_l = W_l h_{l-1} + b_l,   h_l = a(z_l),   gate_l = a'(z_l)
//! output: h_L with a firing readout, z_L (gate 1) with a membrane readout
//! ```
//! a is the rate curve of the layer's neuron kind; everything is in spikes per tick.

use std::rc::Rc;

use crate::gain::Affine;
use crate::matrix::Matrix;
use crate::network::linear;
use crate::network::presenter::{Descent, Given, Presenter, descend_analog};
use crate::network::signal::{How, LayerPass, Signal, Work};
use crate::pool::{Pool, Pooled};

/// Presents batches as rates.
#[derive(Default)]
pub struct RatePresenter {
    scratch: linear::Scratch,
}

impl Presenter for RatePresenter {
    fn encode(&mut self, given: &Given<'_>) -> Signal {
        let mut rates = given.pool.copy(&given.batch.values);
        given.coding.encoder.rates(rates.as_mut_slice(), given.stack.resolution);
        for affine in given.affines(0, &given.batch.values) {
            act(&affine, &mut rates, None);
        }
        Signal::of_rates(rates)
    }

    fn send(&mut self, activity: &Matrix, given: &Given<'_>) -> Signal {
        Signal::of_rates(given.pool.copy(activity))
    }

    fn layer(&mut self, layer: usize, input: &Signal, given: &Given<'_>) -> (LayerPass, Work) {
        let (at, resolution) = (given.at(layer), given.stack.resolution);
        let (link, batch) = (at.link(), input.mean.ncols());
        let mut drive = given.pool.matrix(at.size(), batch);
        let weights = given.parameters.values(link.weights).as_slice();
        linear::apply(&link.fields, weights, &input.mean, &mut drive, &mut self.scratch);
        for constant in given.constant_drive(layer) {
            add(&mut drive, constant);
        }
        let mut mean = given.pool.copy(&drive);
        let mut gate = given.pool.filled(at.size(), batch, 1.0);
        if at.fires {
            link.neuron().activate(resolution, mean.as_mut_slice(), gate.as_mut_slice());
        }
        for clamped in given.conditions.nudge(layer, How::ReplaceActivity) {
            mean.copy_from(clamped);
        }
        for affine in given.affines(layer, &drive) {
            act(&affine, &mut mean, Some(&mut gate));
        }
        (LayerPass { drive, gate, signal: Rc::new(Signal::of_rates(mean)) }, Work::default())
    }

    fn decode(&mut self, last: &LayerPass, given: &Given<'_>) -> Pooled {
        given.pool.copy(&last.signal.mean)
    }

    fn descend(&mut self, descent: &Descent<'_>, pool: &Pool) -> Vec<Pooled> {
        descend_analog(descent, &mut self.scratch, pool)
    }
}

/// Does to an activity, and to its slope, what a gain does.
fn act(affine: &Affine, mean: &mut Matrix, gate: Option<&mut Matrix>) {
    if let Some(offset) = &affine.offset {
        add(mean, offset);
    }
    if let Some(keep) = &affine.keep {
        mean.component_mul_assign(&keep.factors);
        gate.into_iter().for_each(|gate| gate.component_mul_assign(&keep.factors));
    }
}

/// Adds a matrix of as many columns, or one column to all.
fn add(to: &mut Matrix, other: &Matrix) {
    let size = to.nrows();
    for (index, column) in to.as_mut_slice().chunks_exact_mut(size.max(1)).enumerate() {
        let other = other.column(index.min(other.ncols() - 1));
        column.iter_mut().zip(other.iter()).for_each(|(value, &more)| *value += more);
    }
}
