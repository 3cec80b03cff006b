//! `plasticity.KIND = { … }` of a projection: rules on spikes, several if need be, each with the
//! population that modulates it where it needs one.

use super::RuleSpec;
use super::file::Checker;
use super::simulation::ticks;
use crate::document::kind::{Chosen, Unit, drop_replaced, names_of};
use crate::document::{Entry, Item, Node, Table, setting};
use crate::error::Place;
use crate::id::PopulationId;
use crate::parameter::find;
use crate::plasticity::on_spikes::{SpikeRule, unfit};
use crate::plasticity::{KINDS, presets};
use crate::unit::Dimension;

/// The key that names the modulating population.
const MODULATOR: &str = "modulator";

/// NEST's names of it.
const MODULATOR_ALIASES: [&str; 2] = ["volume_transmitter", "vt"];

/// The largest changes by a pair that weights of either precision follow: sums of many, and factors of
/// traces on the way, are still finite.
const LARGEST_CHANGES: [f64; 2] = [1e9, 1e250];

impl Checker {
    /// The rules of one projection onto `target`; `None` when one is wrong.
    pub(super) fn rules(&mut self, table: &Table, target: PopulationId) -> Option<Vec<RuleSpec>> {
        let Some(node) = table.get("plasticity") else {
            return Some(Vec::new());
        };
        let unit = self.synapse(target).ok().flatten().map(Unit::of_synapses);
        let node = self.reader.picked("plasticity", node)?;
        if self.precise {
            let message = "rules on spikes need them at ticks, and `simulation.spike_times` is \"precise\"";
            let help = "set it to \"grid\", or leave `plasticity` out";
            self.reader.problem_with_help(&node.place, message, Some(help.into()));
            return None;
        }
        let rules: Vec<_> = match &node.item {
            Item::Table(several) => several.entries.iter().map(|entry| self.rule(entry, unit)).collect(),
            Item::Text(name) => {
                let item = Item::Table(Table::default());
                let value = Node { item, place: node.place.clone() };
                vec![self.rule(&Entry { key: name.clone(), place: node.place.clone(), value }, unit)]
            }
            _ => {
                self.reader.refuse_type("plasticity", node, "a rule, with its parameters in a table,");
                return None;
            }
        };
        if rules.is_empty() && !setting::is_setting(&node.place) {
            let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
            let help = Some(format!("write one of these with its parameters: {}", known.join(", ")));
            self.reader.problem_with_help(&node.place, "`plasticity` names no rule", help);
            return None;
        }
        rules.into_iter().collect()
    }

    fn rule(&mut self, entry: &Entry, unit: Option<Unit>) -> Option<RuleSpec> {
        let mut plain = entry.clone();
        let known = find(KINDS, &entry.key).is_some();
        let named = if let (true, Item::Table(table)) = (known, &mut plain.value.item) {
            let names = std::iter::once(MODULATOR).chain(MODULATOR_ALIASES);
            names.fold(None, |found, name| found.or(table.remove(name)))
        } else {
            None
        };
        self.preset(&mut plain)?;
        let rule = self.reader.kind_entry("rule", &plain, KINDS, unit);
        let modulator = named.as_ref().map(|named| {
            let node = self.reader.picked(MODULATOR, &named.value)?;
            let name = self.reader.text(MODULATOR, node)?;
            self.population(name, &node.place)
        });
        let rule = rule?;
        self.check_whole_ticks(&plain, &rule)?;
        self.check_changes(&plain, &rule)?;
        match (rule.1.is_modulated(), modulator) {
            (true, Some(id)) => Some(RuleSpec { rule, modulator: Some(id?) }),
            (true, None) => {
                let help =
                    Some("write `modulator = \"POPULATION\"`: its spikes release what the rule waits for".into());
                let message = format!("rule `{}` needs `{MODULATOR}`", rule.0.kind);
                self.reader.problem_with_help(&entry.place, message, help);
                None
            }
            (false, None) => Some(RuleSpec { rule, modulator: None }),
            (false, Some(_)) => {
                let place = named.map_or(entry.place.clone(), |named| named.place);
                self.reader
                    .problem(&place, format!("rule `{}` is not modulated, so it has no `{MODULATOR}`", rule.0.kind));
                None
            }
        }
    }

    /// Puts in what the name of a rule stands for, and what follows from its other parameters.
    fn preset(&mut self, entry: &mut Entry) -> Option<()> {
        let (name, place) = (entry.key.clone(), entry.place.clone());
        let Item::Table(table) = &mut entry.value.item else { return Some(()) };
        let Some(kind) = find(KINDS, &name) else { return Some(()) };
        drop_replaced(table, kind.fields);
        let given = |table: &Table, field: &str| {
            let field = kind.field(field).expect("presets are of fields");
            names_of(field).find_map(|name| table.get(name).cloned())
        };
        for preset in presets(&name) {
            let is_meant =
                |(field, word): (&str, &str)| given(table, field).is_some_and(|node| node.text() == Some(word));
            if !preset.given.is_none_or(is_meant) {
                continue;
            }
            for &(field, value) in preset.sets {
                let item = Item::Text(value.into());
                match given(table, field) {
                    None => table.entries.push(Entry {
                        key: field.into(),
                        place: place.clone(),
                        value: Node { item, place: place.clone() },
                    }),
                    Some(own) if preset.given.is_none() && own.text() != Some(value) => {
                        let help = Some(format!("leave `{field}` out, or write `{}` in place of `{name}`", kind.name));
                        let message = format!("`{name}` is the rule with `{field} = \"{value}\"`");
                        self.reader.problem_with_help(&own.place, message, help);
                        return None;
                    }
                    Some(_) => {}
                }
            }
        }
        Some(())
    }

    /// Where a parameter of a rule was given, or the rule.
    fn place_of(entry: &Entry, rule: &Chosen<dyn SpikeRule>, field: &str) -> Place {
        let names = find(KINDS, rule.0.kind).and_then(|kind| kind.field(field)).map(names_of);
        let given = names.into_iter().flatten().find_map(|name| entry.value.table()?.get(name));
        given.map_or(&entry.place, |node| &node.place).clone()
    }

    fn check_whole_ticks(&mut self, entry: &Entry, rule: &Chosen<dyn SpikeRule>) -> Option<()> {
        let Some(resolution) = self.resolution else { return Some(()) };
        for field in rule.1.whole_ticks() {
            let place = Self::place_of(entry, rule, field);
            ticks(&mut self.reader, field, &place, rule.0.values.number(field), resolution)?;
        }
        Some(())
    }

    /// Refuses changes that weights of the model's precision cannot follow.
    fn check_changes(&mut self, entry: &Entry, rule: &Chosen<dyn SpikeRule>) -> Option<()> {
        let single = self.computation.is_some_and(|computation| computation.single);
        let (change, most) = (rule.1.largest_change(), LARGEST_CHANGES[usize::from(!single)]);
        if change.is_nan() || change > most {
            let message = format!("rule `{}` changes weights by {change:e} with a pair, {most:e} at most", rule.0.kind);
            let help = "make its amplitudes or `learning_rate` times `w_max` smaller".to_owned();
            self.reader.problem_with_help(&entry.place, message, Some(help));
            return None;
        }
        Some(())
    }

    /// Refuses weights that are known and that a rule of their projection cannot work on.
    pub(super) fn check_weights(
        &mut self,
        place: &Place,
        weights: &[f64],
        target: PopulationId,
        rules: &[RuleSpec],
    ) -> Option<()> {
        let unit = self.synapse(target).ok().flatten().map_or("", Dimension::base_unit);
        let refused = rules.iter().find_map(|rule| weights.iter().find_map(|&weight| unfit(&rule.rule, weight, unit)));
        if let Some((message, help)) = refused {
            self.reader.problem_with_help(place, message, Some(help));
            return None;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Model;

    fn model(plasticity: &str) -> crate::error::Result<Model> {
        let text = format!(
            "[populations.a]\nsize = 3\nneuron = \"lif_delta\"\n[populations.dopamine]\nsize = 1\nneuron = \"source\"\n\
             [projections.x]\nsource = \"a\"\ntarget = \"a\"\nweight = \"1 mV\"\n{plasticity}\n"
        );
        Model::from_text("m.toml", &text, &[])
    }

    #[test]
    fn rules_are_read_with_weights_in_the_unit_of_the_synapses() {
        let two = "plasticity = { stdp = { w_max = \"0.002 V\" }, dopamine_stdp = { modulator = \"dopamine\" } }";
        let model = model(two).unwrap_or_else(|error| panic!("{error}"));
        let [first, second] = &model.projections[0].rules[..] else { panic!("two rules") };
        assert_eq!((first.rule.0.kind, first.rule.0.values.number("w_max"), first.modulator), ("stdp", 2.0, None));
        assert_eq!((second.rule.0.kind, second.modulator.map(|id| id.0)), ("dopamine_stdp", Some(1)));
        let again = Model::from_text("again", &model.resolved(), &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(format!("{:?}", model.projections), format!("{:?}", again.projections));
    }

    #[test]
    fn amplitudes_are_in_the_unit_of_the_weights() {
        let number = |plasticity: &str, name: &str| {
            let model = model(plasticity).unwrap_or_else(|error| panic!("{error}"));
            model.projections[0].rules[0].rule.0.values.number(name)
        };
        for amplitude in ["0.25", "\"0.25 mV\"", "\"250 uV\""] {
            let dopamine = format!("plasticity.dopamine_stdp = {{ modulator = \"dopamine\", a_plus = {amplitude} }}");
            assert_eq!(number(&dopamine, "a_plus"), 0.25);
            let inhibitory = format!("plasticity.inhibitory_stdp = {{ learning_rate = {amplitude} }}");
            assert_eq!(number(&inhibitory, "learning_rate"), 0.25);
            assert_eq!(number(&format!("plasticity.triplet_stdp = {{ a_plus = {amplitude} }}"), "a_plus"), 0.25);
        }
        let share = model("plasticity.stdp = { learning_rate = \"1 mV\" }").unwrap_err();
        assert!(share.to_string().contains("`learning_rate` is a voltage where a pure number"), "{share}");
    }

    #[test]
    fn rules_that_cannot_work_are_refused() {
        let problem = |plasticity: &str| model(plasticity).expect_err(plasticity).problems()[0].to_string();
        assert!(problem("plasticity.sdtp = {}").contains("there is no rule `sdtp` (help: did you mean"));
        assert!(problem("plasticity = \"dopamine_stdp\"").contains("rule `dopamine_stdp` needs `modulator`"));
        let unknown = problem("plasticity.dopamine_stdp = { modulator = \"dopamin\" }");
        assert!(unknown.contains("there is no population `dopamin` (help: did you mean `dopamine`?)"), "{unknown}");
        assert!(problem("plasticity = {}").contains("`plasticity` names no rule"));
        assert!(problem("plasticity = 3").contains("`plasticity` is a number where a rule"));
        assert!(problem("plasticity.stdp = { modulator = \"dopamine\" }").contains("rule `stdp` is not modulated"));
        assert!(problem("plasticity.stdp = { w_max = \"1 nA\" }").contains("`w_max` is a current where a voltage"));
    }
}
