//! `synfire check`: reads model and experiment files, reports everything that is wrong, and
//! says what they resolve to.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use synfire::document::{Table, read_source};
use synfire::error::{Error, Result};
use synfire::experiment::{Arm, Experiment};
use synfire::model::Model;
use synfire::network::{self, Cell, Network, Population, Projection};
use synfire::report::number::count;
use synfire::topology::Wiring;

use super::answer::Answer;
use super::{Options, memory, overrides};

const EXAMPLES: &str = "\
Examples:
  synfire check models/*.toml
  synfire check experiments/digits.toml --set training.epochs=2";

/// Check model and experiment files, and show what they resolve to
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Check {
    /// Model or experiment files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Check {
    /// Checks every file even when an earlier one is wrong.
    pub fn run(&self, options: &Options) -> Result<Answer> {
        let (mut texts, mut documents, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for path in &self.files {
            match check(path, options) {
                Ok(answer) => {
                    texts.push(answer.text);
                    documents.push(answer.json);
                }
                Err(Error::Invalid(found)) => problems.extend(found),
                Err(other) if self.files.len() == 1 => return Err(other),
                Err(other) => problems.extend(other.problems()),
            }
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        Ok(Answer { text: texts.join("\n"), json: Value::Array(documents) })
    }
}

/// An experiment names a model and a data set; a model names neither.
pub fn is_experiment(path: &Path) -> Result<bool> {
    let source = read_source(path)?;
    let table = Table::parse(&source).map_err(Error::Invalid)?;
    Ok(["dataset", "model", "model_text", "rule"].iter().any(|key| table.get(key).is_some()))
}

fn check(path: &Path, options: &Options) -> Result<Answer> {
    if is_experiment(path)? { check_experiment(path, options) } else { check_model(path, options) }
}

fn check_experiment(path: &Path, options: &Options) -> Result<Answer> {
    let experiment = Experiment::from_file(path, &overrides(options, "seeds=[{}]"))?;
    memory::require(&experiment.model, memory::TRAINING)?;
    let network = network::build(&experiment.model, experiment.seeds.first().copied().unwrap_or_default())?;
    let seeds: Vec<String> = experiment.seeds.iter().map(u64::to_string).collect();
    let mut text = format!("{}: experiment `{}`\n", path.display(), experiment.title);
    for arm in &experiment.arms {
        let _ = writeln!(
            text,
            "  {}: {} -> {}, {} epochs in batches of {}",
            arm.label(),
            arm.encoder.kind,
            arm.decoder.kind,
            arm.training.epochs,
            arm.training.batch
        );
    }
    let _ = writeln!(
        text,
        "  data {}; seeds {}; model `{}`",
        experiment.dataset.name,
        seeds.join(", "),
        experiment.model.title
    );
    write_network(&experiment.model, &network, &mut text);
    let mut json = network_document("experiment", path, &network);
    json["title"] = json!(experiment.title);
    json["arms"] = experiment.arms.iter().map(Arm::label).collect();
    json["seeds"] = json!(experiment.seeds);
    json["dataset"] = json!(experiment.dataset.name);
    Ok(Answer { text, json })
}

fn check_model(path: &Path, options: &Options) -> Result<Answer> {
    let model = Model::from_file(path, &overrides(options, "simulation.seed={}"))?;
    memory::require(&model, memory::SIMULATION)?;
    let network = network::build(&model, model.simulation.seed)?;
    let mut text = format!("{}: model `{}`\n", path.display(), model.title);
    write_network(&model, &network, &mut text);
    let mut json = network_document("model", path, &network);
    json["title"] = json!(model.title);
    Ok(Answer { text, json })
}

/// One line per population and projection, and what they come to.
fn write_network(model: &Model, network: &Network, text: &mut String) {
    let name = |population: &Population| population.name.len();
    let width = network.populations.iter().map(name).max().unwrap_or(0);
    for (population, spec) in network.populations.iter().zip(&model.populations) {
        let kind = spec.neuron.as_ref().map_or("source", |(spec, _)| spec.kind);
        let _ = writeln!(text, "  {:width$}  {:>10}  {kind}", population.name, count(population.size() as f64));
    }
    for (projection, spec) in network.projections.iter().zip(&model.projections) {
        let ends = [projection.source, projection.target].map(|id| network.populations[id.0].name.as_str());
        let synapses = count(projection.wiring.synapses() as f64);
        let _ = writeln!(text, "  {} -> {}: {}, {synapses} synapses", ends[0], ends[1], spec.topology.0.kind);
    }
    let neurons: usize = network.populations.iter().map(Population::size).sum();
    let synapses: usize = network.projections.iter().map(|projection| projection.wiring.synapses()).sum();
    let megabytes = network.projections.iter().map(memory).sum::<usize>() as f64 / 1e6;
    let _ = writeln!(
        text,
        "  in all {} neurons, {} synapses, {megabytes:.1} MB",
        count(neurons as f64),
        count(synapses as f64)
    );
}

/// Bytes of a projection's weights and wiring.
fn memory(projection: &Projection) -> usize {
    let wiring = match &*projection.wiring {
        Wiring::Dense { .. } => 0,
        Wiring::Sparse { offsets, targets } => size_of_val(&offsets[..]) + size_of_val(&targets[..]),
    };
    size_of_val(&projection.weights[..]) + wiring
}

fn network_document(kind: &str, path: &Path, network: &Network) -> Value {
    json!({
        "file": path,
        "kind": kind,
        "populations": network.populations.iter().map(population_document).collect::<Vec<_>>(),
        "projections": network.projections.iter().map(|p| projection_document(p, network)).collect::<Vec<_>>(),
        "memory_bytes": network.projections.iter().map(memory).sum::<usize>(),
    })
}

fn population_document(population: &Population) -> Value {
    let source = matches!(population.cell, Cell::Source);
    json!({ "name": population.name, "shape": population.shape, "size": population.size(), "source": source })
}

fn projection_document(projection: &Projection, network: &Network) -> Value {
    let [source, target] = [projection.source, projection.target].map(|id| &network.populations[id.0].name);
    json!({
        "name": projection.name,
        "source": source,
        "target": target,
        "synapses": projection.wiring.synapses(),
        "delay_ms": f64::from(projection.delay) * network.resolution.ms(),
    })
}
