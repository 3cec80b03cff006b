//! Measures of how well a task is done: means over presentations, known by name.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Values of metrics by name.
pub type Scores = BTreeMap<String, f64>;

/// A mean over presentations of what each counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// As in `summary.json` and in `--require NAME=VALUE`.
    pub name: Cow<'static, str>,
    /// `%`, or empty for numbers without a unit.
    pub unit: Cow<'static, str>,
    /// What the mean is multiplied by: 100 for percent.
    pub factor: f64,
    pub better: Better,
    /// The largest value that there can be; the least is 0.
    pub most: Option<f64>,
    /// What it measures, in a sentence.
    pub summary: Cow<'static, str>,
}

/// Which way a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    Higher,
    Lower,
}

impl Better {
    /// Whether `new` is better than `old`.
    pub fn than(self, new: f64, old: f64) -> bool {
        match self {
            Self::Higher => new > old,
            Self::Lower => new < old,
        }
    }
}

impl Metric {
    /// Its value, where the scores of so many presentations sum up to `sum`.
    pub fn value(&self, sum: f64, presentations: usize) -> f64 {
        self.factor * sum / presentations.max(1) as f64
    }

    /// The name with its unit: `name (%)`.
    pub fn heading(&self) -> String {
        let name = self.name.replace('_', " ");
        if self.unit.is_empty() { name } else { format!("{name} ({})", self.unit) }
    }

    /// A value with its unit: `96.40 %`, `0.01234`.
    pub fn shown(&self, value: f64) -> String {
        format!("{}{}", self.digits(value), self.suffix())
    }

    /// The unit as it follows a number.
    pub fn suffix(&self) -> String {
        if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) }
    }

    /// A value in as many digits as tell trainings apart.
    pub fn digits(&self, value: f64) -> String {
        format!("{value:.0$}", self.places())
    }

    /// Digits behind the point.
    pub fn places(&self) -> usize {
        if self.factor == 100.0 { 2 } else { 5 }
    }

    /// Between what values lie.
    pub fn bounds(&self) -> (f64, f64) {
        (0.0, self.most.unwrap_or(f64::INFINITY))
    }
}

/// The values of metrics, in their order, by name.
pub fn by_name(metrics: &[Metric], values: &[f64]) -> Scores {
    metrics.iter().zip(values).map(|(metric, &value)| (metric.name.to_string(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_with_their_unit() {
        let right = Metric {
            name: Cow::Borrowed("right_answers"),
            unit: Cow::Borrowed("%"),
            factor: 100.0,
            better: Better::Higher,
            most: Some(100.0),
            summary: Cow::Borrowed(""),
        };
        assert_eq!((right.value(3.0, 4), right.value(0.0, 0)), (75.0, 0.0));
        assert_eq!((&*right.heading(), &*right.shown(96.4)), ("right answers (%)", "96.40 %"));
        let error = Metric { unit: Cow::Borrowed(""), factor: 1.0, better: Better::Lower, ..right };
        assert_eq!((&*error.heading(), &*error.shown(0.0123)), ("right answers", "0.01230"));
        assert!(Better::Lower.than(0.1, 0.2) && !Better::Lower.than(0.2, 0.2) && Better::Higher.than(0.3, 0.2));
    }
}
