//! What has to fit between the parts of an experiment: the data and the model, the window
//! and the resolution, the rule and the readout.

use super::file::{Checker, Rule, Settings};
use crate::dataset::DataSet;
use crate::document::Table;
use crate::error::Place;
use crate::model::Model;

impl Checker<'_> {
    pub(super) fn check_model(&mut self, document: &Table, settings: &Settings, model: &Model, dataset: &DataSet) {
        let start = self.start();
        let place = |key: &str| document.get(key).map_or(start.clone(), |node| node.place.clone());
        self.check_input(&place("dataset"), model, dataset);
        if !settings.fitted {
            self.check_readout(&place("dataset"), model, dataset);
        }
        self.check_window(&place("encoder"), settings.window_ms, model);
        for rule in &settings.rules {
            self.check_readout_teaches(&place("decoder"), rule, settings);
            self.check_learning_rates(&place("rule"), rule, model);
        }
        if settings.training.shift > 0 && dataset.shape.len() < 2 {
            let sentence = format!("samples of `{}` are no images: they cannot be shifted", dataset.name);
            self.reader.problem_with_help(&place("training"), sentence, Some("set `training.shift` to 0".into()));
        }
    }

    fn check_readout_teaches(&mut self, place: &Place, rule: &Rule, settings: &Settings) {
        if rule.needs_scores && !settings.teaches {
            let (name, decoder) = (rule.spec.kind, settings.decoder.kind);
            let sentence =
                format!("rule `{name}` learns from scores, which decoder `{decoder}` has only after training");
            let help = Some("choose another decoder, such as `decoder.membrane = {}`".into());
            self.reader.problem_with_help(place, sentence, help);
        }
    }

    fn check_learning_rates(&mut self, place: &Place, rule: &Rule, model: &Model) {
        let (name, rates, projections) = (rule.spec.kind, rule.learning_rates, model.projections.len());
        if rates > 1 && rates != projections {
            let sentence = format!("rule `{name}` has {rates} learning rates for {projections} projections");
            let help = Some("give one learning rate for all, or one per projection, from input to output".into());
            self.reader.problem_with_help(place, sentence, help);
        }
    }

    fn check_input(&mut self, place: &Place, model: &Model, dataset: &DataSet) {
        let sources: Vec<_> = model.populations.iter().filter(|population| population.neuron.is_none()).collect();
        let [input] = sources.as_slice() else {
            let sentence = format!(
                "a model to train has one population of sources, where samples enter; `{}` has {}",
                model.title,
                sources.len()
            );
            return self.reader.problem(place, sentence);
        };
        let (values, neurons) = (dataset.shape.iter().product::<usize>(), input.shape.iter().product::<usize>());
        if values != neurons {
            let shape = dataset.shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" x ");
            let sentence = format!(
                "samples of `{}` have {values} values ({shape}), but population `{}` of the model has {neurons} sources",
                dataset.name, input.name
            );
            self.reader.problem(place, sentence);
        }
    }

    fn check_readout(&mut self, place: &Place, model: &Model, dataset: &DataSet) {
        let leaves = |index: usize| model.projections.iter().any(|projection| projection.source.0 == index);
        let sinks: Vec<usize> = (0..model.populations.len()).filter(|&index| !leaves(index)).collect();
        let readout = model.readout.map(|id| id.0).or(match sinks.as_slice() {
            [sink] => Some(*sink),
            _ => None,
        });
        let Some(readout) = readout.map(|index| &model.populations[index]) else {
            let sentence = format!("it is not clear which population of `{}` is decoded", model.title);
            let help = Some("write `readout = \"NAME\"` in the model".into());
            return self.reader.problem_with_help(place, sentence, help);
        };
        let neurons = readout.shape.iter().product::<usize>();
        if neurons != dataset.classes {
            let sentence = format!(
                "`{}` has {} classes, but the readout `{}` of the model has {neurons} neurons",
                dataset.name, dataset.classes, readout.name
            );
            self.reader.problem(place, sentence);
        }
    }

    fn check_window(&mut self, place: &Place, window_ms: f64, model: &Model) {
        let resolution = model.simulation.resolution;
        if !matches!(resolution.ticks(window_ms), Ok(1..=1_000_000)) {
            let sentence = format!(
                "the encoder's window of {window_ms} ms is no whole number of ticks of {} ms, or too many",
                resolution.ms()
            );
            let help = Some("change `window`, or `simulation.resolution` of the model".into());
            self.reader.problem_with_help(place, sentence, help);
        }
    }
}
