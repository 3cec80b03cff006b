//! The batch kernel that trains and the engine that simulates give the same spikes,
//! bit for bit, for everything that a presentation can be.

use std::sync::Arc;

use twinfire::decode;
use twinfire::encode;
use twinfire::gain::centring::Centring;
use twinfire::matrix::Matrix;
use twinfire::model::Model;
use twinfire::network::bench::{Bench, Moment, Scratch};
use twinfire::network::signal::{ANSWER, Batch};
use twinfire::network::stack::{Coding, Stack};
use twinfire::parameter::find;
use twinfire::random::Purpose;
use twinfire::regime::spiking::playback;
use twinfire::regime::{self, Regime};
use twinfire::task::{self, Targets};

struct Case {
    neuron: &'static str,
    encoder: &'static str,
    decoder: &'static str,
    offset: bool,
}

fn default_of<T: ?Sized>(kinds: &[twinfire::parameter::Kind<T>], name: &str) -> std::sync::Arc<T> {
    let kind = find(kinds, name).unwrap();
    let text = format!(
        "model_text = \"[[layers]]\\nsize=64\\n[[layers]]\\ndense=10\"\ndataset=\"digits\"\nencoder = \"{}\"\ndecoder = \"{}\"\nrule=\"fixed\"",
        if encode::KINDS.iter().any(|k| k.name == name) { name } else { "regular" },
        if decode::KINDS.iter().any(|k| k.name == name) { name } else { "membrane" },
    );
    let experiment = twinfire::experiment::Experiment::from_text("kinds.toml", &text, &[]).unwrap();
    let arm = &experiment.arms[0];
    let specs = [&arm.encoder, &arm.decoder, &arm.task];
    let spec = specs.into_iter().find(|spec| spec.kind == kind.name).unwrap();
    std::sync::Arc::from((kind.build)(&spec.values).unwrap())
}

fn check(case: &Case) {
    let text = format!(
        "[[layers]]\nsize = 64\n[[layers]]\ndense = 130\n{n}\nweight.normal = {{ std = 0.3 }}\ndelay = \"2 ms\"\n\
         [[layers]]\ndense = 70\n{n}\nweight.normal = {{ mean = 0.05, std = 0.3 }}\ndelay = \"1 ms\"\n\
         [[layers]]\ndense = 10\n{n}\nweight.normal = {{ std = 0.3 }}\ndelay = \"3 ms\"\n",
        n = case.neuron
    );
    let model = Model::from_text("case.toml", &text, &[]).unwrap();
    let (mut stacks, mut parameters) = Stack::all(&model, 5).unwrap();
    let coding =
        Coding { encoder: default_of(encode::KINDS, case.encoder), decoder: default_of(decode::KINDS, case.decoder) };
    stacks[0].layers[3].fires = coding.decoder.fires();
    let offset = case.offset.then(|| Matrix::from_fn(64, 1, |i, _| -0.003 * i as f32));
    if let Some(offset) = &offset {
        stacks[0].add_gain(0, Arc::new(Centring), &mut parameters);
        let id = parameters.find("input.offset").unwrap();
        *parameters.values_mut(id) = offset.clone();
    }
    let values = Matrix::from_fn(64, 9, |i, b| ((i * 7 + b * 13) % 17) as f32 / 16.0);
    let batch = Batch { values, samples: (0..9).collect(), seed: 3, step: 1 };
    let (targets, task) = (Targets::Classes(vec![0; 9]), default_of(task::KINDS, "classification"));
    let (mut presenter, scratch) = (regime::presenter(Regime::Spiking), Scratch::default());
    let on = ((&batch, &targets), (&*task, &coding));
    let bench = Bench::new(&stacks, &parameters, on.0, on.1, presenter.as_mut(), &scratch, Moment::default());
    let pass = bench.run(0, &bench.input(&ANSWER), &ANSWER);
    let stack = &stacks[0];
    let mut fired = 0;
    for column in 0..9 {
        let (values, mut stream) = (batch.values.column(column), batch.stream(column, Purpose::Encoding, 0));
        let stimulus = coding.stimulus(values.as_slice(), stack.resolution, &mut stream, offset.as_ref());
        let playback = playback::play(&model, stack, &parameters, &stimulus).unwrap();
        for (layer, window) in playback.windows.iter().enumerate() {
            let here = pass.signal(layer).spikes.as_ref().unwrap().of_presentation(column);
            let here: Vec<(u64, u32)> = here.into_iter().map(|(t, n)| (u64::from(t) + window.start, n)).collect();
            assert_eq!(here, playback.spikes[layer], "{} {} layer {layer}", case.neuron, case.encoder);
            fired += if layer > 0 { here.len() } else { 0 };
        }
        check_membranes(case, &playback.membranes, pass.drive(3).column(column).as_slice());
    }
    assert!(fired > 100, "only {fired} spikes: the comparison shows nothing");
}

/// Outputs that only integrate end, without leak, at what arrived at them; those that fire have no membranes.
fn check_membranes(case: &Case, membranes: &[Vec<f64>], drive: &[f32]) {
    assert_eq!(membranes.is_empty(), case.decoder != "membrane");
    for (membrane, drive) in membranes.iter().zip(drive).filter(|_| case.neuron != LIF) {
        let arrived = f64::from(*drive) * membrane.len() as f64;
        let last = membrane[membrane.len() - 1];
        assert!((last - arrived).abs() < 1e-4, "{last} instead of {arrived}");
    }
}

const IF: &str = "neuron.integrate_and_fire = {}";
const HARD: &str = "neuron.integrate_and_fire = { reset = \"to_value\", tau_refrac = \"2 ms\" }";
const LIF: &str = "neuron.lif_delta = { tau_m = \"7 ms\", v_rest = \"0 mV\", v_reset = \"0 mV\", v_init = \"0.2 mV\", \
                   v_thresh = \"1 mV\", tau_refrac = \"1 ms\" }";

#[test]
fn integrate_and_fire_with_every_spiking_encoder() {
    for encoder in ["regular", "poisson", "bernoulli", "latency", "burst"] {
        check(&Case { neuron: IF, encoder, decoder: "membrane", offset: false });
    }
}

/// A membrane that starts above threshold spikes before any input comes.
#[test]
fn membranes_above_threshold_from_the_start() {
    let neuron = "neuron.integrate_and_fire = { v_init = 2 }";
    check(&Case { neuron, encoder: "latency", decoder: "spike_count", offset: false });
}

#[test]
fn hard_reset_refractory_period_and_leak() {
    for neuron in [HARD, LIF] {
        check(&Case { neuron, encoder: "regular", decoder: "spike_count", offset: false });
        check(&Case { neuron, encoder: "latency", decoder: "spike_count", offset: false });
    }
}

#[test]
fn constant_currents() {
    for neuron in [IF, HARD, LIF] {
        check(&Case { neuron, encoder: "regular", decoder: "membrane", offset: true });
        check(&Case { neuron, encoder: "constant_current", decoder: "first_spike", offset: false });
    }
}
