//! The rules are what theory says they are.

use std::sync::Arc;

use twinfire::experiment::Experiment;
use twinfire::experiment::session::make;
use twinfire::matrix::Matrix;
use twinfire::network::{self, chain::Chain};
use twinfire::regime::stage::BatchStage;
use twinfire::regime::{Batch, Code, Regime};
use twinfire::rule::{self, Lesson};

/// A small network of three projections with a rule, ready to learn from one batch.
struct Bench {
    chain: Chain,
    code: Code,
    rule: Box<dyn rule::Rule>,
    batch: Batch,
    labels: Vec<u16>,
}

impl Bench {
    fn new(rule: &str, window_ms: u32) -> Self {
        let text = format!(
            "model_text = '''\n[[layers]]\nsize = 4\n[[layers]]\ndense = 40\n[[layers]]\ndense = 30\n[[layers]]\ndense = 3\n'''\n\
             dataset = \"iris\"\nencoder.regular = {{ window = \"{window_ms} ms\" }}\ndecoder = \"membrane\"\n{rule}\n"
        );
        let experiment = Experiment::from_text("bench.toml", &text, &[]).unwrap();
        let arm = &experiment.arms[0];
        let mut chain = Chain::of(&network::build(&experiment.model, 3).unwrap()).unwrap();
        for weights in &mut chain.weights {
            *weights *= 0.5;
        }
        let code = Code {
            encoder: Arc::from(make(twinfire::encode::KINDS, &arm.encoder).unwrap()),
            decoder: Arc::from(make(twinfire::decode::KINDS, &arm.decoder).unwrap()),
            offset: Vec::new(),
        };
        let samples: Vec<u32> = (0..24).collect();
        let values = Matrix::from_fn(4, 24, |i, b| ((i * 5 + b * 7) % 13) as f32 / 12.0);
        Self {
            chain,
            code,
            rule: make(rule::KINDS, &arm.rule).unwrap(),
            batch: Batch { values, samples, seed: 1, step: 1, dropout: 0.0 },
            labels: (0..24).map(|b| b % 3).collect(),
        }
    }

    fn learn(&self, regime: Regime) -> Lesson {
        let mut presenter = regime.presenter(&self.chain, self.code.clone());
        let response = presenter.present(&self.chain, &self.batch);
        let mut stage = BatchStage {
            presenter: presenter.as_mut(),
            chain: &self.chain,
            batch: &self.batch,
            response: &response,
            labels: &self.labels,
        };
        self.rule.learn(&mut stage, &[])
    }

    /// Mean loss over the batch, in the rate regime, as the rule counts it.
    fn loss(&self) -> f64 {
        self.learn(Regime::Rate).loss / self.labels.len() as f64
    }
}

const GREEDY: &str = "rule.q_agrel = { learning_rate = 0.1, exploration = 0, feedback = \"analog\" }";

/// Backpropagation of (r - Q_s)^2 / 2 through rectified layers, in f64, written out.
fn backpropagated(bench: &Bench) -> Vec<nalgebra::DMatrix<f64>> {
    let weights: Vec<nalgebra::DMatrix<f64>> = bench.chain.weights.iter().map(|w| w.map(f64::from)).collect();
    let mut gradients: Vec<_> = weights.iter().map(|w| nalgebra::DMatrix::zeros(w.nrows(), w.ncols())).collect();
    for (column, &label) in bench.labels.iter().enumerate() {
        let mut h = vec![bench.batch.values.column(column).map(f64::from)];
        for (layer, w) in weights.iter().enumerate() {
            let z = w * &h[layer];
            h.push(if layer + 1 < weights.len() { z.map(|z| z.max(0.0)) } else { z });
        }
        let q = &h[weights.len()];
        let chosen = q.imax();
        let reward = f64::from(u8::from(chosen == label as usize));
        let mut signal = nalgebra::DVector::zeros(q.len());
        signal[chosen] = reward - q[chosen];
        for layer in (0..weights.len()).rev() {
            gradients[layer] += &signal * h[layer].transpose() / bench.labels.len() as f64;
            let open = h[layer].map(|a| f64::from(u8::from(a > 0.0)));
            signal = (weights[layer].transpose() * &signal).component_mul(&open);
        }
    }
    gradients
}

#[test]
fn tied_q_agrel_in_rates_is_backpropagation_of_the_prediction_error() {
    let bench = Bench::new(GREEDY, 8);
    let lesson = bench.learn(Regime::Rate);
    for (change, gradient) in lesson.changes.iter().zip(backpropagated(&bench)) {
        let scale = gradient.amax();
        assert!(scale > 1e-4, "the gradient vanishes: nothing is compared");
        let worst = (change.map(f64::from) - gradient).amax() / scale;
        assert!(worst < 1e-5, "off by {worst:e} of the largest");
    }
}

/// Largest deviation of the changes from minus the slope of the loss, relative to the largest
/// change, over some weights of every projection.
fn finite_difference_error(rule: &str) -> f64 {
    let mut bench = Bench::new(rule, 8);
    let lesson = bench.learn(Regime::Rate);
    let mut worst: f64 = 0.0;
    for projection in 0..lesson.changes.len() {
        let change = lesson.changes[projection].clone();
        let scale = f64::from(change.amax());
        for index in (0..change.len()).step_by(7) {
            let weight = bench.chain.weights[projection][index];
            let mut at = |step: f32| {
                bench.chain.weights[projection][index] = weight + step;
                bench.loss()
            };
            let step = 2e-3;
            let slope = (at(step) - at(-step)) / (2.0 * f64::from(step));
            bench.chain.weights[projection][index] = weight;
            worst = worst.max((slope + f64::from(change[index])).abs() / scale);
        }
    }
    worst
}

#[test]
fn both_rules_descend_their_loss_by_finite_differences() {
    for rule in [GREEDY, "rule.backpropagation = { learning_rate = 0.1, temperature = 0.5 }"] {
        let error = finite_difference_error(rule);
        assert!(error < 0.02, "{rule}: off by {error} of the largest change");
    }
}

fn cosine(a: &Matrix, b: &Matrix) -> f64 {
    let dot =
        |x: &Matrix, y: &Matrix| -> f64 { x.iter().zip(y.iter()).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum() };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// With more and more spikes per presentation, the spiking change turns towards the rate
/// change. Printed with `--nocapture`.
#[test]
fn the_spiking_change_points_the_same_way_as_the_rate_change() {
    for feedback in ["analog", "spikes"] {
        let mut before = [0.0; 3];
        for window in [4, 16, 64, 256] {
            let rule = format!(
                "rule.q_agrel = {{ learning_rate = 0.1, exploration = 0, feedback = \"{feedback}\", feedback_ticks = {window} }}"
            );
            let bench = Bench::new(&rule, window);
            let (spiking, rate) = (bench.learn(Regime::Spiking), bench.learn(Regime::Rate));
            let cosines: Vec<f64> =
                spiking.changes.iter().zip(&rate.changes).map(|(spiking, rate)| cosine(spiking, rate)).collect();
            println!("feedback {feedback}, {window:3} ticks: cosine per projection {cosines:.4?}");
            let grows = cosines.iter().zip(&before).all(|(now, before)| now > before);
            assert!(grows, "{feedback}, {window} ticks: {cosines:?} after {before:?}");
            before.copy_from_slice(&cosines);
        }
        assert!(before.iter().all(|&cosine| cosine > 0.99), "{feedback}: {before:?}");
    }
}
