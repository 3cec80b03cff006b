//! The rate regime: layers as matrix products over a batch.
//!
//! ```text
//! h_0 = encoder's rates,   z_l = W_l h_{l-1},   h_l = a(z_l),   gate_l = a'(z_l)
//! output: h_L with a firing readout, z_L (gate 1) with a membrane readout
//! ```
//! a is the rate curve of the layer's neuron kind; everything is in spikes per tick.

use super::{Batch, Code, Presenter, Response, Work, descend_analog};
use crate::matrix::{Matrix, product};
use crate::network::chain::Chain;

/// Presents batches as rates.
pub struct RatePresenter {
    code: Code,
}

impl RatePresenter {
    pub(super) fn new(code: Code) -> Self {
        Self { code }
    }

    fn input(&self, chain: &Chain, batch: &Batch) -> Matrix {
        let mut rates = batch.values.clone();
        self.code.encoder.rates(rates.as_mut_slice(), chain.resolution);
        for mut column in rates.column_iter_mut() {
            column.iter_mut().zip(&self.code.offset).for_each(|(rate, offset)| *rate += offset);
        }
        rates
    }
}

impl Presenter for RatePresenter {
    fn present(&mut self, chain: &Chain, batch: &Batch) -> Response {
        let kept = batch.kept(&chain.sizes);
        let mut activity = vec![self.input(chain, batch)];
        let (mut gate, mut drive) = (vec![Matrix::zeros(0, 0)], vec![Matrix::zeros(0, 0)]);
        if let Some(kept) = &kept {
            activity[0].component_mul_assign(&kept[0]);
        }
        for projection in 0..chain.weights.len() {
            let neuron = chain.neuron(projection);
            let layer = projection + 1;
            let z = product(&chain.weights[projection], &activity[projection]);
            let mut h = z.clone();
            let mut slope = Matrix::from_element(z.nrows(), z.ncols(), 1.0);
            let linear = layer + 1 == chain.layers() && !self.code.decoder.fires();
            if !linear {
                neuron.activate(chain.resolution, h.as_mut_slice(), slope.as_mut_slice());
            }
            if let Some(keep) = kept.as_ref().and_then(|kept| kept.get(layer)) {
                h.component_mul_assign(keep);
                slope.component_mul_assign(keep);
            }
            activity.push(h);
            gate.push(slope);
            drive.push(z);
        }
        let scores = activity[chain.layers() - 1].clone();
        Response { activity, gate, drive, scores, trains: Vec::new(), work: Work::default() }
    }

    fn descend(&mut self, response: &Response, feedback: &[&Matrix], signal: &Matrix, _: Option<usize>) -> Vec<Matrix> {
        descend_analog(response, feedback, signal)
    }
}
