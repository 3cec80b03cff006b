//! `[populations.NAME]`, `[inputs.NAME]` and `[record.POPULATION]`.

use super::file::{Checker, Draft};
use super::keys::{INPUT, MEMBRANE, POPULATION, RECORD};
use super::simulation::ticks;
use super::{InputSpec, NeuronSpec, RecordingSpec};
use crate::document::key::names;
use crate::document::kind::Owner;
use crate::document::reader::{Wanted, advice, suggestion};
use crate::document::{Entry, Item, Node, Table};
use crate::id::PopulationId;
use crate::input::{self, Input};
use crate::neuron;
use crate::parameter::{Range, Value, Values, find};
use crate::unit::Dimension;

/// No population is larger, so that an index fits 32 bits.
const LARGEST: f64 = u32::MAX as f64;

impl Checker {
    pub(super) fn read_populations(&mut self, tables: &[Entry]) {
        for entry in tables {
            let mut draft = Draft { name: entry.key.clone(), shape: None, neuron: None };
            if let Some(table) = self.reader.table(&entry.key, &entry.value) {
                let name = format!("population `{}`", entry.key);
                let owner = Owner { name: &name, place: &entry.place };
                self.reader.refuse_unknown_keys(table, &name, &names(POPULATION));
                draft.shape = self.shape(&owner, table);
                draft.neuron = self.neuron(&owner, table, tables);
            }
            self.populations.push(draft);
        }
    }

    fn shape(&mut self, owner: &Owner<'_>, table: &Table) -> Option<Vec<usize>> {
        let range = Range::Within(1.0, LARGEST);
        match (table.entry("size"), table.entry("shape")) {
            (Some(size), None) => Some(vec![self.reader.count(&size.key, &size.value, range)? as usize]),
            (None, Some(entry)) => {
                let shape = self.counts("shape", &entry.value, range)?;
                let size = shape.iter().map(|&side| side as f64).product::<f64>();
                if shape.is_empty() || size > LARGEST {
                    self.reader.problem(&entry.value.place, "`shape` holds no neuron, or too many".to_owned());
                    return None;
                }
                Some(shape)
            }
            (Some(_), Some(shape)) => {
                self.reader.problem(&shape.place, format!("{} has both `size` and `shape`", owner.name));
                None
            }
            (None, None) => {
                let help = Some("write `size = 100` or `shape = [28, 28]`".into());
                self.reader.problem_with_help(owner.place, format!("{} needs `size` or `shape`", owner.name), help);
                None
            }
        }
    }

    fn counts(&mut self, name: &str, node: &Node, range: Range) -> Option<Vec<usize>> {
        let Item::Array(nodes) = &node.item else {
            self.reader.refuse_type(name, node, "an array of whole numbers");
            return None;
        };
        let counts: Vec<_> = nodes.iter().map(|node| self.reader.count(name, node, range)).collect();
        counts.into_iter().map(|count| count.map(|count| count as usize)).collect()
    }

    /// What `neuron` says; a name of another population stands for what that one says.
    fn neuron(&mut self, owner: &Owner<'_>, table: &Table, populations: &[Entry]) -> Option<NeuronSpec> {
        let Some(mut node) = table.get("neuron") else {
            let help = Some("write `neuron.KIND = { … }`, or \"source\" for a population of spike sources".into());
            self.reader.problem_with_help(owner.place, format!("{} needs `neuron`", owner.name), help);
            return None;
        };
        let first = node;
        for _ in 0..=populations.len() {
            let other = node.text().and_then(|name| populations.iter().find(|entry| entry.key == name));
            match other {
                Some(other) => node = other.value.table()?.get("neuron")?, // what is missing is reported there
                None => return self.neuron_kind(node, populations),
            }
        }
        self.reader.problem(&first.place, format!("the neuron of {} refers to itself", owner.name));
        None
    }

    fn neuron_kind(&mut self, node: &Node, populations: &[Entry]) -> Option<NeuronSpec> {
        match node.text() {
            Some("source") => Some(None),
            Some(name) if find(neuron::KINDS, name).is_none() => {
                let aliases = neuron::KINDS.iter().flat_map(|kind| kind.aliases.iter().copied());
                let kinds = neuron::KINDS.iter().map(|kind| kind.name);
                let known: Vec<&str> =
                    populations.iter().map(|entry| entry.key.as_str()).chain(kinds).chain(["source"]).collect();
                let help = suggestion(name, known.iter().copied().chain(aliases));
                let help = help.or_else(|| advice(name, "populations and kinds", known.into_iter()));
                self.reader.problem_with_help(&node.place, format!("there is no neuron or population `{name}`"), help);
                None
            }
            _ => {
                let neuron = self.reader.kind("neuron", node, neuron::KINDS, None)?;
                self.check_refractory(node, &neuron.0.values)?;
                Some(Some(neuron))
            }
        }
    }

    /// Notes where a refractory period is no whole number of ticks.
    fn check_refractory(&mut self, node: &Node, values: &Values) -> Option<()> {
        let (Some(&Value::Number(ms)), Some(resolution)) = (values.get("tau_refrac"), self.resolution) else {
            return Some(());
        };
        ticks(&mut self.reader, "tau_refrac", &node.place, ms, resolution).map(drop)
    }

    /// The dimension of synapses onto a population: `Err` for sources, which have none.
    pub(super) fn synapse(&self, id: PopulationId) -> Result<Option<Dimension>, ()> {
        match &self.populations[id.0].neuron {
            None => Ok(None),
            Some(None) => Err(()),
            Some(Some((_, neuron))) => Ok(Some(neuron.weight_dimension())),
        }
    }

    pub(super) fn input(&mut self, entry: &Entry) -> Option<InputSpec> {
        let table = self.reader.table(&entry.key, &entry.value)?;
        let name = format!("input `{}`", entry.key);
        let owner = Owner { name: &name, place: &entry.place };
        let targets = self.named_populations(&owner, table, "target");
        let kind = self.input_kind(&owner, table)?;
        let mut synapses: Vec<Dimension> = targets.iter().filter_map(|&id| self.synapse(id).ok().flatten()).collect();
        synapses.dedup();
        if synapses.len() > 1 {
            self.reader.problem(owner.place, format!("{name} has targets whose weights are not of one unit"));
        }
        let input = self.reader.kind_entry("input", kind, input::KINDS, synapses.first().copied())?;
        let source = targets.iter().find(|&&id| self.synapse(id).is_err()).map(|id| &self.populations[id.0].name);
        if let Some(source) = source.filter(|_| input.1.sends_currents()) {
            let message = format!("`{source}` is a population of sources, which take spikes but no currents");
            self.reader.problem(&kind.place, message);
        }
        self.check_sizes(kind, &targets, &*input.1);
        Some(InputSpec { name: entry.key.clone(), targets, input })
    }

    /// The only key of an input beside those that all inputs have.
    fn input_kind<'t>(&mut self, owner: &Owner<'_>, table: &'t Table) -> Option<&'t Entry> {
        let mut kinds = table.entries.iter().filter(|entry| !names(INPUT).contains(&entry.key.as_str()));
        let Some(kind) = kinds.next() else {
            let known: Vec<&str> = input::KINDS.iter().map(|kind| kind.name).collect();
            let help = Some(format!("write one of these with its parameters: {}", known.join(", ")));
            self.reader.problem_with_help(owner.place, format!("{} names no kind", owner.name), help);
            return None;
        };
        for other in kinds {
            let message = format!("{} has `{}` beside `{}`; an input is of one kind", owner.name, other.key, kind.key);
            self.reader.problem(&other.place, message);
        }
        Some(kind)
    }

    /// Notes where an input does not fit the size of a target.
    fn check_sizes(&mut self, kind: &Entry, targets: &[PopulationId], input: &dyn Input) {
        for id in targets {
            let Draft { name, shape: Some(shape), .. } = &self.populations[id.0] else {
                continue;
            };
            if let Err(sentence) = input.fits(shape.iter().product()) {
                let message = format!("`{name}`: {sentence}");
                self.reader.problem(&kind.place, message);
            }
        }
    }

    pub(super) fn recording(&mut self, entry: &Entry) -> Option<RecordingSpec> {
        let population = self.population(&entry.key, &entry.place);
        let table = self.reader.table(&entry.key, &entry.value)?;
        self.reader.refuse_unknown_keys(table, &format!("`record.{}`", entry.key), &names(RECORD));
        let spikes = table.get("spikes").map_or(Some(true), |node| self.reader.flag("spikes", node));
        let population = population?;
        let membrane = match table.entry("v") {
            None => None,
            Some(entry) => Some(self.membrane(entry, population)?),
        };
        Some(RecordingSpec { population, spikes: spikes?, membrane })
    }

    fn membrane(&mut self, entry: &Entry, population: PopulationId) -> Option<(Vec<usize>, u64)> {
        let table = self.reader.table("v", &entry.value)?;
        self.reader.refuse_unknown_keys(table, "`v`", &names(MEMBRANE));
        if matches!(self.populations[population.0].neuron, Some(None)) {
            let name = &self.populations[population.0].name;
            self.reader.problem(&entry.place, format!("`{name}` is a population of sources, which have no membrane"));
        }
        let size = self.populations[population.0].shape.as_ref()?.iter().product::<usize>();
        let neurons = match table.get("neurons") {
            Some(node) => self.counts("neurons", node, Range::Within(0.0, (size - 1) as f64))?,
            None => (0..size).collect(),
        };
        let every = match table.get("every") {
            Some(node) => self.duration("every", node)?,
            None => 1,
        };
        Some((neurons, every))
    }

    /// A time of one tick or more, in ticks.
    pub(super) fn duration(&mut self, name: &str, node: &Node) -> Option<u64> {
        let ms = self.reader.number(name, node, Wanted::new(Dimension::Time, Range::Any))?;
        let resolution = self.resolution?;
        if ms < resolution.ms() * (1.0 - 1e-6) {
            let message = format!("`{name}` is {ms} ms, under one tick of {} ms", resolution.ms());
            let why = if name == "delay" { "a spike takes at least one tick; " } else { "" };
            let help = format!("{why}make this longer or `simulation.resolution` finer");
            self.reader.problem_with_help(&node.place, message, Some(help));
            return None;
        }
        ticks(&mut self.reader, name, &node.place, ms, resolution)
    }
}
