//! Readout by assigned labels: each neuron stands for the class to which it responded most, and a
//! sample's class is the one whose neurons fire most on average (Diehl & Cook 2015, Front. Comput.
//! Neurosci. 9:99, section 2.5).
//!
//! ```text
//! class of neuron i    argmax_c  mean rate of i over the samples of class c      (the first of several)
//! score of class c     mean rate of the neurons of class c; 0 where there is none
//! ```
//! Neurons that never fired stand for no class. Nothing learns from this readout: it is made from
//! training samples once weights are learned.

use super::{Decoder, Output};
use crate::matrix::{Matrix, largest};
use crate::parameter::Kind;
use crate::time::Resolution;

#[derive(Debug)]
struct Assignment;

pub(super) const KIND: Kind<dyn Decoder> = Kind {
    name: "assignment",
    aliases: &[],
    summary: "Label each neuron with the class it responds to most; a class scores the mean rate of its neurons",
    fields: &[],
    build: |_| Ok(Box::new(Assignment)),
};

impl Decoder for Assignment {
    fn fires(&self) -> bool {
        true
    }

    /// What is assigned, one per neuron: spikes per tick.
    fn scores(&self, output: Output<'_>, _: Resolution, scores: &mut [f32]) {
        output.per_tick(scores);
    }

    fn teaches(&self) -> bool {
        false
    }

    fn is_fitted(&self) -> bool {
        true
    }

    /// Classes x n: 1 / (neurons of the class) where a neuron stands for it, else 0.
    fn fit(&self, rates: &Matrix, labels: &[u16], classes: usize) -> Option<Matrix> {
        let mut sums = vec![vec![0.0f64; classes]; rates.nrows()];
        let mut samples = vec![0u32; classes];
        for (column, &label) in rates.column_iter().zip(labels) {
            samples[label as usize] += 1;
            sums.iter_mut().zip(column.iter()).for_each(|(sums, &rate)| sums[label as usize] += f64::from(rate));
        }
        let mean = |sums: &Vec<f64>| -> Vec<f32> {
            sums.iter().zip(&samples).map(|(sum, &samples)| (sum / f64::from(samples.max(1))) as f32).collect()
        };
        let means = sums.iter().map(mean);
        let assigned: Vec<Option<usize>> =
            means.map(|means| Some(largest(&means)).filter(|&class| means[class] > 0.0)).collect();
        let mut members = vec![0u32; classes];
        assigned.iter().flatten().for_each(|&class| members[class] += 1);
        Some(Matrix::from_fn(classes, rates.nrows(), |class, neuron| match assigned[neuron] == Some(class) {
            true => 1.0 / members[class] as f32,
            false => 0.0,
        }))
    }

    fn apply(&self, fitted: &Matrix, rates: &Matrix) -> Matrix {
        fitted * rates
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neurons_stand_for_the_class_they_respond_to_most() {
        // Neuron 0 prefers class 1, neuron 1 class 0, neuron 2 class 1; neuron 3 is silent.
        let rates = Matrix::from_row_slice(4, 3, &[0.1, 0.3, 0.3, 0.5, 0.4, 0.2, 0.0, 0.2, 0.4, 0.0, 0.0, 0.0]);
        let fitted = Assignment.fit(&rates, &[0, 1, 1], 3).unwrap();
        let known = Matrix::from_row_slice(3, 4, &[0.0, 1.0, 0.0, 0.0, 0.5, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(fitted, known);
        let scores = Assignment.apply(&fitted, &Matrix::from_column_slice(4, 1, &[0.2, 0.25, 0.4, 0.9]));
        assert_eq!(scores.as_slice(), [0.25, 0.3, 0.0]);
    }

    #[test]
    fn one_class_seen_more_often_does_not_win_by_its_number() {
        let rates = Matrix::from_row_slice(1, 4, &[0.2, 0.2, 0.2, 0.3]);
        let fitted = Assignment.fit(&rates, &[0, 0, 0, 1], 2).unwrap();
        assert_eq!(fitted.as_slice(), [0.0, 1.0]);
    }
}
