//! What a training keeps to: frozen weights stay, layers are named as they stand in the
//! chain, no more samples are taken than there are, and a batch may be one presentation.

use std::path::Path;
use std::sync::Arc;

use twinfire::dataset::Data;
use twinfire::experiment::Experiment;
use twinfire::experiment::session::Session;
use twinfire::network::stack::Stack;
use twinfire::record::Silent;
use twinfire::regime::Regime;
use twinfire::result::LayerInfo;

/// Populations and projections from output to input; the first projection of the chain is frozen.
const MODEL: &str = r#"
[populations]
out = { size = 3, neuron = "integrate_and_fire" }
hidden = { shape = [4, 5], neuron = "integrate_and_fire" }
input = { size = 4, neuron = "source" }
[projections]
last = { source = "hidden", target = "out", weight = "he_normal" }
first = { source = "input", target = "hidden", weight = "he_normal", plastic = false }
[simulation]
resolution = "1 ms"
"#;

fn experiment(overrides: &[&str]) -> Arc<Experiment> {
    let text = format!(
        "model_text = '''{MODEL}'''
dataset = \"iris\"
encoder.regular = {{ window = \"8 ms\" }}
decoder.membrane = {{}}
rule = \"backpropagation\"
[training]
epochs = 2
batch = 16
weight_decay = 0.01
initial_drive = 0.3
"
    );
    let overrides: Vec<String> = overrides.iter().map(|text| text.to_string()).collect();
    Arc::new(Experiment::from_text("frozen.toml", &text, &overrides).unwrap_or_else(|error| panic!("{error}")))
}

fn data(experiment: &Experiment) -> Arc<Data> {
    Arc::new(experiment.load(&[]).unwrap())
}

#[test]
fn frozen_weights_keep_every_bit_while_others_change() {
    let experiment = experiment(&[]);
    let data = data(&experiment);
    let (stacks, drawn) = Stack::all(&experiment.model, 1).unwrap();
    for arm in &experiment.arms {
        let mut session = Session::new(&experiment, arm, 1, &data).unwrap();
        let weights = |session: &Session| session.learner().weights().into_iter().cloned().collect::<Vec<_>>();
        let before = weights(&session);
        assert_eq!(before[0], *drawn.values(stacks[0].layers[1].link().weights));
        session.train(&Silent, &mut |_| Ok(())).unwrap();
        let after = weights(&session);
        assert_eq!(after[0], before[0], "{}", arm.label());
        assert_ne!(after[1], before[1], "{}", arm.label());
    }
}

#[test]
fn layers_are_named_in_the_order_of_the_chain() {
    let experiment = experiment(&[]);
    let data = data(&experiment);
    let session = Session::new(&experiment, &experiment.arms[0], 1, &data).unwrap();
    let layers = LayerInfo::of(session.learner().main());
    let named: Vec<_> = layers.iter().map(|layer| (layer.name.as_str(), layer.shape.as_slice())).collect();
    assert_eq!(named, [("input", &[4][..]), ("hidden", &[4, 5]), ("out", &[3])]);
}

#[test]
fn more_samples_than_there_are_is_refused() {
    let data = data(&experiment(&[]));
    let all = data.train.len();
    let session = |samples: usize| {
        let experiment = experiment(&["training.validation=0", &format!("training.samples={samples}")]);
        let arm = &experiment.arms[0];
        Session::new(&experiment, arm, 1, &data).map(|session| session.split_sizes().0).map_err(|e| e.to_string())
    };
    assert_eq!(session(all), Ok(all));
    let message = session(all + 1).unwrap_err();
    assert!(message.contains(&format!("`training.samples` is {}", all + 1)), "{message}");
}

#[test]
fn the_text_of_an_experiment_is_that_of_what_it_holds() {
    let two = experiment(&[]).resolved().replace("\nrule.", "\nrule.q_agrel = {}\nrule.");
    let mut experiment = Experiment::from_text("two.toml", &two, &[]).unwrap();
    let whole = experiment.resolved();
    assert_eq!((experiment.arms.len(), experiment.whole()), (4, whole.clone()));
    experiment.choose(|arm| arm.regime == Regime::Rate);
    experiment.choose(|arm| arm.rule.kind == "q_agrel");
    let again = Experiment::from_text("again.toml", &experiment.resolved(), &[]).unwrap();
    assert_eq!((again.arms.len(), again.arms), (1, experiment.arms.clone()));
    assert_eq!(experiment.whole(), whole);
    experiment.seeds = vec![7];
    assert!(experiment.resolved().contains("\nseeds = [7]\n"));
}

/// Weights that f32 can hold, but whose sums it cannot: an error, before a readout is fitted on them.
#[test]
fn activities_beyond_all_numbers_are_an_error() {
    let text = "model_text = '''\n[[layers]]\nsize = 4\n[[layers]]\ndense = 20\nweight.normal = { std = 1e30 }\n\
                [[layers]]\ndense = 30\nweight.normal = { std = 1e30 }\n'''\ndataset = \"iris\"\n\
                encoder.regular = {}\ndecoder.linear = {}\nrule.fixed = {}\nregimes = [\"rate\"]\n\
                [training]\nepochs = 1\n";
    let experiment = Arc::new(Experiment::from_text("huge.toml", text, &[]).unwrap());
    let data = data(&experiment);
    let mut session = Session::new(&experiment, &experiment.arms[0], 1, &data).unwrap();
    let error = session.train(&Silent, &mut |_| Ok(())).unwrap_err();
    assert!(error.to_string().contains("scores are not finite"), "{error}");
}

/// Learning rates and decays with which weights run away end the training, in both regimes, before anything is kept.
#[test]
fn weights_that_run_away_are_an_error() {
    let wild = ["rule.q_agrel.learning_rate=1e6", "training.weight_decay=40"];
    for (regime, wild) in ["spiking", "rate"].into_iter().flat_map(|regime| wild.map(|wild| (regime, wild))) {
        let overrides = [wild.to_owned(), format!("regimes=[\"{regime}\"]"), "training.epochs=8".to_owned()];
        let experiment = Arc::new(Experiment::from_file(Path::new("experiments/iris.toml"), &overrides).unwrap());
        let mut session = Session::new(&experiment, &experiment.arms[0], 1, &data(&experiment)).unwrap();
        let mut sound = true;
        let ended = session.train(&Silent, &mut |session| {
            sound &= session.matrices().iter().all(|(_, matrix)| matrix.iter().all(|value| value.abs() <= 1e30));
            Ok(())
        });
        let error = ended.expect_err(&format!("{regime} {wild}"));
        assert!(error.to_string().contains("diverged in epoch"), "{error}");
        assert!(sound, "{regime} {wild}: a checkpoint would hold what is no weight");
    }
}

/// Spiking feedback is scaled by statistics of the batch (regime/spiking/feedback.rs), which with
/// online learning is one presentation. Ten classes: chance is 10 %.
#[test]
fn spiking_q_agrel_learns_online() {
    let overrides =
        ["training.batch=1", "training.samples=300", "training.epochs=2", "rule.q_agrel.learning_rate=[0.03, 0.003]"];
    let overrides: Vec<String> = overrides.iter().map(|text| text.to_string()).collect();
    let experiment = Arc::new(Experiment::from_file(Path::new("experiments/digits.toml"), &overrides).unwrap());
    let data = data(&experiment);
    let arm = experiment.arms.iter().find(|arm| arm.regime == Regime::Spiking).unwrap();
    for seed in 1..4 {
        let mut session = Session::new(&experiment, arm, seed, &data).unwrap();
        session.train(&Silent, &mut |_| Ok(())).unwrap();
        let accuracy = session.test().metrics[0];
        assert!(accuracy > 60.0, "{accuracy} % with seed {seed}");
    }
}
