//! `synfire simulate`: a model for its duration, or one sample through a trained network.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use synfire::dataset;
use synfire::error::{Error, Result};
use synfire::experiment::checkpoint::Saved;
use synfire::experiment::portrait;
use synfire::experiment::result::{Example, LayerInfo};
use synfire::experiment::simulation;
use synfire::model::Model;
use synfire::network::snapshot;
use synfire::record::recorder::Recorder;
use synfire::record::recording::{PopulationSummary, Recording};
use synfire::record::setup::Setup;
use synfire::report::canvas::Figure;
use synfire::report::presentation::{self, Presentation};
use synfire::report::{csv, npz, number, raster, render, table, trace};

use super::answer::Answer;
use super::folder::{Folder, Kind, write};
use super::interrupt::Interrupt;
use super::progress::SimulationProgress;
use super::{Options, memory, overrides};

const EXAMPLES: &str = "\
Examples:
  synfire simulate models/tutorial.toml
  synfire simulate models/tutorial.toml --set g=0 --seed 2 -o no-inhibition
  synfire simulate runs/digits/spiking-q_agrel-seed1.synfire --sample 7";

/// The most membranes in the figure; the files hold all.
const TRACES: usize = 12;

/// Run a model, or send one sample through a trained network, and draw the spikes
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Simulate {
    /// A model file, or a checkpoint that `synfire compare` or `synfire train` wrote
    #[arg(value_name = "MODEL|CHECKPOINT")]
    network: PathBuf,
    /// For a checkpoint: which sample of the test set to present, from 0
    #[arg(long, value_name = "N")]
    sample: Option<u32>,
}

impl Simulate {
    pub fn run(&self, options: &Options) -> Result<Answer> {
        if snapshot::is_checkpoint(&self.network) {
            return self.present(options);
        }
        if self.sample.is_some() {
            let error = Error::usage("`--sample` needs a checkpoint; a model file has no data set");
            return Err(error.with_help("`synfire train` writes checkpoints"));
        }
        if super::check::is_experiment(&self.network)? {
            let error = Error::usage(format!("{} is an experiment, no model", self.network.display()));
            return Err(error.with_help("`synfire train` trains it; then a checkpoint of it can be simulated"));
        }
        self.simulate(options)
    }

    /// Runs a model file.
    fn simulate(&self, options: &Options) -> Result<Answer> {
        let model = Model::from_file(&self.network, &overrides(options, "simulation.seed={}"))?;
        memory::require(&model, memory::SIMULATION)?;
        let seed = model.simulation.seed;
        let folder = Folder::open(options, Kind::Simulation, &self.default_folder(), false)?;
        let path = folder.path.clone();
        let interrupt = Interrupt::listen("stopping; what was recorded up to now is written")?;
        let progress = SimulationProgress::new(options.quiet, &model.simulation);
        let setup = Setup::of(&model, seed);
        let mut recorder = Recorder::new(&setup).in_memory();
        let prepared = simulation::Prepared::new(&model, &setup, options.threads());
        let run = prepared.and_then(|prepared| {
            prepared.run(&setup, &mut recorder, &mut |tick| {
                progress.at(tick);
                !interrupt.asked()
            })
        });
        progress.finish();
        let outcome = run.and_then(|run| {
            let recording = recorder.finish(run);
            write_recording(&recording, &path)?;
            write_traces(&model, &recording, &path)?;
            write(&path.join("model.toml"), model.resolved.as_bytes())?;
            match recording.duration.0 < model.simulation.duration {
                true => Err(Error::Interrupted { checkpoint: None }),
                false => Ok(recording),
            }
        });
        let recording = folder.close(outcome)?;
        let summary = recording.summary();
        let text = format!("{}\n\n{}\nthe raster is {}", model.title, firing(&summary.populations), shown(&path));
        Ok(Answer { text, json: with_folder(serde_json::to_value(summary).unwrap_or(Value::Null), &path) })
    }

    /// Presents one test sample to a trained network.
    fn present(&self, options: &Options) -> Result<Answer> {
        let saved = Saved::read(&self.network, &options.set)?;
        let data = (saved.experiment.dataset.load)(&dataset::folders(options.data.as_deref()))?;
        let sample = self.sample.unwrap_or(0);
        if sample as usize >= data.test.len() {
            let help = format!("the test set of {} has samples 0 to {}", data.name, data.test.len() - 1);
            return Err(Error::usage(format!("there is no sample {sample}")).with_help(help));
        }
        let mut session = saved.session(&data)?;
        session.encoder_seed = options.seed.unwrap_or(session.seed);
        let example = portrait::example(&mut session, &data, sample);
        let layers = LayerInfo::of(session.chain());
        let (regime, rule) = (session.arm.regime.name(), session.arm.rule.kind);
        let title = format!("Test sample {sample} of {} runs through the {regime} network ({rule})", data.name);
        let (classes, shape) = (&data.classes[..], &data.test.shape[..]);
        let figure =
            presentation::figure(&Presentation { title: &title, classes, shape, layers: &layers, example: &example });
        let folder = Folder::open(options, Kind::Simulation, &self.default_folder(), false)?;
        let path = folder.path.clone();
        folder.close(write_figure(&figure, &path, "raster").and_then(|()| write_example(&example, &layers, &path)))?;
        let verdict = if example.decision == example.label { "rightly" } else { "wrongly" };
        let class = |index: u16| classes.get(usize::from(index)).cloned().unwrap_or_else(|| index.to_string());
        let text = format!(
            "{title}, encoded with seed {}: it is {} and was {verdict} taken for {}\n\n{}\nthe raster is {}",
            session.encoder_seed,
            class(example.label),
            class(example.decision),
            activity(&example, &layers),
            shown(&path)
        );
        Ok(Answer { text, json: with_folder(serde_json::to_value(&example).unwrap_or(Value::Null), &path) })
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

fn write_figure(figure: &Figure, folder: &Path, name: &str) -> Result<()> {
    write(&folder.join(format!("{name}.png")), &render::png(figure))?;
    write(&folder.join(format!("{name}.svg")), render::svg(figure).as_bytes())
}

/// Spikes, raster and summary of a simulation.
fn write_recording(recording: &Recording, folder: &Path) -> Result<()> {
    let time = |&(tick, neuron): &(_, u32)| (recording.resolution.to_ms(tick), neuron);
    let recorded = recording.populations.iter().filter_map(|population| {
        let spikes = population.spikes.as_ref()?.iter().map(time).collect();
        Some(raster::RasterPopulation { name: population.name.clone(), size: population.size, spikes })
    });
    let raster = raster::Raster {
        title: recording.title.clone(),
        populations: recorded.collect(),
        duration_ms: recording.resolution.to_ms(recording.duration),
    };
    write_figure(&raster::figure(&raster), folder, "raster")?;
    write(&folder.join("spikes.npz"), &npz::spikes(recording))?;
    write(&folder.join("spikes.csv"), csv::spikes(recording).as_bytes())?;
    let summary = serde_json::to_vec_pretty(&recording.summary()).unwrap_or_default();
    write(&folder.join("summary.json"), &summary)
}

/// Membranes, where they were recorded.
fn write_traces(model: &Model, recording: &Recording, folder: &Path) -> Result<()> {
    let (Some(table), Some(arrays)) = (csv::traces(recording), npz::traces(recording)) else { return Ok(()) };
    write(&folder.join("traces.csv"), table.as_bytes())?;
    write(&folder.join("traces.npz"), &arrays)?;
    let ms = |tick| recording.resolution.to_ms(tick);
    let mut curves = Vec::new();
    let mut drawn = 0;
    for (population, spec) in recording.populations.iter().zip(&model.populations) {
        let threshold = spec.neuron.as_ref().and_then(|(spec, _)| match spec.values.get("v_thresh") {
            Some(&synfire::parameter::Value::Number(threshold)) => Some(threshold),
            _ => None,
        });
        for trace in &population.traces {
            let own = population.spikes.iter().flatten().filter(|(_, neuron)| *neuron as usize == trace.neuron);
            curves.push(trace::Trace {
                name: format!("{} {}", population.name, trace.neuron),
                population: drawn,
                values: trace.values.iter().map(|&(tick, v)| (ms(tick), v)).collect(),
                threshold,
                spikes_ms: own.map(|&(tick, _)| ms(tick)).collect(),
            });
        }
        // The raster shows, and colours, populations whose spikes were recorded.
        drawn += usize::from(population.spikes.is_some());
    }
    curves.truncate(TRACES);
    let traces = trace::Traces {
        title: format!("{}: membranes", recording.title),
        quantity: format!("membrane{}", unit(model)),
        duration_ms: ms(recording.duration),
        curves,
    };
    write_figure(&trace::figure(&traces), folder, "traces")
}

/// The unit of membranes in parentheses, where all populations have the same.
fn unit(model: &Model) -> String {
    let neurons = model.populations.iter().filter_map(|population| population.neuron.as_ref());
    let mut units: Vec<&str> = neurons.map(|(_, neuron)| neuron.weight_dimension().base_unit()).collect();
    units.dedup();
    match units[..] {
        [unit] if !unit.is_empty() => format!(" ({unit})"),
        _ => String::new(),
    }
}

/// Spikes and scores of a presentation.
fn write_example(example: &Example, layers: &[LayerInfo], folder: &Path) -> Result<()> {
    let mut spikes = Vec::new();
    for (index, layer) in example.spikes.iter().enumerate() {
        spikes.extend(layer.iter().map(|&(ms, neuron)| (ms, index, neuron)));
    }
    spikes.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    let mut text = String::from("time_ms,neuron,population\n");
    text.extend(spikes.iter().map(|(ms, layer, neuron)| format!("{ms},{neuron},{}\n", layers[*layer].name)));
    if !example.spikes.is_empty() {
        write(&folder.join("spikes.csv"), text.as_bytes())?;
        let names: Vec<&str> = layers.iter().map(|layer| layer.name.as_str()).collect();
        let sizes: Vec<usize> = layers.iter().map(|layer| layer.shape.iter().product()).collect();
        let spikes: Vec<_> = spikes.iter().map(|&(ms, layer, neuron)| (ms, neuron, layer as u16)).collect();
        write(&folder.join("spikes.npz"), &npz::spike_arrays(&spikes, &names, &sizes))?;
    }
    write(&folder.join("summary.json"), &serde_json::to_vec_pretty(example).unwrap_or_default())
}

/// Rate, irregularity and silence of every population.
fn firing(populations: &[PopulationSummary]) -> String {
    let heads = ["population", "", "neurons", "spikes", "rate (Hz)", "CV of intervals", "silent"].map(String::from);
    let row = |population: &PopulationSummary| {
        let firing = &population.firing;
        vec![
            population.name.clone(),
            String::new(),
            number::count(population.size as f64),
            number::count(firing.spikes as f64),
            number::short(firing.rate_hz),
            firing.cv_isi.map_or("–".into(), |cv| number::decimals(cv, 2)),
            format!("{} %", number::decimals(100.0 * firing.silent_fraction, 1)),
        ]
    };
    table::aligned(heads.to_vec(), populations.iter().map(row).collect())
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
    table::aligned(heads.to_vec(), layers.iter().enumerate().map(row).collect())
}
