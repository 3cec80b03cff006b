//! Error backpropagation with softmax and cross-entropy: the reference that every other
//! rule is compared with, on the same network.
//!
//! ```text
//! p = softmax(score / temperature),   E = -log p_label,   f_out = onehot(label) - p
//! f_l = W_{l+1}^T (gate_{l+1} f_{l+1}),   dW_l = rate / B  sum (gate_l f_l) h_{l-1}^T
//! ```
//! In the rate regime the gate is the slope of the rate curve and this is the gradient; in
//! the spiking regime it is the pseudo-derivative ("surrogate gradient") of the spike counts.

use super::q_agrel::LEARNING_RATE;
use super::{Feedback, Lesson, Rule, Stage, cross_entropy, three_factor};
use crate::decode::best;
use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::unit::Dimension;

#[derive(Debug)]
struct Backpropagation {
    learning_rates: Vec<f64>,
    temperature: f32,
}

pub(super) const KIND: Kind<dyn Rule> = Kind {
    name: "backpropagation",
    aliases: &["backprop", "bp"],
    summary: "Error backpropagation of softmax cross-entropy: the reference for every other rule",
    fields: &[
        LEARNING_RATE,
        Field {
            name: "temperature",
            aliases: &[],
            form: Form::Quantity(Dimension::None),
            default: Some("1"),
            range: Range::Positive,
            doc: "Scores are divided by this before the softmax",
        },
    ],
    build: |v: &Values| {
        Ok(Box::new(Backpropagation {
            learning_rates: v.numbers("learning_rate").to_vec(),
            temperature: v.number("temperature") as f32,
        }))
    },
};

impl Rule for Backpropagation {
    fn learning_rates(&self) -> &[f64] {
        &self.learning_rates
    }

    fn learn(&self, stage: &mut dyn Stage, _: &[crate::matrix::Matrix]) -> Lesson {
        let (error, loss) = cross_entropy::error(stage.scores(), stage.labels(), self.temperature);
        let decisions = stage.scores().column_iter().map(|scores| best(scores.as_slice())).collect();
        let mut factors = stage.descend(Feedback::Tied, &error, None);
        factors.push(error);
        Lesson { changes: three_factor(stage, &factors), memory_changes: Vec::new(), decisions, loss }
    }
}
