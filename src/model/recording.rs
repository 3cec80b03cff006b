//! `[record.NAME]`: of a population its spikes and samples of its variables, of a projection
//! samples of its weights and of variables of its rules.

use std::collections::{HashMap, HashSet};

use super::file::Checker;
use super::keys::{RECORD, SAMPLE, SYNAPSES};
use super::{Chosen, ProjectionSpec, RecordingSpec, SampleSpec, SynapseRecordingSpec, WEIGHT};
use crate::document::Entry;
use crate::document::advice::advice;
use crate::document::key::names;
use crate::id::{PopulationId, ProjectionId};
use crate::parameter::Range;

/// State variables as NEST calls them, and as they are called here.
pub const NESTS: &[(&str, &str)] = &[
    ("V_m", "v"),
    ("g_ex", "g_e"),
    ("g_in", "g_i"),
    ("I_syn", "i_syn"),
    ("I_syn_ex", "i_syn_e"),
    ("I_syn_in", "i_syn_i"),
];

/// What one table asks for; `None` where it is wrong.
#[derive(Default)]
pub(super) struct Asked {
    pub recordings: Vec<Option<RecordingSpec>>,
    pub synapses: Vec<Option<SynapseRecordingSpec>>,
}

/// The key that asks for weights.
const WEIGHTS: &str = "weights";

/// Projections, `None` for wrong ones, each with the name of the table it is from.
pub(super) struct Projections {
    all: Vec<(Option<ProjectionSpec>, String)>,
    /// Which are called so, or are from a table called so.
    called: HashMap<String, Vec<usize>>,
}

impl Projections {
    pub fn new(all: Vec<(Option<ProjectionSpec>, String)>) -> Self {
        let mut called: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, (spec, table)) in all.iter().enumerate() {
            called.entry(table.clone()).or_default().push(index);
            if let Some(spec) = spec.as_ref().filter(|spec| spec.name != *table) {
                called.entry(spec.name.clone()).or_default().push(index);
            }
        }
        Self { all, called }
    }

    /// All of them; `None` when one is wrong.
    pub fn specs(self) -> Option<Vec<ProjectionSpec>> {
        self.all.into_iter().map(|(spec, _)| spec).collect()
    }

    fn called(&self, name: &str) -> &[usize] {
        self.called.get(name).map_or(&[], Vec::as_slice)
    }
}

/// The variable that a key means.
fn variable(key: &str, spec: &ProjectionSpec) -> Option<&'static str> {
    if key == WEIGHTS { Some(WEIGHT) } else { variables(spec).find(|name| *name == key) }
}

fn variables(spec: &ProjectionSpec) -> impl Iterator<Item = &'static str> + '_ {
    spec.variables().map(|(name, _)| name)
}

impl Checker {
    /// What the tables ask for.
    pub(super) fn recordings(&mut self, entries: &[Entry], projections: &Projections) -> Asked {
        let (mut asked, mut seen) = (Asked::default(), HashSet::new());
        for entry in entries {
            let Some(table) = self.reader.table(&entry.key, &entry.value) else {
                asked.recordings.push(None);
                continue;
            };
            let is_of_synapses = |key: &Entry| self.is_of_synapses(&entry.key, &key.key, projections);
            let (of_synapses, of_neurons): (Vec<_>, Vec<_>) = table.entries.iter().partition(|key| is_of_synapses(key));
            for key in &of_synapses {
                for spec in self.synapse_recordings(entry, key, projections) {
                    self.refuse_twice(key, spec, &mut seen);
                    asked.synapses.push(spec);
                }
            }
            if of_synapses.is_empty() || !of_neurons.is_empty() {
                let populations = self.populations_called(&entry.key, &entry.place);
                asked.recordings.extend(populations.into_iter().map(|id| self.recording(entry, &of_neurons, id?)));
            }
        }
        asked
    }

    /// Whether a key is about the projections called `name`, and not about populations called so.
    fn is_of_synapses(&self, name: &str, key: &str, projections: &Projections) -> bool {
        let named = projections.called(name);
        let has = |spec: &ProjectionSpec| variable(key, spec).is_some();
        let populations = self.populations.iter().map(|draft| &draft.name).chain(self.groups.iter().map(|(g, _)| g));
        key == WEIGHTS
            || named.iter().filter_map(|&index| projections.all[index].0.as_ref()).any(has)
            || !named.is_empty() && populations.into_iter().all(|population| population != name)
    }

    fn recording(&mut self, entry: &Entry, keys: &[&Entry], population: PopulationId) -> Option<RecordingSpec> {
        let spikes = keys.iter().find(|key| key.key == "spikes");
        let spikes = spikes.map_or(Some(true), |key| self.reader.flag("spikes", &key.value));
        let others = keys.iter().filter(|key| !names(RECORD).contains(&key.key.as_str()) || key.key == "v");
        let samples: Vec<_> = others.map(|variable| self.sample(entry, variable, population)).collect();
        Some(RecordingSpec { population, spikes: spikes?, samples: samples.into_iter().collect::<Option<_>>()? })
    }

    /// `v = { neurons = [0, 1], every = "1 ms" }`, or another variable.
    fn sample(&mut self, owner: &Entry, entry: &Entry, population: PopulationId) -> Option<SampleSpec> {
        let draft = &self.populations[population.0];
        let (name, shape) = (draft.name.clone(), draft.shape.clone());
        let known = match &draft.neuron {
            Some(Some((_, neuron))) => neuron.variables(),
            Some(None) if entry.key == "v" => {
                let message = format!("`{name}` is a population of sources, which have no membrane");
                self.reader.problem(&entry.place, message);
                return None;
            }
            Some(None) => &[],
            None => return None, // its neuron is wrong
        };
        let variables: Vec<&'static str> = known.iter().map(|(variable, _)| *variable).collect();
        let nests = NESTS.iter().find(|(theirs, _)| *theirs == entry.key).map(|(_, ours)| *ours);
        let meant = nests.unwrap_or(&entry.key);
        let Some(variable) = variables.iter().find(|variable| **variable == meant) else {
            let known = names(RECORD).into_iter().filter(|key| *key != "v").chain(variables.iter().copied());
            let help = advice(&entry.key, "what can be recorded here", known.collect::<Vec<_>>().into_iter());
            self.reader.problem_with_help(
                &entry.place,
                format!("`record.{}` has no key `{}`", owner.key, entry.key),
                help,
            );
            return None;
        };
        let table = self.reader.table(&entry.key, &entry.value)?;
        self.reader.refuse_unknown_keys(table, &format!("`{variable}`"), &names(SAMPLE));
        let size = shape?.iter().product::<usize>();
        let neurons = match table.get("neurons") {
            Some(node) => Chosen::These(self.counts("neurons", node, Range::Within(0.0, (size - 1) as f64))?),
            None => Chosen::All(size),
        };
        let every = table.get("every").map_or(Some(1), |node| self.duration("every", node))?;
        Some(SampleSpec { variable, neurons, every })
    }

    /// `weights = { synapses = 100, every = "1 s" }`, or a variable of a rule.
    fn synapse_recordings(
        &mut self,
        owner: &Entry,
        entry: &Entry,
        projections: &Projections,
    ) -> Vec<Option<SynapseRecordingSpec>> {
        let asked = self.variables_called(owner, entry, projections);
        let sample = if asked.is_empty() { None } else { self.synapse_sample(entry) };
        let Some((synapses, every)) = sample else { return vec![None] };
        let of = |(projection, variable)| Some(SynapseRecordingSpec { projection, variable, synapses, every });
        asked.into_iter().map(of).collect()
    }

    /// The variable that a key means, of each projection that has it.
    fn variables_called(
        &mut self,
        owner: &Entry,
        entry: &Entry,
        projections: &Projections,
    ) -> Vec<(ProjectionId, &'static str)> {
        let named = projections.called(&owner.key);
        let spec = |&index: &usize| projections.all[index].0.as_ref();
        let of = |index| Some((ProjectionId(index), variable(&entry.key, spec(&index)?)?));
        let found: Vec<_> = named.iter().filter_map(|&index| of(index)).collect();
        if named.is_empty() {
            let name = |projection: &Option<ProjectionSpec>| projection.as_ref().map(|spec| spec.name.clone());
            let known: Vec<_> =
                projections.all.iter().flat_map(|(spec, table)| [Some(table.clone()), name(spec)]).collect();
            let known = known.iter().flatten().map(String::as_str);
            let help = self.reader.advised(|| advice(&owner.key, "projections", known));
            self.reader.problem_with_help(&owner.place, format!("there is no projection `{}`", owner.key), help);
        } else if found.is_empty() && named.iter().all(|index| spec(index).is_some()) {
            let known = std::iter::once(WEIGHTS).chain(named.iter().take(1).filter_map(spec).flat_map(variables));
            let help = advice(&entry.key, "what can be recorded here", known.collect::<Vec<_>>().into_iter());
            let message = format!("`record.{}` has no key `{}`", owner.key, entry.key);
            self.reader.problem_with_help(&entry.place, message, help);
        }
        found
    }

    fn refuse_twice(
        &mut self,
        key: &Entry,
        spec: Option<SynapseRecordingSpec>,
        seen: &mut HashSet<(usize, &'static str)>,
    ) {
        if spec.is_some_and(|spec| !seen.insert((spec.projection.0, spec.variable))) {
            let message = format!("`{}` of the same projection is recorded twice", key.key);
            let help = "leave it out here, or name other projections there".into();
            self.reader.problem_with_help(&key.place, message, Some(help));
        }
    }

    fn synapse_sample(&mut self, entry: &Entry) -> Option<(usize, u64)> {
        let table = self.reader.table(&entry.key, &entry.value)?;
        self.reader.refuse_unknown_keys(table, &format!("`{}`", entry.key), &names(SYNAPSES));
        let synapses = table
            .get("synapses")
            .map_or(Some(100), |node| self.reader.count("synapses", node, Range::Within(1.0, f64::from(u32::MAX))));
        let Some(node) = table.get("every") else {
            let help = Some("write the time between two samples, such as `every = \"1 s\"`".into());
            self.reader.problem_with_help(&entry.place, format!("`{}` needs `every`", entry.key), help);
            return None;
        };
        let every = self.duration("every", node);
        Some((synapses? as usize, every?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Model;
    use super::*;

    const MODEL: &str = "[populations.a]\nsize = 3\nneuron = \"lif_delta\"\n[populations.b]\nsize = 2\nneuron = \"a\"\n\
        [projections.a]\nsource = \"a\"\ntarget = [\"a\", \"b\"]\nweight = 1\n";

    #[test]
    fn a_name_may_be_of_a_population_and_of_projections() {
        let text =
            format!("{MODEL}[record.a]\nv = {{ every = \"1 ms\" }}\nweights = {{ synapses = 4, every = \"2 ms\" }}\n");
        let model = Model::from_text("m.toml", &text, &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(model.recordings.len(), 1);
        assert_eq!(model.recordings[0].samples, [SampleSpec { variable: "v", neurons: Chosen::All(3), every: 10 }]);
        let weights = |p, synapses, every| of(p, WEIGHT, synapses, every);
        assert_eq!(model.synapse_recordings, [weights(0, 4, 20), weights(1, 4, 20)]);
        let twice = format!("{text}[record.\"a.a.b\"]\nweights = {{ every = \"1 ms\" }}\n");
        let error = Model::from_text("m.toml", &twice, &[]).unwrap_err().problems()[0].to_string();
        assert!(error.contains("`weights` of the same projection is recorded twice"), "{error}");
    }

    fn of(projection: usize, variable: &'static str, synapses: usize, every: u64) -> SynapseRecordingSpec {
        SynapseRecordingSpec { projection: ProjectionId(projection), variable, synapses, every }
    }

    #[test]
    fn variables_of_rules_are_recorded_as_weights_are_and_come_back() {
        let text = format!(
            "{MODEL}plasticity = \"tsodyks_markram\"\n[record.a]\nv = {{ every = \"1 ms\" }}\n\
            x = {{ every = \"2 ms\", synapses = 3 }}\n[record.\"a.a.b\"]\nu = {{ every = \"1 ms\" }}\n\
            weights = {{ every = \"3 ms\" }}\n"
        );
        let model = Model::from_text("m.toml", &text, &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(model.recordings.len(), 1);
        let expected = [of(0, "x", 3, 20), of(1, "x", 3, 20), of(1, "u", 100, 10), of(1, WEIGHT, 100, 30)];
        assert_eq!(model.synapse_recordings, expected);
        let again = Model::from_text("again.toml", &model.resolved(), &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((again.synapse_recordings, again.recordings), (model.synapse_recordings, model.recordings));
        let wrong = |key: &str| {
            let text = format!("{MODEL}plasticity = \"tsodyks_markram\"\n[record.\"a.a.b\"]\n{key}\n");
            Model::from_text("m.toml", &text, &[]).unwrap_err().problems()[0].to_string()
        };
        let message = wrong("eligibility = { every = \"1 ms\" }");
        assert!(
            message
                .contains("`record.a.a.b` has no key `eligibility` (help: what can be recorded here: weights, x, u)"),
            "{message}"
        );
        assert!(wrong("spikes = true").contains("has no key `spikes`"), "{}", wrong("spikes = true"));
        assert!(wrong("x = {}").contains("`x` needs `every`"), "{}", wrong("x = {}"));
        assert!(
            wrong("x = { neurons = [1], every = \"1 ms\" }").contains("`x` has no key `neurons`"),
            "{}",
            wrong("x = { neurons = [1], every = \"1 ms\" }")
        );
    }

    #[test]
    fn what_is_not_there_cannot_be_recorded() {
        let first = |record: &str| {
            let error = Model::from_text("m.toml", &format!("{MODEL}[record.{record}"), &[]).unwrap_err();
            error.problems()[0].to_string()
        };
        assert!(first("a]\nw = {}").contains("`record.a` has no key `w`"), "{}", first("a]\nw = {}"));
        assert!(first("b]\nweights = { every = \"1 ms\" }").contains("there is no projection `b`"));
        assert!(first("a]\nweights = {}").contains("`weights` needs `every`"));
        assert!(first("c]").contains("there is no population `c`"));
    }
}
