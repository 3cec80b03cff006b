//! Rules on spikes in whole models: signs and bounds of weights, times, weights that run away, and NEST's
//! names.

use twinfire::error::{Error, Result};
use twinfire::model::Model;
use twinfire::parameter::Value;
use twinfire::record::recording::Recording;
use twinfire::regime::events::run::simulate;

/// Two sources that fire every 5 ms onto a neuron that fires 2 ms later, with this projection.
fn model(settings: &str, projection: &str) -> Result<Model> {
    let text = format!(
        r#"
[simulation]
resolution = "0.1 ms"
duration = "100 ms"
{settings}
[populations.pre]
size = 2
neuron = "source"
[populations.post]
size = 1
neuron.lif_delta = {{ tau_m = "10 ms", tau_refrac = "0 ms" }}
[projections.learning]
source = "pre"
target = "post"
delay = "1 ms"
{projection}
[inputs.pre]
target = "pre"
regular = {{ rate = "200 Hz" }}
[inputs.post]
target = "post"
spike_times = {{ times = ["7 ms", "12 ms", "17 ms", "22 ms", "27 ms", "47 ms", "67 ms", "87 ms"], weight = 1000 }}
[record.post]
[record.learning]
weights = {{ every = "0.1 ms" }}
"#
    );
    Model::from_text("m.toml", &text, &[])
}

fn refused(projection: &str) -> String {
    let error = model("", projection).expect_err(projection);
    assert!(matches!(error, Error::Invalid(_)), "{projection}: {error}");
    error.to_string()
}

fn run(settings: &str, projection: &str) -> Result<Recording> {
    simulate(&model(settings, projection).unwrap_or_else(|error| panic!("{projection}: {error}")), 1)
}

/// Every rule with bounds, with its parameters but for `w_max`.
const BOUNDED: [&str; 9] = [
    "stdp = { learning_rate = 0.5, ",
    "stdp = { learning_rate = 0.5, dependence = \"additive\", alpha = 3, ",
    "stdp = { learning_rate = 0.5, dependence = \"van_rossum\", alpha = 3, ",
    "stdp = { learning_rate = 0.5, mu_plus = 0.3, mu_minus = 0.2, alpha = 3, pairing = \"nearest_reduced\", ",
    "stdp = { learning_rate = 0.5, dependence = \"multiplicative\", pairing = \"nearest_pre_centered\", alpha = 9, ",
    "triplet_stdp = { a_minus = 2, pairing = \"nearest\", ",
    "dopamine_stdp = { modulator = \"pre\", baseline = -0.5, ",
    "inhibitory_stdp = { learning_rate = 2, alpha = 0.9, ",
    "homeostatic_scaling = { every = \"10 ms\", strength = 1, tau = \"5 ms\", ",
];

#[test]
fn weights_of_another_sign_than_w_max_are_refused_where_they_are_known() {
    for rule in BOUNDED {
        for weight in [
            "weight = \"-2 mV\"",
            "weight.uniform = { low = \"-2 mV\", high = \"1 mV\" }",
            "weight.exponential = { mean = \"-2 mV\" }",
            "weight.lognormal = { mean = \"-2 mV\", std = \"1 mV\" }",
            "weight.normal = { mean = \"-2 mV\", std = \"0.1 mV\" }",
            "weight.normal = { mean = \"2 mV\", std = \"0.1 mV\", low = \"-1 mV\" }",
        ] {
            let message = refused(&format!("{weight}\nplasticity.{rule} }}"));
            assert!(message.contains("on the other side of 0 than `w_max`"), "{message}");
            // With the sign of the weights turned round.
            let turned = weight.replace("\"-2 mV\"", "\"2 mV\"").replace("low = \"-1 mV\"", "high = \"3 mV\"");
            refused(&format!("{turned}\nplasticity.{rule} w_max = \"-100 mV\" }}"));
        }
        let listed = refused(&format!("weight = \"2 mV\"\nplasticity.{rule} w_max = 1 }}"));
        assert!(listed.contains("a weight is 2 mV, beyond `w_max` of rule"), "{listed}");
        let weak = refused(&format!("weight = \"2 mV\"\nplasticity.{rule} w_min = 3 }}"));
        assert!(weak.contains("nearer to 0 than `w_min`") || rule.contains("homeo"), "{weak}");
        let across = refused(&format!("weight = \"2 mV\"\nplasticity.{rule} w_min = -1 }}"));
        assert!(across.contains("different sides of 0"), "{across}");
    }
    let sum = refused("weight = \"-2 mV\"\nplasticity.weight_normalisation = { total = 5 }");
    assert!(sum.contains("on the other side of 0 than `total`"), "{sum}");
    let power = refused("weight = \"-2 mV\"\nplasticity.stdp = { dependence = \"power_law\" }");
    assert!(power.contains("on the other side of 0 than `w_0`"), "{power}");
    let power = refused("weight = \"-2 mV\"\nplasticity.stdp = { dependence = \"power_law\", w_max = -3 }");
    assert!(power.contains("a power law is for weights above 0"), "{power}");
}

#[test]
fn listed_weights_of_another_sign_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("list.csv");
    std::fs::write(&file, "source,target,weight\n0,0,1\n1,0,-1\n").unwrap();
    let list = format!("connect.list = {{ file = '{}' }}\nweight = 1\nplasticity.stdp = {{}}", file.display());
    assert!(refused(&list).contains("a weight is -1 mV, on the other side of 0"), "{}", refused(&list));
    std::fs::write(&file, "source,target,weight\n0,0,1\n1,0,2\n").unwrap();
    assert!(model("", &list.replace("weight = 1", "weight = -1")).is_ok(), "the constant weight counts for nobody");
}

#[test]
fn drawn_weights_beyond_bounds_are_refused_when_they_are_drawn() {
    for (weight, how) in [
        ("weight.normal = { mean = 0.5, std = 0.1, low = 0, high = 1 }", None),
        ("weight.normal = { mean = 1, std = 0.7, high = 9 }", Some("on the other side of 0")),
        ("weight.exponential = { mean = 9 }", Some("beyond `w_max`")),
    ] {
        let text = format!("{weight}\nconnect.fixed_in_degree = {{ n = 50 }}\nplasticity.stdp = {{ w_max = 10 }}");
        let error = run("", &text).err();
        assert_eq!(error.is_some(), how.is_some(), "{weight}: {error:?}");
        if let (Some(error), Some(how)) = (error, how) {
            assert_eq!(error.exit_code(), 3, "{error}");
            assert!(error.to_string().starts_with("projection `learning`: a weight is "), "{error}");
            assert!(error.to_string().contains(how), "{error}");
        }
    }
}

#[test]
fn no_weight_crosses_0_or_its_bound() {
    for rule in BOUNDED {
        for precision in ["single", "double"] {
            for sign in [1.0, -1.0] {
                let mut rule = rule.to_owned();
                if sign < 0.0 {
                    rule = rule.replace("a_minus = 2", "a_minus = -2");
                }
                let text = format!("weight = {}\nplasticity.{rule} w_max = {} }}", sign * 2.0, sign * 4.0);
                let recording = run(&format!("precision = \"{precision}\""), &text).unwrap();
                let values = recording.synapses.iter().flat_map(|trace| &trace.values);
                let along: Vec<f64> = values.map(|(_, weight)| sign * weight).collect();
                assert!(along.iter().all(|weight| (0.0..=4.0).contains(weight)), "{text}");
                assert!(along.iter().any(|weight| *weight != 2.0), "{text}: nothing was learned");
            }
        }
    }
}

#[test]
fn inhibitory_weights_learn_with_a_w_max_below_0() {
    let text = "weight = \"-2 mV\"\nplasticity.inhibitory_stdp = { w_max = \"-100 mV\" }";
    let recording = run("precision = \"double\"", text).unwrap();
    let after = recording.weights[0].after[0];
    assert!(after < -2.0 && after > -2.1, "{after}");
}

#[test]
fn times_of_rules_are_whole_ticks() {
    for (rule, message, nearest) in [
        ("weight_normalisation = { every = \"0.25 ms\" }", "`every` is 0.25 ms", "\"0.3 ms\""),
        ("homeostatic_scaling = { every = \"0.03 ms\" }", "`every` is 0.03 ms", "\"0.1 ms\""),
        (
            "dopamine_stdp = { modulator = \"pre\", vt_delay = \"1.56 ms\" }",
            "`modulator_delay` is 1.56 ms",
            "\"1.6 ms\"",
        ),
    ] {
        let said = refused(&format!("weight = 1\nplasticity.{rule}"));
        assert!(said.contains(message) && said.contains(nearest), "{said}");
    }
    assert!(model("", "weight = 1\nplasticity.dopamine_stdp = { modulator = \"pre\", modulator_delay = 0 }").is_err());
    let at_once = "weight = 1\nplasticity.dopamine_stdp = { modulator = \"pre\", modulator_delay = \"0 ms\" }";
    assert!(model("", at_once).is_ok());
}

#[test]
fn what_a_precision_cannot_hold_is_refused() {
    let single = "precision = \"single\"";
    for rule in
        ["weight_normalisation = { total = 1e40 }", "stdp = { w_max = 1e40 }", "inhibitory_stdp = { w_max = 1e300 }"]
    {
        let text = format!("weight = 1\nplasticity.{rule}");
        let error = model(single, &text).expect_err(&text);
        assert!(error.to_string().contains("single precision holds"), "{error}");
    }
    for rule in
        ["stdp = { learning_rate = 1e20 }", "triplet_stdp = { a_plus = 1e30 }", "inhibitory_stdp = { eta = 1e12 }"]
    {
        let text = format!("weight = 1\nplasticity.{rule}");
        let error = model(single, &text).expect_err(&text);
        assert!(error.to_string().contains("changes weights by"), "{error}");
        assert!(model("", &text).is_ok());
    }
}

#[test]
fn weights_that_run_away_end_the_run() {
    let away = "stdp = { dependence = \"power_law\", mu_plus = 2, alpha = 0, learning_rate = 9 }";
    for (precision, rule) in [
        ("single", away),
        ("double", &away.replace("mu_plus = 2", "mu_plus = 6")),
        ("double", &away.replace("}", ", pairing = \"nearest\" }").replace("mu_plus = 2", "mu_plus = 9")),
        ("double", "weight_normalisation = { total = 1e90, every = \"10 ms\" }"),
    ] {
        let start = if rule.contains("total") { "1e-250" } else { "5" };
        let error = run(&format!("precision = \"{precision}\""), &format!("weight = {start}\nplasticity.{rule}"));
        let error = error.err().unwrap_or_else(|| panic!("{rule}"));
        assert_eq!(error.exit_code(), 1);
        let message = error.to_string();
        assert!(message.contains(" ms ") && message.contains("no finite number"), "{message}");
    }
}

#[test]
fn nests_names_are_the_rules_they_name() {
    for (name, given, kind, field, word) in [
        (
            "stdp_synapse",
            "lambda = 0.02, alpha = 2, mu_plus = 0.5, mu_minus = 0.6, Wmax = 3",
            "stdp",
            "pairing",
            "all_to_all",
        ),
        ("stdp_nn_symm_synapse", "lambda = 0.02, Wmax = 3", "stdp", "pairing", "nearest"),
        ("stdp_nn_pre_centered_synapse", "tau_plus = \"3 ms\"", "stdp", "pairing", "nearest_pre_centered"),
        ("stdp_nn_restr_synapse", "", "stdp", "pairing", "nearest_reduced"),
        ("stdp_pl_synapse_hom", "lambda = 0.1, mu = 0.4, alpha = 0.1", "stdp", "dependence", "power_law"),
        ("stdp_synapse_hom", "", "stdp", "pairing", "all_to_all"),
        (
            "stdp_triplet_synapse",
            "Aplus = 1, Aminus = 1, Aplus_triplet = 1, Aminus_triplet = 1, Wmax = 9",
            "triplet_stdp",
            "pairing",
            "all_to_all",
        ),
    ] {
        let model =
            model("", &format!("weight = 1\nplasticity.{name} = {{ {given} }}")).unwrap_or_else(|e| panic!("{e}"));
        let rule = &model.projections[0].rules[0].rule.0;
        assert_eq!((rule.kind, rule.values.text(field)), (kind, word), "{name}");
    }
    let number = |rule: &str, field: &str| {
        let model = model("", &format!("weight = 1\nplasticity.{rule}")).unwrap_or_else(|e| panic!("{e}"));
        match model.projections[0].rules[0].rule.0.values.get(field) {
            Some(Value::Number(number)) => *number,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(number("stdp_pl_synapse_hom = { mu = 0.4 }", "mu_plus"), 0.4);
    assert_eq!(number("vogels_sprekeler_synapse = { eta = 0.5, Wmax = 3 }", "learning_rate"), 0.5);
    assert_eq!(number("tsodyks2_synapse = { U = 0.25, u = 0.1, x = 0.5 }", "utilisation"), 0.25);
    assert_eq!(
        number("stdp_dopamine_synapse = { vt = \"pre\", b = 0.5, A_plus = 2, Wmin = 0, Wmax = 9 }", "baseline"),
        0.5
    );
    assert!(model("", "weight = 1\nplasticity = \"stdp_nn_restr_synapse\"").is_ok());
    let other = refused("weight = 1\nplasticity.stdp_nn_symm_synapse = { pairing = \"all_to_all\" }");
    assert!(other.contains("`stdp_nn_symm_synapse` is the rule with `pairing = \"nearest\"`"), "{other}");
    // Each pairing has the amplitudes that were fitted with it, unless they are given.
    let nearest = "triplet_stdp = { pairing = \"nearest\", a_minus = 0.5 }";
    assert_eq!((number(nearest, "a_plus_triplet"), number(nearest, "a_minus")), (0.053, 0.5));
    assert_eq!((number("triplet_stdp = {}", "a_plus_triplet"), number(nearest, "tau_plus_triplet")), (0.0062, 714.0));
}
