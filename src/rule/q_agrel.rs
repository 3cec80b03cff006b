//! Q-AGREL / BrainProp: attention-gated reinforcement learning of a one-step reward task
//! (Pozzi, Bohte, Roelfsema, arXiv:1811.01768; BrainProp, NeurIPS 2020; parent rule AuGMEnT,
//! Rombouts, Bohte, Roelfsema 2015, PLoS Comput. Biol. 11:e1004060).
//!
//! ```text
//! scores       Q_k = predicted reward of choosing class k
//! selection    s: max-Boltzmann (max_boltzmann.rs);   r = 1 if s is the class, else 0
//! modulator    delta = r - Q_s                               E = delta^2 / 2
//! attention    f_out = onehot(s);   f_l = W'_{l+1}^T (gate_{l+1} f_{l+1})     from the winner down
//! change       dW_l = rate / B  sum delta (gate_l f_l) h_{l-1}^T              pre x gate x attention x modulator
//! feedback     tied: W' = W.   separate: W' starts at N(0, 1 / pre), gets the same change, and both decay
//! ```
//! With tied weights in the rate regime this is exactly -dE/dW (tests/gradients.rs). In the
//! spiking regime a presentation has three phases: the stimulus (spikes set activities and
//! gates), the feedback (the winner's signal travels down as signed spikes) and the reward
//! (the modulator turns eligibilities into changes). Thresholds of the feedback units are
//! statistics of the batch (regime/spiking/feedback.rs): what is fed back in a presentation
//! depends a little on the others of its batch; with batch = 1 on no other.

use rand_distr::{Distribution as _, StandardNormal};

use super::{Lesson, Needs, Rule, add_scaled, max_boltzmann, modulate};
use crate::learned::{Changes, Parameter, ParameterId};
use crate::matrix::Matrix;
use crate::network::bench::{Bench, Feedback};
use crate::network::presenter::Carrier;
use crate::network::signal::LEARN;
use crate::network::stack::{Layer, Stack};
use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::random::{Purpose, Stream};
use crate::unit::Dimension;

#[derive(Debug)]
struct QAgrel {
    learning_rates: Vec<f64>,
    exploration: f64,
    separate: bool,
    decay: f32,
    /// How the attentional signal travels down in the spiking regime.
    carrier: Carrier,
}

pub(super) const KIND: Kind<dyn Rule> = Kind {
    name: "q_agrel",
    aliases: &["brainprop"],
    summary: "Learning from reward alone: selection, attentional feedback from the choice, global reward-prediction error",
    fields: &[
        LEARNING_RATE,
        Field {
            name: "exploration",
            aliases: &["epsilon"],
            form: Form::Quantity(Dimension::None),
            default: Some("0.02"),
            range: Range::Within(0.0, 1.0),
            doc: "Probability that a choice is drawn from the Boltzmann distribution of the scores instead of being the best",
        },
        Field {
            name: "weights",
            aliases: &["feedback_weights"],
            form: Form::Choice(&["tied", "separate"]),
            default: Some("tied"),
            range: Range::Any,
            doc: "Feedback weights: the forward ones, or separate ones that get the same changes",
        },
        Field {
            name: "decay",
            aliases: &[],
            form: Form::Quantity(Dimension::None),
            default: Some("0.001"),
            range: Range::NotNegative,
            doc: "With separate weights: decay of both directions per learning step, relative to the learning rate; aligns them",
        },
        Field {
            name: "feedback",
            aliases: &[],
            form: Form::Choice(&["spikes", "analog"]),
            default: Some("spikes"),
            range: Range::Any,
            doc: "In the spiking regime, how the attentional signal travels down: as signed spikes, or as a number (an ablation)",
        },
        Field {
            name: "feedback_ticks",
            aliases: &[],
            form: Form::Count,
            default: Some("8"),
            range: Range::Within(1.0, 1000.0),
            doc: "Ticks of the feedback phase",
        },
    ],
    build: |v: &Values| {
        Ok(Box::new(QAgrel {
            learning_rates: v.numbers("learning_rate").to_vec(),
            exploration: v.number("exploration"),
            separate: v.text("weights") == "separate",
            decay: v.number("decay") as f32,
            carrier: match v.text("feedback") {
                "spikes" => Carrier::Spikes(v.count("feedback_ticks") as usize),
                _ => Carrier::Analog,
            },
        }))
    },
};

/// Learning rates; shared by the rules on quantities.
pub(super) const LEARNING_RATE: Field = Field {
    name: "learning_rate",
    aliases: &["eta", "alpha"],
    form: Form::Quantities(Dimension::None),
    default: Some("0.1"),
    range: Range::NotNegative,
    doc: "Learning rate, one for all projections or a list with one for each, input side first",
};

impl Rule for QAgrel {
    fn learning_rates(&self) -> &[f64] {
        &self.learning_rates
    }

    fn needs(&self) -> Needs {
        Needs { stacks: &[], scores: true, reward: true }
    }

    fn parameters(&self, stacks: &[Stack], seed: u64) -> Vec<Parameter> {
        let above = stacks[0].layers.iter().skip(2).enumerate();
        above.filter(|_| self.separate).map(|(index, layer)| feedback_to(layer, seed, index as u32)).collect()
    }

    fn learn(&self, bench: &Bench<'_>) -> Lesson {
        let pass = bench.run(0, &bench.input(&LEARN), &LEARN);
        let explore = |column| bench.stream(column, Purpose::Exploration);
        let choices = max_boltzmann::select(&pass.output, self.exploration, explore);
        let rewards = bench.task.reward(&choices, bench.targets).expect("the task rewards choices: it was checked");
        let errors: Vec<f32> = choices
            .iter()
            .zip(rewards)
            .zip(pass.output.column_iter())
            .map(|((&choice, reward), scores)| reward - scores[choice as usize])
            .collect();
        let mut winners = bench.copy(&pass.output);
        max_boltzmann::one_hot(&choices, &mut winners);
        let own = own_feedback(bench);
        let feedback = if self.separate { Feedback::Own(&own) } else { Feedback::Tied };
        let mut factors = bench.descend(0, &pass, feedback, bench.copy(&winners), self.carrier);
        modulate(&mut factors, &errors);
        let mut changes = bench.three_factor(0, &pass, &factors);
        if self.separate {
            self.reciprocate(bench, &own, &mut changes);
        }
        let loss = errors.iter().map(|&error| 0.5 * f64::from(error).powi(2)).collect();
        Lesson { changes, loss, output: winners }
    }
}

/// Random weights that carry feedback from a layer down.
fn feedback_to(layer: &Layer, seed: u64, index: u32) -> Parameter {
    let fields = &layer.link().fields;
    let mut stream = Stream::new(seed, Purpose::Feedback, index, 0);
    let std = (1.0 / fields.fan_in() as f32).sqrt();
    let values = Matrix::from_fn(fields.width(), fields.weights() / fields.width(), |_, _| {
        let gauss: f32 = StandardNormal.sample(&mut stream);
        std * gauss
    });
    Parameter::learning(format!("feedback/{}.weights", layer.name), values)
}

/// The feedback weights, the lowest first.
fn own_feedback(bench: &Bench<'_>) -> Vec<ParameterId> {
    let layers = bench.stacks[0].layers.iter().skip(2);
    layers.filter_map(|layer| bench.parameters.find(&format!("feedback/{}.weights", layer.name))).collect()
}

impl QAgrel {
    /// The same changes for the feedback weights, and decay for both directions.
    fn reciprocate(&self, bench: &Bench<'_>, own: &[ParameterId], changes: &mut Changes) {
        for (layer, &id) in bench.stacks[0].layers.iter().skip(2).zip(own) {
            let forward = layer.link().weights;
            let change = changes.step_of_mut(forward).expect("every layer learns");
            let mut backward = bench.copy(change);
            add_scaled(&mut backward, -self.decay, bench.parameters.values(id));
            add_scaled(change, -self.decay, bench.parameters.values(forward));
            changes.step(id, backward);
        }
    }
}
