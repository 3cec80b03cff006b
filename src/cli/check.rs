//! `twinfire check`: reads model and experiment files, reports everything that is wrong, and
//! says what they resolve to.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use twinfire::dataset::Outline;
use twinfire::document::{Table, read_source};
use twinfire::error::{Error, Result};
use twinfire::experiment::checkpoint::Start;
use twinfire::experiment::memory::Need;
use twinfire::experiment::{Arm, Experiment};
use twinfire::id::{PopulationId, ProjectionId};
use twinfire::model::{DelaySpec, Model, PopulationSpec, ProjectionSpec, WeightSpec};
use twinfire::network::stack::Stack;
use twinfire::network::synapses::{self, Synapses};
use twinfire::report::number::count;
use twinfire::report::table::shortened;

use super::answer::Answer;
use super::{Options, memory, overrides};

const EXAMPLES: &str = "\
Examples:
  twinfire check models/*.toml
  twinfire check experiments/digits.toml --set training.epochs=2";

/// The most synapses that a check draws.
const TRIED: u64 = 10_000_000;
/// The most letters of a name that are shown.
const LETTERS: usize = 60;

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
    Ok(Table::has_any(&source, &["dataset", "model", "model_text", "rule"]))
}

fn check(path: &Path, options: &Options) -> Result<Answer> {
    if is_experiment(path)? { check_experiment(path, options) } else { check_model(path, options) }
}

fn check_experiment(path: &Path, options: &Options) -> Result<Answer> {
    let experiment = Experiment::from_file(path, &overrides(options, "seeds=[{}]"))?;
    let need = memory::training(&experiment, options.threads(), true)?;
    memory::require_training(&experiment, &need)?;
    let is_file = |projection: &ProjectionSpec| matches!(projection.weight, WeightSpec::File(_));
    let synapses: u64 = synapses::expected(&experiment.model)?.iter().sum();
    if synapses <= TRIED || experiment.model.projections.iter().any(is_file) {
        Stack::all(&experiment.model, experiment.seeds.first().copied().unwrap_or_default())?;
    }
    Start::of(&experiment)?;
    let layout = Layout::new(&experiment.model, need)?;
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
        data(&experiment.outline),
        seeds.join(", "),
        experiment.model.title
    );
    layout.write(&mut text);
    let mut json = layout.document("experiment", path);
    json["title"] = json!(experiment.title);
    json["arms"] = experiment.arms.iter().map(Arm::label).collect();
    json["seeds"] = json!(experiment.seeds);
    let Outline { name, shape, classes, samples, .. } = &experiment.outline;
    json["dataset"] = json!(name);
    json["data"] = json!({ "shape": shape, "classes": classes, "samples": samples });
    Ok(Answer { text, json })
}

/// `flowers.csv: samples of 4 values, 3 classes`, as headers tell.
fn data(outline: &Outline) -> String {
    let sides: Vec<String> = outline.shape.iter().map(usize::to_string).collect();
    let samples = outline.samples.map_or("samples".into(), |samples| format!("{} samples", count(samples as f64)));
    let classes = outline.classes.map_or("classes by its labels".into(), |classes| format!("{classes} classes"));
    format!("{}: {samples} of {} values, {classes}", outline.name, sides.join(" x "))
}

fn check_model(path: &Path, options: &Options) -> Result<Answer> {
    let model = Model::from_file(path, &overrides(options, "simulation.seed={}"))?;
    let need = memory::simulation(&model, options.threads(), None)?;
    memory::require_simulation(path, &model, &need)?;
    for (index, projection) in model.projections.iter().enumerate() {
        if matches!(projection.weight, WeightSpec::File(_)) {
            Synapses::new(&model, ProjectionId(index), model.simulation.seed, None)?; // reads the file
        }
    }
    let layout = Layout::new(&model, need)?;
    let mut text = format!("{}: model `{}`\n", path.display(), model.title);
    layout.write(&mut text);
    let mut json = layout.document("model", path);
    json["title"] = json!(model.title);
    Ok(Answer { text, json })
}

/// What a model comes to, without its synapses drawn.
struct Layout<'m> {
    model: &'m Model,
    /// Synapses of each projection.
    synapses: Vec<u64>,
    /// Whether these numbers are exact, not expectations.
    exact: Vec<bool>,
    need: Need,
}

impl<'m> Layout<'m> {
    fn new(model: &'m Model, need: Need) -> Result<Self> {
        let (synapses, exact): (Vec<u64>, Vec<bool>) = synapses::counts(model)?.into_iter().unzip();
        Ok(Self { model, synapses, exact, need })
    }

    fn name(&self, id: PopulationId) -> &'m str {
        &self.model.populations[id.0].name
    }

    /// The name of a population as a line can hold it.
    fn shown(&self, id: PopulationId) -> String {
        shortened(self.name(id), LETTERS)
    }

    /// One line per population and projection, and what they come to.
    fn write(&self, text: &mut String) {
        let names: Vec<String> =
            (0..self.model.populations.len()).map(|index| self.shown(PopulationId(index))).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        for (population, name) in self.model.populations.iter().zip(names) {
            let kind = population.neuron.as_ref().map_or("source", |(spec, _)| spec.kind);
            let _ = writeln!(text, "  {name:width$}  {:>10}  {kind}", count(size(population) as f64));
        }
        let counted = self.synapses.iter().zip(&self.exact);
        for (projection, (&synapses, &exact)) in self.model.projections.iter().zip(counted) {
            let (source, target) = (self.shown(projection.source), self.shown(projection.target));
            let kind = projection.topology.0.kind;
            let rules: String = projection.rules.iter().map(|rule| format!(", {}", rule.rule.0.kind)).collect();
            let _ = writeln!(
                text,
                "  {source} -> {target}: {kind}, {}{} synapses{rules}",
                about(exact),
                count(synapses as f64)
            );
        }
        let neurons: u64 = self.model.populations.iter().map(|population| size(population) as u64).sum();
        let synapses: u64 = self.synapses.iter().sum();
        let about = about(self.exact.iter().all(|&exact| exact));
        let megabytes = self.need.bytes() as f64 / 1e6;
        let (neurons, synapses) = (count(neurons as f64), count(synapses as f64));
        let _ = writeln!(
            text,
            "  in all {neurons} neurons, {about}{synapses} synapses; a run takes about {megabytes:.0} MB"
        );
    }

    fn document(&self, kind: &str, path: &Path) -> Value {
        let counted = self.synapses.iter().zip(&self.exact);
        let projections = self.model.projections.iter().zip(counted);
        json!({
            "file": path,
            "kind": kind,
            "populations": self.model.populations.iter().map(population_document).collect::<Vec<_>>(),
            "projections": projections.map(|(spec, count)| self.projection_document(spec, count)).collect::<Vec<_>>(),
            "memory_bytes": self.need.bytes(),
            "memory": self.need.shares.iter().map(|(what, bytes)| json!({ "what": what, "bytes": *bytes as u64 })).collect::<Vec<_>>(),
        })
    }

    fn projection_document(&self, projection: &ProjectionSpec, (synapses, exact): (&u64, &bool)) -> Value {
        let delay_ms = match &projection.delay {
            DelaySpec::Constant(ticks) => json!(f64::from(*ticks) * self.model.simulation.resolution.ms()),
            DelaySpec::Distribution(kind, _) => json!({ "distribution": kind.kind }),
        };
        json!({
            "name": projection.name,
            "source": self.name(projection.source),
            "target": self.name(projection.target),
            "synapses": synapses,
            "synapses_exact": exact,
            "delay_ms": delay_ms,
            "rules": projection.rules.iter().map(|rule| rule.rule.0.kind).collect::<Vec<_>>(),
        })
    }
}

/// What stands before a number of synapses that is an expectation.
fn about(exact: bool) -> &'static str {
    if exact { "" } else { "about " }
}

fn size(population: &PopulationSpec) -> usize {
    population.shape.iter().product()
}

fn population_document(population: &PopulationSpec) -> Value {
    let source = population.neuron.is_none();
    json!({ "name": population.name, "shape": population.shape, "size": size(population), "source": source })
}
