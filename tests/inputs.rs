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
