//! The `[training]` table of an experiment.
//!
//! ```text
//! velocity  u <- momentum u - rate(t) (dE/dw + weight_decay w);      w <- w + u
//! rate(t)   constant: rate;   cosine: rate (1 + cos(pi t / t_end)) / 2;   step: rate decay^epoch
//! ```

use crate::parameter::{Field, Form, Range, Value, Values};
use crate::unit::Dimension;

/// How the learning rate changes over a training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Schedule {
    Constant,
    /// From the full rate to 0 over all batches of the training, along half a cosine.
    Cosine,
    /// Multiplied by this factor after every epoch.
    Step(f64),
}

/// How long and on what a network is trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Training {
    pub epochs: u32,
    /// Presentations per weight change; 1 is online learning.
    pub batch: u32,
    /// Part of the training set held out to choose the best epoch, drawn at random.
    pub validation: f64,
    pub momentum: f64,
    pub weight_decay: f64,
    pub schedule: Schedule,
    /// Images are shifted by up to so many pixels in both directions, at random.
    pub shift: u32,
    /// Probability that an input or hidden neuron is silenced for a presentation.
    pub dropout: f64,
    /// Whether the mean training sample is taken off every input, as a constant current.
    pub center: bool,
    /// Initial weights of each layer are scaled so that the root mean square of the mean
    /// drive per tick over one batch is this part of the threshold (LSUV-like; Mishkin & Matas 2016); 0: left alone.
    pub initial_drive: f64,
    /// Train on so many samples only (0: all).
    pub samples: u32,
}

const fn number(name: &'static str, default: &'static str, range: Range, doc: &'static str) -> Field {
    Field { name, aliases: &[], form: Form::Quantity(Dimension::None), default: Some(default), range, doc }
}

const fn count(name: &'static str, default: &'static str, range: Range, doc: &'static str) -> Field {
    Field { name, aliases: &[], form: Form::Count, default: Some(default), range, doc }
}

impl Training {
    /// The keys of the table.
    pub const FIELDS: &'static [Field] = &[
        count("epochs", "10", Range::Within(1.0, 1e6), "Passes over the training set"),
        count("batch", "64", Range::Within(1.0, 65536.0), "Presentations per weight change; 1 is online learning"),
        number(
            "validation",
            "0.1",
            Range::Within(0.0, 0.5),
            "Part of the training set held out, at random, to choose the best epoch; 0: the last epoch counts",
        ),
        number("momentum", "0.9", Range::Within(0.0, 0.999), "Momentum of the weight changes"),
        number("weight_decay", "0", Range::NotNegative, "Decay of the weights, as a factor of the gradient of w^2 / 2"),
        Field {
            name: "schedule",
            aliases: &["learning_rate_schedule"],
            form: Form::Choice(&["constant", "cosine", "step"]),
            default: Some("cosine"),
            range: Range::Any,
            doc: "How the learning rate falls: not at all, along half a cosine to 0, or by a factor per epoch",
        },
        number(
            "learning_rate_decay",
            "0.9",
            Range::Within(0.0, 1.0),
            "Factor on the learning rate after every epoch, for schedule = \"step\"",
        ),
        count("shift", "0", Range::Within(0.0, 8.0), "Shift training images by up to so many pixels, at random"),
        number(
            "dropout",
            "0",
            Range::Within(0.0, 0.9),
            "Probability that an input or hidden neuron is silenced for a training presentation",
        ),
        Field {
            name: "center",
            aliases: &[],
            form: Form::Flag,
            default: Some("false"),
            range: Range::Any,
            doc: "Take the mean training sample off every input: in the spiking regime as a constant current through its synapses",
        },
        number(
            "initial_drive",
            "0",
            Range::NotNegative,
            "Scale initial weights so that the rms of the mean drive per tick is this part of the threshold in every layer; 0: leave them",
        ),
        count("samples", "0", Range::Within(0.0, 1e9), "Train on so many samples only; 0: all"),
    ];

    /// The table from its checked values.
    pub fn from_values(values: &Values) -> Self {
        let count = |name| values.count(name) as u32;
        Self {
            epochs: count("epochs"),
            batch: count("batch"),
            validation: values.number("validation"),
            momentum: values.number("momentum"),
            weight_decay: values.number("weight_decay"),
            schedule: match values.text("schedule") {
                "constant" => Schedule::Constant,
                "step" => Schedule::Step(values.number("learning_rate_decay")),
                _ => Schedule::Cosine,
            },
            shift: count("shift"),
            dropout: values.number("dropout"),
            center: values.flag("center"),
            initial_drive: values.number("initial_drive"),
            samples: count("samples"),
        }
    }

    /// The values of the table, from which [`from_values`](Self::from_values) makes it again.
    /// `learning_rate_decay` is there only where the schedule has it.
    pub fn values(&self) -> Values {
        let mut values = Values::default();
        let counts = [("epochs", self.epochs), ("batch", self.batch), ("shift", self.shift), ("samples", self.samples)];
        for (name, count) in counts {
            values.set(name, Value::Count(count.into()));
        }
        let numbers = [
            ("validation", self.validation),
            ("momentum", self.momentum),
            ("weight_decay", self.weight_decay),
            ("dropout", self.dropout),
            ("initial_drive", self.initial_drive),
        ];
        for (name, number) in numbers {
            values.set(name, Value::Number(number));
        }
        values.set("center", Value::Flag(self.center));
        let schedule = match self.schedule {
            Schedule::Constant => "constant",
            Schedule::Cosine => "cosine",
            Schedule::Step(decay) => {
                values.set("learning_rate_decay", Value::Number(decay));
                "step"
            }
        };
        values.set("schedule", Value::Text(schedule.into()));
        values
    }
}

impl Schedule {
    /// Factor on the learning rate at `batch` (from 0) of `batches` in the whole training.
    pub fn factor(self, epoch: u32, batch: u64, batches: u64) -> f64 {
        match self {
            Self::Constant => 1.0,
            Self::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * batch as f64 / batches.max(1) as f64).cos()),
            Self::Step(decay) => decay.powi(epoch as i32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_start_at_one_and_fall() {
        assert_eq!(Schedule::Constant.factor(3, 7, 10), 1.0);
        assert_eq!(Schedule::Cosine.factor(0, 0, 10), 1.0);
        assert!((Schedule::Cosine.factor(0, 5, 10) - 0.5).abs() < 1e-12);
        assert_eq!(Schedule::Step(0.5).factor(2, 0, 0), 0.25);
    }

    #[test]
    fn the_table_holds_every_field() {
        let mut values = Values::default();
        for field in Training::FIELDS {
            let default = field.default.unwrap();
            let value = match field.form {
                Form::Count => Value::Count(default.parse().unwrap()),
                Form::Choice(_) => Value::Text("step".into()),
                Form::Flag => Value::Flag(true),
                _ => Value::Number(default.parse().unwrap()),
            };
            values.set(field.name, value);
        }
        assert_eq!(Training::from_values(&values).values(), values);
    }
}
