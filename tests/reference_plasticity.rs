//! Rules on spikes against weights computed with NEST, driven as the engine drives them.
//!
//! The files are looked for in `../shared/reference`, or in the folder that TWINFIRE_REFERENCE
//! names; a file that is not there is named and passed over.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use twinfire::model::Model;
use twinfire::parameter::{self, Form, Value, Values};
use twinfire::plasticity::KINDS;
use twinfire::plasticity::on_spikes::{Segment, SpikePlasticity, SpikeRule, SynapseSlice};
use twinfire::real::Real;
use twinfire::regime::events::run::simulate;
use twinfire::time::Resolution;

/// A rule with these parameters; the others have their defaults.
fn rule(name: &str, set: &[(&str, Value)]) -> Box<dyn SpikeRule> {
    let kind = parameter::find(KINDS, name).unwrap_or_else(|| panic!("no rule is called {name}"));
    let mut values = Values::default();
    for field in kind.fields {
        let given = set.iter().find(|(key, _)| field.name == *key).map(|(_, value)| value.clone());
        let text = field.default.unwrap_or("0");
        let number = || text.split_whitespace().next().and_then(|word| word.parse().ok());
        let default = || match field.form {
            Form::Choice(_) | Form::Text => Value::Text(text.into()),
            Form::Flag => Value::Flag(text == "true"),
            Form::Count => Value::Count(number().map_or(0, |number: f64| number as u64)),
            _ => number().map_or_else(|| values.get(text).unwrap().clone(), Value::Number),
        };
        let value = given.unwrap_or_else(default);
        values.set(field.name, value);
    }
    for (key, _) in set {
        assert!(kind.field(key).is_some_and(|field| field.name == *key), "{name} has no field {key}");
    }
    (kind.build)(&values).unwrap_or_else(|problem| panic!("{name}: {problem}"))
}

/// One synapse of a file.
struct Case {
    file: String,
    name: String,
    json: Json,
}

impl Case {
    fn number(&self, path: &str) -> f64 {
        self.json
            .pointer(path)
            .and_then(Json::as_f64)
            .unwrap_or_else(|| panic!("{}: no number at {path}", self.label()))
    }

    fn numbers(&self, path: &str) -> Vec<f64> {
        let list = self.json.pointer(path).and_then(Json::as_array);
        list.unwrap_or_else(|| panic!("{}: no list at {path}", self.label())).iter().filter_map(Json::as_f64).collect()
    }

    fn ticks(&self, path: &str) -> Vec<u64> {
        self.numbers(path).into_iter().map(|ms| (ms * 10.0).round() as u64).collect()
    }

    fn label(&self) -> String {
        format!("{}: {}", self.file, self.name)
    }

    fn parameter(&self, name: &str) -> (f64, Value) {
        let number = self.number(&format!("/params/{name}"));
        (number, Value::Number(number))
    }
}

/// The cases of `file` in all folders.
fn cases(file: &str) -> Vec<Case> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference");
    let folder = std::env::var_os("TWINFIRE_REFERENCE").map_or_else(beside, PathBuf::from);
    let Ok(text) = fs::read_to_string(folder.join(file)) else {
        println!("{file} is not there: nothing was compared");
        return Vec::new();
    };
    let json: Json = serde_json::from_str(&text).unwrap();
    let named =
        |case: &Json| Case { file: file.into(), name: case["name"].as_str().unwrap().into(), json: case.clone() };
    json["cases"].as_array().unwrap().iter().map(named).collect()
}

/// The weight that a synapse transmits at each of its presynaptic spikes: one source, one
/// target, driven tick by tick in the order of the engine.
fn transmitted<R: Real>(rule: &mut dyn SpikePlasticity<R>, case: &Case, weight: f64, settle_every: u64) -> Vec<f64> {
    let resolution_ticks = |path: &str| if case.json.pointer(path).is_some() { case.ticks(path) } else { Vec::new() };
    let (pre, post) = (case.ticks("/pre_spikes_ms"), resolution_ticks("/post_spikes_ms"));
    let dopamine = modulating_ticks(case);
    let delay = (case.number("/delay_ms") * 10.0).round() as u32;
    let mut weights = [R::rounded(weight)];
    let mut found = Vec::new();
    for tick in 0..=pre.last().unwrap_or(&0) + u64::from(delay) {
        let modulators = dopamine.iter().filter(|&&spike| spike == tick).count();
        if modulators > 0 {
            rule.on_modulator(tick, modulators);
        }
        if let Some(&spike) = pre.iter().find(|&&spike| spike + u64::from(delay) == tick) {
            let segment = Segment { index: 0, first: 0, delay, targets: &[0], weights: &mut weights };
            let factor = rule.on_pre(spike, segment);
            found.push((factor * weights[0]).into());
        }
        let spiked = if post.binary_search(&tick).is_ok() { &[0][..] } else { &[] };
        rule.on_post(tick, spiked);
        if rule.wants_to_settle(tick) || tick % settle_every == settle_every - 1 {
            rule.settle(Segment { index: 0, first: 0, delay, targets: &[0], weights: &mut weights });
            rule.settled(tick);
        }
    }
    found
}

/// When dopamine reaches the synapse.
fn modulating_ticks(case: &Case) -> Vec<u64> {
    if case.json.pointer("/dopa_arrivals_ms").is_some() {
        return case.ticks("/dopa_arrivals_ms");
    }
    if case.json.pointer("/dopa_spikes_emitted_ms").is_none() {
        return Vec::new();
    }
    let delay = (case.number("/dopa_to_volume_transmitter_delay_ms") * 10.0).round() as u64;
    case.ticks("/dopa_spikes_emitted_ms").into_iter().map(|tick| tick + delay).collect()
}

fn scope(case: &Case) -> SynapseSlice {
    SynapseSlice {
        resolution: Resolution::from_ms(0.1).unwrap(),
        targets: 1,
        segments: 1,
        synapses: 1,
        longest_delay: (case.number("/delay_ms") * 10.0).round() as u32,
    }
}

/// How many weights are comparable. NEST clips weights under dopamine every ms, so that they part
/// once one comes near a bound; its cases where one does say so.
fn comparable(case: &Case, expected: &[f64]) -> usize {
    if case.json.pointer("/nest_artefact").is_none() {
        return expected.len();
    }
    let bounds = [case.number("/params/Wmin"), case.number("/params/Wmax")];
    let near = |weight: &f64| bounds.iter().any(|bound| (weight - bound).abs() < 0.002 * (bounds[1] - bounds[0]));
    expected.iter().position(near).unwrap_or(expected.len())
}

/// The largest difference relative to the reference, whose weights stand at `path`; relative to
/// a hundredth of the largest weight for weights near 0.
fn deviation(case: &Case, path: &str, found: &[f64]) -> f64 {
    let expected = case.numbers(path);
    assert_eq!(found.len(), expected.len(), "{}", case.label());
    let scale = expected.iter().fold(0.0f64, |most, weight| most.max(weight.abs()));
    let differ = |(found, expected): (&f64, &f64)| (found - expected).abs() / expected.abs().max(0.01 * scale);
    found.iter().zip(&expected).take(comparable(case, &expected)).map(differ).fold(0.0, f64::max)
}

/// Compares the cases of a file in f64 (to 1e-9, with and without settling) and in f32 (to 1e-4).
fn compare(file: &str, weight: &str, reference: &str, build: impl Fn(&Case) -> Option<Box<dyn SpikeRule>>) {
    let (mut compared, mut worst) = (0, (0.0f64, 0.0f64));
    for case in cases(file) {
        let Some(rule) = build(&case) else { continue };
        let initial = case.number(weight);
        let lazily = transmitted(&mut *rule.double(&scope(&case)), &case, initial, u64::MAX);
        let settled = transmitted(&mut *rule.double(&scope(&case)), &case, initial, 37);
        assert_eq!(lazily, settled, "{}: settling changes weights", case.label());
        let single = transmitted(&mut *rule.single(&scope(&case)), &case, initial, u64::MAX);
        let (double, single) = (deviation(&case, reference, &lazily), deviation(&case, reference, &single));
        assert!(double < 1e-9, "{}: differs by {double:e} in f64", case.label());
        assert!(single < 1e-4, "{}: differs by {single:e} in f32", case.label());
        compared += 1;
        worst = (worst.0.max(double), worst.1.max(single));
    }
    println!("{file}: {compared} cases, largest relative difference {:.1e} in f64, {:.1e} in f32", worst.0, worst.1);
}

/// The parameters of NEST's pair rules by our names.
fn pair_parameters(case: &Case, pairing: &str) -> Vec<(&'static str, Value)> {
    let mut set = vec![
        ("tau_plus", case.parameter("tau_plus").1),
        ("tau_minus", Value::Number(case.number("/tau_minus"))),
        ("learning_rate", case.parameter("lambda").1),
        ("alpha", case.parameter("alpha").1),
        ("pairing", Value::Text(pairing.into())),
    ];
    if case.json.pointer("/params/Wmax").is_some() {
        for (own, nest) in [("w_max", "Wmax"), ("mu_plus", "mu_plus"), ("mu_minus", "mu_minus")] {
            set.push((own, case.parameter(nest).1));
        }
    }
    set
}

#[test]
fn pair_stdp_gives_nests_weights() {
    compare("stdp_synapse.json", "/w0", "/weight", |case| Some(rule("stdp", &pair_parameters(case, "all_to_all"))));
}

#[test]
fn stdp_by_a_power_law_gives_nests_weights() {
    compare("stdp_pl_synapse_hom.json", "/w0", "/weight", |case| {
        let mut set = pair_parameters(case, "all_to_all");
        set.push(("dependence", Value::Text("power_law".into())));
        set.push(("mu_plus", case.parameter("mu").1));
        Some(rule("stdp", &set))
    });
}

#[test]
fn stdp_of_nearest_pairs_gives_nests_weights() {
    compare("stdp_nn_symm_synapse.json", "/w0", "/weight", |case| {
        // NEST takes a new synapse for one that transmitted at 0 ms; these cases show it.
        (!case.name.starts_with("phantom")).then(|| rule("stdp", &pair_parameters(case, "nearest")))
    });
}

#[test]
fn triplet_stdp_gives_nests_weights() {
    compare("stdp_triplet_synapse.json", "/w0", "/weight", |case| {
        let names = [
            ("tau_plus", "tau_plus"),
            ("tau_minus", "tau_minus"),
            ("tau_plus_triplet", "tau_plus_triplet"),
            ("tau_minus_triplet", "tau_minus_triplet"),
            ("a_plus", "Aplus"),
            ("a_minus", "Aminus"),
            ("a_plus_triplet", "Aplus_triplet"),
            ("a_minus_triplet", "Aminus_triplet"),
            ("w_max", "Wmax"),
        ];
        Some(rule("triplet_stdp", &names.map(|(own, nest)| (own, case.parameter(nest).1))))
    });
}

#[test]
fn stdp_with_narrower_pairings_gives_nests_weights() {
    for (file, pairing) in [
        ("stdp_nn_pre_centered_synapse.json", "nearest_pre_centered"),
        ("stdp_nn_restr_synapse.json", "nearest_reduced"),
    ] {
        compare(file, "/w0", "/weight", |case| {
            (!case.name.starts_with("phantom")).then(|| rule("stdp", &pair_parameters(case, pairing)))
        });
    }
}

#[test]
fn short_term_plasticity_transmits_what_nest_transmits() {
    compare("tsodyks2_synapse.json", "/weight", "/weight_recorder_weights", |case| {
        let names =
            [("utilisation", "U"), ("u_init", "u"), ("x_init", "x"), ("tau_rec", "tau_rec"), ("tau_fac", "tau_fac")];
        Some(rule("tsodyks_markram", &names.map(|(own, nest)| (own, case.parameter(nest).1))))
    });
}

/// A model of one synapse that samples its x and u at every tick.
fn sampled(case: &Case) -> String {
    let [utilisation, u, x, tau_rec, tau_fac] =
        ["U", "u", "x", "tau_rec", "tau_fac"].map(|name| case.parameter(name).0);
    let (weight, delay) = (case.number("/weight"), case.number("/delay_ms"));
    let spikes = case.numbers("/pre_spikes_ms");
    let duration = spikes.last().unwrap() + 50.0;
    format!(
        r#"
simulation = {{ duration = "{duration} ms" }}
populations.pre = {{ size = 1, neuron = "source" }}
populations.post = {{ size = 1, neuron = "lif_exp" }}
[projections.p]
source = "pre"
target = "post"
weight = "{weight} pA"
delay = "{delay} ms"
plasticity.tsodyks2_synapse = {{ U = {utilisation}, u = {u}, x = {x}, tau_rec = "{tau_rec} ms", tau_fac = "{tau_fac} ms" }}
[inputs.spikes]
target = "pre"
spike_times = {{ times = "{spikes:?} ms" }}
[record.p]
x = {{ every = "0.1 ms" }}
u = {{ every = "0.1 ms" }}
"#
    )
}

#[test]
fn sampled_resources_give_what_nest_transmits() {
    for case in cases("tsodyks2_synapse.json") {
        let model = Model::from_text("m.toml", &sampled(&case), &[]).unwrap_or_else(|error| panic!("{error}"));
        let recording = simulate(&model, 1).unwrap();
        let labels: Vec<_> = recording.synapses.iter().map(|trace| trace.variable.as_str()).collect();
        assert_eq!(labels, ["x", "u"]);
        let [x, u] = [0, 1].map(|index| &recording.synapses[index].values);
        let left = |tau: f64| if tau > 0.0 { (-0.1 / tau).exp() } else { 0.0 };
        let [utilisation, tau_rec, tau_fac] = ["U", "tau_rec", "tau_fac"].map(|name| case.parameter(name).0);
        let expected = case.numbers("/weight_recorder_weights");
        for (index, spike) in case.ticks("/pre_spikes_ms").into_iter().enumerate() {
            // From the tick before to that of the spike.
            let before = [x, u].map(|values| values[spike as usize - 1].1);
            let [x, u] = if index == 0 {
                before
            } else {
                [1.0 - (1.0 - before[0]) * left(tau_rec), utilisation + (before[1] - utilisation) * left(tau_fac)]
            };
            let (found, expected) = (case.number("/weight") * x * u, expected[index]);
            assert!(
                (found - expected).abs() < 1e-11 * expected,
                "{}, spike {index}: {found}, {expected}",
                case.label()
            );
        }
    }
}

#[test]
fn dopamine_stdp_gives_nests_weights() {
    compare("stdp_dopamine_synapse.json", "/w0", "/weight", |case| {
        let names = [
            ("tau_plus", "tau_plus"),
            ("a_plus", "A_plus"),
            ("a_minus", "A_minus"),
            ("tau_c", "tau_c"),
            ("tau_n", "tau_n"),
            ("baseline", "b"),
            ("w_min", "Wmin"),
            ("w_max", "Wmax"),
        ];
        let mut set = names.map(|(own, nest)| (own, case.parameter(nest).1)).to_vec();
        set.push(("tau_minus", Value::Number(case.number("/tau_minus"))));
        set.push(("modulator_delay", Value::Number(0.0)));
        Some(rule("dopamine_stdp", &set))
    });
}

#[test]
fn inhibitory_stdp_gives_nests_weights() {
    compare("vogels_sprekeler_synapse.json", "/w0", "/weight", |case| {
        let names = [("tau", "tau"), ("learning_rate", "eta"), ("alpha", "alpha"), ("w_max", "Wmax")];
        Some(rule("inhibitory_stdp", &names.map(|(own, nest)| (own, case.parameter(nest).1))))
    });
}
