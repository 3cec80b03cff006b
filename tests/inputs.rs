//! Inputs of a model file and the populations that they drive.

use twinfire::model::Model;

#[test]
fn currents_go_to_neurons_of_any_kinds_and_spikes_need_a_weight_for_each() {
    let text = |input: &str| {
        format!(
            "[populations.a]\nsize = 1\nneuron = \"lif_exp\"\n[populations.b]\nsize = 1\n\
             neuron = \"lif_cond_exp\"\n[inputs.x]\ntarget = [\"a\", \"b\"]\n{input}\n"
        )
    };
    for current in [
        "dc.amplitude = \"10 pA\"",
        "step_current = { times = [\"1 ms\"], amplitudes = [\"10 pA\"] }",
        "noise_current = { std = \"1 pA\" }",
    ] {
        let model = Model::from_text("m.toml", &text(current), &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(model.inputs[0].targets.len(), 2);
    }
    let told =
        Model::from_text("m.toml", &text("poisson = { rate = \"5 Hz\", weight = 1 }"), &[]).unwrap_err().to_string();
    assert!(told.contains("give `weight` as a list of weights, one for each target"), "{told}");
    let listed = text("poisson = { rate = \"5 Hz\", weight = [\"1 pA\", \"2 nS\"] }");
    assert_eq!(Model::from_text("m.toml", &listed, &[]).unwrap().inputs.len(), 2);
}

fn problem(text: &str) -> String {
    Model::from_text("m.toml", text, &[]).expect_err(text).to_string()
}

#[test]
fn sources_take_spikes_of_a_weight_of_any_unit() {
    let text = |weight: &str| {
        format!(
            "[populations.a]\nsize = 1\nneuron = \"source\"\n[inputs.x]\ntarget = \"a\"\n\
             poisson = {{ rate = \"5 Hz\", weight = {weight} }}\n"
        )
    };
    for weight in ["2", "\"2 mV\"", "\"2 pA\"", "\"0.002 nA * 1\"", "\"2 nS\""] {
        let model = Model::from_text("m.toml", &text(weight), &[]).unwrap_or_else(|error| panic!("{weight}: {error}"));
        let again = Model::from_text("again", &model.resolved(), &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(again.inputs[0].input.0.values.number("weight"), 2.0);
    }
    assert!(problem(&text("\"2 mv\"")).contains("there is no unit `mv` (help: did you mean `mV`?)"));
}

#[test]
fn keys_of_an_input_that_stand_elsewhere_are_told_where() {
    let said =
        |keys: &str| problem(&format!("[populations.a]\nsize = 1\nneuron = \"lif_delta\"\n[inputs.x]\n{keys}\n"));
    let misspelt = said("trget = \"a\"\npoisson = { rate = \"5 Hz\" }");
    assert!(misspelt.contains("input `x` has no key `trget` (help: did you mean `target`?)"), "{misspelt}");
    assert!(!misspelt.contains("there is no input"), "{misspelt}");
    for key in ["weight", "start", "rate"] {
        let outside = said(&format!("target = \"a\"\n{key} = 1\npoisson = {{ rate = \"5 Hz\" }}"));
        assert!(outside.contains(&format!("it belongs to the kind: `poisson = {{ {key} = … }}`")), "{outside}");
    }
    let both = said("target = \"a\"\npoisson = { rate = \"5 Hz\" }\ndc = { amplitude = \"1 pA\" }");
    assert!(both.contains("input `x` has `dc` beside `poisson`; an input is of one kind"), "{both}");
}

#[test]
fn parameters_of_other_kinds_are_told_where_they_belong() {
    let said = |neuron: &str| problem(&format!("[populations.a]\nsize = 2\nneuron.{neuron}\n"));
    let rule = said("lif_exp = { tau_minus = \"20 ms\" }");
    assert!(rule.contains("it belongs to a rule of a projection: `plasticity.RULE = { tau_minus = … }`"), "{rule}");
    let reversal = said("lif_exp = { E_ex = \"0 mV\" }");
    assert!(reversal.contains("with KIND lif_cond_exp or lif_cond_alpha"), "{reversal}");
    for name in ["cm = 1", "cm = [1, 2]"] {
        let pynn = said(&format!("IF_curr_exp = {{ {name} }}"));
        assert!(pynn.contains("(help: write it with its unit; units that fit: pF, nF, uF)"), "{pynn}");
    }
    assert!(said("lif_exp = { tau = 1 }").contains("did you mean `tau_m`?"));
    let projection = problem(
        "[populations.a]\nsize = 2\nneuron = \"lif_delta\"\n[projections.p]\nsource = \"a\"\ntarget = \"a\"\n\
         weight = 1\nplasticity.stdp_synapse = { weight = 1 }\n",
    );
    assert!(projection.contains("it belongs to a table `[projections.NAME]`"), "{projection}");
    assert!(said("lif_exp = { c_m = 1 }").contains("write \"1 pF\""));
}
