//! An experiment as an experiment file again: one text that holds everything, the model
//! included. What is the same in both regimes stands at the top, the rest in their tables.

use super::training::Training;
use super::{Arm, Experiment};
use crate::dataset;
use crate::decode;
use crate::document::writing::{array, spec, string, values};
use crate::encode;
use crate::parameter::{Kind, Spec, find};
use crate::regime::Regime;
use crate::rule;
use crate::task;

/// The canonical text of `experiment`.
pub(super) fn write(experiment: &Experiment) -> String {
    let regimes = regimes(experiment);
    let mut lines = vec![
        format!("title = {}", string(&experiment.title)),
        dataset_line(&experiment.dataset.0),
        format!("regimes = {}", array(regimes.iter().map(|regime| string(regime.name())))),
        format!("seeds = {}", array(experiment.seeds.iter().map(u64::to_string))),
        format!("examples = {}", experiment.examples),
        format!("model_text = {}", string(&experiment.model.resolved())),
    ];
    lines.extend(experiment.start.iter().map(|path| format!("start = {}", string(&path.display().to_string()))));
    lines.extend(experiment.arms.first().map(|arm| line("task", &arm.task, task::KINDS)));
    let sections: Vec<Vec<String>> = regimes.iter().map(|&regime| kinds(experiment, regime)).collect();
    let trainings: Vec<Vec<String>> = regimes.iter().map(|&regime| training_of(experiment, regime)).collect();
    let (same_kinds, same_training) = (all_equal(&sections), all_equal(&trainings));
    if same_kinds {
        lines.extend(sections[0].iter().cloned());
    }
    if same_training {
        lines.push("\n[training]".into());
        lines.extend(trainings[0].iter().cloned());
    }
    for ((regime, section), training) in regimes.iter().zip(sections).zip(trainings) {
        if !same_kinds {
            lines.push(format!("\n[{}]", regime.name()));
            lines.extend(section);
        }
        if !same_training {
            lines.push(format!("\n[{}.training]", regime.name()));
            lines.extend(training);
        }
    }
    lines.join("\n") + "\n"
}

fn all_equal<T: PartialEq>(items: &[T]) -> bool {
    items.windows(2).all(|pair| pair[0] == pair[1])
}

fn regimes(experiment: &Experiment) -> Vec<Regime> {
    let mut regimes: Vec<Regime> = experiment.arms.iter().map(|arm| arm.regime).collect();
    regimes.dedup();
    regimes
}

fn arms(experiment: &Experiment, regime: Regime) -> impl Iterator<Item = &Arm> {
    experiment.arms.iter().filter(move |arm| arm.regime == regime)
}

/// Encoder, decoder and rules of one regime.
fn kinds(experiment: &Experiment, regime: Regime) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(arm) = arms(experiment, regime).next() {
        lines.push(line("encoder", &arm.encoder, encode::KINDS));
        lines.push(line("decoder", &arm.decoder, decode::KINDS));
    }
    lines.extend(arms(experiment, regime).map(|arm| line("rule", &arm.rule, rule::KINDS)));
    lines
}

/// A data set of fixed contents stands by its name alone.
fn dataset_line(kind: &Spec) -> String {
    let is_named = find(dataset::KINDS, kind.kind).is_some_and(|row| row.fields.is_empty());
    if is_named { format!("dataset = {}", string(kind.kind)) } else { line("dataset", kind, dataset::KINDS) }
}

fn line<T: ?Sized>(name: &str, kind: &Spec, kinds: &'static [Kind<T>]) -> String {
    spec(name, kind, find(kinds, kind.kind).map_or(&[], |kind| kind.fields))
}

fn training_of(experiment: &Experiment, regime: Regime) -> Vec<String> {
    let training = arms(experiment, regime).next().map(|arm| arm.training);
    training.map_or(Vec::new(), |training| values(&training.values(), Training::FIELDS))
}
