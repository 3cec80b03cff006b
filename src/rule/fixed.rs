//! No plasticity: initial weights stay. With a readout fitted on firing rates this is a
//! random-feature classifier, the floor under every learning rule.

use super::{Lesson, Needs, Rule};
use crate::learned::Changes;
use crate::network::bench::Bench;
use crate::network::signal::LEARN;
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

    fn needs(&self) -> Needs {
        Needs { stacks: &[], scores: false, reward: false }
    }

    fn learn(&self, bench: &Bench<'_>) -> Lesson {
        let pass = bench.run(0, &bench.input(&LEARN), &LEARN);
        Lesson { changes: Changes::default(), loss: vec![0.0; pass.batch()], output: bench.copy(&pass.output) }
    }
}
