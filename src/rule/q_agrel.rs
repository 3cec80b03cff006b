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

use super::{Feedback, Lesson, Rule, Stage, max_boltzmann, modulate, three_factor};
use crate::matrix::Matrix;
use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::random::{Purpose, Stream};
use crate::unit::Dimension;

#[derive(Debug)]
struct QAgrel {
    learning_rates: Vec<f64>,
    exploration: f64,
    separate: bool,
    decay: f32,
    /// Ticks of the feedback phase; `None` for analog feedback.
    feedback_ticks: Option<usize>,
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
            feedback_ticks: (v.text("feedback") == "spikes").then(|| v.count("feedback_ticks") as usize),
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

    fn memory(&self, projections: &[(usize, usize)], seed: u64) -> Vec<Matrix> {
        if !self.separate {
            return Vec::new();
        }
        let random = |(index, &(post, pre)): (usize, &(usize, usize))| {
            let mut stream = Stream::new(seed, Purpose::Feedback, index as u32, 0);
            let std = (1.0 / pre as f32).sqrt();
            Matrix::from_fn(post, pre, |_, _| {
                let gauss: f32 = StandardNormal.sample(&mut stream);
                std * gauss
            })
        };
        projections[1..].iter().enumerate().map(random).collect()
    }

    fn learn(&self, stage: &mut dyn Stage, memory: &[Matrix]) -> Lesson {
        let choices =
            max_boltzmann::select(stage.scores(), stage.labels(), self.exploration, |column| stage.exploration(column));
        let signal = max_boltzmann::one_hot(&choices, stage.scores().nrows());
        let feedback = if self.separate { Feedback::Own(memory) } else { Feedback::Tied };
        let mut factors = stage.descend(feedback, &signal, self.feedback_ticks);
        factors.push(signal);
        let modulators: Vec<f32> = choices.iter().map(|choice| choice.prediction_error).collect();
        modulate(&mut factors, &modulators);
        let mut changes = three_factor(stage, &factors);
        let memory_changes = if self.separate { self.reciprocal(stage, memory, &mut changes) } else { Vec::new() };
        Lesson {
            changes,
            memory_changes,
            decisions: choices.iter().map(|choice| choice.class).collect(),
            loss: choices.iter().map(|choice| 0.5 * f64::from(choice.prediction_error).powi(2)).sum(),
        }
    }
}

impl QAgrel {
    /// The same changes for the feedback weights, and decay for both directions.
    fn reciprocal(&self, stage: &dyn Stage, memory: &[Matrix], changes: &mut [Matrix]) -> Vec<Matrix> {
        let backward = memory.iter().zip(&changes[1..]).map(|(own, change)| change - own * self.decay).collect();
        for (projection, change) in changes.iter_mut().enumerate().skip(1) {
            *change -= stage.weights(projection) * self.decay;
        }
        backward
    }
}
