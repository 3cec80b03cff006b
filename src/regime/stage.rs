//! What a rule sees of a batch, whatever the regime.

use super::{Batch, Presenter, Response};
use crate::matrix::Matrix;
use crate::network::chain::Chain;
use crate::random::{Purpose, Stream};
use crate::rule::{Feedback, Stage};

/// A presented batch with its labels.
pub struct BatchStage<'a> {
    pub presenter: &'a mut dyn Presenter,
    pub chain: &'a Chain,
    pub batch: &'a Batch,
    pub response: &'a Response,
    pub labels: &'a [u16],
}

impl Stage for BatchStage<'_> {
    fn layers(&self) -> usize {
        self.chain.layers()
    }

    fn activity(&self, layer: usize) -> &Matrix {
        &self.response.activity[layer]
    }

    fn gate(&self, layer: usize) -> &Matrix {
        &self.response.gate[layer]
    }

    fn scores(&self) -> &Matrix {
        &self.response.scores
    }

    fn labels(&self) -> &[u16] {
        self.labels
    }

    fn weights(&self, projection: usize) -> &Matrix {
        &self.chain.weights[projection]
    }

    fn descend(&mut self, feedback: Feedback<'_>, signal: &Matrix, ticks: Option<usize>) -> Vec<Matrix> {
        let weights: Vec<&Matrix> = match feedback {
            Feedback::Tied => self.chain.weights[1..].iter().collect(),
            Feedback::Own(own) => own.iter().collect(),
        };
        self.presenter.descend(self.response, &weights, signal, ticks)
    }

    fn exploration(&self, column: usize) -> Stream {
        self.batch.stream(column, Purpose::Exploration)
    }
}
