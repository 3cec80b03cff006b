//! The feedback phase in the spiking regime: a signal travels down the layers as signed
//! spikes of integrate-and-fire feedback units, one for each neuron, over T_fb ticks.
//!
//! ```text
//! output unit k   u_k <- u_k + e_k / A at every tick;  |u_k| >= 1/2: a spike of that sign, u_k <- u_k -+ 1
//! feedback unit i u_i <- u_i + sum_j w'_ji s_j(t),  s_j = -1, 0, 1 from the open gates above
//!                 |u_i| >= theta / 2: a signed spike, u_i <- u_i -+ theta
//! signal          f_i = A theta n_i / T_fb,  n_i the signed spike count
//! ```
//! A is the largest |e| of the batch. theta is the same for all units of a layer and
//! follows the strength of what arrives: theta = 2 rms(w') sqrt(mean over presentations of
//! sum_j (n_j / T_fb)^2), so that a unit saturates at about twice the root mean square. Both
//! normalise by statistics of the batch, which set how finely f is rounded; with a batch of
//! one they are those of the presentation itself.

use rayon::prelude::*;

use super::block::{Lanes, SignedResponse, SignedTrains, run_signed};
use super::trains::{LANES, Trains};
use crate::matrix::Matrix;
use crate::regime::Response;

/// How far above the expected root mean square a feedback unit saturates.
const HEADROOM: f64 = 2.0;

/// Memory kept between batches: packed feedback weights, by projection and block.
#[derive(Debug, Default)]
pub struct Scratch {
    packed: Vec<Vec<Vec<Lanes>>>,
}

impl Scratch {
    fn fit(&mut self, feedback: &[&Matrix]) {
        if self.packed.len() != feedback.len() {
            let blocks = |w: &&Matrix| vec![vec![[0.0; LANES]; w.nrows()]; w.ncols().div_ceil(LANES)];
            self.packed = feedback.iter().map(blocks).collect();
        }
    }
}

/// `f` of every hidden layer, lowest first; see [`Presenter::descend`](crate::regime::Presenter::descend).
pub fn descend_spikes(
    scratch: &mut Scratch,
    response: &Response,
    feedback: &[&Matrix],
    signal: &Matrix,
    ticks: usize,
) -> Vec<Matrix> {
    scratch.fit(feedback);
    let (mut amplitude, mut spikes) = emit(&signal.component_mul(&response.gate[feedback.len() + 1]), ticks);
    let mut factors = Vec::with_capacity(feedback.len());
    for (index, weights) in feedback.iter().enumerate().rev() {
        let threshold = HEADROOM * root_mean_square(weights) * strength(&spikes, weights.nrows());
        let blocks = carry(&mut scratch.packed[index], weights, &spikes, threshold as f32);
        let gate = &response.gate[index + 1];
        factors.push(signed_counts(&blocks, gate, amplitude * threshold as f32 / ticks as f32));
        amplitude *= threshold as f32 * gate.max();
        spikes = gated(&blocks, gate, ticks);
    }
    factors.reverse();
    factors
}

/// The output units' spikes, and what one spike per tick stands for.
fn emit(signal: &Matrix, ticks: usize) -> (f32, SignedTrains) {
    let amplitude = signal.amax().max(f32::MIN_POSITIVE);
    let mut spikes = SignedTrains::with_window(ticks);
    for column in signal.column_iter() {
        let mut membranes = vec![0.0; column.len()];
        for _ in 0..ticks {
            for (unit, (u, e)) in membranes.iter_mut().zip(column.iter()).enumerate() {
                *u += e / amplitude;
                if u.abs() >= 0.5 {
                    spikes.push(unit as u32, *u > 0.0);
                    *u -= u.signum();
                }
            }
            spikes.end_tick();
        }
    }
    (amplitude, spikes)
}

fn root_mean_square(weights: &Matrix) -> f64 {
    let sum: f64 = weights.iter().map(|&w| f64::from(w) * f64::from(w)).sum();
    (sum / weights.len().max(1) as f64).sqrt()
}

/// sqrt(mean over presentations of sum_j (n_j / T)^2).
fn strength(spikes: &SignedTrains, units: usize) -> f64 {
    let (window, batch) = (spikes.up.window, spikes.up.batch());
    let mut counts = vec![0.0f64; units];
    let mut sum = 0.0;
    for presentation in 0..batch {
        counts.fill(0.0);
        for (trains, sign) in [(&spikes.up, 1.0), (&spikes.down, -1.0)] {
            for (_, unit) in trains.of_presentation(presentation) {
                counts[unit as usize] += sign;
            }
        }
        sum += counts.iter().map(|n| n * n).sum::<f64>();
    }
    (sum / batch.max(1) as f64).sqrt() / window as f64
}

/// Delivers signed spikes through `weights` (post x pre) to the feedback units of the pre layer.
fn carry(packed: &mut [Vec<Lanes>], weights: &Matrix, spikes: &SignedTrains, threshold: f32) -> Vec<SignedResponse> {
    packed
        .par_iter_mut()
        .enumerate()
        .map(|(block, rows)| {
            pack_transposed(weights, block, rows);
            run_signed(rows, spikes, threshold)
        })
        .collect()
}

/// Row j of `rows` becomes the weights from post neuron j to the pre neurons of a block.
fn pack_transposed(weights: &Matrix, block: usize, rows: &mut [Lanes]) {
    let post = weights.nrows();
    let columns = weights.as_slice().chunks_exact(post).skip(block * LANES).take(LANES);
    for (lane, column) in columns.enumerate() {
        for (row, &weight) in rows.iter_mut().zip(column) {
            row[lane] = weight;
        }
    }
}

fn signed_counts(blocks: &[SignedResponse], gate: &Matrix, scale: f32) -> Matrix {
    let mut counts = Matrix::zeros(gate.nrows(), gate.ncols());
    for (column, values) in counts.as_mut_slice().chunks_exact_mut(gate.nrows()).enumerate() {
        for (chunk, block) in values.chunks_mut(LANES).zip(blocks) {
            for (value, count) in chunk.iter_mut().zip(&block.counts[column]) {
                *value = count * scale;
            }
        }
    }
    counts
}

/// The spikes of units whose neuron's gate is open.
fn gated(blocks: &[SignedResponse], gate: &Matrix, ticks: usize) -> SignedTrains {
    let open: Vec<Vec<u64>> = (0..blocks.len()).map(|block| open_gates(gate, block)).collect();
    let through = |masks: &[u64], open: &[u64]| -> Vec<u64> {
        masks.iter().enumerate().map(|(tick, mask)| mask & open[tick / ticks]).collect()
    };
    let up: Vec<Vec<u64>> = blocks.iter().zip(&open).map(|(b, open)| through(&b.up, open)).collect();
    let down: Vec<Vec<u64>> = blocks.iter().zip(&open).map(|(b, open)| through(&b.down, open)).collect();
    let total = ticks * gate.ncols();
    SignedTrains { up: Trains::of_masks(ticks, total, &up), down: Trains::of_masks(ticks, total, &down) }
}

/// One mask of open gates per presentation.
fn open_gates(gate: &Matrix, block: usize) -> Vec<u64> {
    let lanes = |column: &[f32]| {
        let open = column.iter().skip(block * LANES).take(LANES).enumerate();
        open.fold(0, |mask, (lane, &g)| mask | u64::from(g > 0.0) << lane)
    };
    gate.as_slice().chunks_exact(gate.nrows()).map(lanes).collect()
}
