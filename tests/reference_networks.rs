//! Recurrent networks of an independent simulator (NEST 3.10, float64): every spike of the whole
//! run, on one thread and on several, swept and lazy. All files `network_*.json` are run that lie
//! in `../shared/reference`, or in the folder that TWINFIRE_REFERENCE names; without them the test
//! says that it is skipped.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use twinfire::error::Result;
use twinfire::id::PopulationId;
use twinfire::model::Model;
use twinfire::record::{Probe, SpikeObserver};
use twinfire::regime::events::simulation::Setting;
use twinfire::regime::events::{Simulation, Strategy};
use twinfire::time::Tick;

/// NEST's models that have a counterpart, and whether their spikes are timed within ticks.
const KINDS: &[(&str, &str, bool)] = &[
    ("iaf_psc_delta", "iaf_psc_delta", false),
    ("iaf_psc_exp", "lif_exp", false),
    ("iaf_psc_alpha", "lif_alpha", false),
    ("iaf_cond_exp", "lif_cond_exp", false),
    ("iaf_cond_alpha", "lif_cond_alpha", false),
    ("iaf_psc_delta_ps", "lif_delta", true),
    ("iaf_psc_alpha_ps", "lif_alpha", true),
    ("iaf_psc_exp_ps", "lif_exp", true),
    ("iaf_psc_exp_ps_lossless", "lif_exp", true),
];

/// Units by the first letters of a parameter's name.
const UNITS: &[(&str, &str)] = &[("C_", "pF"), ("g_", "nS"), ("t", "ms"), ("E_", "mV"), ("V_", "mV")];

/// The files of networks in the folder of references.
fn references() -> Vec<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference");
    let folder = std::env::var_os("TWINFIRE_REFERENCE").map_or_else(beside, PathBuf::from);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not there", folder.display());
        return Vec::new();
    };
    let is_network = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("network_") && name.ends_with(".json")
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(is_network).collect();
    paths.sort();
    paths
}

fn number(value: &Json) -> f64 {
    value.as_f64().unwrap()
}

fn numbers(value: &Json) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn rows(value: &Json) -> Vec<Vec<f64>> {
    value["rows"].as_array().unwrap().iter().map(numbers).collect()
}

/// The network as a model file, its synapses in `folder`.
fn model(reference: &Json, kind: &str, precise: bool, folder: &Path) -> Model {
    let mut synapses = String::from("source,target,weight,delay\n");
    for row in rows(&reference["connections"]) {
        writeln!(synapses, "{},{},{},{}", row[0], row[1], row[2], row[3]).unwrap();
    }
    std::fs::write(folder.join("synapses.csv"), synapses).unwrap();
    let mut parameters = Vec::new();
    for (name, value) in reference["params"].as_object().unwrap() {
        let unit = UNITS.iter().find(|(start, _)| name.starts_with(start)).map(|(_, unit)| unit).unwrap();
        parameters.push(format!("{} = \"{} {unit}\"", name.to_lowercase(), number(value)));
    }
    let list = |value: &Json, unit: &str| {
        numbers(value).iter().map(|x| format!("\"{x} {unit}\"")).collect::<Vec<_>>().join(", ")
    };
    parameters.push(format!("i_offset = [{}]", list(&reference["I_e_pA"], "pA")));
    parameters.push(format!("v_init = [{}]", list(&reference["V0_mV"], "mV")));
    let text = format!(
        "[simulation]\nresolution = \"{} ms\"\nduration = \"{} ms\"\nspike_times = \"{}\"\n\
         [populations.all]\nsize = {}\nneuron.{kind} = {{ {} }}\n\
         [projections.recurrent]\nsource = \"all\"\ntarget = \"all\"\nweight = 0\n\
         connect.list = {{ file = \"synapses.csv\" }}\n",
        number(&reference["resolution_ms"]),
        number(&reference["T_ms"]),
        if precise { "precise" } else { "grid" },
        reference["n"],
        parameters.join(", "),
    );
    let path = folder.join("model.toml");
    std::fs::write(&path, &text).unwrap();
    Model::from_file(&path, &[]).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Spikes as (ms, neuron), and membranes.
#[derive(Default)]
struct Recorder {
    h: f64,
    spikes: Vec<(f64, u32)>,
    membranes: Vec<(f64, f64)>,
}

impl SpikeObserver for Recorder {
    fn spikes(&mut self, _: PopulationId, tick: Tick, neurons: &[u32], offsets: Option<&[f64]>) -> Result<()> {
        let offset = |index: usize| offsets.map_or(0.0, |offsets| offsets[index]);
        let spikes = neurons.iter().enumerate();
        self.spikes.extend(spikes.map(|(index, &neuron)| (tick.0 as f64 * self.h - offset(index), neuron)));
        Ok(())
    }

    fn sample(&mut self, _: usize, tick: Tick, value: f64) -> Result<()> {
        self.membranes.push((tick.0 as f64 * self.h, value));
        Ok(())
    }
}

fn run(model: &Model, strategy: Strategy, threads: usize) -> Recorder {
    let h = model.simulation.resolution.ms();
    let every = (1.0 / h).round() as u64;
    let probes = [Probe::membrane(PopulationId(0), 0, every)];
    let setting = Setting { seed: 1, threads, strategy, stored: &[] };
    let mut simulation = Simulation::<f64>::new(model, &setting, &probes).unwrap();
    let mut recorder = Recorder { h, ..Recorder::default() };
    simulation.run_until(Tick(model.simulation.duration + 1), &mut recorder).unwrap();
    recorder
}

/// Spikes in order of neuron and time.
fn sorted(mut spikes: Vec<(f64, u32)>) -> Vec<(f64, u32)> {
    spikes.sort_by(|a, b| a.1.cmp(&b.1).then(a.0.total_cmp(&b.0)));
    spikes
}

#[test]
fn recurrent_networks_have_every_spike_of_the_reference() {
    for path in references() {
        let reference: Json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let Some(&(nest, kind, precise)) = KINDS.iter().find(|row| reference["model"] == row.0) else {
            println!("skipped: {} is of a kind that twinfire does not have", path.display());
            continue;
        };
        let folder = tempfile::tempdir().unwrap();
        let model = model(&reference, kind, precise, folder.path());
        let expected = rows(&reference["spikes"]).iter().map(|row| (row[0], row[1] as u32)).collect();
        let expected = sorted(expected);
        for (strategy, threads) in [(Strategy::Swept, 1), (Strategy::Lazy, 1), (Strategy::Auto, 3)] {
            let recorder = run(&model, strategy, threads);
            let case = format!("{}, {strategy:?}, {threads} threads", path.display());
            let spikes = sorted(recorder.spikes);
            let tolerance = if precise { 1e-4 } else { 1e-6 };
            let wrong = spikes.iter().zip(&expected).find(|(a, b)| a.1 != b.1 || (a.0 - b.0).abs() > tolerance);
            assert_eq!(wrong, None, "{case}: the first spike that differs");
            assert_eq!(spikes.len(), expected.len(), "{case}");
            let trace = &reference["V_m_neuron0"];
            let relative = if nest.contains("cond") { 1e-4 } else { 1e-6 };
            let times = &trace["t_ms"];
            for (k, v) in numbers(&trace["V_m"]).into_iter().enumerate() {
                let ms = number(&times["start"]) + k as f64 * number(&times["step"]);
                let here = recorder.membranes.iter().find(|sample| (sample.0 - ms).abs() < 1e-6).unwrap();
                assert!((here.1 - v).abs() <= relative * v.abs(), "{case}, {ms} ms: {} instead of {v}", here.1);
            }
        }
    }
}
