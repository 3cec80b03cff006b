//! Model files, simulated: inputs reach what they should, and all of it is recorded.

use twinfire::model::Model;
use twinfire::record::recorder::Recorder;
use twinfire::record::recording::Recording;
use twinfire::record::setup::Setup;
use twinfire::regime::events::run::{Prepared, simulate};
use twinfire::report::spike_files::SpikeFiles;
use twinfire::report::trace_files::TraceFiles;
use twinfire::report::{csv, npz};
use twinfire::time::Tick;

const MODEL: &str = r#"
[parameters]
n = 400

[simulation]
duration = "2 s"

[populations.sources]
size = 100
neuron = "source"

[populations.exc]
size = "n"
neuron.lif_delta = { tau_m = "20 ms", v_rest = "0 mV", v_reset = "10 mV", v_thresh = "20 mV", v_init = "0 mV" }

[populations.held]
size = 3
neuron = "exc"

[projections.in]
source = "sources"
target = "exc"
weight = "0.8 mV"
delay = "1.5 ms"

[projections.recurrent]
source = "exc"
target = "exc"
weight = "-0.02 mV"
delay = "2 ms"

[inputs.noise]
target = "sources"
poisson = { rate = "20 Hz" }

[inputs.background]
target = "exc"
poisson = { rate = "2 kHz", weight = "0.3 mV" }

[inputs.step]
target = "held"
dc = { amplitude = "300 pA", start = "500 ms", stop = "1.5 s" }

[inputs.kick]
target = "held"
spike_times = { times = ["100 ms", "101 ms"], weight = "4 mV", neurons = [1] }

[record.sources]
spikes = true

[record.exc]
spikes = true

[record.held]
spikes = false
v = { neurons = [0, 1], every = "0.5 ms" }
"#;

fn model(overrides: &[&str]) -> Model {
    let overrides: Vec<String> = overrides.iter().map(|text| text.to_string()).collect();
    Model::from_text("m.toml", MODEL, &overrides).unwrap()
}

fn held(recording: &Recording, neuron: usize, ms: f64) -> f64 {
    let tick = Tick((ms * 10.0) as u64);
    recording.populations[2].traces[neuron].values.iter().find(|(at, _)| *at == tick).unwrap().1
}

#[test]
fn inputs_membranes_and_statistics_are_what_theory_says() {
    let recording = simulate(&model(&[]), 5).unwrap();
    let [sources, exc, third] = &recording.populations[..] else { panic!("three populations") };
    assert!((sources.firing.rate_hz - 20.0).abs() < 1.2 && (sources.firing.cv_isi.unwrap() - 1.0).abs() < 0.1);
    assert!(exc.firing.rate_hz > 10.0 && exc.firing.silent_fraction == 0.0, "{:?}", exc.firing);
    assert_eq!(exc.spikes.as_ref().unwrap().len() as u64, exc.firing.spikes);
    assert!(exc.spikes.as_ref().unwrap().is_sorted());
    // A current I charges the membrane to R I = 24 mV: above threshold, so the neurons fire like clocks.
    assert!(third.spikes.is_none() && third.firing.spikes > 3 && third.firing.cv_isi.unwrap() < 0.05);
    assert_eq!(third.traces[0].values.len(), 4001);
    assert_eq!([held(&recording, 0, 101.5), held(&recording, 1, 99.5)], [0.0, 0.0]);
    let decayed = 4.0 * (-1.5f64 / 20.0).exp() + 4.0 * (-0.5f64 / 20.0).exp();
    assert!((held(&recording, 1, 101.5) - decayed).abs() < 1e-9);
    let charged = 24.0 * (1.0 - (-10.0f64 / 20.0).exp());
    assert_eq!(held(&recording, 0, 500.0), 0.0);
    assert!((held(&recording, 0, 510.0) - charged).abs() < 1e-9);
}

/// With precise spike times a refractory period ends within a tick, wherever that is.
#[test]
fn a_refractory_period_off_the_grid_ends_where_it_ends() {
    for (kind, each) in [("lif_delta", "\"2.03 ms\""), ("lif_exp", "[\"2.03 ms\", \"2.03 ms\"]")] {
        let text = format!(
            "[simulation]\nduration = \"1 s\"\nspike_times = \"precise\"\n[populations.a]\nsize = 2\nneuron.{kind} = {{ \
             tau_m = \"20 ms\", c_m = \"250 pF\", v_rest = \"0 mV\", v_reset = \"-5 mV\", v_thresh = \"15 mV\", \
             i_offset = \"300 pA\", tau_refrac = {each} }}\n[record.a]\nspikes = true\n"
        );
        let model = Model::from_text("m.toml", &text, &[]).unwrap_or_else(|error| panic!("{error}"));
        let recording = simulate(&model, 1).unwrap();
        let times: Vec<f64> = recording.spikes().iter().filter(|spike| spike.1 == 1).map(|spike| spike.0).collect();
        let limit = 300.0 * 20.0 / 250.0;
        let interval = 2.03 + 20.0 * ((limit + 5.0) / (limit - 15.0f64)).ln();
        assert!(times.len() > 30, "{kind}: {times:?}");
        for pair in times.windows(2) {
            assert!((pair[1] - pair[0] - interval).abs() < 1e-9, "{kind}: {pair:?}, not {interval} apart");
        }
    }
}

/// What falls into one tick is as many spikes, of sources as of neurons.
#[test]
fn a_source_fires_as_often_as_spikes_reach_it() {
    let text = r#"
[simulation]
duration = "1 s"

[populations.listed]
size = 2
neuron = "source"

[populations.fast]
size = 1
neuron = "source"

[populations.cell]
size = 1
neuron.lif_delta = { v_rest = "0 mV", v_reset = "0 mV", v_thresh = "100 mV" }

[projections.fixed]
source = "listed"
target = "cell"
weight = "2 mV"
delay = "1 ms"

[projections.learning]
source = "listed"
target = "cell"
weight = "3 mV"
delay = "1 ms"
plasticity.stdp = { w_max = "10 mV" }

[inputs.twice]
target = "listed"
spike_times = { times = ["5 ms", "5 ms"], neurons = [1] }

[inputs.again]
target = "listed"
spike_times = { times = ["5 ms"] }

[inputs.noise]
target = "fast"
poisson = { rate = "8 kHz" }

[record.listed]
[record.cell]
v = { every = "0.1 ms" }
"#;
    for times in ["grid", "precise"] {
        let mut text = text.replace("duration", &format!("spike_times = \"{times}\"\nduration"));
        if times == "precise" {
            text = text.replace("plasticity.stdp = { w_max = \"10 mV\" }", "");
        }
        let model = Model::from_text("m.toml", &text, &[]).unwrap_or_else(|error| panic!("{error}"));
        let recording = simulate(&model, 1).unwrap();
        let spikes = recording.populations[0].spikes.as_ref().unwrap();
        assert_eq!(*spikes, [(Tick(50), 0), (Tick(50), 1), (Tick(50), 1), (Tick(50), 1)], "{times}");
        let membrane = &recording.populations[2].traces[0].values;
        assert!((membrane[60].1 - 4.0 * (2.0 + 3.0)).abs() < 1e-12, "{times}: {:?}", membrane[60]);
        // Four standard deviations of a Poisson number.
        assert!((recording.populations[1].firing.rate_hz - 8000.0).abs() < 4.0 * 8000.0f64.sqrt(), "{times}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let short = model(&["simulation.duration=200 ms"]);
    let bytes = |seed| npz::spikes(&simulate(&short, seed).unwrap());
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1), bytes(2));
    let recording = simulate(&short, 1).unwrap();
    assert_eq!(csv::spikes(&recording).lines().count(), 1 + recording.spikes().len());
    let single = simulate(&model(&["simulation.duration=200 ms", "simulation.precision=single"]), 1).unwrap();
    assert_eq!(single.populations[0], recording.populations[0]);
}

#[test]
fn what_is_streamed_is_what_is_kept_in_memory() {
    let model = model(&["simulation.duration=200 ms"]);
    let place = tempfile::tempdir().unwrap();
    let setup = Setup::of(&model, 1).unwrap();
    let mut spikes = SpikeFiles::create(place.path(), &setup, &["npz", "csv"]).unwrap();
    let mut traces = TraceFiles::create(place.path(), &setup, &["csv"]).unwrap();
    let mut recorder = Recorder::new(&setup).in_memory().with(&mut spikes).with(&mut traces);
    let outcome = Prepared::new(&model, &setup, 1).unwrap().run(&setup, &mut recorder, &mut |_| true).unwrap();
    let recording = recorder.finish(outcome);
    assert_eq!((spikes.finish().unwrap().len(), traces.finish().unwrap().len()), (2, 2));
    let read = |name: &str| std::fs::read(place.path().join(name)).unwrap();
    assert!(recording.spikes().len() > 100);
    assert_eq!(read("spikes.npz"), npz::spikes(&recording));
    assert_eq!(read("spikes.csv"), csv::spikes(&recording).into_bytes());
    // Population `held`, whose spikes are not recorded, has the only probes.
    let table = String::from_utf8(read("traces.csv")).unwrap();
    let own = table.lines().filter_map(|line| line.strip_prefix("100.5,held,1,v,"));
    assert_eq!(own.map(|v| v.parse::<f64>().unwrap()).collect::<Vec<_>>(), [held(&recording, 1, 100.5)]);
    assert_eq!(table.lines().count(), 1 + 2 * 401);
}

#[test]
fn a_longer_run_begins_like_a_shorter_one() {
    let short = simulate(&model(&["simulation.duration=100 ms"]), 3).unwrap();
    let long = simulate(&model(&["simulation.duration=300 ms"]), 3).unwrap();
    let cut =
        |recording: &Recording| recording.spikes().into_iter().filter(|spike| spike.0 <= 100.0).collect::<Vec<_>>();
    assert_eq!(cut(&short), cut(&long));
    assert!(short.spikes().len() > 50);
}

#[test]
fn what_cannot_be_simulated_is_refused_in_a_sentence() {
    let cases = [
        ("simulation.duration=0 ms", "model `m` does not say how long to simulate"),
        ("inputs.kick.spike_times.neurons=[7]", "`held`: there is no neuron 7 among its 3, counted from 0"),
        ("inputs.step.target=sources", "`sources` is a population of sources, which take spikes but no currents"),
    ];
    for (setting, reason) in cases {
        let model = Model::from_text("m.toml", MODEL, &[setting.to_string()]);
        let error = model.and_then(|model| simulate(&model, 1)).unwrap_err();
        assert!(error.problems()[0].message.starts_with(reason), "{setting}: {error}");
    }
}

/// Two listed spikes of weights of their own and a current, each later than listed: worked out by hand, V' = V d + w
/// with d = exp(-0.1 / 10), the current from 2.3 ms on.
#[test]
fn inputs_take_a_delay_and_spikes_weights_of_their_own() {
    let text = r#"
[simulation]
duration = "4 ms"
[populations.cell]
size = 2
neuron.lif_delta = { tau_m = "10 ms", c_m = "250 pF", v_rest = "0 mV", v_init = "0 mV", v_reset = "0 mV", v_thresh = "50 mV" }
[populations.source]
size = 2
neuron.lif_exp = { v_thresh = "0 mV" }
[inputs.two]
target = "cell"
spike_times = { times = ["1 ms", "0.5 ms", "1 ms"], weights = ["3 mV", "2 mV", "-1 mV"], neurons = [1], delay = "0.5 ms" }
[inputs.signs]
target = "source"
spike_times = { times = ["1 ms", "1 ms"], weights = ["40 pA", "-30 pA"], delay = "0.2 ms" }
[inputs.current]
target = "cell"
dc = { amplitude = "100 pA", start = "2 ms", delay = "0.3 ms" }
[record.cell]
v = {}
[record.source]
i_syn = {}
"#;
    for times in ["grid", "precise"] {
        let text = text.replace("duration", &format!("spike_times = \"{times}\"\nduration"));
        let model = Model::from_text("m.toml", &text, &[]).unwrap_or_else(|error| panic!("{error}"));
        let recording = simulate(&model, 1).unwrap();
        let (decay, gain) = ((-0.01f64).exp(), 10.0 / 250.0 * 100.0 * (1.0 - (-0.01f64).exp()));
        let mut expected = [0.0f64; 2];
        for tick in 1..=40usize {
            let flows = if tick > 23 { gain } else { 0.0 };
            let arrives = [0.0, [(10, 2.0), (15, 2.0)].iter().find(|due| due.0 == tick).map_or(0.0, |due| due.1)];
            for (neuron, v) in expected.iter_mut().enumerate() {
                *v = *v * decay + flows + arrives[neuron];
                let found = recording.populations[0].traces[neuron].values[tick].1;
                assert!((found - *v).abs() < 1e-12, "{times}, tick {tick}: {found}, not {v}");
            }
        }
        let current = recording.populations[1].traces[0].values[12].1;
        assert!((current - 10.0).abs() < 1e-12, "{times}: {current}");
    }
}
