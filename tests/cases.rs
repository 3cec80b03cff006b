//! Small models whose right answer was worked out by hand or by independent scripts, as whole runs.
//!
//! The models are looked for in `../shared/cases`, or in the folder that TWINFIRE_CASES names; without
//! them the tests say so and pass. Each folder has its answer in `expected.json`.

use std::path::PathBuf;

use serde_json::Value;
use twinfire::error::{Error, Result};
use twinfire::model::Model;
use twinfire::record::recording::{PopulationRecord, Recording};
use twinfire::regime::events::run::simulate;

/// The folder of a case and its answer, if it is there.
fn case(name: &str) -> Option<(PathBuf, Value)> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/cases");
    let folder = std::env::var_os("TWINFIRE_CASES").map_or_else(beside, PathBuf::from).join(name);
    let Ok(text) = std::fs::read_to_string(folder.join("expected.json")) else {
        println!("skipped: there is no {}", folder.display());
        return None;
    };
    Some((folder, serde_json::from_str(&text).unwrap()))
}

/// The model `file` of a case, with `settings` as `--set` would give them.
fn model(folder: &std::path::Path, file: &str, settings: &[&str]) -> Result<Model> {
    let settings: Vec<String> = settings.iter().map(|&text| text.into()).collect();
    Model::from_file(&folder.join(file), &settings)
}

/// A run of the model, in either precision.
fn runs(folder: &std::path::Path, file: &str) -> [Recording; 2] {
    ["single", "double"].map(|precision| {
        let model = model(folder, file, &[&format!("simulation.precision={precision}")]);
        simulate(&model.unwrap_or_else(|error| panic!("{error}")), 1).unwrap()
    })
}

fn spike_times(recording: &Recording, population: &str) -> Vec<f64> {
    let population = named(recording, population);
    population.spikes.as_ref().unwrap().iter().map(|&(tick, _)| recording.resolution.to_ms(tick)).collect()
}

fn named<'r>(recording: &'r Recording, population: &str) -> &'r PopulationRecord {
    recording.populations.iter().find(|record| record.name == population).unwrap()
}

/// What was wrong with a model that is refused.
fn refused(result: Result<Model>) -> String {
    match result {
        Err(error @ Error::Invalid(_)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

// Time

#[test]
fn ticks_of_a_run() {
    let Some((folder, expected)) = case("ticks-of-a-run") else { return };
    for run in runs(&folder, "regular.toml") {
        let firing = &named(&run, "clock").firing;
        assert_eq!(
            (Some(firing.spikes), Some(firing.rate_hz)),
            (expected["spikes"].as_u64(), expected["rate_hz"].as_f64())
        );
        assert_eq!(spike_times(&run, "clock"), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]);
        let rates = &named(&run, "clock").profile.psth.rates_hz;
        assert!(rates.iter().all(|rate| (rate - 1000.0).abs() < 1e-9), "{rates:?}");
    }
}

#[test]
fn spikes_at_time_zero() {
    let Some((folder, _)) = case("spikes-at-time-zero") else { return };
    let message = refused(model(&folder, "listed.toml", &[]));
    assert!(message.contains("a spike is at 0 ms"), "{message}");
}

#[test]
fn times_off_the_grid() {
    let Some((folder, _)) = case("times-off-the-grid") else { return };
    let message = refused(model(&folder, "model.toml", &[]));
    assert!(message.contains("`dt` is 0.25 ms") && message.contains("0.3 ms"), "{message}");
}

#[test]
fn encoder_phase() {
    let Some((folder, _)) = case("encoder-phase") else { return };
    let error = twinfire::experiment::Experiment::from_file(&folder.join("experiment.toml"), &[]).err().unwrap();
    assert!(error.to_string().contains("phase 1"), "{error}");
}

// Neurons

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// The first sampled variable of the only population from `ms` on.
fn samples(recording: &Recording, ms: f64) -> impl Iterator<Item = f64> {
    let values = &recording.populations[recording.populations.len() - 1].traces[0].values;
    values.iter().filter(move |(tick, _)| recording.resolution.to_ms(*tick) >= ms).map(|&(_, value)| value)
}

#[test]
fn adaptive_threshold_decay() {
    let Some((folder, expected)) = case("adaptive-threshold-decay") else { return };
    for (recording, tolerance) in runs(&folder, "alif.toml").iter().zip([1e-6, 1e-9]) {
        for (found, expected) in samples(recording, 8.0).zip(numbers(&expected["theta at 8..14 ms"])) {
            assert!((found - expected).abs() < tolerance, "{found} instead of {expected}");
        }
    }
}

#[test]
fn strong_conductances() {
    let Some((folder, expected)) = case("strong-conductances") else { return };
    let tolerance = expected["tolerance_mv"].as_f64().unwrap();
    for recording in runs(&folder, "membrane.toml") {
        for (found, expected) in samples(&recording, 3.0).zip(numbers(&expected["membrane v_mv at 3..8 ms"])) {
            assert!((found - expected).abs() < tolerance, "{found} instead of {expected}");
        }
        assert!(samples(&recording, 0.0).all(|v| (-65.0 - 1e-5..=0.0).contains(&v)));
    }
}

#[test]
fn rounding_at_threshold() {
    let Some((folder, expected)) = case("rounding-at-threshold") else { return };
    for recording in runs(&folder, "model.toml") {
        let spikes = spike_times(&recording, "cell");
        assert_eq!((spikes.len() as u64, spikes[0]), (expected["spikes"].as_u64().unwrap(), 1.0));
    }
}

#[test]
fn drawn_refractory_period() {
    let Some((folder, _)) = case("drawn-refractory-period") else { return };
    for spike_times in ["grid", "precise"] {
        assert!(model(&folder, "model.toml", &[&format!("simulation.spike_times={spike_times}")]).is_ok());
    }
}

#[test]
fn refractory_boundary() {
    let Some((folder, expected)) = case("refractory-boundary") else { return };
    for settings in [["grid", "single"], ["grid", "double"], ["precise", "double"]] {
        let [times, precision] = settings;
        let settings = [format!("simulation.spike_times={times}"), format!("simulation.precision={precision}")];
        let model = model(&folder, "model.toml", &[&settings[0], &settings[1]]).unwrap();
        let recording = simulate(&model, 1).unwrap();
        assert_eq!(spike_times(&recording, "cell"), numbers(&expected["spikes ms"]), "{settings:?}");
    }
}

// Plasticity

/// The samples of one synapse's weight of a projection, in ms.
fn weights(recording: &Recording, projection: &str) -> Vec<(f64, f64)> {
    let trace = recording.synapses.iter().find(|trace| trace.projection == projection).unwrap();
    trace.values.iter().map(|&(tick, value)| (recording.resolution.to_ms(tick), value)).collect()
}

fn weight_at(recording: &Recording, projection: &str, ms: f64) -> f64 {
    weights(recording, projection).into_iter().find(|(time, _)| (time - ms).abs() < 1e-6).unwrap().1
}

#[test]
fn dopamine_weights_up_to_date() {
    let Some((folder, expected)) = case("dopamine-weights-up-to-date") else { return };
    for run in runs(&folder, "model.toml") {
        for (ms, key) in [(101.0, "weight at 101 ms"), (300.0, "weight at 300 ms")] {
            assert!((weight_at(&run, "learning", ms) - expected[key].as_f64().unwrap()).abs() < 1e-6, "{ms} ms");
        }
        let after = expected["learning-after.npy"][0].as_f64().unwrap();
        assert!((run.weights[0].after[0] - after).abs() < 1e-6);
        assert!((weight_at(&run, "learning", 500.0) - after).abs() < 1e-6);
    }
}

#[test]
fn dendritic_delay_up_to_date() {
    let Some((folder, expected)) = case("dendritic-delay-up-to-date") else { return };
    let (after, first) = (&expected["learning-after.npy"][0], &expected["first sample with it, ms"]);
    for run in runs(&folder, "model.toml") {
        let changed = weights(&run, "learning").into_iter().find(|(_, weight)| *weight != 0.5).unwrap();
        assert_eq!(Some(changed.0), first.as_f64());
        assert!((changed.1 - after.as_f64().unwrap()).abs() < 1e-6);
        assert!((run.weights[0].after[0] - after.as_f64().unwrap()).abs() < 1e-6);
    }
}

#[test]
fn periodic_rules() {
    let Some((folder, expected)) = case("periodic-rules") else { return };
    for run in runs(&folder, "model.toml") {
        for (ms, key) in [(9.0, "weight at 9 ms"), (10.0, "weight at 10 ms")] {
            assert_eq!(Some(weight_at(&run, "p", ms)), expected[key].as_f64());
        }
    }
}

#[test]
fn inhibitory_weights_and_bounds() {
    let Some((folder, expected)) = case("inhibitory-weights-and-bounds") else { return };
    for file in ["stdp.toml", "inhibitory_stdp.toml"] {
        let message = refused(model(&folder, file, &[]));
        assert!(message.contains("a weight is -2 mV, on the other side of 0 than `w_max`"), "{message}");
    }
    for precision in ["single", "double"] {
        let settings = [
            &*format!("simulation.precision={precision}"),
            "projections.inhibition.plasticity.inhibitory_stdp.w_max=-100",
        ];
        let run = simulate(&model(&folder, "inhibitory_stdp.toml", &settings).unwrap(), 1).unwrap();
        let after = expected["with w_max = -100 mV inhibitory_stdp ends at"].as_f64().unwrap();
        assert!((run.weights[0].after[0] - after).abs() < 1e-6);
    }
}

// Files

#[test]
fn byte_order_mark() {
    let Some((folder, expected)) = case("byte-order-mark") else { return };
    let model = model(&folder, "model.toml", &[]).unwrap_or_else(|error| panic!("{error}"));
    let synapses = twinfire::network::synapses::expected(&model).unwrap();
    assert_eq!(synapses, [expected["synapses"].as_u64().unwrap()]);
}

#[test]
fn dat_counts_from_one() {
    let Some((folder, expected)) = case("dat-counts-from-one") else { return };
    let place = tempfile::tempdir().unwrap();
    for file in ["write.toml", "read.toml"] {
        std::fs::copy(folder.join(file), place.path().join(file)).unwrap();
    }
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_twinfire"));
    let arguments = ["simulate", "write.toml", "--format", "dat", "-o", "out", "-q"];
    assert!(program.args(arguments).current_dir(place.path()).output().unwrap().status.success());
    for recording in runs(place.path(), "read.toml") {
        let found: Vec<Value> =
            recording.spikes().iter().map(|&(ms, neuron, _)| serde_json::json!([ms, neuron])).collect();
        assert_eq!(Value::from(found), expected["read.toml spikes"]);
    }
}

#[test]
fn listed_delay_clamped() {
    let Some((folder, _)) = case("byte-order-mark") else { return };
    let folder = folder.join("../robust");
    let message = refused(model(&folder.join("listed-delay-clamped"), "list.toml", &[]));
    assert!(message.contains("l.csv, line 2: a delay of 2000000 ms is longer than the 1000000 ms"), "{message}");
}

#[test]
fn population_called_source() {
    let Some((folder, _)) = case("population-called-source") else { return };
    let model = model(&folder, "model.toml", &[]).unwrap_or_else(|error| panic!("{error}"));
    let neurons: Vec<bool> = model.populations.iter().map(|population| population.neuron.is_some()).collect();
    assert_eq!(neurons, [true, false], "`source` has neurons, `noise` is a population of sources");
}

#[test]
fn adaptive_exp_hangs() {
    let Some((folder, _)) = case("byte-order-mark") else { return };
    let folder = folder.join("../robust/adaptive-exp-hangs");
    for settings in [&[][..], &["a=4 nS", "tau_w=1e-100 ms"], &["a=4 nS", "c_m=1e-100 pF"]] {
        let settings = settings.iter().map(|setting| format!("populations.p0.neuron.lif_adaptive.{setting}"));
        let settings: Vec<String> = settings.chain(["simulation.precision=double".into()]).collect();
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        let message = refused(model(&folder, "adaptive.toml", &settings));
        assert!(message.contains("the constants of a tick of 0.1 ms are no finite numbers"), "{message}");
    }
}
