//! Centring: the mean training sample is taken off every input (LeCun, Bottou, Orr, Müller 1998,
//! "Efficient BackProp", section 4.3).
//!
//! ```text
//! offset_i = - mean over training samples of the rate that the encoder gives to input i
//! ```

use super::{Affine, Asked, Gain};
use crate::learned::Parameter;
use crate::matrix::Matrix;

/// The name of its parameter, behind the layer's.
pub const OFFSET: &str = "offset";

/// Takes the mean off.
#[derive(Debug, Clone, Copy)]
pub struct Centring;

impl Gain for Centring {
    fn parameters(&self, units: usize) -> Vec<Parameter> {
        vec![Parameter::fixed(OFFSET, Matrix::zeros(units, 1))]
    }

    fn fit(&self, means: &[f64], own: &mut [&mut Matrix]) {
        own[0].iter_mut().zip(means).for_each(|(offset, mean)| *offset = -mean as f32);
    }

    fn affine(&self, asked: &Asked<'_>) -> Affine {
        Affine { offset: Some(asked.pool.copy(asked.own[0])), keep: None }
    }
}
