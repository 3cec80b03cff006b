//! `[inputs.NAME]`: one input for all its targets, or one for each where lists tell them apart.

use super::InputSpec;
use super::file::{Checker, Draft};
use super::keys::INPUT;
use crate::document::advice::suggestion;
use crate::document::key::names;
use crate::document::kind::{Owner, Unit, names_of};
use crate::document::selection::{Position, Selection};
use crate::document::{Entry, Table};
use crate::id::PopulationId;
use crate::input::{self, Input, Misfit};
use crate::parameter::find;
use crate::unit::Dimension;

impl Checker {
    /// The inputs of one table, `None` for each that is wrong.
    pub(super) fn inputs(&mut self, entry: &Entry) -> Vec<Option<InputSpec>> {
        let Some(table) = self.reader.table(&entry.key, &entry.value) else {
            return vec![None];
        };
        let name = format!("input `{}`", entry.key);
        let owner = Owner { name: &name, place: &entry.place };
        let targets = self.named_populations(&owner, table, "target");
        let Some(kind) = self.input_kind(&owner, table) else {
            return vec![None];
        };
        if targets.is_empty() {
            self.reader.selection = Selection::Any;
            let _ = self.reader.kind_entry("input", kind, input::KINDS, None);
            self.reader.selection = Selection::Nothing;
            return vec![None];
        }
        self.reader.used_list = false;
        let own: Vec<_> = (0..targets.len()).map(|index| self.input_of(entry, kind, &targets, index)).collect();
        if self.reader.used_list {
            return own;
        }
        let mut synapses: Vec<Dimension> = targets.iter().filter_map(|&id| self.synapse(id).ok().flatten()).collect();
        synapses.dedup();
        let sends_spikes = own.iter().flatten().any(|spec| !spec.input.1.sends_currents());
        if sends_spikes && synapses.len() > 1 {
            let message = format!("{name} has targets whose weights are not of one unit");
            let help = "give `weight` as a list of weights, one for each target".into();
            self.reader.problem_with_help(owner.place, message, Some(help));
        }
        let shared = own.into_iter().next().flatten();
        vec![shared.map(|input| InputSpec { name: entry.key.clone(), targets, ..input })]
    }

    /// The input onto one of its targets.
    fn input_of(&mut self, entry: &Entry, kind: &Entry, targets: &[PopulationId], index: usize) -> Option<InputSpec> {
        let target = targets[index];
        self.reader.selection = Selection::population(Position { index, count: targets.len() });
        let synapse = self.synapse(target).unwrap_or_else(|()| self.unit_of_weight(kind));
        let unit = synapse.map(Unit::of_synapses);
        let input = self.reader.kind_entry("input", kind, input::KINDS, unit);
        self.reader.selection = Selection::Nothing;
        let input = input?;
        let population = self.populations[target.0].name.clone();
        let what = match &self.populations[target.0].neuron {
            Some(None) => Some("sources"),
            Some(Some((_, neuron))) if neuron.repeats() => Some("parrots"),
            _ => None,
        };
        if let Some(what) = what.filter(|_| input.1.sends_currents()) {
            let message = format!("`{population}` is a population of {what}, which take spikes but no currents");
            self.reader.problem(&kind.place, message);
        }
        self.check_size(kind, target, &*input.1);
        self.check_times(kind, &*input.1);
        Some(InputSpec { name: format!("{}.{population}", entry.key), targets: vec![target], input })
    }

    /// The only key of an input beside those that all inputs have.
    fn input_kind<'t>(&mut self, owner: &Owner<'_>, table: &'t Table) -> Option<&'t Entry> {
        let others = || table.entries.iter().filter(|entry| !names(INPUT).contains(&entry.key.as_str()));
        let is_kind = |entry: &&Entry| find(input::KINDS, &entry.key).is_some();
        let Some(kind) = others().find(is_kind).or_else(|| others().next()) else {
            let known: Vec<&str> = input::KINDS.iter().map(|kind| kind.name).collect();
            let help = Some(format!("write one of these with its parameters: {}", known.join(", ")));
            self.reader.problem_with_help(owner.place, format!("{} names no kind", owner.name), help);
            return None;
        };
        for other in others().filter(|other| !std::ptr::eq(*other, kind)) {
            self.refuse_beside(owner, kind, other);
        }
        Some(kind)
    }

    /// Notes a key beside the kind: another kind, a parameter of it, or one that is misspelt.
    fn refuse_beside(&mut self, owner: &Owner<'_>, kind: &Entry, other: &Entry) {
        let (name, key, kind_name) = (owner.name, &other.key, &kind.key);
        if find(input::KINDS, key).is_some() {
            let message = format!("{name} has `{key}` beside `{kind_name}`; an input is of one kind");
            return self.reader.problem(&other.place, message);
        }
        let is_parameter = find(input::KINDS, kind_name).is_some_and(|kind| kind.field(key).is_some());
        let inside = is_parameter.then(|| format!("it belongs to the kind: `{kind_name} = {{ {key} = … }}`"));
        let help = inside.or_else(|| suggestion(key, names(INPUT).into_iter()));
        self.reader.problem_with_help(&other.place, format!("{name} has no key `{key}`"), help);
    }

    /// The unit in which sources are given the weight of an input, which counts for nothing there.
    fn unit_of_weight(&mut self, kind: &Entry) -> Option<Dimension> {
        let weight = find(input::KINDS, &kind.key)?.field("weight")?;
        let node = names_of(weight).find_map(|name| kind.value.table()?.get(name))?;
        let node = self.reader.picked("weight", node)?;
        self.reader.dimension(node)
    }

    /// Notes where an input has times that the run cannot keep.
    fn check_times(&mut self, kind: &Entry, input: &dyn Input) {
        let misfit = self.resolution.and_then(|resolution| input.misfit(resolution, self.precise));
        if let Some(Misfit { message, help }) = misfit {
            self.reader.problem_with_help(&kind.place, message, Some(help));
        }
    }

    /// Notes where an input does not fit the size of its target.
    fn check_size(&mut self, kind: &Entry, target: PopulationId, input: &dyn Input) {
        let Draft { name, shape: Some(shape), .. } = &self.populations[target.0] else {
            return;
        };
        if let Err(sentence) = input.fits(shape.iter().product()) {
            let message = format!("`{name}`: {sentence}");
            self.reader.problem(&kind.place, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Model;

    #[test]
    fn a_list_makes_an_input_for_each_target_and_arrays_that_are_values_do_not() {
        let text = "[populations.ab]\nnames = [\"a\", \"b\"]\nsize = 3\nneuron = \"lif_delta\"\n\
            [inputs.noise]\ntarget = \"ab\"\npoisson = { rate = [\"1 kHz\", \"0 Hz\"], weight = \"1 mV\" }\n\
            [inputs.same]\ntarget = \"ab\"\nspike_times = { times = [\"1 ms\", \"2 ms\"] }\n\
            [inputs.own]\ntarget = \"ab\"\nspike_times = { times = [[\"1 ms\", \"2 ms\"], [\"3 ms\"]] }\n";
        let model = Model::from_text("m.toml", text, &[]).unwrap_or_else(|error| panic!("{error}"));
        let names: Vec<&str> = model.inputs.iter().map(|input| input.name.as_str()).collect();
        assert_eq!(names, ["noise.a", "noise.b", "same", "own.a", "own.b"]);
        let values = |index: usize| &model.inputs[index].input.0.values;
        assert_eq!((values(0).numbers("rate"), values(1).numbers("rate")), (&[1000.0][..], &[0.0][..]));
        assert_eq!((values(2).numbers("times"), values(4).numbers("times")), (&[1.0, 2.0][..], &[3.0][..]));
        assert_eq!(model.inputs[2].targets.len(), 2);
    }
}
