//! `twinfire simulate`: a model for its duration, or one sample through a trained network.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};
use twinfire::color;
use twinfire::dataset;
use twinfire::document::expression::{self, Unusable};
use twinfire::error::{Error, Result};
use twinfire::experiment::checkpoint::Saved;
use twinfire::experiment::portrait;
use twinfire::id::ProjectionId;
use twinfire::model::{Model, PopulationSpec};
use twinfire::network::{connectivity, snapshot, synapses};
use twinfire::record::recorder::Recorder;
use twinfire::record::recording::{Cost, PopulationSummary, Recording, RunSummary};
use twinfire::record::setup::Setup;
use twinfire::regime::events::run::Prepared;
use twinfire::report::canvas::Figure;
use twinfire::report::names::stems;
use twinfire::report::output::Output;
use twinfire::report::output::record::{Kind, State};
use twinfire::report::request::Request;
use twinfire::report::run_folder::Run;
use twinfire::report::sample_folder::{self, SampleSummary};
use twinfire::report::spike_files::{SPIKE_FORMATS, SpikeFiles};
use twinfire::report::synapse_files::{self, SynapseFiles};
use twinfire::report::trace_files::TraceFiles;
use twinfire::report::{firing_table, npz, number, run_page, table, write_figure};
use twinfire::result::origin::{Of, Origin};
use twinfire::result::{Example, LayerInfo};
use twinfire::time::{Resolution, Tick};
use twinfire::unit::Dimension;

use super::answer::Answer;
use super::folder::{self, Filling};
use super::interrupt::Interrupt;
use super::progress::{Processor, SimulationProgress, processor_seconds};
use super::{Options, memory, overrides, scope, terminal};

const EXAMPLES: &str = "\
Examples:
  twinfire simulate models/tutorial.toml
  twinfire simulate models/tutorial.toml --set g=0 --seed 2 -o no-inhibition
  twinfire simulate models/tutorial.toml --duration 2s --from 100ms --bin 5ms --format csv,dat
  twinfire simulate runs/digits/spiking-q_agrel-seed1.twinfire --sample 7";

/// The most populations in the table on a terminal.
const MOST: usize = 100;
/// The most bins of rates over time.
const BINS: u64 = 100_000;

/// Run a model, or send one sample through a trained network, and draw the spikes
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Simulate {
    /// A model file, or a checkpoint that `twinfire compare` or `twinfire train` wrote
    #[arg(value_name = "MODEL|CHECKPOINT")]
    network: PathBuf,
    /// For a checkpoint: which sample of the test set to present, from 0
    #[arg(long, value_name = "N")]
    sample: Option<u32>,
    /// Write spikes and traces also as csv, spikes as dat or gdf, as NEST 3 and 2 do; npz is always written
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', value_parser = ["npz", "csv", "dat", "gdf"])]
    format: Vec<String>,
    /// Run a model for this time, such as "2 s", in the place of its `simulation.duration`
    #[arg(long, value_name = "TIME")]
    duration: Option<String>,
    /// Write all synapses into synapses.npz, as they are at the end of the run; with `--format csv` also
    /// into synapses.csv
    #[arg(long)]
    synapses: bool,
    /// Analyse spikes from this time on, such as "500 ms", so that the network can settle before
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Width of the bins of rates over time, such as "5 ms" [default: a round one, up to 250 bins]
    #[arg(long, value_name = "TIME")]
    bin: Option<String>,
}

impl Simulate {
    pub fn run(&self, options: &Options) -> Result<Answer> {
        if snapshot::is_checkpoint(&self.network) {
            let of_models = [
                ("--duration", self.duration.is_some()),
                ("--from", self.from.is_some()),
                ("--bin", self.bin.is_some()),
                ("--synapses", self.synapses),
                ("--format", !self.format.is_empty()),
                ("--threads", options.threads.is_some()),
            ];
            let help = "a sample is presented for the window of its encoder, which `--set` changes; its spikes are \
                        written as .csv and .npz";
            scope::refuse(&of_models, "a checkpoint; it needs a model", help)?;
            return self.present(options);
        }
        if self.sample.is_some() {
            let error = Error::usage("`--sample` needs a checkpoint; a model file has no data set");
            return Err(error.with_help("`twinfire train` writes checkpoints"));
        }
        if super::check::is_experiment(&self.network)? {
            let error = Error::usage(format!("{} is an experiment, no model", self.network.display()));
            return Err(error.with_help("`twinfire train` trains it; then a checkpoint of it can be simulated"));
        }
        scope::refuse(&[("--data", options.data.is_some())], "a model", "models use no data set")?;
        self.simulate(options)
    }

    /// Runs a model file.
    fn simulate(&self, options: &Options) -> Result<Answer> {
        let mut changes = overrides(options, "simulation.seed={}");
        changes.extend(self.duration.as_ref().map(|time| format!("simulation.duration={time}")));
        let model = Model::from_file(&self.network, &changes)?;
        let as_text = self.format.iter().any(|format| format == "csv");
        let need = memory::simulation(&model, options.threads(), self.synapses.then_some(as_text))?;
        memory::require_simulation(&self.network, &model, &need)?;
        let setup = self.setup(&model)?;
        if self.synapses && !options.quiet {
            let synapses: u64 = synapses::expected(&model)?.iter().sum();
            let megabytes = synapses.saturating_mul(synapse_files::BYTES) as f64 / 1e6;
            let number = number::count(synapses as f64);
            eprintln!(
                "synapses.npz will hold about {number} synapses, {megabytes:.1} MB; the largest projection twice meanwhile"
            );
        }
        let filling = Filling {
            kind: Kind::Simulation,
            of: Of::new(&self.network, model.resolved()),
            inputs: folder::inputs(&self.network, &changes),
            settings: changes,
        };
        let output = filling.open(options, &self.default_folder())?;
        let path = output.path().to_path_buf();
        let outcome = self.fill(&model, &setup, options, (&output, filling.origin()));
        let summary = output.close(outcome)?;
        let mut text = format!("{}\n\n{}", model.title, firing(&summary.populations));
        if let Some(silence) = run_page::silence(&summary.populations) {
            text += &format!("\n{silence}\n");
        }
        if let Some(cost) = &summary.cost {
            text += &format!(
                "\nset up in {:.2} s, run in {:.2} s ({:.2} s of the processor)",
                cost.build_wall_s, cost.run_wall_s, cost.run_cpu_s
            );
        }
        text += &format!("\nthe report is {}", path.join("report.html").display());
        Ok(Answer { text, json: with_folder(serde_json::to_value(summary).unwrap_or(Value::Null), &path) })
    }

    /// Runs a model and writes what it gives: data first, so that they are there even when they cannot be drawn.
    fn fill(
        &self,
        model: &Model,
        setup: &Setup,
        options: &Options,
        (output, origin): (&Output, Origin),
    ) -> Result<RunSummary> {
        output.expect(&self.names(model, setup))?;
        let stage = output.stage()?;
        let mut recording = self.stream(model, setup, options, (output, stage.path()))?;
        recording.origin = origin;
        let written = Run::write(&recording, &model.resolved(), stage.path())
            .and_then(|run| self.write_synapses(model, &recording, stage.path()).map(|()| run));
        let mut run = match written {
            Ok(run) => run,
            Err(error) => return Err(output.keep(stage, error)),
        };
        output.publish_data(stage, State::Running)?;
        run.folder = output.path().to_path_buf();
        let drawn = output.stage()?;
        run.draw(drawn.path())?;
        output.publish(drawn, State::Running)?;
        match recording.duration.0 < model.simulation.duration {
            true => Err(Error::Interrupted { checkpoint: None }),
            false => Ok(run.summary),
        }
    }

    /// Files that the run will write.
    fn names(&self, model: &Model, setup: &Setup) -> Vec<String> {
        let wanted = |name: &str| self.format.iter().any(|format| format == name);
        let spikes = SPIKE_FORMATS.iter().filter(|format| format.name == "npz" || wanted(format.name));
        let mut names: Vec<String> = spikes.map(|format| format.file.to_owned()).chain(Run::names()).collect();
        let csv = |name: &str, there: bool| {
            let endings = if wanted("csv") { &["npz", "csv"][..] } else { &["npz"] };
            endings.iter().filter(|_| there).map(|ending| format!("{name}.{ending}")).collect::<Vec<_>>()
        };
        names.extend([csv("traces", !setup.probes.is_empty()), csv("synapses", self.synapses)].concat());
        let plastic = model.projections.iter().filter(|projection| !projection.rules.is_empty());
        let stems = stems(plastic.map(|projection| projection.name.as_str()));
        names.extend(stems.iter().flat_map(|stem| synapse_files::weights(stem)));
        names
    }

    /// Writes all synapses where that is asked for, and those of the weights that rules changed.
    fn write_synapses(&self, model: &Model, recording: &Recording, path: &Path) -> Result<()> {
        let csv = self.format.iter().any(|format| format == "csv");
        let mut files = if self.synapses { Some(SynapseFiles::create(path, csv)?) } else { None };
        let stems = stems(recording.weights.iter().map(|weights| weights.name.as_str()));
        for (index, spec) in model.projections.iter().enumerate() {
            let plastic = recording.weights.iter().zip(&stems).find(|(weights, _)| weights.name == spec.name);
            if files.is_none() && plastic.is_none() {
                continue;
            }
            let mut projection = synapse_files::Projection::new(&spec.name, path)?;
            let weights = plastic.map(|(weights, _)| &weights.after[..]);
            connectivity::visit(model, ProjectionId(index), weights, &mut |source, ends| {
                projection.add(source, &ends.targets, &ends.weights, &ends.delays_ms)
            })?;
            if let Some((_, stem)) = plastic {
                projection.write_ends(path, stem)?;
            }
            files.as_mut().map_or(Ok(()), |files| files.add(&mut projection))?;
        }
        files.map_or(Ok(()), |files| files.finish().map(drop))
    }

    /// What is recorded of a run of `model`, and how it is analysed.
    fn setup(&self, model: &Model) -> Result<Setup> {
        let mut setup = Setup::of(model, model.simulation.seed)?;
        if let Some(from) = &self.from {
            let start = ticks("--from", from, setup.resolution)?;
            if start >= setup.duration.0 && setup.duration.0 > 0 {
                let end = setup.resolution.to_ms(setup.duration);
                return Err(Error::usage(format!("`--from {from}` leaves nothing of a run of {}", number::time(end))));
            }
            setup.analysis.start = Tick(start);
        }
        if let Some(bin) = &self.bin {
            setup.analysis.bin = ticks("--bin", bin, setup.resolution)?;
            setup.analysis.bin_asked = true;
            let bins = setup.duration.0.checked_div(setup.analysis.bin);
            if bins.is_none_or(|bins| bins > BINS) {
                let help = format!("rates over time have at most {BINS} bins");
                return Err(Error::usage(format!("`--bin {bin}` is too short")).with_help(help));
            }
        }
        Ok(setup)
    }

    /// Runs a model, streaming what is recorded into the folder at `path`.
    fn stream(
        &self,
        model: &Model,
        setup: &Setup,
        options: &Options,
        (output, path): (&Output, &Path),
    ) -> Result<Recording> {
        let formats: Vec<&str> = self.format.iter().map(String::as_str).chain(["npz"]).collect();
        let mut spikes = SpikeFiles::create(path, setup, &formats)?;
        let mut traces = TraceFiles::create(path, setup, &formats)?;
        let mut recorder = Recorder::new(setup).with(&mut spikes).with(&mut traces);
        let progress = SimulationProgress::new(options.quiet, &model.simulation);
        let start = Instant::now();
        let clock = || (start.elapsed().as_secs_f64(), processor_seconds(Processor::Process));
        let begun = clock();
        let prepared = Prepared::new(model, setup, options.threads())?;
        let built = clock();
        let interrupt = Interrupt::listen("stopping; what was recorded up to now is written");
        output.begin()?;
        let outcome = prepared.run(setup, &mut recorder, &mut |tick| {
            progress.at(tick);
            !interrupt.asked()
        });
        progress.finish();
        let run = clock();
        let mut recording = recorder.finish(outcome?);
        recording.cost = Some(Cost {
            build_wall_s: built.0 - begun.0,
            build_cpu_s: built.1 - begun.1,
            run_wall_s: run.0 - built.0,
            run_cpu_s: run.1 - built.1,
        });
        spikes.finish()?;
        traces.finish()?;
        Ok(recording)
    }

    /// Presents one test sample to a trained network.
    fn present(&self, options: &Options) -> Result<Answer> {
        let saved = Saved::read(&self.network, &options.set)?;
        let data = Arc::new(saved.experiment.load(&dataset::folders(options.data.as_deref()))?);
        let sample = self.sample.unwrap_or(0);
        if sample as usize >= data.test.len() {
            let help = format!("the test set of {} has samples 0 to {}", data.name, data.test.len() - 1);
            return Err(Error::usage(format!("there is no sample {sample}")).with_help(help));
        }
        let mut session = saved.session(&data)?;
        session.encoder_seed = options.seed.unwrap_or(session.seed);
        let example = portrait::example(&mut session, sample)?;
        let layers = LayerInfo::of(session.learner().main());
        let (regime, rule) = (session.arm.regime.name(), session.arm.rule.kind);
        let title = format!("Test sample {sample} of {} runs through the {regime} network ({rule})", data.name);
        let model = &saved.experiment.model;
        let color = |population: &PopulationSpec| Some((population.name.clone(), color::write(population.color?)));
        let summary = SampleSummary {
            version: env!("CARGO_PKG_VERSION").into(),
            title: title.clone(),
            classes: data.classes.clone(),
            shape: data.test.shape.clone(),
            layers,
            resolution_ms: model.simulation.resolution.ms(),
            colors: model.populations.iter().filter_map(color).collect(),
            example,
        };
        let (figure, example, layers) =
            (sample_folder::figure(&summary, &Request::default()), &summary.example, &summary.layers);
        let seed = options.seed.map(|seed| format!("seed={seed}"));
        let filling = Filling {
            kind: Kind::Sample,
            of: folder::file(&self.network)?,
            settings: options.set.iter().cloned().chain(seed).collect(),
            inputs: vec![self.network.clone()],
        };
        let output = filling.open(options, &self.default_folder())?;
        let path = output.path().to_path_buf();
        let outcome = write_sample(&figure, &summary, &output);
        output.close(outcome)?;
        let text = format!(
            "{title}, encoded with seed {}{}\n\n{}\nthe raster is {}",
            session.encoder_seed,
            verdict(example, &summary.classes),
            activity(example, layers),
            shown(&path)
        );
        Ok(Answer { text, json: with_folder(serde_json::to_value(&summary).unwrap_or(Value::Null), &path) })
    }

    fn default_folder(&self) -> PathBuf {
        let name = self.network.file_stem().unwrap_or("simulation".as_ref()).to_string_lossy();
        let sample = self.sample.map_or(String::new(), |sample| format!("-sample{sample}"));
        Path::new("runs").join(format!("{name}{sample}"))
    }
}

/// Where the raster is.
fn shown(folder: &Path) -> String {
    folder.join("raster.png").display().to_string()
}

fn with_folder(mut document: Value, folder: &Path) -> Value {
    document["folder"] = json!(folder);
    document
}

/// The raster of a presentation, its spikes and scores.
fn write_sample(figure: &Figure, summary: &SampleSummary, output: &Output) -> Result<()> {
    let stage = output.stage()?;
    for name in ["raster.png", "raster.svg"] {
        write_figure(figure, &stage.path().join(name))?;
    }
    write_example(summary, stage.path())?;
    output.publish(stage, State::Done).map(drop)
}

/// Spikes and scores of a presentation.
fn write_example(summary: &SampleSummary, folder: &Path) -> Result<()> {
    let (example, layers) = (&summary.example, &summary.layers);
    let mut spikes = Vec::new();
    for (index, layer) in example.spikes.iter().enumerate() {
        spikes.extend(layer.iter().map(|&(ms, neuron)| (ms, index, neuron)));
    }
    spikes.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    let mut text = String::from("time_ms,neuron,population\n");
    text.extend(spikes.iter().map(|(ms, layer, neuron)| format!("{ms},{neuron},{}\n", layers[*layer].name)));
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|refused| Error::output(path, refused))
    };
    if !example.spikes.is_empty() {
        write("spikes.csv", text.as_bytes())?;
        let names: Vec<&str> = layers.iter().map(|layer| layer.name.as_str()).collect();
        let sizes: Vec<usize> = layers.iter().map(|layer| layer.shape.iter().product()).collect();
        let spikes: Vec<_> = spikes.iter().map(|&(ms, layer, neuron)| (ms, neuron, layer as u16)).collect();
        write("spikes.npz", &npz::spike_arrays(&spikes, &names, &sizes))?;
    }
    write("summary.json", &serde_json::to_vec_pretty(summary).unwrap_or_default())
}

/// How every population fired. An empty column keeps numbers to the right.
fn firing(populations: &[PopulationSummary]) -> String {
    let widened = |mut row: Vec<String>| {
        row.insert(1, String::new());
        row
    };
    let shown = &populations[..populations.len().min(MOST)];
    let rows = firing_table::rows(shown).into_iter().map(widened);
    let heads = widened(firing_table::HEADS.map(String::from).to_vec());
    let more = match populations.len() - shown.len() {
        0 => String::new(),
        more => format!("and {} more in summary.json\n", number::count(more as f64)),
    };
    table::fitted(heads, rows.collect(), terminal::width()) + &more
}

/// A time that an option gives, such as `500 ms`, in ticks.
fn ticks(option: &str, text: &str, resolution: Resolution) -> Result<u64> {
    let ms = milliseconds(option, text)?;
    resolution.ticks(ms).map_err(|wrong| Error::usage(format!("`{option} {text}`: {wrong}")))
}

/// The same in ms.
pub fn milliseconds(option: &str, text: &str) -> Result<f64> {
    let time = expression::evaluate(text, &|name| Err(Unusable::Unknown(name.into())))
        .ok()
        .filter(|time| time.dimension == Dimension::Time && time.value.is_finite() && time.value >= 0.0);
    let help = format!("give a number with a unit, such as {option} \"500 ms\"");
    time.map(|time| time.value).ok_or_else(|| Error::usage(format!("`{option} {text}` gives no time")).with_help(help))
}

/// What the network decided for, where it decides for a class.
fn verdict(example: &Example, classes: &[String]) -> String {
    let class = |index: u16| classes.get(usize::from(index)).cloned().unwrap_or_else(|| index.to_string());
    let (Some(label), Some(decision)) = (example.label, example.decision) else { return String::new() };
    let verdict = if decision == label { "rightly" } else { "wrongly" };
    format!(": it is {} and was {verdict} taken for {}", class(label), class(decision))
}

/// What every layer did in a presentation.
fn activity(example: &Example, layers: &[LayerInfo]) -> String {
    let heads = ["layer", "", "neurons", "active", "spikes"].map(String::from);
    let row = |(index, layer): (usize, &LayerInfo)| {
        let spikes = example.spikes.get(index);
        let mut active: Vec<u32> = spikes.into_iter().flatten().map(|(_, neuron)| *neuron).collect();
        let total = active.len();
        active.sort_unstable();
        active.dedup();
        let rates = example.activities.get(index).map(|layer| layer.iter().filter(|&&rate| rate > 0.0).count());
        vec![
            layer.name.clone(),
            String::new(),
            number::count(layer.shape.iter().product::<usize>() as f64),
            number::count(rates.unwrap_or(active.len()) as f64),
            spikes.map_or("–".into(), |_| number::count(total as f64)),
        ]
    };
    table::fitted(heads.to_vec(), layers.iter().enumerate().map(row).collect(), terminal::width())
}
