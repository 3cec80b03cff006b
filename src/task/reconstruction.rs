//! Reconstruction: the network gives its sample again, through a narrow layer: an autoencoder.
//!
//! ```text
//! loss            E = sum over the values of a sample of (output - value)^2 / 2,   error = value - output = -dE/doutput
//! squared_error   mean over the values of (output - value)^2
//! ```

use std::borrow::Cow;

use super::{Gallery, Targets, Task};
use crate::dataset::Samples;
use crate::exhibit::{Content, Exhibit};
use crate::matrix::Matrix;
use crate::metric::{Better, Metric};
use crate::parameter::Kind;

#[derive(Debug)]
struct Reconstruction;

pub(super) const KIND: Kind<dyn Task> = Kind {
    name: "reconstruction",
    aliases: &["autoencoder"],
    summary: "Give the values of the sample again, through a narrow layer",
    fields: &[],
    build: |_| Ok(Box::new(Reconstruction)),
};

/// The exhibit of originals beside what became of them.
pub const RECONSTRUCTIONS: &str = "reconstructions";
/// So many are shown.
const SHOWN: usize = 20;

const METRICS: &[Metric] = &[Metric {
    name: Cow::Borrowed("squared_error"),
    unit: Cow::Borrowed(""),
    factor: 1.0,
    better: Better::Lower,
    most: None,
    summary: Cow::Borrowed("mean squared difference between the values of a sample and those given again"),
}];

/// The values that the outputs should have.
fn values(targets: &Targets) -> &Matrix {
    match targets {
        Targets::Values(values) => values,
        Targets::Classes(_) => unreachable!("targets of a reconstruction are values"),
    }
}

impl Task for Reconstruction {
    fn targets(&self, _: &Samples, _: &[u32], values: &Matrix) -> Targets {
        Targets::Values(values.clone())
    }

    fn outputs(&self, _: Option<usize>, shape: &[usize]) -> Option<usize> {
        Some(shape.iter().product())
    }

    fn error(&self, output: &Matrix, targets: &Targets, error: &mut Matrix) -> Vec<f64> {
        error.copy_from(values(targets));
        *error -= output;
        error.column_iter().map(|column| column.iter().map(|&e| 0.5 * f64::from(e) * f64::from(e)).sum()).collect()
    }

    fn metrics(&self) -> &'static [Metric] {
        METRICS
    }

    fn measure(&self, output: &Matrix, targets: &Targets, sums: &mut [f64]) {
        for (output, values) in output.column_iter().zip(values(targets).column_iter()) {
            let squares: f64 =
                output.iter().zip(values.iter()).map(|(&o, &v)| (f64::from(o) - f64::from(v)).powi(2)).sum();
            sums[0] += squares / output.len().max(1) as f64;
        }
    }

    fn gallery(&self, _: usize, shape: &[usize]) -> Box<dyn Gallery> {
        Box::new(Beside { shape: shape.to_vec(), columns: Vec::new() })
    }
}

/// The first samples, each with what became of it.
struct Beside {
    shape: Vec<usize>,
    columns: Vec<Vec<Vec<f32>>>,
}

impl Gallery for Beside {
    fn see(&mut self, values: &Matrix, output: &Matrix, _: &Targets) {
        let left = SHOWN.saturating_sub(self.columns.len());
        for (value, output) in values.column_iter().zip(output.column_iter()).take(left) {
            self.columns.push(vec![value.as_slice().to_vec(), output.as_slice().to_vec()]);
        }
    }

    fn exhibits(self: Box<Self>) -> Vec<Exhibit> {
        let content = Content::Images { shape: self.shape, columns: self.columns };
        vec![Exhibit { name: RECONSTRUCTIONS.into(), content }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_loss_and_metric_by_hand() {
        let targets = Targets::Values(Matrix::from_column_slice(2, 2, &[1.0, 0.0, 0.5, 0.5]));
        let output = Matrix::from_column_slice(2, 2, &[0.5, 0.5, 0.5, 0.0]);
        let mut error = Matrix::zeros(2, 2);
        assert_eq!(Reconstruction.error(&output, &targets, &mut error), [0.25, 0.125]);
        assert_eq!(error.as_slice(), [0.5, -0.5, 0.0, 0.5]);
        let mut sums = [0.0];
        Reconstruction.measure(&output, &targets, &mut sums);
        assert_eq!(METRICS[0].value(sums[0], 2), (0.25 + 0.125) / 2.0);
    }
}
