//! Changes by `--set`: what they replace, and by which names.

use twinfire::model::Model;

const MODEL: &str = r#"
[simulation]
simtime = "1 s"
rng_seed = 3
[populations.a]
size = 2
neuron.lif_delta = { tau_m = ["10 ms", "12 ms"], v_th = "-50 mV" }
[projections.learn]
source = "a"
target = "a"
weight = "1 mV"
plasticity.stdp = { Wmax = "2 mV", lambda = 0.1 }
[inputs.x]
target = "a"
poisson = { frequency = "5 Hz", weight = "3 mV" }
"#;

fn model(settings: &[&str]) -> Model {
    let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
    Model::from_text("m.toml", MODEL, &settings).unwrap_or_else(|error| panic!("{settings:?}: {error}"))
}

fn problem(text: &str, settings: &[&str]) -> String {
    let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
    Model::from_text("m.toml", text, &settings).expect_err("wrong").to_string()
}

#[test]
fn a_setting_holds_whatever_name_the_file_has_for_the_parameter() {
    for (name, resolution) in [("duration", "dt"), ("simtime", "resolution")] {
        let model = model(&[&format!("simulation.{name}=2 s"), &format!("simulation.{resolution}=1 ms")]);
        assert_eq!((model.simulation.duration, model.simulation.resolution.ms()), (2000, 1.0));
    }
    for name in ["seed", "rng_seed"] {
        assert_eq!(model(&[&format!("simulation.{name}=7")]).simulation.seed, 7);
    }
    let turned = MODEL.replace("simtime", "duration").replace("rng_seed", "seed");
    let settings = ["simulation.simtime=2 s", "simulation.rng_seed=7"].map(str::to_owned);
    let turned = Model::from_text("m.toml", &turned, &settings).unwrap().simulation;
    assert_eq!((turned.duration, turned.seed), (20_000, 7));
    // The last one holds, by whatever names.
    let last = model(&["simulation.duration=2 s", "simulation.simtime=3 s", "simulation.seed=1", "simulation.seed=2"]);
    assert_eq!((last.simulation.duration, last.simulation.seed), (30_000, 2));
    let last = model(&["simulation.simtime=3 s", "simulation.duration=2 s"]);
    assert_eq!(last.simulation.duration, 20_000);
}

#[test]
fn a_setting_holds_for_parameters_of_neurons_inputs_and_rules() {
    let neuron =
        model(&["populations.a.neuron.lif_delta.V_th=-40 mV", "populations.a.neuron.lif_delta.tc_decay=20 ms"]);
    let population = &neuron.populations[0];
    let values = &population.neuron.as_ref().unwrap().0.values;
    assert_eq!((values.number("v_thresh"), values.number("tau_m")), (-40.0, 20.0));
    assert!(population.varied.is_empty(), "{:?}", population.varied);
    let input = model(&["inputs.x.poisson.rate=9 Hz"]);
    let values = &input.inputs[0].input.0.values;
    assert_eq!((values.numbers("rate"), values.number("weight")), (&[9.0][..], 3.0));
    let rule = model(&["projections.learn.plasticity.stdp.w_max=4 mV"]);
    assert_eq!(rule.projections[0].rules[0].rule.0.values.number("w_max"), 4.0);
}

#[test]
fn two_names_in_one_text_are_a_mistake() {
    let twice = MODEL.replace("rng_seed = 3", "rng_seed = 3\nseed = 4");
    assert!(problem(&twice, &[]).contains("`rng_seed` and `seed` are the same parameter"));
    let told = problem(MODEL, &["simulation={seed=1, rng_seed=2}"]);
    assert!(told.contains("`seed` and `rng_seed` are the same parameter"), "{told}");
}

#[test]
fn a_table_in_braces_takes_the_place_of_what_stands_in_the_file() {
    assert_eq!(model(&[]).projections[0].rules.len(), 1);
    assert!(model(&["projections.learn.plasticity={}"]).projections[0].rules.is_empty());
    let input = model(&["inputs.x.poisson={rate=\"7 Hz\"}"]);
    let values = &input.inputs[0].input.0.values;
    assert_eq!((values.numbers("rate"), values.number("weight")), (&[7.0][..], 1.0));
    let missing = problem(MODEL, &["inputs.x.poisson={weight=\"1 mV\"}"]);
    assert!(missing.contains("needs `rate`"), "{missing}");
    let neuron = model(&["populations.a.neuron.lif_delta={}"]);
    assert!(neuron.populations[0].varied.is_empty());
}
