//! Classification: every sample has a class, and the network has one output for each.
//!
//! ```text
//! decision   the output with the largest score, the first of several
//! accuracy   decisions that are the sample's class, in percent
//! error      p = softmax(score),   E = -log p_class,   error = onehot(class) - p = -dE/dscore
//! reward     1 for the choice of the sample's class, else 0
//! ```

use std::borrow::Cow;

use super::{Gallery, Targets, Task};
use crate::dataset::Samples;
use crate::exhibit::{Content, Exhibit};
use crate::matrix::{Matrix, largest};
use crate::metric::{Better, Metric};
use crate::parameter::Kind;

#[derive(Debug)]
struct Classification;

pub(super) const KIND: Kind<dyn Task> = Kind {
    name: "classification",
    aliases: &[],
    summary: "Say which class a sample is of",
    fields: &[],
    build: |_| Ok(Box::new(Classification)),
};

/// The exhibit of [`Content::Counts`] by class.
pub const CONFUSION: &str = "confusion";

const METRICS: &[Metric] = &[Metric {
    name: Cow::Borrowed("accuracy"),
    unit: Cow::Borrowed("%"),
    factor: 100.0,
    better: Better::Higher,
    most: Some(100.0),
    summary: Cow::Borrowed("decisions that are the sample's class"),
}];

/// The classes.
fn classes(targets: &Targets) -> &[u16] {
    match targets {
        Targets::Classes(classes) => classes,
        Targets::Values(_) => &[],
    }
}

impl Task for Classification {
    fn targets(&self, samples: &Samples, indices: &[u32], _: &Matrix) -> Targets {
        Targets::Classes(indices.iter().map(|&index| samples.labels[index as usize]).collect())
    }

    fn outputs(&self, classes: Option<usize>, _: &[usize]) -> Option<usize> {
        classes
    }

    fn needs_classes(&self) -> bool {
        true
    }

    fn error(&self, output: &Matrix, targets: &Targets, error: &mut Matrix) -> Vec<f64> {
        error.copy_from(output);
        let columns = error.column_iter_mut().zip(classes(targets));
        columns
            .map(|(mut column, &class)| {
                let largest = column.max();
                column.apply(|value| *value = (*value - largest).exp());
                let sum = column.sum();
                column.apply(|value| *value /= -sum);
                let loss = -f64::from((-column[class as usize]).max(f32::MIN_POSITIVE)).ln();
                column[class as usize] += 1.0;
                loss
            })
            .collect()
    }

    fn reward(&self, choices: &[u16], targets: &Targets) -> Option<Vec<f32>> {
        let right = |(choice, class): (&u16, &u16)| if choice == class { 1.0 } else { 0.0 };
        Some(choices.iter().zip(classes(targets)).map(right).collect())
    }

    fn metrics(&self) -> &'static [Metric] {
        METRICS
    }

    fn measure(&self, output: &Matrix, targets: &Targets, sums: &mut [f64]) {
        let columns = output.column_iter().zip(classes(targets));
        let right = columns.filter(|(scores, class)| largest(scores.as_slice()) as u16 == **class).count();
        sums[0] += right as f64;
    }

    fn decision(&self, output: &[f32]) -> Option<u16> {
        Some(largest(output) as u16)
    }

    fn gallery(&self, classes: usize, _: &[usize]) -> Box<dyn Gallery> {
        Box::new(Confusion(vec![vec![0; classes]; classes]))
    }
}

/// `[class][decision]`
struct Confusion(Vec<Vec<u32>>);

impl Gallery for Confusion {
    fn see(&mut self, _: &Matrix, output: &Matrix, targets: &Targets) {
        for (scores, &class) in output.column_iter().zip(classes(targets)) {
            self.0[class as usize][largest(scores.as_slice())] += 1;
        }
    }

    fn exhibits(self: Box<Self>) -> Vec<Exhibit> {
        vec![Exhibit { name: CONFUSION.into(), content: Content::Counts(self.0) }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_minus_the_gradient_by_finite_differences() {
        let scores = Matrix::from_column_slice(3, 2, &[0.3, -0.2, 1.1, 2.0, 0.0, -1.0]);
        let targets = Targets::Classes(vec![2, 0]);
        let mut analytic = Matrix::zeros(3, 2);
        Classification.error(&scores, &targets, &mut analytic);
        for index in 0..scores.len() {
            let at = |step: f32| {
                let mut moved = scores.clone();
                moved[index] += step;
                Classification.error(&moved, &targets, &mut Matrix::zeros(3, 2)).iter().sum::<f64>()
            };
            let numeric = -(at(1e-2) - at(-1e-2)) / 2e-2;
            assert!((numeric - f64::from(analytic[index])).abs() < 1e-3, "{numeric} {}", analytic[index]);
        }
    }

    #[test]
    fn two_right_of_three() {
        let output = Matrix::from_column_slice(2, 3, &[0.5, 0.1, 0.2, 0.9, 0.7, 0.7]);
        let targets = Targets::Classes(vec![0, 1, 1]);
        let mut sums = [0.0];
        Classification.measure(&output, &targets, &mut sums);
        assert!((METRICS[0].value(sums[0], 3) - 200.0 / 3.0).abs() < 1e-12);
        assert_eq!(Classification.reward(&[0, 0, 0], &targets), Some(vec![1.0, 0.0, 0.0]));
        let mut gallery = Classification.gallery(2, &[2]);
        gallery.see(&output, &output, &targets);
        assert_eq!(gallery.exhibits()[0].content, Content::Counts(vec![vec![1, 0], vec![1, 1]]));
    }
}
