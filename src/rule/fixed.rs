//! No plasticity: initial weights stay. With a readout fitted on firing rates this is a
//! random-feature classifier, the floor under every learning rule.

use super::{Lesson, Rule, Stage};
use crate::decode::best;
use crate::matrix::Matrix;
use crate::parameter::Kind;

#[derive(Debug)]
struct Fixed;

pub(super) const KIND: Kind<dyn Rule> = Kind {
    name: "fixed",
    aliases: &["none"],
    summary: "No plasticity: initial weights stay (use with a readout fitted on firing rates)",
    fields: &[],
    build: |_| Ok(Box::new(Fixed)),
};

impl Rule for Fixed {
    fn learning_rates(&self) -> &[f64] {
        &[0.0]
    }

    fn needs_scores(&self) -> bool {
        false
    }

    fn learn(&self, stage: &mut dyn Stage, _: &[Matrix]) -> Lesson {
        let decisions = stage.scores().column_iter().map(|scores| best(scores.as_slice())).collect();
        Lesson { changes: Vec::new(), memory_changes: Vec::new(), decisions, loss: 0.0 }
    }
}
