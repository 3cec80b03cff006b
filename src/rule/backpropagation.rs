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
use super::{Lesson, Rule};
use crate::network::bench::{Bench, Feedback};
use crate::network::presenter::Carrier;
use crate::network::signal::LEARN;
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

    fn learn(&self, bench: &Bench<'_>) -> Lesson {
        let pass = bench.run(0, &bench.input(&LEARN), &LEARN);
        let mut scores = bench.copy(&pass.output);
        *scores /= self.temperature;
        let mut error = bench.copy(&scores);
        let loss = bench.task.error(&scores, bench.targets, &mut error);
        *error /= self.temperature;
        let factors = bench.descend(0, &pass, Feedback::Tied, error, Carrier::Analog);
        Lesson { changes: bench.three_factor(0, &pass, &factors), loss, output: bench.copy(&pass.output) }
    }
}
