//! What a regime can do: present samples, layer by layer, and carry a signal back down.

use super::signal::{Batch, Conditions, How, LayerPass, Signal, Work};
use super::stack::{Coding, Layer, Stack};
use crate::gain::{Affine, Asked};
use crate::learned::Parameters;
use crate::matrix::Matrix;
use crate::pool::{Pool, Pooled};
use crate::random::Purpose;
use crate::topology::fields::Fields;

/// Presents batches in one regime. Holds scratch memory only: what it answers depends on its arguments.
pub trait Presenter: Send {
    /// What the input layer sends for a batch.
    fn encode(&mut self, given: &Given<'_>) -> Signal;

    /// An activity on its way again (n x B): itself in rates; evenly spaced spikes, from none to one per tick, in spikes.
    fn send(&mut self, activity: &Matrix, given: &Given<'_>) -> Signal;

    /// Runs layer `layer`, one behind the input, on what the layer below sends.
    fn layer(&mut self, layer: usize, input: &Signal, given: &Given<'_>) -> (LayerPass, Work);

    /// What is read out of the last layer, outputs x B.
    fn decode(&mut self, last: &LayerPass, given: &Given<'_>) -> Pooled;

    /// Sends a signal down, through every gate on its way: `f_l = W^T (gate o f_above)`, way by way. Answers with f of
    /// each layer that the ways lead down to, the lowest first.
    fn descend(&mut self, descent: &Descent<'_>, pool: &Pool) -> Vec<Pooled>;
}

/// What a presenter is given.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    pub stack: &'a Stack,
    pub parameters: &'a Parameters,
    pub batch: &'a Batch,
    pub coding: &'a Coding,
    pub conditions: &'a Conditions<'a>,
    pub pool: &'a Pool,
}

/// A signal of the output neurons on its way down.
pub struct Descent<'a> {
    /// Outputs x B.
    pub signal: &'a Matrix,
    /// The gate of the output neurons.
    pub gate: &'a Matrix,
    /// The uppermost last.
    pub ways: &'a [Way<'a>],
    pub carrier: Carrier,
}

/// One projection, downwards.
#[derive(Clone, Copy)]
pub struct Way<'a> {
    pub fields: &'a Fields,
    pub weights: &'a Matrix,
    /// The gate of the layer that it leads down to.
    pub gate: &'a Matrix,
}

/// What carries a signal down in the spiking regime; in rates it is analog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    Analog,
    /// Signed spikes over so many ticks.
    Spikes(usize),
}

impl<'a> Given<'a> {
    /// A layer of the stack.
    pub fn at(&self, layer: usize) -> &'a Layer {
        &self.stack.layers[layer]
    }

    /// What the gains of a layer with this activity do, in order.
    pub fn affines(&self, layer: usize, activity: &Matrix) -> impl Iterator<Item = Affine> {
        let at = self.at(layer);
        at.gains.iter().map(move |gain| {
            let own: Vec<&Matrix> = gain.parameters.iter().map(|&id| self.parameters.values(id)).collect();
            let stream = |column| {
                let mut stream = self.batch.stream(column, Purpose::Dropout, self.conditions.take);
                stream.skip(at.first() as u64);
                stream
            };
            let asked = Asked { activity, own: &own, mode: self.conditions.mode, stream: &stream, pool: self.pool };
            gain.gain.affine(&asked)
        })
    }

    /// The bias of a layer, and the currents that are added to its drive.
    pub fn constant_drive(&self, layer: usize) -> impl Iterator<Item = &'a Matrix> {
        let bias = self.at(layer).link().bias.map(|id| self.parameters.values(id));
        bias.into_iter().chain(self.conditions.nudge(layer, How::AddToDrive))
    }
}

/// The analog descent: a product with the transposed weights per way.
pub fn descend_analog(descent: &Descent<'_>, scratch: &mut super::linear::Scratch, pool: &Pool) -> Vec<Pooled> {
    let mut above = pool.copy(descent.signal);
    above.component_mul_assign(descent.gate);
    let mut factors = Vec::with_capacity(descent.ways.len());
    for (index, way) in descent.ways.iter().enumerate().rev() {
        let mut factor = pool.matrix(way.fields.sources(), above.ncols());
        super::linear::transpose(way.fields, way.weights.as_slice(), &above, &mut factor, scratch);
        if index > 0 {
            above = pool.copy(&factor);
            above.component_mul_assign(way.gate);
        }
        factors.push(factor);
    }
    factors.reverse();
    factors
}
