//! The batch kernel that trains and the engine that simulates give the same spikes,
//! bit for bit, for everything that a presentation can be.

use twinfire::decode;
use twinfire::encode;
use twinfire::matrix::Matrix;
use twinfire::model::Model;
use twinfire::network::{self, chain::Chain};
use twinfire::parameter::find;
use twinfire::regime::spiking::playback;
use twinfire::regime::{Batch, Code, Regime};

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
    let spec = if arm.encoder.kind == kind.name { &arm.encoder } else { &arm.decoder };
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
    let network = network::build(&model, 5).unwrap();
    let chain = Chain::of(&network).unwrap();
    let code = Code {
        encoder: default_of(encode::KINDS, case.encoder),
        decoder: default_of(decode::KINDS, case.decoder),
        offset: if case.offset { (0..64).map(|i| -0.003 * i as f32).collect() } else { Vec::new() },
    };
    let values = Matrix::from_fn(64, 9, |i, b| ((i * 7 + b * 13) % 17) as f32 / 16.0);
    let batch = Batch { values, samples: (0..9).collect(), seed: 3, step: 1, dropout: 0.0 };
    let response = Regime::Spiking.presenter(&chain, code.clone()).present(&chain, &batch);
    let mut fired = 0;
    for column in 0..9 {
        let stimulus = code.stimulus(&batch, column, chain.resolution);
        let playback = playback::play(&model, &chain, &stimulus, code.decoder.fires()).unwrap();
        for (layer, window) in playback.windows.iter().enumerate() {
            let here = response.trains[layer].of_presentation(column);
            let here: Vec<(u64, u32)> = here.into_iter().map(|(t, n)| (u64::from(t) + window.start, n)).collect();
            assert_eq!(here, playback.spikes[layer], "{} {} layer {layer}", case.neuron, case.encoder);
            fired += if layer > 0 { here.len() } else { 0 };
        }
        check_membranes(case, &playback.membranes, response.drive[3].column(column).as_slice());
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
