//! `[record.NAME]`: of a population its spikes and samples of its variables, of a projection
//! samples of its weights.

use super::file::Checker;
use super::keys::{RECORD, SAMPLE, WEIGHTS};
use super::{RecordingSpec, SampleSpec, WeightRecordingSpec};
use crate::document::advice::advice;
use crate::document::key::names;
use crate::document::{Entry, Table};
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
    pub weights: Vec<Option<WeightRecordingSpec>>,
}

impl Checker {
    /// What the tables ask for, where `projections` holds each projection with the table it is from.
    pub(super) fn recordings(&mut self, entries: &[Entry], projections: &[(String, String)]) -> Asked {
        let mut asked = Asked::default();
        for entry in entries {
            let Some(table) = self.reader.table(&entry.key, &entry.value) else {
                asked.recordings.push(None);
                continue;
            };
            let weights = table.entry("weights");
            if let Some(weights) = weights {
                asked.weights.extend(self.weight_recordings(entry, weights, projections));
            }
            if weights.is_none() || table.entries.len() > 1 {
                let populations = self.populations_called(&entry.key, &entry.place);
                asked.recordings.extend(populations.into_iter().map(|id| self.recording(entry, table, id?)));
            }
        }
        asked
    }

    fn recording(&mut self, entry: &Entry, table: &Table, population: PopulationId) -> Option<RecordingSpec> {
        let spikes = table.get("spikes").map_or(Some(true), |node| self.reader.flag("spikes", node));
        let others =
            table.entries.iter().filter(|entry| !names(RECORD).contains(&entry.key.as_str()) || entry.key == "v");
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
            Some(node) => self.counts("neurons", node, Range::Within(0.0, (size - 1) as f64))?,
            None => (0..size).collect(),
        };
        let every = table.get("every").map_or(Some(1), |node| self.duration("every", node))?;
        Some(SampleSpec { variable, neurons, every })
    }

    /// `weights = { synapses = 100, every = "1 s" }`
    fn weight_recordings(
        &mut self,
        owner: &Entry,
        entry: &Entry,
        projections: &[(String, String)],
    ) -> Vec<Option<WeightRecordingSpec>> {
        let is_named = |(name, table): &(String, String)| *name == owner.key || *table == owner.key;
        let named: Vec<usize> = (0..projections.len()).filter(|&index| is_named(&projections[index])).collect();
        if named.is_empty() {
            let known = projections.iter().flat_map(|(name, table)| [table.as_str(), name.as_str()]);
            let help = advice(&owner.key, "projections", known.collect::<Vec<_>>().into_iter());
            self.reader.problem_with_help(&owner.place, format!("there is no projection `{}`", owner.key), help);
        }
        let Some((synapses, every)) = self.weight_samples(entry) else {
            return vec![None];
        };
        let of = |index| Some(WeightRecordingSpec { projection: ProjectionId(index), synapses, every });
        named.into_iter().map(of).collect()
    }

    fn weight_samples(&mut self, entry: &Entry) -> Option<(usize, u64)> {
        let table = self.reader.table(&entry.key, &entry.value)?;
        self.reader.refuse_unknown_keys(table, "`weights`", &names(WEIGHTS));
        let synapses = table
            .get("synapses")
            .map_or(Some(100), |node| self.reader.count("synapses", node, Range::Within(1.0, f64::from(u32::MAX))));
        let Some(node) = table.get("every") else {
            let help = Some("write the time between two samples, such as `every = \"1 s\"`".into());
            self.reader.problem_with_help(&entry.place, "`weights` needs `every`", help);
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
        let text = format!(
            "{MODEL}[record.a]\nv = {{ every = \"1 ms\" }}\nweights = {{ synapses = 4, every = \"2 ms\" }}\n\
            [record.\"a.a.b\"]\nweights = {{ every = \"1 ms\" }}\n"
        );
        let model = Model::from_text("m.toml", &text, &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(model.recordings.len(), 1);
        assert_eq!(model.recordings[0].samples, [SampleSpec { variable: "v", neurons: vec![0, 1, 2], every: 10 }]);
        let weights = |p, synapses, every| WeightRecordingSpec { projection: ProjectionId(p), synapses, every };
        assert_eq!(model.weight_recordings, [weights(0, 4, 20), weights(1, 4, 20), weights(1, 100, 10)]);
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
