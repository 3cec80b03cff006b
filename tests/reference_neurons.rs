//! Single neurons against the reference of an independent simulator (NEST 3.10, float64): every
//! `single_*.json` in `../shared/reference`, or in the folder that TWINFIRE_REFERENCE names, of
//! which twinfire has the model. Without the folder these tests say that they are skipped.
//! A file holds the parameters, what arrives when, and the spikes and the trace that follow.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use twinfire::model::Model;
use twinfire::neuron::block::Slice;
use twinfire::neuron::precise::PreciseEvent;
use twinfire::neuron::{KINDS, Neuron};
use twinfire::parameter::{Form, find};
use twinfire::time::Resolution;

/// The files of the reference that single neurons are in, sorted.
fn files() -> Vec<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference");
    let folder = std::env::var_os("TWINFIRE_REFERENCE").map_or_else(beside, PathBuf::from);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not there", folder.display());
        return Vec::new();
    };
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        paths.filter(|path| name(path).starts_with("single_") && name(path).ends_with(".json")).collect();
    files.sort();
    files
}

/// The reference in `file`. Its -Infinity (for "no bound") is no JSON.
fn read(file: &Path) -> Json {
    serde_json::from_str(&std::fs::read_to_string(file).unwrap().replace("-Infinity", "null")).unwrap()
}

fn number(value: &Json) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"))
}

fn numbers(value: &Json) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

/// The model of one neuron with the parameters of the reference under their own names, or `None`
/// where twinfire has no such kind.
fn model(reference: &Json) -> Option<Model> {
    let full = reference["model"].as_str().unwrap();
    let name = full.trim_end_matches("_lossless").trim_end_matches("_ps");
    let kind = find(KINDS, name)?;
    let mut given = String::new();
    for (parameter, value) in reference["params"].as_object().unwrap() {
        let ours = if parameter == "V_m" { "v_init".to_owned() } else { parameter.to_lowercase() };
        let field = kind.field(&ours).or_else(|| kind.field(parameter));
        let Some(Form::Quantity(dimension)) = field.map(|field| field.form) else {
            println!("{name}: there is no {parameter}");
            return None;
        };
        given += &format!("{ours} = \"{} {}\", ", number(value), dimension.base_unit());
    }
    let h = number(&reference["resolution_ms"]);
    let text = format!(
        "simulation.resolution = \"{h} ms\"\nsimulation.duration = \"1000 ms\"\n\
         [populations.n]\nsize = 1\nneuron.{name} = {{ {given} }}"
    );
    Some(Model::from_text("reference", &text, &[]).unwrap_or_else(|error| panic!("{text}\n{error}")))
}

/// Whether spikes of the reference are timed within ticks.
fn is_precise(reference: &Json) -> bool {
    let model = reference["model"].as_str().unwrap();
    model.ends_with("_ps") || model.ends_with("_ps_lossless")
}

/// What arrives at each tick, for receptors of weights of 0 and above, and below 0.
fn arrivals(reference: &Json, ticks: usize, h: Resolution) -> Vec<[f64; 2]> {
    let mut arrivals = vec![[0.0; 2]; ticks + 1];
    for input in reference["inputs"].as_array().unwrap() {
        let (weight, delay) = (number(&input["weight"]), number(&input["delay"]));
        for time in numbers(&input["times"]) {
            let tick = h.ticks(time + delay).unwrap() as usize;
            if tick <= ticks {
                arrivals[tick][usize::from(weight < 0.0)] += weight;
            }
        }
    }
    arrivals
}

/// The current in pA that flows during the tick that ends at `tick`.
fn current(reference: &Json, tick: usize, h: Resolution) -> f64 {
    let steps = &reference["step_current"];
    if steps.is_null() {
        return 0.0;
    }
    let delay = number(&steps["connection_delay_ms"]);
    let began = |time: f64| h.ticks(time + delay).unwrap() < tick as u64;
    let begun = numbers(&steps["times_ms"]).into_iter().take_while(|&time| began(time)).count();
    begun.checked_sub(1).map_or(0.0, |last| numbers(&steps["values_pA"])[last])
}

/// Name of a recorded variable in the reference, index of ours, and how far they may be apart:
/// a share of the value, and besides an absolute distance.
fn variables(reference: &Json, neuron: &dyn Neuron) -> Vec<(String, usize, f64, f64)> {
    let conductances = reference["weight_unit"] == "nS";
    let ours = |name: &str| match name {
        "V_m" => "v".to_owned(),
        "I_syn" => "i_syn".to_owned(),
        "I_syn_ex" => "i_syn_e".to_owned(),
        "I_syn_in" => "i_syn_i".to_owned(),
        "g_ex" => "g_e".to_owned(),
        "g_in" => "g_i".to_owned(),
        other => other.to_lowercase(),
    };
    let recorded = reference["trace"].as_object().unwrap().keys();
    let index = |name: &str| neuron.variables().iter().position(|variable| variable.0 == ours(name));
    let (share, distance) = if conductances { (0.0, 1e-3) } else { (1e-6, 1e-8) };
    recorded.filter_map(|name| Some((name.clone(), index(name)?, share, distance))).collect()
}

/// Compares the state at the end of `tick` with the trace, where it has that time.
fn compare(name: &str, reference: &Json, neuron: &dyn Neuron, tick: usize, value: impl Fn(usize) -> f64) {
    let trace = &reference["trace"];
    let at = |key: &str| number(&trace["t_ms"][key]);
    let sample = (tick as f64 * number(&reference["resolution_ms"]) - at("start")) / at("step");
    if (sample - sample.round()).abs() > 1e-6 || sample < -0.5 || sample.round() >= at("n") {
        return;
    }
    let variables = variables(reference, neuron);
    assert!(!variables.is_empty());
    for (variable, index, share, distance) in &variables {
        let expected = number(&trace[variable][sample.round() as usize]);
        let got = value(*index);
        let close = (got - expected).abs() <= share * expected.abs() + distance;
        assert!(close, "{name}, {variable} at tick {tick}: {got} instead of {expected}");
    }
}

/// Runs the neuron of the reference, comparing spikes and traces.
fn follow(name: &str, reference: &Json, model: &Model) {
    let h = Resolution::from_ms(number(&reference["resolution_ms"])).unwrap();
    let neuron = &model.populations[0].neuron.as_ref().unwrap().1;
    let ticks = (number(&reference["T_ms"]) / h.ms()).round() as usize;
    let arrivals = arrivals(reference, ticks, h);
    let mut block = neuron.double(&Slice { neurons: 0..1, resolution: h, each: None });
    let mut spikes = Vec::new();
    for (tick, arrivals) in arrivals.iter().enumerate().take(ticks + 1).skip(1) {
        let [mut first, mut second] = arrivals.map(|weight| [weight]);
        if neuron.receptors() == 1 {
            first[0] += second[0];
        }
        let second: &mut [f64] = if neuron.receptors() == 1 { &mut [] } else { &mut second };
        let mut fired = Vec::new();
        block.advance([&mut first, second], &[current(reference, tick, h)], &mut fired);
        spikes.extend(fired.iter().map(|_| tick));
        compare(name, reference, &**neuron, tick, |variable| block.value(variable, 0));
    }
    let expected: Vec<usize> =
        numbers(&reference["spike_times_ms"]).iter().map(|ms| (ms / h.ms()).round() as usize).collect();
    assert_eq!(spikes, expected, "{name}");
}

/// What arrives within each tick, earliest first.
fn events(reference: &Json, ticks: usize, h: f64) -> Vec<Vec<PreciseEvent>> {
    let mut events = vec![Vec::new(); ticks + 1];
    for input in reference["inputs"].as_array().unwrap() {
        let (weight, delay) = (number(&input["weight"]), number(&input["delay"]));
        for time in numbers(&input["times"]) {
            let exact = (time + delay) / h;
            let on_grid = (exact - exact.round()).abs() < 1e-9;
            let tick = if on_grid { exact.round() } else { exact.ceil() };
            let offset = if on_grid { 0.0 } else { tick * h - (time + delay) };
            if let Some(events) = events.get_mut(tick as usize) {
                events.push(PreciseEvent { neuron: 0, offset, weight });
            }
        }
    }
    events.iter_mut().for_each(|events| events.sort_by(|one, other| other.offset.total_cmp(&one.offset)));
    events
}

/// The same with precise spike times.
fn follow_precisely(name: &str, reference: &Json, model: &Model) {
    let h = Resolution::from_ms(number(&reference["resolution_ms"])).unwrap();
    let neuron = &model.populations[0].neuron.as_ref().unwrap().1;
    let ticks = (number(&reference["T_ms"]) / h.ms()).round() as usize;
    let events = events(reference, ticks, h.ms());
    let Some(mut block) = neuron.precise(&Slice { neurons: 0..1, resolution: h, each: None }) else {
        println!("{name}: spikes on the grid only");
        return;
    };
    let mut spikes = Vec::new();
    for (tick, events) in events.iter().enumerate().take(ticks + 1).skip(1) {
        let mut fired = Vec::new();
        block.advance(tick as u64, events, &[current(reference, tick, h)], &mut fired);
        spikes.extend(fired.iter().map(|spike| tick as f64 * h.ms() - spike.1));
        compare(name, reference, &**neuron, tick, |variable| block.value(variable, 0));
    }
    let expected = numbers(&reference["spike_times_ms"]);
    let apart = spikes.iter().zip(&expected).map(|(one, other)| (one - other).abs()).fold(0.0, f64::max);
    println!("{name}: {} spikes, at most {apart} ms apart", spikes.len());
    assert!(spikes.len() == expected.len() && apart < 1e-8, "{name}: {spikes:?} instead of {expected:?}");
}

#[test]
fn single_neurons_have_the_spikes_and_the_traces_of_the_reference() {
    let (mut followed, files) = (0, files());
    for file in &files {
        let reference = read(file);
        if let Some(model) = model(&reference) {
            let name = file.file_name().unwrap().to_string_lossy();
            let follow: fn(&str, &Json, &Model) = if is_precise(&reference) { follow_precisely } else { follow };
            follow(&name, &reference, &model);
            followed += 1;
        }
    }
    println!("{followed} neurons followed");
    assert!(files.is_empty() || followed > 0);
}
