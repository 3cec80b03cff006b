//! What has to fit between the parts of an experiment: the data and the model, the window
//! and the resolution, the rule and the readout.

use super::file::{Checker, Rule, Settings};
use super::{Arm, Experiment};
use crate::dataset::{Data, Outline};
use crate::decode;
use crate::document::Table;
use crate::error::{Place, Problem};
use crate::id::{PopulationId, ProjectionId};
use crate::model::{DelaySpec, Model, PopulationSpec};
use crate::network::chain::chains;
use crate::parameter::{Kind, Spec, find};
use crate::task::{self, Targets, Task};

/// What headers did not tell: refuses samples of another number of classes than the outputs of the network.
pub(super) fn check_data(experiment: &Experiment, data: &Data) -> Result<(), Problem> {
    let rows = chains(&experiment.model).unwrap_or_default();
    let Some(&ProjectionId(last)) = rows.first().and_then(|row| row.last()) else { return Ok(()) };
    let readout = &experiment.model.populations[experiment.model.projections[last].target.0];
    let found = Outline { classes: Some(data.classes.len()), ..experiment.outline.clone() };
    let misfit = |arm: &Arm| {
        let is_fitted = built(decode::KINDS, &arm.decoder)?.is_fitted();
        if is_fitted { None } else { misfit(readout, &*built(task::KINDS, &arm.task)?, &found) }
    };
    match experiment.arms.iter().find_map(misfit) {
        Some(message) => Err(Problem { message, place: None, help: Some(shown(&data.classes)) }),
        None => Ok(()),
    }
}

fn built<T: ?Sized>(kinds: &'static [Kind<T>], spec: &Spec) -> Option<Box<T>> {
    find(kinds, spec.kind).and_then(|kind| (kind.build)(&spec.values).ok())
}

/// What is wrong with the size of the readout for a task on such data.
fn misfit(readout: &PopulationSpec, task: &dyn Task, data: &Outline) -> Option<String> {
    let neurons = readout.shape.iter().product::<usize>();
    let wanted = task.outputs(data.classes, &data.shape).filter(|&wanted| wanted > 0 && wanted != neurons)?;
    let what = if Some(wanted) == data.classes { "classes" } else { "values per sample" };
    Some(format!(
        "`{}` has {wanted} {what}, but the readout `{}` of the model has {neurons} neurons",
        data.name, readout.name
    ))
}

/// The first classes and how many more.
fn shown(classes: &[String]) -> String {
    let first = classes.iter().take(12).cloned().collect::<Vec<_>>().join(", ");
    match classes.len().saturating_sub(12) {
        0 => format!("its classes are {first}"),
        more => format!("its classes are {first} and {more} more"),
    }
}

impl Checker<'_> {
    pub(super) fn check_model(
        &mut self,
        document: &Table,
        (settings, task): (&Settings, &dyn Task),
        model: &Model,
        data: &Outline,
    ) {
        let start = self.start();
        let place = |key: &str| document.get(key).map_or(start.clone(), |node| node.place.clone());
        let network = if document.get("model").is_some() { place("model") } else { place("model_text") };
        self.check_input(&place("dataset"), model, data);
        self.check_labels(&place("dataset"), (settings, task), data);
        if let Some(last) = self.check_chain(&network, model)
            && !settings.fitted
        {
            self.check_outputs(&place("dataset"), last, task, data);
        }
        self.check_window(&place("encoder"), settings.window_ms, model);
        for rule in &settings.rules {
            self.check_readout_teaches(&place("decoder"), rule, settings);
            self.check_learning_rates(&place("rule"), rule, model);
            self.check_reward(&place("rule"), rule, task);
        }
        if settings.training.shift > 0 && data.shape.len() < 2 {
            let sentence = format!("samples of `{}` are no images: they cannot be shifted", data.name);
            self.reader.problem_with_help(&place("training"), sentence, Some("set `training.shift` to 0".into()));
        }
    }

    fn check_readout_teaches(&mut self, place: &Place, rule: &Rule, settings: &Settings) {
        if rule.needs.scores && !settings.teaches {
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

    fn check_input(&mut self, place: &Place, model: &Model, data: &Outline) {
        let sources: Vec<_> = model.populations.iter().filter(|population| population.neuron.is_none()).collect();
        let [input] = sources.as_slice() else {
            let sentence = format!(
                "a model to train has one population of sources, where samples enter; `{}` has {}",
                model.title,
                sources.len()
            );
            return self.reader.problem(place, sentence);
        };
        let (values, neurons) = (data.shape.iter().product::<usize>(), input.shape.iter().product::<usize>());
        if values != neurons {
            let shape = data.shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" x ");
            let sentence = format!(
                "samples of `{}` have {values} values ({shape}), but population `{}` of the model has {neurons} sources",
                data.name, input.name
            );
            self.reader.problem(place, sentence);
        }
    }

    /// The last layer of the chain that `model` has to be, and where it has to be read out.
    fn check_chain<'m>(&mut self, place: &Place, model: &'m Model) -> Option<&'m PopulationSpec> {
        let rows = chains(model).unwrap_or_default();
        let Some(&ProjectionId(last)) = rows.first().and_then(|row| row.last()) else {
            let sentence = format!("`{}` is no chain of layers, so it cannot be trained", model.title);
            let help = "training presents samples to layers in a row, without branches or loops";
            self.reader.problem_with_help(place, sentence, Some(help.into()));
            return None;
        };
        if let Some(sparse) = model.projections.iter().find(|projection| projection.topology.0.kind != "all_to_all") {
            let (name, kind) = (&sparse.name, sparse.topology.0.kind);
            let sentence = format!("projection `{name}` of the model is {kind}; training needs all_to_all");
            self.reader.problem(place, sentence);
        }
        self.check_trainable(place, model);
        let end = model.projections[last].target;
        let name = |id: PopulationId| &model.populations[id.0].name;
        if let Some(readout) = model.readout.filter(|readout| *readout != end) {
            let sentence =
                format!("the readout of the model is `{}`, but its last layer is `{}`", name(readout), name(end));
            let help = "training reads out the last layer: leave `readout` away, or end the chain there";
            self.reader.problem_with_help(place, sentence, Some(help.into()));
            return None;
        }
        Some(&model.populations[end.0])
    }

    /// Notes what presentations cannot run, though simulations can.
    fn check_trainable(&mut self, place: &Place, model: &Model) {
        for projection in &model.projections {
            if let Some(rule) = projection.rules.first() {
                let (name, rule) = (&projection.name, rule.rule.0.kind);
                let sentence = format!(
                    "projection `{name}` of the model has the rule `{rule}` on spikes; an experiment has one rule of its own"
                );
                let help = Some("take `plasticity` out of the model, or run it with `twinfire simulate`".into());
                self.reader.problem_with_help(place, sentence, help);
            }
            if matches!(projection.delay, DelaySpec::Distribution(..)) {
                let sentence = format!(
                    "projection `{}` of the model draws its delays; training needs one for all",
                    projection.name
                );
                self.reader.problem(place, sentence);
            }
        }
        for population in &model.populations {
            let Some((kind, neuron)) = &population.neuron else {
                continue;
            };
            if neuron.presented().is_none() {
                let sentence =
                    format!("population `{}` of the model is {}, which cannot be trained", population.name, kind.kind);
                let help = "kinds with delta synapses can: integrate_and_fire, lif_delta, iaf_psc_delta";
                self.reader.problem_with_help(place, sentence, Some(help.into()));
            }
            if let Some(varied) = population.varied.first() {
                let sentence = format!(
                    "`{}` of population `{}` of the model differs from neuron to neuron; training needs one value",
                    varied.field, population.name
                );
                self.reader.problem(place, sentence);
            }
        }
    }

    fn check_labels(&mut self, place: &Place, (settings, task): (&Settings, &dyn Task), data: &Outline) {
        if data.classes != Some(0) || !task.needs_classes() && !settings.fitted {
            return;
        }
        let why = if task.needs_classes() { "the task asks for classes" } else { "the readout is fitted to classes" };
        let sentence = format!("samples of `{}` have no labels, and {why}", data.name);
        let help = "name the labels of the data set, or ask for another task, such as `task.reconstruction = {}`";
        self.reader.problem_with_help(place, sentence, Some(help.into()));
    }

    fn check_outputs(&mut self, place: &Place, readout: &PopulationSpec, task: &dyn Task, data: &Outline) {
        if let Some(sentence) = misfit(readout, task, data) {
            self.reader.problem(place, sentence);
        }
    }

    fn check_reward(&mut self, place: &Place, rule: &Rule, task: &dyn Task) {
        if rule.needs.reward && task.reward(&[], &Targets::Classes(Vec::new())).is_none() {
            let sentence =
                format!("rule `{}` learns from reward for choices, and nothing is chosen in this task", rule.spec.kind);
            let help = Some("choose another rule, such as `rule.backpropagation = {}`".into());
            self.reader.problem_with_help(place, sentence, help);
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
