//! Models with numbers that nobody would write: each is refused, or its run ends in an error that says when and
//! where, or all that it records is finite. The changes are drawn from one seed.

use std::fmt::Write as _;

use twinfire::error::Error;
use twinfire::model::{Model, Precision, SpikeTimes};
use twinfire::neuron::KINDS;
use twinfire::parameter::Form;
use twinfire::random::{Purpose, Stream};
use twinfire::record::recorder::Recorder;
use twinfire::record::recording::Recording;
use twinfire::record::setup::Setup;
use twinfire::regime::events::run::{Prepared, simulate};
use twinfire::regime::events::simulation::Setting;
use twinfire::regime::events::{Simulation, Strategy};
use twinfire::unit::Dimension;

/// Mutants of each kind of neuron.
const MUTANTS: u32 = 40;

/// A number of any size and sign, now and then 0.
fn extreme(stream: &mut Stream) -> f64 {
    let exponent = 66.0 * f64::from(stream.uniform()) - 33.0;
    let sign = if stream.chance(0.3) { -1.0 } else { 1.0 };
    if stream.chance(0.1) { 0.0 } else { sign * 10f64.powf(exponent) }
}

/// A small recurrent network of one of the kinds with two numbers changed.
fn mutant(index: usize, number: u32) -> String {
    let mut stream = Stream::new(20_261_128, Purpose::Initial, number, index as u64);
    let (described, kind) = (&KINDS[index], KINDS[index].name);
    let quantity = |form| matches!(form, Form::Quantity(_));
    let fields: Vec<_> = described.fields.iter().filter(|field| quantity(field.form)).collect();
    let weight_unit = match kind {
        "integrate_and_fire" => "",
        "lif_delta" | "iaf_psc_delta" => "mV",
        "lif_cond_exp" | "lif_cond_alpha" | "lif_cond_threshold" => "nS",
        _ => "pA",
    };
    let (mut given, mut weights) = (String::new(), [3.0, -2.0]);
    for _ in 0..2 {
        let value = extreme(&mut stream);
        let place = (f64::from(stream.uniform()) * (fields.len() + 3) as f64) as usize;
        match fields.get(place).map(|field| (field.name, field.form)) {
            Some((name, Form::Quantity(dimension))) if !given.contains(&format!("{name} =")) => {
                let unit = if dimension == Dimension::None { "" } else { dimension.base_unit() };
                write!(given, "{name} = \"{value:e} {}\", ", unit).unwrap();
            }
            _ => weights[place % 2] = value,
        }
    }
    let precision = if number.is_multiple_of(2) { "single" } else { "double" };
    let precise = number.is_multiple_of(5) && ["lif_delta", "iaf_psc_delta", "lif_exp", "lif_alpha"].contains(&kind);
    let times = if precise { "precise" } else { "grid" };
    let h = ["0.1", "1", "0.01"][number as usize % 3];
    format!(
        "[simulation]\nresolution = \"{h} ms\"\nduration = \"12 ms\"\nprecision = \"{precision}\"\nspike_times = \"{times}\"\n\
         [populations.drive]\nsize = 5\nneuron = \"source\"\n\
         [populations.cells]\nsize = 20\nneuron.{kind} = {{ {given} }}\n\
         [inputs.drive]\ntarget = \"drive\"\npoisson = {{ rate = \"300 Hz\" }}\n\
         [projections.in]\nsource = \"drive\"\ntarget = \"cells\"\nweight = \"{:e} {weight_unit}\"\ndelay = \"1 ms\"\n\
         [projections.back]\nsource = \"cells\"\ntarget = \"cells\"\nweight = \"{:e} {weight_unit}\"\ndelay = \"2 ms\"\n\
         [record.cells]\nv = {{ every = \"1 ms\" }}\n",
        weights[0], weights[1]
    )
    .replace(" \"", "\"")
    .replace("=\"", "= \"")
}

/// The network on so many threads, however small it is.
fn on_threads(model: &Model, setup: &Setup, threads: usize) -> Result<Prepared, Error> {
    let setting = Setting { seed: setup.seed, threads, strategy: Strategy::Auto, stored: &[] };
    let precise = model.simulation.spike_times == SpikeTimes::Precise;
    Ok(match model.simulation.precision {
        Precision::Single if !precise => Prepared::Single(Simulation::new(model, &setting, &setup.probes)?),
        _ => Prepared::Double(Simulation::new(model, &setting, &setup.probes)?),
    })
}

/// The run on so many threads.
fn run(model: &Model, threads: usize) -> Result<Recording, Error> {
    let setup = Setup::of(model, 1)?;
    let mut recorder = Recorder::new(&setup).in_memory();
    let outcome = on_threads(model, &setup, threads)?.run(&setup, &mut recorder, &mut |_| true)?;
    Ok(recorder.finish(outcome))
}

fn is_finite(recording: &Recording) -> bool {
    let mut traces = recording.populations.iter().flat_map(|population| &population.traces);
    traces.all(|trace| trace.values.iter().all(|(_, value)| value.is_finite()))
}

#[test]
fn extreme_numbers_are_refused_or_end_the_run_or_stay_finite() {
    let mut ends = [0; 3];
    // Parrots have no membrane that could stop being finite.
    for index in (0..KINDS.len()).filter(|&index| KINDS[index].name != "parrot") {
        for number in 0..MUTANTS {
            let text = mutant(index, number);
            let end = match Model::from_text("mutant.toml", &text, &[]) {
                Err(error) => {
                    assert_eq!(error.exit_code(), 3, "{text}\n{error}");
                    assert!(!error.to_string().contains("expected"), "{text}\n{error}");
                    0
                }
                Ok(model) => match run(&model, 1) {
                    Err(error) => {
                        let reasons = ["no finite number", "give it a refractory period"];
                        assert!(reasons.iter().any(|part| error.to_string().contains(part)), "{text}\n{error}");
                        let again = run(&model, 2).expect_err("on two threads too");
                        assert_eq!(again.to_string(), error.to_string(), "{text}");
                        1
                    }
                    Ok(recording) => {
                        assert!(is_finite(&recording), "{text}");
                        2
                    }
                },
            };
            ends[end] += 1;
        }
    }
    println!("{} refused, {} ended, {} finite", ends[0], ends[1], ends[2]);
    assert!(ends[0] > 0 && ends[2] > 0);
}

/// A current that grows with the membrane it drives.
#[test]
fn a_run_that_leaves_the_finite_numbers_says_when_and_where() {
    for (precision, threads) in [("single", 1), ("double", 1), ("single", 2), ("double", 2)] {
        let text = format!(
            "[simulation]\nduration = \"5 s\"\nprecision = \"{precision}\"\n\
             [populations.quiet]\nsize = 40\nneuron = \"lif_exp\"\n\
             [populations.wild]\nsize = 40\nneuron.lif_adaptive = {{ a = \"-1000 nS\", tau_w = \"1 ms\", \
             v_init = \"-66 mV\" }}\n"
        );
        let model = Model::from_text("m.toml", &text, &[]).unwrap();
        let error = run(&model, threads).unwrap_err();
        let sentence = error.to_string();
        assert_eq!(error.exit_code(), 1);
        assert!(sentence.starts_with("at ") && sentence.contains("neuron 0 of population `wild`"), "{sentence}");
        assert!(simulate(&model, 1).is_err());
    }
}

/// With precise times, 1e5 mV onto neurons without refractory period that keep their overshoot.
#[test]
fn a_neuron_that_spikes_without_end_within_a_tick_is_named_with_the_remedy() {
    for kind in ["lif_delta", "iaf_psc_delta"] {
        let text = format!(
            "[simulation]\nduration = \"20 ms\"\nspike_times = \"precise\"\n\
             [populations.wild]\nsize = 40\nneuron.{kind} = {{ tau_refrac = \"0 ms\", reset = \"subtract\" }}\n\
             [inputs.kick]\ntarget = \"wild\"\n\
             spike_times = {{ times = \"5 ms\", neurons = [3, 33], weight = \"1e5 mV\" }}\n"
        );
        let model = Model::from_text("m.toml", &text, &[]).unwrap_or_else(|error| panic!("{error}"));
        for threads in [1, 2] {
            let error = run(&model, threads).unwrap_err();
            let sentence = error.to_string();
            assert_eq!(error.exit_code(), 1);
            assert!(sentence.contains("neuron 3 of population `wild` spikes more than "), "{sentence}");
            assert!(sentence.contains(" times within a tick; give it a refractory period"), "{sentence}");
        }
    }
}
