//! Homeostasis by synaptic scaling: now and then the incoming weights of each neuron are scaled
//! by how far its rate is from a target (Turrigiano et al. 1998; van Rossum, Bi, Turrigiano 2000).
//!
//! ```text
//! rate         dr/dt = -r / tau + spikes / tau
//! every T:     w <- clip(w (1 + strength (target - r) / target))
//! ```
//! The estimate of a neuron starts at its target.

use super::on_spikes::{Factors, Segment, SpikePlasticity, SpikeRule, SynapseSlice};
use super::pairs::decay::Decay;
use super::pairs::dependence::Bounds;
use super::pairs::postsynaptic::MINUS_SPAN;
use super::stdp::{W_MAX, W_MIN, bounds, number, time};
use super::weight_normalisation::period;
use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::real::Real;
use crate::unit::Dimension;

#[derive(Debug, Clone, Copy)]
struct HomeostaticScaling {
    /// In spikes per ms.
    rate: f64,
    tau: f64,
    every: f64,
    strength: f64,
    bounds: (f64, f64),
}

pub(super) const KIND: Kind<dyn SpikeRule> = Kind {
    name: "homeostatic_scaling",
    aliases: &["synaptic_scaling"],
    summary: "Homeostasis: now and then scales the incoming weights of each neuron towards a firing rate",
    fields: &[
        Field {
            name: "rate",
            aliases: &["target_rate"],
            form: Form::Quantity(Dimension::Frequency),
            default: Some("5 Hz"),
            range: Range::Positive,
            doc: "The rate that neurons are brought to",
        },
        time("tau", "10 s", "Time over which rates are estimated"),
        time("every", "1 s", "Time from one scaling to the next"),
        number(
            "strength",
            &["learning_rate", "eta"],
            "0.01",
            Range::Within(0.0, 1.0),
            "Relative change of weights when a neuron is silent",
        ),
        W_MAX,
        W_MIN,
    ],
    build: |v: &Values| {
        Ok(Box::new(HomeostaticScaling {
            rate: v.number("rate") * 1e-3,
            tau: v.number("tau"),
            every: v.number("every"),
            strength: v.number("strength"),
            bounds: bounds(v)?,
        }))
    },
};

impl SpikeRule for HomeostaticScaling {
    fn bounds(&self) -> Option<(f64, f64)> {
        Some(self.bounds)
    }

    in_both_precisions!(HomeostaticScalingAtWork);

    fn whole_ticks(&self) -> &'static [&'static str] {
        &["every"]
    }
}

#[derive(Debug, Clone)]
struct HomeostaticScalingAtWork<R> {
    rule: HomeostaticScaling,
    bounds: Bounds<R>,
    decay: Decay,
    period: u64,
    /// The estimated rate of each neuron in spikes per ms, and the tick it is of.
    rates: Vec<(f64, i64)>,
}

impl<R: Real> HomeostaticScalingAtWork<R> {
    fn new(rule: HomeostaticScaling, scope: &SynapseSlice) -> Self {
        Self {
            rule,
            bounds: Bounds::between(rule.bounds.0, rule.bounds.1),
            decay: Decay::new(rule.tau, scope.resolution, MINUS_SPAN),
            period: period(rule.every, scope.resolution),
            rates: vec![(rule.rate, 0); scope.targets],
        }
    }

    fn rate(&self, neuron: usize, tick: u64) -> f64 {
        let (rate, since) = self.rates[neuron];
        rate * self.decay.over(tick as i64 - since)
    }
}

impl<R: Real> SpikePlasticity<R> for HomeostaticScalingAtWork<R> {
    fn on_pre(&mut self, _: u64, _: Segment<'_, R>) -> R {
        R::from(1.0)
    }

    fn on_post(&mut self, tick: u64, neurons: &[u32]) {
        for &neuron in neurons {
            let rate = self.rate(neuron as usize, tick) + 1.0 / self.rule.tau;
            self.rates[neuron as usize] = (rate, tick as i64);
        }
    }

    fn is_due(&self, tick: u64) -> bool {
        tick > 0 && tick.is_multiple_of(self.period)
    }

    fn factors(&self, tick: u64) -> Factors {
        let missing = |neuron| 1.0 - self.rate(neuron, tick) / self.rule.rate;
        let factor = |neuron| (1.0 + self.rule.strength * missing(neuron)).max(0.0);
        Factors::Known((0..self.rates.len()).map(factor).collect())
    }

    fn scale(&self, factors: &[f64], segment: Segment<'_, R>) {
        for (weight, &target) in segment.weights.iter_mut().zip(segment.targets) {
            *weight = self.bounds.clip(R::rounded((*weight).into() * factors[usize::from(target)]));
        }
    }

    fn duplicate(&self) -> Box<dyn SpikePlasticity<R>> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Fixture, Wires, agrees_with_itself, values};
    use super::*;
    use crate::parameter::Value;

    fn rule() -> Box<dyn SpikeRule> {
        let set = [("rate", 100.0), ("tau", 10.0), ("every", 5.0), ("strength", 0.1)];
        let set: Vec<_> = set.iter().map(|&(name, number)| (name, Value::Number(number))).collect();
        (KIND.build)(&values(&KIND, &set)).unwrap()
    }

    #[test]
    fn weights_rise_when_a_neuron_is_too_silent_and_fall_when_it_is_too_busy() {
        let mut fixture = Fixture { targets: 2, weight: 1.0, ..Fixture::default() };
        fixture.wires.push(Wires { source: 0, delay: 1, targets: vec![0, 1] });
        fixture.pre = vec![Vec::new(); 1000];
        fixture.post = (0..1000).map(|tick| if tick % 20 == 0 { vec![1] } else { Vec::new() }).collect();
        let run = fixture.run(rule().double(&fixture.scope(&(0..2))), 0..2, |_| false);
        assert!(run.weights[0][0] > 1.5 && run.weights[0][1] < 0.5, "{run:?}");
    }

    #[test]
    fn settling_and_slices_change_no_bit_and_f32_is_close() {
        agrees_with_itself(rule);
    }
}
