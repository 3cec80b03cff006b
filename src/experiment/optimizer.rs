//! Weight changes with momentum and decay, after the equations of `training.rs`.

use rayon::prelude::*;

use super::training::Training;
use crate::learned::{Parameter, Parameters};
use crate::matrix::Matrix;

/// Weights that one task updates.
const CHUNK: usize = 1 << 15;

/// One velocity per weight matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Optimizer {
    pub velocities: Vec<Matrix>,
    momentum: f32,
    weight_decay: f32,
}

impl Optimizer {
    /// At rest.
    pub fn new(training: &Training, parameters: &Parameters) -> Self {
        let at_rest =
            |(_, parameter): (_, &Parameter)| Matrix::zeros(parameter.values.nrows(), parameter.values.ncols());
        Self {
            velocities: parameters.iter().map(at_rest).collect(),
            momentum: training.momentum as f32,
            weight_decay: training.weight_decay as f32,
        }
    }

    /// Takes the velocities of a checkpoint.
    ///
    /// # Errors
    /// As [`Parameters::take`].
    pub fn take(&mut self, like: &Parameters, prefix: &str, given: &[(String, Matrix)]) -> Result<(), String> {
        let mut taken = like.clone();
        taken.take(prefix, given)?;
        self.velocities = taken.iter().map(|(_, parameter)| parameter.values.clone()).collect();
        Ok(())
    }

    /// Moves matrix `index` by `rate * change`.
    pub fn apply(&mut self, index: usize, weights: &mut Matrix, change: &Matrix, rate: f32) {
        let (momentum, decay) = (self.momentum, self.weight_decay);
        let chunks = weights
            .as_mut_slice()
            .par_chunks_mut(CHUNK)
            .zip(self.velocities[index].as_mut_slice().par_chunks_mut(CHUNK))
            .zip(change.as_slice().par_chunks(CHUNK));
        chunks.for_each(|((weights, velocities), changes)| {
            for ((w, u), change) in weights.iter_mut().zip(velocities).zip(changes) {
                *u = momentum * *u + rate * (change - decay * *w);
                *w += *u;
            }
        });
    }
}
