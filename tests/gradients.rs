//! The rules are what theory says they are.

use std::sync::Arc;

use twinfire::experiment::Experiment;
use twinfire::experiment::session::make;
use twinfire::learned::{ParameterId, Parameters};
use twinfire::matrix::Matrix;
use twinfire::network::bench::{Bench, Moment, Scratch};
use twinfire::network::signal::Batch;
use twinfire::network::stack::{Coding, Stack};
use twinfire::regime::{self, Regime};
use twinfire::rule;
use twinfire::task::{self, Targets, Task};

/// A small network of three projections with a rule, ready to learn from one batch.
struct Small {
    stacks: Vec<Stack>,
    parameters: Parameters,
    coding: Coding,
    rule: Box<dyn rule::Rule>,
    task: Box<dyn Task>,
    batch: Batch,
    labels: Vec<u16>,
}

/// What it learned: the change of each projection, and the loss summed over the batch.
struct Learned {
    changes: Vec<Matrix>,
    loss: f64,
}

impl Small {
    fn new(rule: &str, window_ms: u32) -> Self {
        let text = format!(
            "model_text = '''\n[[layers]]\nsize = 4\n[[layers]]\ndense = 40\n[[layers]]\ndense = 30\n[[layers]]\ndense = 3\n'''\n\
             dataset = \"iris\"\nencoder.regular = {{ window = \"{window_ms} ms\" }}\ndecoder = \"membrane\"\n{rule}\n"
        );
        let experiment = Experiment::from_text("bench.toml", &text, &[]).unwrap();
        let arm = &experiment.arms[0];
        let (mut stacks, mut parameters) = Stack::all(&experiment.model, 3).unwrap();
        for id in stacks[0].weights() {
            *parameters.values_mut(id) *= 0.5;
        }
        let coding = Coding {
            encoder: Arc::from(make(twinfire::encode::KINDS, &arm.encoder).unwrap()),
            decoder: Arc::from(make(twinfire::decode::KINDS, &arm.decoder).unwrap()),
        };
        stacks[0].layers[3].fires = coding.decoder.fires();
        let samples: Vec<u32> = (0..24).collect();
        let values = Matrix::from_fn(4, 24, |i, b| ((i * 5 + b * 7) % 13) as f32 / 12.0);
        Self {
            stacks,
            parameters,
            coding,
            rule: make(rule::KINDS, &arm.rule).unwrap(),
            task: make(task::KINDS, &arm.task).unwrap(),
            batch: Batch { values, samples, seed: 1, step: 1 },
            labels: (0..24).map(|b| b % 3).collect(),
        }
    }

    fn weights(&self) -> Vec<ParameterId> {
        self.stacks[0].weights().collect()
    }

    fn learn(&self, regime: Regime) -> Learned {
        let (mut presenter, scratch) = (regime::presenter(regime), Scratch::default());
        let targets = Targets::Classes(self.labels.clone());
        let on = ((&self.batch, &targets), (&*self.task, &self.coding));
        let moment = Moment::default();
        let bench = Bench::new(&self.stacks, &self.parameters, on.0, on.1, presenter.as_mut(), &scratch, moment);
        let lesson = self.rule.learn(&bench);
        let changes = self.weights().into_iter().map(|id| lesson.changes.step_of(id).unwrap().clone()).collect();
        Learned { changes, loss: lesson.loss.iter().sum() }
    }

    /// Mean loss over the batch, in the rate regime, as the rule counts it.
    fn loss(&self) -> f64 {
        self.learn(Regime::Rate).loss / self.labels.len() as f64
    }
}

const GREEDY: &str = "rule.q_agrel = { learning_rate = 0.1, exploration = 0, feedback = \"analog\" }";

/// Backpropagation of (r - Q_s)^2 / 2 through rectified layers, in f64, written out.
fn backpropagated(bench: &Small) -> Vec<nalgebra::DMatrix<f64>> {
    let weights: Vec<nalgebra::DMatrix<f64>> =
        bench.weights().into_iter().map(|id| bench.parameters.values(id).map(f64::from)).collect();
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
    let bench = Small::new(GREEDY, 8);
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
    let mut bench = Small::new(rule, 8);
    let lesson = bench.learn(Regime::Rate);
    let (mut worst, ids) = (0.0f64, bench.weights());
    for (id, change) in ids.into_iter().zip(lesson.changes) {
        let scale = f64::from(change.amax());
        for index in (0..change.len()).step_by(7) {
            let weight = bench.parameters.values(id)[index];
            let mut at = |step: f32| {
                bench.parameters.values_mut(id)[index] = weight + step;
                bench.loss()
            };
            let step = 2e-3;
            let slope = (at(step) - at(-step)) / (2.0 * f64::from(step));
            bench.parameters.values_mut(id)[index] = weight;
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
            let bench = Small::new(&rule, window);
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
