//! From an experiment file to a checked [`Experiment`]. Everything wrong in it and in its
//! model is reported at once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::keys::{EXPERIMENT, REGIME};
use super::training::Training;
use super::{Arm, Experiment};
use crate::dataset::{self, Outline};
use crate::decode;
use crate::document::key::names;
use crate::document::kind::{Chosen, Owner, quoted};
use crate::document::reader::Reader;
use crate::document::{Entry, Item, Node, Table, read_source, setting};
use crate::encode;
use crate::error::{Error, Place, Problem, Result, Source};
use crate::model::{Model, file as model_file};
use crate::parameter::{Field, Range, Spec, Values};
use crate::regime::Regime;
use crate::rule::{self, Needs};
use crate::task::{self, Task};

impl Experiment {
    /// Reads and checks the experiment file at `path` and its model, changed by the
    /// arguments of `--set`: keys of an experiment change it, all others its model.
    ///
    /// # Errors
    /// [`Error::Data`] when the file cannot be read, else [`Error::Invalid`] with
    /// everything that is wrong in it or in its model.
    pub fn from_file(path: &Path, overrides: &[String]) -> Result<Self> {
        let settings = model_file::settings(overrides)?;
        read(&read_source(path)?, path.parent().unwrap_or(Path::new("")), settings)
    }

    /// The same from a text called `name`. Files are looked for in the working folder.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong in it or in its model.
    pub fn from_text(name: &str, text: &str, overrides: &[String]) -> Result<Self> {
        let source = Arc::new(Source { name: name.to_owned(), text: text.to_owned() });
        read(&source, Path::new(""), model_file::settings(overrides)?)
    }
}

fn read(source: &Arc<Source>, folder: &Path, settings: Vec<Table>) -> Result<Experiment> {
    let mut document = Table::parse(source).map_err(Error::Invalid)?;
    let mut reader = Reader::in_folder(folder);
    reader.absolute_paths = true;
    let mut changes = Vec::new();
    for setting in settings {
        let (own, others): (Vec<Entry>, Vec<Entry>) =
            setting.entries.into_iter().partition(|entry| names(EXPERIMENT).contains(&entry.key.as_str()));
        setting::set(&mut document, Table { entries: own }, &mut reader.problems);
        changes.push(Table { entries: others });
    }
    reader.refuse_unknown_keys(&document, "an experiment", &names(EXPERIMENT));
    let mut checker = Checker { reader, document, source, folder };
    let experiment = checker.experiment(changes);
    checker.reader.finish(experiment)
}

pub(super) struct Checker<'a> {
    pub reader: Reader,
    document: Table,
    source: &'a Arc<Source>,
    folder: &'a Path,
}

/// What the regimes may differ in, read for one regime.
pub(super) struct Settings {
    encoder: Spec,
    pub window_ms: f64,
    pub decoder: Spec,
    pub teaches: bool,
    pub fitted: bool,
    pub rules: Vec<Rule>,
    pub training: Training,
}

pub(super) struct Rule {
    pub spec: Spec,
    pub learning_rates: usize,
    pub needs: Needs,
}

impl Checker<'_> {
    fn experiment(&mut self, changes: Vec<Table>) -> Option<Experiment> {
        let document = std::mem::take(&mut self.document);
        let name = Path::new(&self.source.name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let name = name.unwrap_or("experiment".into());
        let title = document.get("title").map(|node| self.reader.text("title", node).map(str::to_owned));
        let model = self.model(&document, changes);
        let dataset = self.dataset(&document);
        let outline = dataset.as_ref().and_then(|dataset| self.outline(&document, dataset));
        let arms = self.arms(&document, model.as_ref().zip(outline.as_ref()));
        let seeds = self.seeds(&document);
        let start = document.get("start").map(|node| self.checkpoint(node));
        let examples = document.get("examples");
        let examples = examples.map_or(Some(3), |node| self.reader.count("examples", node, Range::Within(0.0, 100.0)));
        Some(Experiment {
            title: title.unwrap_or_else(|| Some(name.clone()))?,
            name,
            model: model?,
            dataset: dataset?,
            outline: outline?,
            seeds: seeds?,
            start: start.map_or(Some(None), |start| start.map(Some))?,
            arms: arms?,
            examples: examples? as usize,
            left_out: Vec::new(),
        })
    }

    /// What is asked of the network.
    fn task(&mut self, document: &Table) -> Option<(Spec, Arc<dyn Task>)> {
        let found = document.get("task").map(|node| self.reader.kind("task", node, task::KINDS, None));
        found.unwrap_or_else(|| {
            let kind = &task::KINDS[0];
            let values = Values::default();
            let built = (kind.build)(&values).ok()?;
            Some((Spec { kind: kind.name, values }, built.into()))
        })
    }

    /// The arms of all regimes. A table of a regime that is not trained is checked too.
    fn arms(&mut self, document: &Table, parts: Option<(&Model, &Outline)>) -> Option<Vec<Arm>> {
        let regimes = self.regimes(document);
        let task = self.task(document);
        let mut settings = Vec::new();
        for regime in Regime::ALL {
            let used = regimes.as_ref().is_none_or(|regimes| regimes.contains(&regime));
            if !used && document.get(regime.name()).is_none() {
                continue;
            }
            let found = self.settings(document, regime);
            if let (Some(found), Some((model, outline)), Some((_, task))) = (&found, parts, &task) {
                self.check_model(document, (found, &**task), model, outline);
            }
            if used {
                settings.push(found.zip(task.as_ref()).map(|(found, task)| found.arms(regime, &task.0)));
            }
        }
        let regimes = regimes?;
        let mut arms = settings.into_iter().collect::<Option<Vec<_>>>()?.concat();
        arms.sort_by_key(|arm| regimes.iter().position(|regime| *regime == arm.regime));
        Some(arms)
    }

    /// The place for what is missing at the top level.
    pub(super) fn start(&self) -> Place {
        Place { source: Arc::clone(self.source), span: 0..0 }
    }

    fn missing(&mut self, key: &str, help: String) {
        let start = self.start();
        self.reader.problem_with_help(&start, format!("an experiment needs `{key}`"), Some(help));
    }

    /// The model, with the experiment's `[set]` and then `changes` worked in.
    fn model(&mut self, document: &Table, mut changes: Vec<Table>) -> Option<Model> {
        if let Some(set) = document.get("set").and_then(|node| self.reader.table("set", node)) {
            changes.insert(0, set.clone());
        }
        let (source, folder) = self.model_source(document)?;
        match model_file::read(&source, &folder, changes) {
            Ok(model) => Some(model),
            Err(error) => {
                self.reader.problems.extend(error.problems().into_iter().map(towards_training));
                None
            }
        }
    }

    /// The text of the model, and the folder in which its files are looked for.
    fn model_source(&mut self, document: &Table) -> Option<(Arc<Source>, PathBuf)> {
        match (document.get("model"), document.get("model_text")) {
            (Some(node), None) => {
                let path = self.folder.join(self.reader.text("model", node)?);
                let source = read_source(&path).map_err(|error| self.reader.problem(&node.place, error.to_string()));
                Some((source.ok()?, path.parent().unwrap_or(Path::new("")).to_owned()))
            }
            (None, Some(node)) => {
                let text = self.reader.text("model_text", node)?.to_owned();
                let name = format!("{}: model_text", self.source.name);
                Some((Arc::new(Source { name, text }), PathBuf::new()))
            }
            (Some(_), Some(node)) => {
                self.reader.problem(&node.place, "`model_text` stands in place of `model`; both are given");
                None
            }
            (None, None) => {
                self.missing("model", "write `model = \"../models/digits-mlp.toml\"`, the path from this file".into());
                None
            }
        }
    }

    /// The path of a checkpoint, which is looked at when a training starts.
    fn checkpoint(&mut self, node: &Node) -> Option<PathBuf> {
        let path = self.reader.text("start", node)?;
        Some(if setting::is_setting(&node.place) { path.into() } else { self.folder.join(path) })
    }

    fn dataset(&mut self, document: &Table) -> Option<Chosen<dyn dataset::Source>> {
        let Some(node) = document.get("dataset") else {
            let known = dataset::SETS.iter().map(|set| set.name).collect::<Vec<_>>();
            self.missing("dataset", format!("write the name of one: {}", quoted(&known)));
            return None;
        };
        let mut node = node.clone();
        if let Some(set) = node.text().and_then(dataset::find) {
            node.item = Item::Text(set.name.into());
        }
        self.reader.kind("dataset", &node, dataset::KINDS, None)
    }

    /// What headers tell of the data set.
    fn outline(&mut self, document: &Table, (_, source): &Chosen<dyn dataset::Source>) -> Option<Outline> {
        let place = document.get("dataset").map_or(self.start(), |node| node.place.clone());
        let outline = source.outline();
        let found = outline.as_ref().err().into_iter().flat_map(Error::problems);
        self.reader.problems.extend(found.map(|problem| Problem { place: Some(place.clone()), ..problem }));
        outline.ok()
    }

    fn regimes(&mut self, document: &Table) -> Option<Vec<Regime>> {
        let Some(node) = document.get("regimes") else {
            return Some(Regime::ALL.to_vec());
        };
        let words = self.reader.words("regimes", node);
        let mut regimes = Vec::new();
        for (_, node) in &words {
            let name = self.reader.choice("regimes", node, &Regime::ALL.map(Regime::name))?;
            let regime = Regime::ALL.into_iter().find(|regime| regime.name() == name)?;
            if regimes.contains(&regime) {
                self.reader.problem(&node.place, format!("`{name}` is named twice"));
            }
            regimes.push(regime);
        }
        (!regimes.is_empty()).then_some(regimes)
    }

    fn seeds(&mut self, document: &Table) -> Option<Vec<u64>> {
        let Some(node) = document.get("seeds") else {
            return Some(vec![1]);
        };
        let nodes = match &node.item {
            Item::Array(nodes) => nodes.as_slice(),
            _ => std::slice::from_ref(node),
        };
        if nodes.is_empty() {
            self.reader.problem(&node.place, "`seeds` is empty");
            return None;
        }
        let mut seeds = Vec::new();
        for node in nodes {
            let seed = self.reader.count("seeds", node, Range::NotNegative)?;
            if seeds.contains(&seed) {
                self.reader.problem(&node.place, format!("seed {seed} is given twice"));
            }
            seeds.push(seed);
        }
        Some(seeds)
    }

    /// The document's values, changed by the table of `regime`.
    fn settings(&mut self, document: &Table, regime: Regime) -> Option<Settings> {
        let shared = names(REGIME);
        let mut merged = Table { entries: document.entries.clone() };
        merged.entries.retain(|entry| shared.contains(&entry.key.as_str()));
        if let Some(table) = document.get(regime.name()).and_then(|node| self.reader.table(regime.name(), node)) {
            self.reader.refuse_unknown_keys(table, &format!("`{}`", regime.name()), &shared);
            let mut table = table.clone();
            table.entries.retain(|entry| shared.contains(&entry.key.as_str()));
            setting::merge(&mut merged, table, &mut self.reader.problems);
        }
        let encoder = self.needed(&merged, "encoder", "encoder.regular = {}");
        let encoder = encoder.and_then(|node| self.reader.kind("encoder", node, encode::KINDS, None));
        let decoder = self.needed(&merged, "decoder", "decoder.membrane = {}");
        let decoder = decoder.and_then(|node| self.reader.kind("decoder", node, decode::KINDS, None));
        let rules = self.needed(&merged, "rule", "rule.q_agrel = {}").and_then(|node| self.rules(node));
        let training = self.training(&merged);
        let ((encoder, encodes), (decoder, decodes)) = (encoder?, decoder?);
        Some(Settings {
            encoder,
            window_ms: encodes.window_ms(),
            decoder,
            teaches: decodes.teaches(),
            fitted: decodes.is_fitted(),
            rules: rules?,
            training: training?,
        })
    }

    fn needed<'t>(&mut self, table: &'t Table, key: &str, example: &str) -> Option<&'t Node> {
        let node = table.get(key);
        if node.is_none() {
            self.missing(key, format!("write `{example}`, for all regimes or under `[spiking]` and `[rate]`"));
        }
        node
    }

    fn rules(&mut self, node: &Node) -> Option<Vec<Rule>> {
        let entries = match &node.item {
            Item::Table(table) if table.entries.len() != 1 => table.entries.as_slice(),
            _ => return self.reader.kind("rule", node, rule::KINDS, None).map(|rule| vec![Rule::new(rule)]),
        };
        if entries.is_empty() {
            self.reader.problem(&node.place, "`rule` names no rule");
            return None;
        }
        let mut rules = Vec::new();
        for entry in entries {
            let rule = self.reader.kind_entry("rule", entry, rule::KINDS, None).map(Rule::new);
            rules.push(rule);
        }
        rules.into_iter().collect()
    }

    fn training(&mut self, merged: &Table) -> Option<Training> {
        let start = self.start();
        let empty = Table::default();
        let (table, place) = match merged.entry("training") {
            Some(entry) => (self.reader.table("training", &entry.value)?, &entry.place),
            None => (&empty, &start),
        };
        let values = self.reader.values(&Owner { name: "`training`", place }, table, Training::FIELDS, None)?;
        Some(Training::from_values(&values))
    }
}

/// Advice for a key of `[training]` that was given without its table, and so went to the model.
fn towards_training(problem: Problem) -> Problem {
    let meant = |field: &&Field| problem.message == format!("the model has no parameter `{}`", field.name);
    match Training::FIELDS.iter().find(meant) {
        Some(field) => Problem { help: Some(format!("did you mean `training.{}`?", field.name)), ..problem },
        None => problem,
    }
}

impl Rule {
    fn new((spec, rule): (Spec, Arc<dyn rule::Rule>)) -> Self {
        Self { spec, learning_rates: rule.learning_rates().len(), needs: rule.needs() }
    }
}

impl Settings {
    fn arms(self, regime: Regime, task: &Spec) -> Vec<Arm> {
        let Self { encoder, decoder, training, .. } = self;
        let arm = |rule: Rule| Arm {
            regime,
            task: task.clone(),
            rule: rule.spec,
            encoder: encoder.clone(),
            decoder: decoder.clone(),
            training,
        };
        self.rules.into_iter().map(arm).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = r#"
[parameters]
hidden = 20

[[layers]]
size = 4
[[layers]]
dense = "hidden"
[[layers]]
dense = 3
"#;

    fn text(rest: &str) -> String {
        let model = toml::Value::String(MODEL.into()).to_string();
        format!("model_text = {model}\ndataset = \"iris\"\n{rest}")
    }

    const PARTS: &str = "encoder.regular = { window = \"8 ms\" }\ndecoder = \"membrane\"\n";

    fn read(rest: &str, overrides: &[&str]) -> Experiment {
        let overrides: Vec<String> = overrides.iter().map(|s| s.to_string()).collect();
        Experiment::from_text("x.toml", &text(rest), &overrides).unwrap_or_else(|error| panic!("{error}"))
    }

    fn problems(rest: &str) -> Vec<String> {
        let error = Experiment::from_text("x.toml", &text(rest), &[]).err().expect("a wrong experiment");
        error.problems().iter().map(|problem| problem.message.clone()).collect()
    }

    #[test]
    fn arms_are_regimes_times_rules_and_a_regime_may_differ() {
        let rest = format!(
            "{PARTS}[rule.q_agrel]\nlearning_rate = 0.5\n[rule.backpropagation]\n[training]\nepochs = 3\nbatch = 8\n\
             [rate]\nrule.q_agrel.exploration = 0.1\ntraining.batch = 16\nencoder.poisson = {{}}"
        );
        let experiment = read(&rest, &["seeds=[4, 5]", "training.epochs=7"]);
        let labels: Vec<String> = experiment.arms.iter().map(Arm::label).collect();
        assert_eq!(labels, ["spiking-q_agrel", "spiking-backpropagation", "rate-q_agrel", "rate-backpropagation"]);
        let batches: Vec<u32> = experiment.arms.iter().map(|arm| arm.training.batch).collect();
        assert_eq!(batches, [8, 8, 16, 16]);
        assert!(experiment.arms.iter().all(|arm| arm.training.epochs == 7));
        assert_eq!(experiment.seeds, [4, 5]);
        let rule = &experiment.arms[2].rule.values;
        assert_eq!((rule.number("exploration"), rule.numbers("learning_rate")), (0.1, &[0.5][..]));
        let encoders: Vec<&str> = experiment.arms.iter().map(|arm| arm.encoder.kind).collect();
        assert_eq!(encoders, ["regular", "regular", "poisson", "poisson"]);
        let again = Experiment::from_text("x.toml", &experiment.resolved(), &[]).unwrap();
        assert_eq!((&again.arms, again.resolved()), (&experiment.arms, experiment.resolved()));
    }

    #[test]
    fn the_model_is_changed_by_set_and_by_the_command_line() {
        let rest = format!("{PARTS}rule.q_agrel = {{}}\n[set]\nhidden = 30\nsimulation.seed = 4");
        let sizes = |experiment: &Experiment| experiment.model.populations[1].shape[0];
        assert_eq!(sizes(&read(&rest, &[])), 30);
        assert_eq!(read(&rest, &[]).model.simulation.seed, 4);
        assert_eq!(sizes(&read(&rest, &["hidden=40"])), 40);
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let rest =
            PARTS.replace("membrane", "linear") + "rule.q_agrel = { learning_rate = [1, 2, 3] }\ntraining.shift = 1";
        let found = problems(&(rest + "\n[set.layers.0]\nsize = 5"));
        let expected = [
            "samples of `iris` have 4 values (4), but population `input` of the model has 5 sources",
            "rule `q_agrel` learns from scores, which decoder `linear` has only after training",
            "rule `q_agrel` has 3 learning rates for 2 projections",
            "samples of `iris` are no images: they cannot be shifted",
        ];
        assert_eq!(found, expected);
    }
}
