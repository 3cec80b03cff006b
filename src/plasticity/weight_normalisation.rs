//! Homeostasis by normalisation: now and then the weights of each neuron's incoming synapses
//! are scaled to a given sum (von der Malsburg 1973; as in Diehl and Cook 2015).
//!
//! ```text
//! every T:  w_ij <- w_ij total / sum over i of w_ij
//! ```
//! A neuron whose weights are all 0 is left alone.

use super::on_spikes::{Factors, Segment, SpikePlasticity, SpikeRule, SynapseSlice};
use super::stdp::{time, weight};
use crate::parameter::{Kind, Range, Values};
use crate::real::Real;
use crate::time::Resolution;

#[derive(Debug, Clone, Copy)]
struct WeightNormalisation {
    every: f64,
    total: f64,
}

pub(super) const KIND: Kind<dyn SpikeRule> = Kind {
    name: "weight_normalisation",
    aliases: &["weight_normalization", "normalisation"],
    summary: "Homeostasis: now and then scales the incoming weights of each neuron to a given sum",
    fields: &[
        time("every", "1 s", "Time from one normalisation to the next"),
        weight("total", &["sum"], "78", Range::Any, "Sum of the incoming weights of a neuron"),
    ],
    build: |v: &Values| {
        let rule = WeightNormalisation { every: v.number("every"), total: v.number("total") };
        if rule.total == 0.0 { Err("total is 0: no weight would be left".into()) } else { Ok(Box::new(rule)) }
    },
};

impl SpikeRule for WeightNormalisation {
    in_both_precisions!(WeightNormalisationAtWork);

    fn whole_ticks(&self) -> &'static [&'static str] {
        &["every"]
    }

    fn bounds(&self) -> Option<(f64, f64)> {
        Some((0.0, f64::INFINITY.copysign(self.total)))
    }
}

/// A time of a rule in ticks, of which a checked model has a whole number of at least 1.
pub(super) fn period(ms: f64, resolution: Resolution) -> u64 {
    (ms / resolution.ms()).round().max(1.0) as u64
}

#[derive(Debug, Clone)]
struct WeightNormalisationAtWork {
    total: f64,
    period: u64,
}

impl WeightNormalisationAtWork {
    fn new(rule: WeightNormalisation, scope: &SynapseSlice) -> Self {
        Self { total: rule.total, period: period(rule.every, scope.resolution) }
    }
}

impl<R: Real> SpikePlasticity<R> for WeightNormalisationAtWork {
    fn on_pre(&mut self, _: u64, _: Segment<'_, R>) -> R {
        R::from(1.0)
    }

    fn on_post(&mut self, _: u64, _: &[u32]) {}

    fn is_due(&self, tick: u64) -> bool {
        tick > 0 && tick.is_multiple_of(self.period)
    }

    fn factors(&self, _: u64) -> Factors {
        Factors::TotalOverSum(self.total)
    }

    fn scale(&self, factors: &[f64], segment: Segment<'_, R>) {
        for (weight, &target) in segment.weights.iter_mut().zip(segment.targets) {
            *weight = R::rounded((*weight).into() * factors[usize::from(target)]);
        }
    }

    fn duplicate(&self) -> Box<dyn SpikePlasticity<R>> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Fixture, agrees_with_itself, values};
    use super::*;
    use crate::parameter::Value;

    fn rule() -> Box<dyn SpikeRule> {
        let set = [("every", Value::Number(10.0)), ("total", Value::Number(3.0))];
        (KIND.build)(&values(&KIND, &set)).unwrap()
    }

    #[test]
    fn the_weights_of_every_neuron_sum_to_the_total() {
        let fixture = Fixture::random(4, 101, 0.0);
        let run = fixture.run(rule().double(&fixture.scope(&(0..40))), 0..40, |_| false);
        let mut sums = vec![0.0; 40];
        for (wires, weights) in fixture.wires.iter().zip(&run.weights) {
            wires.targets.iter().zip(weights).for_each(|(&target, weight)| sums[usize::from(target)] += weight);
        }
        assert!(sums.iter().all(|sum: &f64| (sum - 3.0).abs() < 1e-12), "{sums:?}");
    }

    #[test]
    fn settling_and_slices_change_no_bit_and_f32_is_close() {
        agrees_with_itself(rule);
    }
}
