//! Whether what is asked for fits this machine: refused before anything is built.

use std::path::Path;

use twinfire::document::{Node, Table, read_source};
use twinfire::error::Result;
use twinfire::experiment::Experiment;
use twinfire::experiment::memory::{self, Need};
use twinfire::model::{Model, NeuronSpec, PopulationSpec};
use twinfire::network::synapses;
use twinfire::parameter::Value;
use twinfire::report;

/// What a simulation of `model` needs on so many threads, and to write its synapses where that is asked for (as
/// text too, or not).
///
/// # Errors
/// As [`memory::simulation`].
pub fn simulation(model: &Model, threads: usize, written: Option<bool>) -> Result<Need> {
    let ruled = model.projections.iter().filter(|projection| !projection.rules.is_empty()).count();
    let largest = synapses::expected(model)?.into_iter().max().unwrap_or(0);
    let writing = written.map_or(0.0, |as_text| report::memory::synapses(largest, as_text));
    let drawing = report::memory::simulation(if may_spike(model) { model.populations.len() } else { 0 }, ruled);
    memory::simulation(model, threads, drawing.max(writing))
}

/// Whether anything drives neurons: an input, or a current of their own.
fn may_spike(model: &Model) -> bool {
    let driven = |neuron: &NeuronSpec| {
        let current = neuron.as_ref().and_then(|(spec, _)| spec.values.get("i_offset"));
        current.is_some_and(|current| *current != Value::Number(0.0))
    };
    let own =
        |spec: &PopulationSpec| driven(&spec.neuron) || spec.varied.iter().any(|varied| varied.field == "i_offset");
    !model.inputs.is_empty() || model.populations.iter().any(own)
}

/// Refuses the model in the file at `path` when its simulation needs more memory than there is.
///
/// # Errors
/// [`Error::Run`](twinfire::error::Error::Run) with both figures and what would need less.
pub fn require_simulation(path: &Path, model: &Model, need: &Need) -> Result<()> {
    need.require(&model.title, || memory::advice_on_simulation(model, scale(path).as_deref(), need))
}

/// Refuses an experiment whose trainings need more memory than there is.
///
/// # Errors
/// As [`require_simulation`].
pub fn require_training(experiment: &Experiment, need: &Need) -> Result<()> {
    need.require(&experiment.title, memory::advice_on_training)
}

/// What the trainings of `experiment` need on so many threads.
///
/// # Errors
/// As [`memory::training`].
pub fn training(experiment: &Experiment, threads: usize, drawn: bool) -> Result<Need> {
    memory::training(experiment, threads, if drawn { report::memory::comparison() } else { 0.0 })
}

/// The parameter of the model in the file at `path` by which its size is changed, as far as its name says so.
fn scale(path: &Path) -> Option<String> {
    let table = Table::parse(&read_source(path).ok()?).ok()?;
    let names = table.get("parameters").and_then(Node::table)?;
    let found = names.keys().find(|name| *name == "scale").or_else(|| names.keys().find(|name| name.contains("scale")));
    found.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_beyond_all_memory_is_refused_with_its_scale_and_a_small_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.toml");
        let refusal = |text: &str| {
            std::fs::write(&path, text).unwrap();
            let model = Model::from_file(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
            let need = simulation(&model, 2, None).unwrap();
            require_simulation(&path, &model, &need).err().map_or(String::new(), |error| error.to_string())
        };
        let text = |scale: &str| {
            format!("[parameters]\nscale = {scale}\n[populations.a]\nsize = \"scale * 4e9\"\nneuron = \"lif_delta\"\n")
        };
        assert_eq!(refusal(&text("1e-6")), "");
        let refused = refusal(&text("1"));
        if twinfire::memory::free().is_some() {
            assert!(refused.contains("for neurons") && refused.contains("`--set scale=0.1`"), "{refused}");
        }
    }
}
