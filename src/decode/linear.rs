//! A linear readout on firing rates, fitted after training by ridge regression.
//!
//! ```text
//! scores = W x + b                                  x: rates of n neurons, in spikes per tick
//! W, b   = argmin  sum over S samples of |onehot(label) - W x - b|^2 + lambda |W|^2
//! lambda = ridge S mean(x^2)                        mean over neurons and samples
//! solved with x and onehot less their means:        W (X X^T + lambda 1) = Y X^T,   b = mean(y) - W mean(x)
//! ```
//! The same fit serves both regimes: spike counts per tick in one, activities in the other.
//! Rules that learn from scores cannot learn from this readout.

use nalgebra::{DMatrix, DVector};

use super::{Decoder, Output};
use crate::matrix::Matrix;
use crate::parameter::{Field, Form, Kind, Range};
use crate::time::Resolution;
use crate::unit::Dimension;

/// Least penalty, below which rounding could spoil the solution.
const LEAST_RIDGE: f64 = 1e-9;

/// Samples that are turned into double precision at a time.
const BLOCK: usize = 1024;

#[derive(Debug)]
struct Linear {
    ridge: f64,
}

pub(super) const KIND: Kind<dyn Decoder> = Kind {
    name: "linear",
    aliases: &["ridge"],
    summary: "Linear classifier on firing rates, fitted by ridge regression after training",
    fields: &[Field {
        name: "ridge",
        aliases: &["lambda"],
        form: Form::Quantity(Dimension::None),
        default: Some("0.001"),
        range: Range::Within(LEAST_RIDGE, 1e6),
        doc: "Penalty on the readout's weights, relative to the mean squared rate",
    }],
    build: |v| Ok(Box::new(Linear { ridge: v.number("ridge") })),
};

impl Decoder for Linear {
    fn fires(&self) -> bool {
        true
    }

    /// The features of the fit, one per neuron: spikes per tick.
    fn scores(&self, output: Output<'_>, _: Resolution, scores: &mut [f32]) {
        output.per_tick(scores);
    }

    fn teaches(&self) -> bool {
        false
    }

    fn is_fitted(&self) -> bool {
        true
    }

    fn fit(&self, rates: &Matrix, labels: &[u16], classes: usize) -> Option<Matrix> {
        Some(fit(rates, labels, classes, self.ridge))
    }

    fn apply(&self, fitted: &Matrix, rates: &Matrix) -> Matrix {
        apply(fitted, rates)
    }
}

/// Fits a linear classifier: `features` is n x S, `labels` holds S classes below `classes`,
/// `ridge` is relative to the mean squared feature (and at least 1e-9). The result is
/// classes x (n + 1), its last column the bias.
///
/// # Panics
/// When there is not one label per sample, a label is too large, or a feature is not finite.
fn fit(features: &Matrix, labels: &[u16], classes: usize, ridge: f64) -> Matrix {
    let (n, samples) = features.shape();
    assert_eq!(samples, labels.len(), "one label per sample");
    if samples == 0 {
        return Matrix::zeros(classes, n + 1);
    }
    let mean = mean_feature(features);
    let mut gram = DMatrix::<f64>::zeros(n, n);
    let mut targets = DMatrix::<f64>::zeros(n, classes);
    let mut frequency = DVector::<f64>::zeros(classes);
    labels.iter().for_each(|&label| frequency[label as usize] += 1.0 / samples as f64);
    for first in (0..samples).step_by(BLOCK) {
        let width = BLOCK.min(samples - first);
        let mut block = features.columns(first, width).map(f64::from);
        block.column_iter_mut().for_each(|mut column| column -= &mean);
        for (column, &label) in block.column_iter().zip(&labels[first..]) {
            let mut target = targets.column_mut(label as usize);
            target += column;
        }
        gram.gemm(1.0, &block, &block.transpose(), 1.0);
    }
    let square = gram.trace() + samples as f64 * mean.norm_squared();
    let penalty = ridge.max(LEAST_RIDGE) * square / n.max(1) as f64;
    // Features that are all zero leave nothing to fit: any penalty gives weights of 0.
    (0..n).for_each(|i| gram[(i, i)] += if penalty > 0.0 { penalty } else { 1.0 });
    let solver = gram.cholesky().expect("a sum of squares of finite numbers and a penalty is positive definite");
    let weights = solver.solve(&targets).transpose();
    let bias = frequency - &weights * mean;
    weights.insert_column(n, 0.0).map_with_location(|i, j, weight| if j == n { bias[i] as f32 } else { weight as f32 })
}

/// Mean over the samples.
fn mean_feature(features: &Matrix) -> DVector<f64> {
    let mut sum = DVector::<f64>::zeros(features.nrows());
    for column in features.column_iter() {
        sum.zip_apply(&column, |total, feature| *total += f64::from(feature));
    }
    sum / features.ncols() as f64
}

/// Scores of a fitted classifier, classes x S, for `features`, n x S.
///
/// # Panics
/// When `weights` is not classes x (n + 1).
fn apply(weights: &Matrix, features: &Matrix) -> Matrix {
    let n = features.nrows();
    assert_eq!(weights.ncols(), n + 1, "one weight per feature, and a bias");
    let mut scores = weights.columns(0, n) * features;
    scores.column_iter_mut().for_each(|mut column| column += weights.column(n));
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_feature_has_the_textbook_solution() {
        // x = 0, 1, 2, 3 with labels 0 0 1 1: centred sum of squares 5, mean square 3.5, y.x = 2.
        let features = Matrix::from_row_slice(1, 4, &[0.0, 1.0, 2.0, 3.0]);
        let weights = fit(&features, &[0, 0, 1, 1], 2, 0.1);
        let slope = 2.0 / (5.0 + 0.1 * 4.0 * 3.5);
        let known = Matrix::from_row_slice(2, 2, &[-slope, 0.5 + 1.5 * slope, slope, 0.5 - 1.5 * slope]);
        assert!((&weights - known).amax() < 1e-6, "{weights}");
        let scores = apply(&weights, &features);
        assert!((scores[(1, 3)] - (0.5 + 1.5 * slope)).abs() < 1e-6);
    }

    #[test]
    fn separable_classes_are_told_apart_whatever_the_scale_of_rates() {
        let pattern = |i: usize, s: usize| if s % 3 == i % 3 { 0.2 } else { 0.01 * ((i * 7 + s) % 5) as f32 };
        let labels: Vec<u16> = (0..3000).map(|s| (s % 3) as u16).collect();
        for scale in [1.0, 1e-3] {
            let features = Matrix::from_fn(30, 3000, |i, s| scale * pattern(i, s));
            let scores = apply(&fit(&features, &labels, 3, 1e-3), &features);
            assert!((0..3000).all(|s| scores.column(s).argmax().0 == s % 3));
        }
    }

    #[test]
    fn the_normal_equations_hold_over_several_blocks() {
        let features = Matrix::from_fn(4, 2500, |i, s| ((s * (i + 3) + i) % 17) as f32 / 17.0);
        let labels: Vec<u16> = (0..2500).map(|s| (s % 5 / 3) as u16).collect();
        let weights = fit(&features, &labels, 2, 1e-9);
        let mut residual = -apply(&weights, &features);
        (0..2500).for_each(|s| residual[(labels[s] as usize, s)] += 1.0);
        assert!((&residual * features.transpose()).amax() < 0.05);
        assert!(residual.column_sum().amax() < 0.05);
    }

    #[test]
    fn silent_features_give_the_frequencies_of_the_classes() {
        let weights = fit(&Matrix::zeros(2, 4), &[0, 1, 1, 1], 2, 0.01);
        assert_eq!(weights, Matrix::from_row_slice(2, 3, &[0.0, 0.0, 0.25, 0.0, 0.0, 0.75]));
    }
}
