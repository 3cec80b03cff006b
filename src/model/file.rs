//! From a model file to a checked [`Model`]. Everything wrong in it is reported at once.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::keys::{MODEL, SIMULATION, place_of};
use super::recording::Projections;
use super::simulation::read_simulation;
use super::{Model, NeuronSpec, PopulationSpec, Precision, Simulation, SpikeTimes, Varied, layers};
use crate::color::Rgb;
use crate::document::advice::{advice, list, suggestion};
use crate::document::key::names;
use crate::document::kind::{Owner, names_of};
use crate::document::reader::Reader;
use crate::document::{Entry, Item, Node, Table, read_source, setting};
use crate::error::{Error, Place, Problem, Result, Source};
use crate::id::PopulationId;
use crate::neuron::soundness::Computation;
use crate::time::Resolution;

impl Model {
    /// Reads and checks the model file at `path`, changed by the arguments of `--set`.
    ///
    /// # Errors
    /// [`Error::Data`] when the file cannot be read, else [`Error::Invalid`] with
    /// everything that is wrong in it.
    pub fn from_file(path: &Path, overrides: &[String]) -> Result<Self> {
        let settings = settings(overrides)?;
        read(&read_source(path)?, path.parent().unwrap_or(Path::new("")), settings)
    }

    /// The same from a text called `name`. Weight files are looked for in the working folder.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong in it.
    pub fn from_text(name: &str, text: &str, overrides: &[String]) -> Result<Self> {
        let source = Arc::new(Source { name: name.to_owned(), text: text.to_owned() });
        read(&source, Path::new(""), settings(overrides)?)
    }
}

/// The arguments of `--set` as tables.
pub(crate) fn settings(overrides: &[String]) -> Result<Vec<Table>> {
    let (mut tables, mut problems) = (Vec::new(), Vec::new());
    for (index, argument) in overrides.iter().enumerate() {
        match setting::parse(index + 1, argument) {
            Ok(table) => tables.push(table),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(tables) } else { Err(Error::Invalid(problems)) }
}

/// Reads and checks the text of a model file that lies in `folder`.
pub(crate) fn read(source: &Arc<Source>, folder: &Path, changes: Vec<Table>) -> Result<Model> {
    let mut document = Table::parse(source).map_err(Error::Invalid)?;
    let mut reader = Reader::in_folder(folder);
    let (layers, others) =
        changes.into_iter().map(|change| split(change, |key| key == "layers")).unzip::<_, _, Vec<_>, Vec<_>>();
    for change in layers {
        setting::set(&mut document, change, &mut reader.problems);
    }
    let layered = layers::expand(&mut document, &mut reader);
    reader.elsewhere = Some(place_of);
    let mut of_members = Vec::new();
    for change in others {
        of_members.extend(apply(&mut document, change, &mut reader.problems));
    }
    reader.refuse_unknown_keys(&document, "a model", &names(MODEL));
    if let Some(parameters) = document.get("parameters").and_then(|node| reader.table("parameters", node)) {
        reader.read_parameters(parameters);
    }
    let simulation = read_simulation(&document, layered, source, &mut reader);
    let resolution = simulation.map(|simulation| simulation.resolution);
    let precise = simulation.is_some_and(|simulation| simulation.spike_times == SpikeTimes::Precise);
    let (populations, groups) = (Vec::new(), Vec::new());
    let single = simulation.is_some_and(|simulation| simulation.precision == Precision::Single);
    let computation = resolution.map(|resolution| Computation { resolution, single, precise });
    reader.most = computation.map(|computation| (computation.most(), computation.precision()));
    let places = HashMap::new();
    let mut checker = Checker { reader, resolution, precise, computation, populations, places, groups };
    checker.populations(&document, source, of_members);
    let model = checker.model(&document, source, simulation);
    checker.reader.finish(model)
}

/// The entries of `table` whose keys pass `test`, and the others.
fn split(table: Table, test: impl Fn(&str) -> bool) -> (Table, Table) {
    let (passing, others) = table.entries.into_iter().partition(|entry| test(&entry.key));
    (Table { entries: passing }, Table { entries: others })
}

/// Works one `--set` in; a name that is no key of a model is a parameter. Gives back what
/// concerns populations that have no table of their own.
fn apply(document: &mut Table, change: Table, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let (mut known, parameters) = split(change, |key| names(MODEL).contains(&key));
    if let Some(first) = parameters.entries.first() {
        let place = first.place.clone();
        let value = Node { item: Item::Table(parameters), place: place.clone() };
        known.entries.push(Entry { key: "parameters".into(), place, value });
    }
    for entry in known.entries.iter_mut().filter(|entry| entry.key == "parameters") {
        refuse_new_parameters(document, &mut entry.value, problems);
    }
    let of_members = changes_of_members(document, &mut known);
    setting::set(document, known, problems);
    of_members
}

/// Takes the changes of populations out that are not in the document: members of tables that
/// hold several.
fn changes_of_members(document: &Table, changes: &mut Table) -> Vec<Entry> {
    let Some(tables) = document.get("populations").and_then(Node::table) else {
        return Vec::new();
    };
    let populations = changes.entries.iter_mut().find(|entry| entry.key == "populations");
    let Some(Item::Table(populations)) = populations.map(|entry| &mut entry.value.item) else {
        return Vec::new();
    };
    let (others, own) =
        std::mem::take(&mut populations.entries).into_iter().partition(|entry| tables.get(&entry.key).is_none());
    populations.entries = own;
    others
}

/// Notes and drops changes of parameters that the model does not have.
fn refuse_new_parameters(document: &Table, changes: &mut Node, problems: &mut Vec<Problem>) {
    let empty = Table::default();
    let declared = document.get("parameters").and_then(Node::table).unwrap_or(&empty);
    let Item::Table(changes) = &mut changes.item else {
        return; // the wrong type is reported by whoever reads the parameters
    };
    changes.entries.retain(|entry| {
        let known = declared.get(&entry.key).is_some();
        if !known {
            let help = if problems.len() < 200 { meant(&entry.key, declared) } else { None };
            problems.push(Problem {
                message: format!("the model has no parameter `{}`", entry.key),
                place: Some(entry.place.clone()),
                help,
            });
        }
        known
    });
}

/// What a parameter may have been meant to be that the model does not have.
fn meant(name: &str, declared: &Table) -> Option<String> {
    let setting = SIMULATION.iter().find(|field| names_of(field).any(|known| known == name));
    let belongs = setting.map(|field| format!("did you mean `simulation.{}`?", field.name));
    belongs.or_else(|| suggestion(name, declared.keys())).or_else(|| list("its parameters", declared.keys()))
}

/// What is known while a model is checked.
pub(super) struct Checker {
    pub reader: Reader,
    /// `None` when it is wrong: then times are not checked against it.
    pub resolution: Option<Resolution>,
    /// Whether spikes are timed within ticks.
    pub precise: bool,
    /// How neurons are computed; `None` when the resolution is wrong.
    pub computation: Option<Computation>,
    pub populations: Vec<Draft>,
    /// Where each name is among them.
    pub places: HashMap<String, usize>,
    /// Names that stand for several populations, with theirs.
    pub groups: Vec<(String, Vec<String>)>,
}

/// A population that may have mistakes; its name can be referred to all the same.
pub(super) struct Draft {
    pub name: String,
    pub shape: Option<Vec<usize>>,
    /// The outer `None` when it is wrong, the inner for sources.
    pub neuron: Option<NeuronSpec>,
    pub varied: Vec<Varied>,
    pub color: Option<Rgb>,
}

impl Checker {
    fn populations(&mut self, document: &Table, source: &Arc<Source>, changes: Vec<Entry>) {
        if document.get("populations").is_none() {
            let start = Place { source: Arc::clone(source), span: 0..0 };
            let help = Some("write `[populations.NAME]` tables, or `[[layers]]`".into());
            self.reader.problem_with_help(&start, "a model needs populations", help);
        }
        let tables = self.entries(document, "populations");
        self.read_populations(tables, changes);
    }

    fn model(&mut self, document: &Table, source: &Arc<Source>, simulation: Option<Simulation>) -> Option<Model> {
        let title = document.get("title").and_then(|node| self.reader.text("title", node)).map(str::to_owned);
        let stem = Path::new(&source.name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let mut projections = Vec::new();
        for entry in self.entries(document, "projections") {
            projections.extend(self.projections(entry).into_iter().map(|spec| (spec, entry.key.clone())));
        }
        let inputs: Vec<_> = self.entries(document, "inputs").iter().flat_map(|entry| self.inputs(entry)).collect();
        let tables_of_record = self.entries(document, "record");
        let projections = Projections::new(projections);
        let asked = self.recordings(tables_of_record, &projections);
        let readout = document.get("readout").map(|node| {
            let name = self.reader.text("readout", node)?;
            self.population(name, &node.place)
        });
        let populations: Option<Vec<PopulationSpec>> = self.populations.iter().map(Draft::finished).collect();
        Some(Model {
            title: title.or(stem).unwrap_or("model".into()),
            simulation: simulation?,
            populations: populations?,
            projections: projections.specs()?,
            inputs: inputs.into_iter().collect::<Option<_>>()?,
            recordings: asked.recordings.into_iter().collect::<Option<_>>()?,
            synapse_recordings: asked.synapses.into_iter().collect::<Option<_>>()?,
            readout: readout.flatten(),
        })
    }

    /// The entries of the table called `name`; none when it is missing or no table.
    fn entries<'t>(&mut self, document: &'t Table, name: &str) -> &'t [Entry] {
        let table = document.get(name).and_then(|node| self.reader.table(name, node));
        table.map_or(&[], |table| &table.entries)
    }

    /// The population called `name`.
    pub(super) fn population(&mut self, name: &str, place: &Place) -> Option<PopulationId> {
        let found = self.places.get(name).copied();
        if found.is_none() {
            let groups = self.groups.iter().map(|(group, _)| group.as_str());
            let known = self.populations.iter().map(|draft| draft.name.as_str()).chain(groups);
            let help = self.reader.advised(|| advice(name, "populations", known));
            self.reader.problem_with_help(place, format!("there is no population `{name}`"), help);
        }
        found.map(PopulationId)
    }

    /// The populations that a string or an array of strings names.
    pub(super) fn named_populations(&mut self, owner: &Owner<'_>, table: &Table, key: &str) -> Vec<PopulationId> {
        let Some(node) = table.get(key) else {
            let help = Some("write the name of a population, or an array of names".into());
            self.reader.problem_with_help(owner.place, format!("{} needs `{key}`", owner.name), help);
            return Vec::new();
        };
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        for (name, node) in self.reader.words(key, node) {
            for id in self.populations_called(name, &node.place).into_iter().flatten() {
                if !seen.insert(id.0) {
                    let name = &self.populations[id.0].name;
                    self.reader.problem(&node.place, format!("`{name}` is named twice"));
                } else {
                    found.push(id);
                }
            }
        }
        found
    }

    /// The populations that share a table called `name`, or the population called so; `None`
    /// for what does not exist.
    pub(super) fn populations_called(&mut self, name: &str, place: &Place) -> Vec<Option<PopulationId>> {
        match self.groups.iter().find(|(group, _)| group == name).cloned() {
            Some((_, members)) => members.iter().map(|member| self.population(member, place)).collect(),
            None => vec![self.population(name, place)],
        }
    }
}

impl Draft {
    fn finished(&self) -> Option<PopulationSpec> {
        Some(PopulationSpec {
            name: self.name.clone(),
            shape: self.shape.clone()?,
            neuron: self.neuron.clone()?,
            varied: self.varied.clone(),
            color: self.color,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Chosen, DelaySpec, SampleSpec, WeightSpec};
    use super::*;

    const BALANCED: &str = r#"
[parameters]
n_exc = 80
n_inh = "n_exc / 4"
j = "0.1 mV"
g = 5

[simulation]
duration = "100 ms"

[populations.exc]
size = "n_exc"
neuron.lif_delta = { tau_m = "20 ms", e_l = "0 mV", v_reset = "0 mV", v_th = "20 mV", v_init = "0 mV" }

[populations.inh]
size = "n_inh"
neuron = "exc"

[projections.inhibition]
source = "inh"
target = ["exc", "inh"]
weight = "-g * j"
delay = "1.5 ms"

[record.exc]
v = { neurons = [0, 79], every = "0.5 ms" }
"#;

    fn problems(text: &str, overrides: &[&str]) -> Vec<String> {
        let overrides: Vec<String> = overrides.iter().map(|s| s.to_string()).collect();
        let error = Model::from_text("m.toml", text, &overrides).expect_err("a wrong model");
        error.problems().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_model_is_read_with_its_arithmetic() {
        let model = Model::from_text("m.toml", BALANCED, &["g=4".into(), "simulation.seed=9".into()]).unwrap();
        assert_eq!(model.populations[1].shape, [20]);
        assert_eq!(model.populations[0].neuron.as_ref().unwrap().0, model.populations[1].neuron.as_ref().unwrap().0);
        let names: Vec<&str> = model.projections.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["inhibition.inh.exc", "inhibition.inh.inh"]);
        assert!(matches!(model.projections[0].weight, WeightSpec::Constant(w) if w == -0.4), "{:?}", model.projections);
        assert!(matches!(model.projections[0].delay, DelaySpec::Constant(15)));
        assert_eq!((model.simulation.seed, model.simulation.duration), (9, 1000));
        assert_eq!(
            model.recordings[0].samples,
            [SampleSpec { variable: "v", neurons: Chosen::These(vec![0, 79]), every: 5 }]
        );
    }

    #[test]
    fn the_resolved_text_gives_the_same_model() {
        let model = Model::from_text("m.toml", BALANCED, &[]).unwrap();
        let again = Model::from_text("other.toml", &model.resolved(), &[]).unwrap();
        let shown = |model: &Model| format!("{model:?}");
        assert_eq!(shown(&model), shown(&again));
    }

    #[test]
    fn layers_expand_to_a_chain_that_is_read_out_at_its_end() {
        let text =
            "[[layers]]\nshape = [4, 4]\n[[layers]]\ndense = 5\nneuron.if = { v_init = 0 }\n[[layers]]\ndense = 3";
        let model = Model::from_text("m.toml", text, &["layers.1.dense=7".into()]).unwrap();
        let sizes: Vec<_> = model.populations.iter().map(|p| (p.name.as_str(), p.shape.clone())).collect();
        assert_eq!(sizes, [("input", vec![4, 4]), ("hidden_1", vec![7]), ("output", vec![3])]);
        let names: Vec<_> = model.projections.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["input_to_hidden_1", "hidden_1_to_output"]);
        assert_eq!(model.readout, Some(PopulationId(2)));
        assert_eq!(model.simulation.resolution.ms(), 1.0);
        assert_eq!(model.populations[1].neuron.as_ref().unwrap().0.values.number("v_init"), 0.0);
    }

    #[test]
    fn a_neuron_starts_and_resets_at_rest_unless_told_otherwise() {
        let values = |given: &str| {
            let text = format!("[populations.a]\nsize = 1\nneuron.lif_delta = {{ {given} }}");
            let model = Model::from_text("m.toml", &text, &[]).unwrap();
            let values = model.populations[0].neuron.as_ref().unwrap().0.values.clone();
            ["v_rest", "v_reset", "v_init"].map(|name| values.number(name))
        };
        assert_eq!(values(""), [-65.0; 3]);
        assert_eq!(values("e_l = \"-70 mV\""), [-70.0; 3]);
        assert_eq!(values("v_rest = \"-70 mV\", initial = \"-60 mV\""), [-70.0, -70.0, -60.0]);
    }

    #[test]
    fn everything_wrong_is_reported_at_once_in_the_order_of_the_text() {
        let text =
            BALANCED.replace("delay = \"1.5 ms\"", "delay = \"1.55 ms\"").replace("size = \"n_exc\"", "sise = 3");
        let found = problems(&text.replace("[\"exc\", \"inh\"]", "\"ex\""), &["gg=4"]);
        assert_eq!(
            found,
            [
                "--set #1:1:1: the model has no parameter `gg` (help: did you mean `g`?)",
                "m.toml:11:14: population `exc` needs `size` or `shape` (help: write `size = 100` or `shape = [28, 28]`)",
                "m.toml:12:1: population `exc` has no key `sise` (help: did you mean `size`?)",
                "m.toml:21:10: there is no population `ex` (help: did you mean `exc`?)",
                "m.toml:23:9: `delay` is 1.55 ms, which is no whole number of ticks of 0.1 ms \
                 (help: the nearest time that is: \"1.6 ms\")",
            ]
        );
    }
}
