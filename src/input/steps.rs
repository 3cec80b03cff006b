//! Piecewise constant currents.

use super::generator::{Generator, InputSlice};
use crate::time::Tick;

/// A current that is `profile` times the factor of the last change.
#[derive(Debug, Clone)]
pub(super) struct Steps {
    /// Ascending.
    changes: Vec<(Tick, f64)>,
    /// Of each neuron of the slice.
    profile: Vec<f64>,
    levels: Vec<f64>,
    /// How many changes were made; `None` before the first question.
    made: Option<usize>,
}

impl Steps {
    /// `changes` of the factor on `profile`, one for all neurons of the population or one for each.
    pub fn new(mut changes: Vec<(Tick, f64)>, profile: &[f64], scope: &InputSlice) -> Self {
        changes.sort_by_key(|&(tick, _)| tick);
        let of = |neuron| profile[if profile.len() == 1 { 0 } else { neuron }];
        let profile: Vec<f64> = scope.neurons.clone().map(of).collect();
        Self { changes, levels: vec![0.0; profile.len()], profile, made: None }
    }
}

impl Generator for Steps {
    fn currents(&mut self, tick: u64) -> Option<&[f64]> {
        let due = self.changes.partition_point(|&(change, _)| change.0 <= tick);
        if self.made == Some(due) {
            return None;
        }
        self.made = Some(due);
        let factor = due.checked_sub(1).map_or(0.0, |last| self.changes[last].1);
        self.levels.iter_mut().zip(&self.profile).for_each(|(level, share)| *level = factor * share);
        Some(&self.levels)
    }

    fn duplicate(&self) -> Box<dyn Generator> {
        Box::new(self.clone())
    }
}
