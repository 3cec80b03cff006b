//! The error of softmax and cross-entropy.
//!
//! ```text
//! p = softmax(score / T),   error = (onehot(label) - p) / T = -dE/dscore,   E = -log p_label
//! ```

use crate::matrix::Matrix;

/// The error of each output neuron (classes x B) and the summed cross-entropy.
pub fn error(scores: &Matrix, labels: &[u16], temperature: f32) -> (Matrix, f64) {
    let mut error = scores / temperature;
    let mut loss = 0.0;
    for (mut column, &label) in error.column_iter_mut().zip(labels) {
        let largest = column.max();
        column.apply(|value| *value = (*value - largest).exp());
        let sum = column.sum();
        column.apply(|value| *value /= -sum * temperature);
        loss -= f64::from((-column[label as usize] * temperature).max(f32::MIN_POSITIVE)).ln();
        column[label as usize] += 1.0 / temperature;
    }
    (error, loss)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_minus_the_gradient_by_finite_differences() {
        let scores = Matrix::from_column_slice(3, 2, &[0.3, -0.2, 1.1, 2.0, 0.0, -1.0]);
        let labels = [2, 0];
        let (analytic, _) = error(&scores, &labels, 0.7);
        for index in 0..scores.len() {
            let at = |step: f32| {
                let mut moved = scores.clone();
                moved[index] += step;
                error(&moved, &labels, 0.7).1
            };
            let numeric = -(at(1e-2) - at(-1e-2)) / 2e-2;
            assert!((numeric - f64::from(analytic[index])).abs() < 1e-3, "{numeric} {}", analytic[index]);
        }
    }
}
