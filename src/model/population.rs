//! `[populations.NAME]`: one population, or several of one kind under their `names`.

use std::collections::HashSet;
use std::sync::Arc;

use super::file::{Checker, Draft};
use super::keys::POPULATION;
use super::neuron::Neurons;
use crate::color::{self, Rgb};
use crate::document::advice::{list, suggested_kind, suggestion};
use crate::document::key::names;
use crate::document::kind::Owner;
use crate::document::selection::{Position, Selection};
use crate::document::{Entry, Item, Node, Table, setting};
use crate::error::Place;
use crate::id::PopulationId;
use crate::neuron;
use crate::parameter::{Range, find};
use crate::unit::Dimension;

/// No population is larger, so that an index fits 32 bits.
const LARGEST: f64 = u32::MAX as f64;

/// Populations that name each other's neurons, one after the other.
const MOST_REFERENCES: usize = 1000;

/// A population as it is written.
struct Member {
    name: String,
    place: Place,
    /// `None` when it is no table.
    table: Option<Arc<Table>>,
    /// Which of the populations that share a table it is.
    selection: Selection,
}

impl Checker {
    /// Reads the populations; `changes` are for members of tables that hold several.
    pub(super) fn read_populations(&mut self, entries: &[Entry], changes: Vec<Entry>) {
        let mut members: Vec<Member> = entries.iter().flat_map(|entry| self.members(entry)).collect();
        for change in changes {
            let member = members.iter_mut().find(|member| member.name == change.key);
            match (member.and_then(|member| member.table.as_mut()), change.value.item) {
                (Some(table), Item::Table(changes)) => {
                    setting::set(Arc::make_mut(table), changes, &mut self.reader.problems);
                }
                (_, item) => {
                    let entry = Entry { value: Node { item, ..change.value }, ..change };
                    members.extend(self.members(&entry));
                }
            }
        }
        self.refuse_same_names(&members);
        self.places = members.iter().enumerate().rev().map(|(index, member)| (member.name.clone(), index)).collect();
        for member in &members {
            self.reader.selection = member.selection;
            let mut draft =
                Draft { name: member.name.clone(), shape: None, neuron: None, varied: Vec::new(), color: None };
            if let Some(table) = &member.table {
                let name = format!("population `{}`", member.name);
                let owner = Owner { name: &name, place: &member.place };
                self.reader.refuse_unknown_keys(table, &name, &names(POPULATION));
                draft.color = table.get("color").and_then(|node| self.color(node));
                draft.shape = self.shape(&owner, table);
                let size = draft.shape.as_ref().map(|shape| shape.iter().product());
                if let Some((neuron, varied)) = self.neuron(member, &owner, &members, size) {
                    (draft.neuron, draft.varied) = (Some(neuron), varied);
                }
            }
            self.populations.push(draft);
        }
        self.reader.selection = Selection::Nothing;
        self.refuse_too_many(&members);
    }

    /// The populations of one table: one, or all that it names.
    fn members(&mut self, entry: &Entry) -> Vec<Member> {
        let table = self.reader.table(&entry.key, &entry.value);
        let Some(node) = table.and_then(|table| table.get("names")) else {
            let (name, place) = (entry.key.clone(), entry.place.clone());
            return vec![Member { name, place, table: table.cloned().map(Arc::new), selection: Selection::Nothing }];
        };
        let mut shared = table.cloned().unwrap_or_default();
        shared.remove("names");
        let shared = Arc::new(shared);
        let named = self.reader.words("names", node);
        let count = named.len();
        let member = |(index, (name, node)): (usize, (&str, &Node))| Member {
            name: name.to_owned(),
            place: node.place.clone(),
            table: Some(Arc::clone(&shared)),
            selection: Selection::Population(Position { index, count }),
        };
        let members: Vec<Member> = named.into_iter().enumerate().map(member).collect();
        self.groups.push((entry.key.clone(), members.iter().map(|member| member.name.clone()).collect()));
        members
    }

    fn refuse_same_names(&mut self, members: &[Member]) {
        let mut names = HashSet::new();
        for member in members {
            if !names.insert(&member.name) {
                self.reader.problem(&member.place, format!("there are two populations `{}`", member.name));
            }
            if self.groups.iter().any(|(group, _)| *group == member.name) {
                let message = format!("`{}` is both a population and several", member.name);
                self.reader.problem(&member.place, message);
            }
        }
    }

    /// Neurons are counted over all populations in 32 bits.
    fn refuse_too_many(&mut self, members: &[Member]) {
        let mut neurons = 0.0;
        for (index, member) in members.iter().enumerate() {
            let shape = self.populations[index].shape.as_ref();
            neurons += shape.map_or(0.0, |shape| shape.iter().product::<usize>() as f64);
            if neurons > LARGEST {
                let message = format!("with `{}` the model has {neurons} neurons, more than {LARGEST}", member.name);
                self.reader.problem(&member.place, message);
                return;
            }
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

    /// The colour at a key; a problem where it is none.
    fn color(&mut self, node: &Node) -> Option<Rgb> {
        let node = self.reader.picked("color", node)?;
        let text = self.reader.text("color", node)?;
        let color = color::parse(text);
        if color.is_none() {
            let help = suggestion(text, color::names());
            let help = help.or(Some("write \"#c03030\", or a name such as \"crimson\" or \"steelblue\"".into()));
            self.reader.problem_with_help(&node.place, format!("`{text}` is no colour"), help);
        }
        color
    }

    pub(super) fn counts(&mut self, name: &str, node: &Node, range: Range) -> Option<Vec<usize>> {
        let Item::Array(nodes) = &node.item else {
            self.reader.refuse_type(name, node, "an array of whole numbers");
            return None;
        };
        if nodes.iter().any(|node| matches!(node.item, Item::Array(_))) && self.reader.selection != Selection::Nothing {
            let own = self.reader.picked(name, node)?;
            return self.counts(name, own, range);
        }
        let counts: Vec<_> = nodes.iter().map(|node| self.reader.count(name, node, range)).collect();
        counts.into_iter().map(|count| count.map(|count| count as usize)).collect()
    }

    /// What `neuron` says; a name of another population stands for what that one says.
    fn neuron(
        &mut self,
        member: &Member,
        owner: &Owner<'_>,
        members: &[Member],
        size: Option<usize>,
    ) -> Option<Neurons> {
        let Some(first) = member.table.as_ref().and_then(|table| table.get("neuron")) else {
            let help = Some("write `neuron.KIND = { … }`, or \"source\" for a population of spike sources".into());
            self.reader.problem_with_help(owner.place, format!("{} needs `neuron`", owner.name), help);
            return None;
        };
        let mut node = self.reader.picked("neuron", first)?;
        for _ in 0..=members.len().min(MOST_REFERENCES) {
            let Some(other) = node.text().and_then(|name| self.population_meant(name, member, members)) else {
                return self.neuron_named(node, members, size);
            };
            if find(neuron::KINDS, &other.name).is_some() {
                let message = format!("`{}` is both a population and a kind of neuron", other.name);
                let help =
                    format!("write `neuron.{} = {{}}` for the kind, or give the population another name", other.name);
                self.reader.problem_with_help(&node.place, message, Some(help));
                return None;
            }
            self.reader.selection = other.selection;
            // What is missing is reported there.
            node = self.reader.picked("neuron", other.table.as_ref()?.get("neuron")?)?;
        }
        let why = if members.len() > MOST_REFERENCES { ", or to too many others one after the other" } else { "" };
        self.reader.problem(&first.place, format!("the neuron of {} refers to itself{why}", owner.name));
        None
    }

    /// The population whose neurons `name` stands for, in the table of `member`. Spike sources are no
    /// population's, and a population called as its own kind is of that kind.
    fn population_meant<'m>(&self, name: &str, member: &Member, members: &'m [Member]) -> Option<&'m Member> {
        let is_own = name == member.name && find(neuron::KINDS, name).is_some();
        let other = self.places.get(name).map(|&place| &members[place]);
        other.filter(|_| name != "source" && !is_own)
    }

    fn neuron_named(&mut self, node: &Node, members: &[Member], size: Option<usize>) -> Option<Neurons> {
        match node.text() {
            Some("source") => Some((None, Vec::new())),
            Some(name) if self.groups.iter().any(|(group, _)| group == name) => {
                let help = Some("name one of them".into());
                self.reader.problem_with_help(&node.place, format!("`{name}` is several populations"), help);
                None
            }
            Some(name) if find(neuron::KINDS, name).is_none() => {
                let aliases = neuron::KINDS.iter().flat_map(|kind| kind.aliases.iter().copied());
                let kinds = neuron::KINDS.iter().map(|kind| kind.name);
                let kinds = kinds.chain(["source"]);
                let populations = members.iter().map(|member| member.name.as_str());
                let help = suggested_kind(name, kinds.clone().chain(aliases));
                let help = help.or_else(|| self.reader.advised(|| suggestion(name, populations.clone())));
                let help = help.or_else(|| list("populations and kinds", populations.chain(kinds)));
                self.reader.problem_with_help(&node.place, format!("there is no neuron or population `{name}`"), help);
                None
            }
            _ => self.neuron_of_kind(node, size),
        }
    }

    /// The dimension of synapses onto a population: `Err` for sources, which have none.
    pub(super) fn synapse(&self, id: PopulationId) -> Result<Option<Dimension>, ()> {
        match &self.populations[id.0].neuron {
            None => Ok(None),
            Some(None) => Err(()),
            Some(Some((_, neuron))) => Ok(Some(neuron.weight_dimension())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Model;

    const CORTEX: &str = "[parameters]\nn = [206.83, 58.34]\n\
        [populations.cortex]\nnames = [\"e\", \"i\"]\nsize = \"round(n)\"\n\
        neuron.lif_delta = { tau_m = [\"20 ms\", \"10 ms\"], v_init.normal = { mean = [\"-58 mV\", \"-60 mV\"], std = \"1 mV\" } }\n\
        [populations.other]\nsize = 7\nneuron = \"i\"\n[record.cortex]\n[record.other]\n";

    #[test]
    fn one_table_makes_several_populations() {
        let model = Model::from_text("m.toml", CORTEX, &["populations.i.size=9".into()]).unwrap();
        let read = |index: usize| {
            let population = &model.populations[index];
            (
                population.name.as_str(),
                population.shape[0],
                population.neuron.as_ref().unwrap().0.values.number("tau_m"),
            )
        };
        assert_eq!([read(0), read(1), read(2)], [("e", 207, 20.0), ("i", 9, 10.0), ("other", 7, 10.0)]);
        assert_eq!(model.recordings.len(), 3);
        assert!(model.resolved().contains("v_init.normal = { mean = \"-60 mV\""), "{}", model.resolved());
    }

    #[test]
    fn colours_are_read_and_wrong_ones_refused() {
        let text = "[populations.a]\nsize = 1\nneuron = \"source\"\ncolor = \"#c33\"\n";
        let model = Model::from_text("m.toml", text, &[]).unwrap();
        assert_eq!(model.populations[0].color, Some([0xcc, 0x33, 0x33]));
        assert!(model.resolved().contains("color = \"#cc3333\""), "{}", model.resolved());
        let wrong = Model::from_text("m.toml", &text.replace("#c33", "crimsen"), &[]).unwrap_err();
        assert_eq!(
            wrong.problems()[0].to_string(),
            "m.toml:4:9: `crimsen` is no colour (help: did you mean `crimson`?)"
        );
    }

    #[test]
    fn sources_are_a_kind_whatever_populations_are_called() {
        let text = |source: &str, noise: &str| {
            format!("[populations.source]\nsize = 2\n{source}\n[populations.lif]\nsize = 2\n{noise}\n")
        };
        let kinds = |source: &str, noise: &str| {
            let model = Model::from_text("m.toml", &text(source, noise), &[]).unwrap_or_else(|error| panic!("{error}"));
            let again = Model::from_text("again", &model.resolved(), &[]).unwrap_or_else(|error| panic!("{error}"));
            let kind = |model: &Model| [0, 1].map(|index| model.populations[index].neuron.as_ref().map(|n| n.0.kind));
            assert_eq!(kind(&model), kind(&again));
            kind(&model)
        };
        let [sources, lif] = ["neuron = \"source\"", "neuron = \"lif\""];
        assert_eq!(kinds("neuron = \"lif_exp\"", sources), [Some("lif_exp"), None]);
        assert_eq!(kinds(sources, lif), [None, Some("lif_delta")]);
        let error = Model::from_text("m.toml", &text(lif, "neuron = \"lif_exp\""), &[]).unwrap_err();
        assert_eq!(error.problems()[0].message, "`lif` is both a population and a kind of neuron");
    }

    #[test]
    fn names_that_clash_and_lists_that_do_not_fit_are_refused() {
        let messages = |text: &str| {
            let error = Model::from_text("m.toml", text, &[]).unwrap_err();
            error.problems().iter().map(|problem| problem.message.clone()).collect::<Vec<_>>()
        };
        let twice = CORTEX.replace("populations.other", "populations.e").replace("[record.other]\n", "");
        assert_eq!(messages(&twice), ["there are two populations `e`"]);
        assert_eq!(
            messages(&CORTEX.replace("\"e\", \"i\"", "\"e\", \"i\", \"x\""))[0],
            "`n` has 2 entries where there are 3 populations"
        );
        let list = CORTEX.replace("size = 7", "size = \"n\"");
        assert_eq!(messages(&list), ["`n` is a list of 2, and one number is needed here"]);
    }
}
