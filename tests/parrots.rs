//! Neurons that repeat what reaches them, as whole runs.

use twinfire::model::{Model, Precision, SpikeTimes};
use twinfire::record::recorder::Recorder;
use twinfire::record::recording::Recording;
use twinfire::record::setup::Setup;
use twinfire::regime::events::run::Prepared;
use twinfire::regime::events::simulation::Setting;
use twinfire::regime::events::{Simulation, Strategy};

fn run(text: &str, settings: &[&str], threads: usize) -> Recording {
    let settings: Vec<String> = settings.iter().map(|&setting| setting.into()).collect();
    let model = Model::from_text("m.toml", text, &settings).unwrap_or_else(|error| panic!("{error}"));
    let setup = Setup::of(&model, 1).unwrap();
    let mut recorder = Recorder::new(&setup).in_memory();
    let outcome = on_threads(&model, &setup, threads).run(&setup, &mut recorder, &mut |_| true).unwrap();
    recorder.finish(outcome)
}

/// The network on so many threads, however small it is.
fn on_threads(model: &Model, setup: &Setup, threads: usize) -> Prepared {
    let setting = Setting { seed: setup.seed, threads, strategy: Strategy::Auto, stored: &[] };
    let precise = model.simulation.spike_times == SpikeTimes::Precise;
    match model.simulation.precision {
        Precision::Single if !precise => Prepared::Single(Simulation::new(model, &setting, &setup.probes).unwrap()),
        _ => Prepared::Double(Simulation::new(model, &setting, &setup.probes).unwrap()),
    }
}

/// Time in ms and neuron of the spikes of a population.
fn spikes(recording: &Recording, population: &str) -> Vec<(f64, u32)> {
    let record = recording.populations.iter().find(|record| record.name == population).unwrap();
    let offsets = record.offsets.iter().copied().chain(std::iter::repeat(0.0));
    let time = |((tick, neuron), offset): (&(_, u32), f64)| {
        (((recording.resolution.to_ms(*tick) - offset) * 1e6).round() / 1e6, *neuron)
    };
    record.spikes.as_ref().unwrap().iter().zip(offsets).map(time).collect()
}

/// Sources and an input onto three parrots, and these onto one more; weights of every sort.
const CHAIN: &str = r#"
[simulation]
duration = "10 ms"
[populations.source]
size = 3
neuron = "source"
[populations.parrots]
size = 3
neuron = "parrot_neuron"
[populations.last]
size = 1
neuron.parrot = {}
[projections.each]
source = "source"
target = "parrots"
connect = "one_to_one"
weight = -7.5
delay = "1 ms"
[projections.drawn]
source = "source"
target = "parrots"
connect = "one_to_one"
weight.normal = { mean = 0, std = 3 }
delay = "1 ms"
[projections.plastic]
source = "parrots"
target = "last"
weight = 0.25
delay = "0.5 ms"
plasticity.stdp = { w_max = 1 }
[projections.deaf]
source = "source"
target = "last"
weight = 1
receptor_type = 1
[inputs.first]
target = "source"
spike_times = { times = "2 ms", neurons = [0] }
[inputs.third]
target = "source"
spike_times = { times = "[2, 4] ms", neurons = [2] }
[inputs.direct]
target = "parrots"
spike_times = { times = "3 ms", neurons = [1], weight = 0.1 }
[inputs.late]
target = "parrots"
spike_times = { times = "5 ms", neurons = [2], weight = 0.1 }
[record.parrots]
[record.last]
"#;

#[test]
fn every_spike_is_repeated_once_whatever_its_weight() {
    for (precision, threads) in [("single", 1), ("double", 1), ("double", 3)] {
        let recording = run(CHAIN, &[&format!("simulation.precision={precision}")], threads);
        // Two synapses bring each spike of the sources, 1 ms later; at 5 ms an input brings a third.
        let parrots = [(3.0, 0), (3.0, 0), (3.0, 1), (3.0, 2), (3.0, 2), (5.0, 2), (5.0, 2), (5.0, 2)];
        assert_eq!(spikes(&recording, "parrots"), parrots, "{precision}, {threads} threads");
        let last = [[(3.5, 0); 5].as_slice(), &[(5.5, 0); 3]].concat();
        assert_eq!(spikes(&recording, "last"), last, "{precision}, {threads} threads");
    }
}

#[test]
fn precise_spikes_keep_their_times() {
    let text = CHAIN.replace("plasticity.stdp = { w_max = 1 }\n", "");
    let settings = [
        "simulation.spike_times=precise",
        "inputs.direct.spike_times.times=3.03 ms",
        "inputs.late.spike_times.times=5.07 ms",
        "inputs.direct.spike_times.precise_times=true",
        "inputs.late.spike_times.precise_times=true",
    ];
    let recording = run(&text, &settings, 2);
    let parrots = [(3.0, 0), (3.0, 0), (3.03, 1), (3.0, 2), (3.0, 2), (5.0, 2), (5.0, 2), (5.07, 2)];
    let in_time = |mut spikes: Vec<(f64, u32)>| {
        spikes.sort_by(|a, b| a.partial_cmp(b).unwrap());
        spikes
    };
    assert_eq!(in_time(spikes(&recording, "parrots")), in_time(parrots.to_vec()));
    let last: Vec<(f64, u32)> =
        in_time(parrots.to_vec()).iter().map(|(ms, _)| (((ms + 0.5) * 1e6).round() / 1e6, 0)).collect();
    assert_eq!(in_time(spikes(&recording, "last")), last);
}

/// The window of additive STDP: 60 pairs, from 30 ms before to 30 ms after.
#[test]
fn two_parrots_show_the_window_of_a_rule() {
    let delay = 1;
    let differences: Vec<i32> = (-30..=30).filter(|dt| *dt != 0).collect();
    let count = differences.len();
    // A spike reaches the synapse a dendritic delay after its neuron fired.
    let post = |(neuron, dt): (usize, &i32)| {
        let times = format!("times = \"{} ms\", neurons = [{neuron}]", 100 + dt - delay);
        format!("[inputs.post{neuron}]\ntarget = \"post\"\nspike_times = {{ {times} }}\n")
    };
    let post: String = differences.iter().enumerate().map(post).collect();
    let text = format!(
        "[simulation]\nduration = \"200 ms\"\nresolution = \"0.1 ms\"\n\
         [populations.pre]\nsize = {count}\nneuron = \"parrot_neuron\"\n\
         [populations.post]\nsize = {count}\nneuron = \"parrot_neuron\"\n\
         [projections.window]\nsource = \"pre\"\ntarget = \"post\"\nconnect = \"one_to_one\"\nweight = 0.5\n\
         delay = \"{delay} ms\"\nreceptor_type = 1\n\
         plasticity.stdp_synapse = {{ dependence = \"additive\", lambda = 0.01, alpha = 1.05, Wmax = 1, \
         tau_plus = 17.0, tau_minus = 34.0 }}\n\
         [inputs.pre]\ntarget = \"pre\"\nspike_times = {{ times = \"100 ms\" }}\n\
         {post}[record.post]\n"
    );
    for (precision, error) in [("double", 1e-7), ("single", 1e-6)] {
        for threads in [1, 2] {
            let recording = run(&text, &[&format!("simulation.precision={precision}")], threads);
            assert_eq!(spikes(&recording, "post").len(), differences.len());
            for (&dt, weight) in differences.iter().zip(&recording.weights[0].after) {
                let expected = match f64::from(dt) {
                    dt if dt > 0.0 => 0.5 + 0.01 * (-dt / 17.0).exp(),
                    dt => 0.5 - 0.01 * 1.05 * (dt / 34.0).exp(),
                };
                assert!((*weight - expected).abs() < error, "{dt} ms: {weight} {expected}");
            }
        }
    }
}

#[test]
fn parrots_take_no_currents_and_others_no_receptor_type() {
    let problem = |text: String| Model::from_text("m.toml", &text, &[]).unwrap_err().problems()[0].message.clone();
    let current = problem(format!("{CHAIN}[inputs.dc]\ntarget = \"last\"\ndc_generator = {{ amplitude = 100.0 }}\n"));
    assert_eq!(current, "`last` is a population of parrots, which take spikes but no currents");
    let other = CHAIN.replace("neuron.parrot = {}", "neuron.lif_exp = {}");
    assert_eq!(problem(other), "`last` is no population of parrots, which alone have a `receptor_type` 1");
}
