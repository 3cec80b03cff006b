//! Weight changes with momentum and decay, after the equations of `training.rs`.

use rayon::prelude::*;

use super::training::Training;
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
    /// At rest, for matrices of the given (post, pre) shapes.
    pub fn new(training: &Training, shapes: &[(usize, usize)]) -> Self {
        Self {
            velocities: shapes.iter().map(|&(post, pre)| Matrix::zeros(post, pre)).collect(),
            momentum: training.momentum as f32,
            weight_decay: training.weight_decay as f32,
        }
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
