//! Inhibitory plasticity that brings neurons to a firing rate (Vogels, Sprekeler, Zenke, Clopath,
//! Gerstner 2011, Science 334:1569). NEST: `vogels_sprekeler_synapse`.
//!
//! ```text
//! post at s:  w <- clip(w + eta K_plus exp(-(s + d - t') / tau)), t' the last pre
//! pre at t:   w <- clip(w + eta K_minus);  w <- clip(w - eta alpha)
//!             K_minus = sum over post s with s + d < t of exp(-(t - d - s) / tau)
//!             then K_plus <- K_plus exp(-(t - t') / tau) + 1
//! ```
//! Neurons are brought to a rate of alpha / (2 tau). For weights below 0 the changes are
//! negative: eta has the sign of w_max.

use super::on_spikes::{Segment, SpikePlasticity, SpikeRule, SynapseSlice};
use super::pairs::dependence::{Bounds, Branch};
use super::pairs::postsynaptic::Pairing;
use super::pairs::spike_pairs::{Change, SpikePairs};
use super::stdp::{W_MAX, W_MIN, bounds, number, time, weight};
use crate::parameter::{Kind, Range, Values};
use crate::real::Real;

#[derive(Debug, Clone, Copy)]
struct InhibitoryStdp {
    tau: f64,
    /// With the sign of the weights.
    eta: f64,
    alpha: f64,
    bounds: (f64, f64),
}

pub(super) const KIND: Kind<dyn SpikeRule> = Kind {
    name: "inhibitory_stdp",
    aliases: &["vogels_sprekeler", "vogels_sprekeler_synapse"],
    summary: "Inhibitory plasticity that brings neurons to a firing rate",
    fields: &[
        time("tau", "20 ms", "How changes fall with the time between pre and post"),
        weight("learning_rate", &["eta"], "0.001", Range::NotNegative, "Change by a pair"),
        number(
            "alpha",
            &[],
            "0.12",
            Range::NotNegative,
            "Depression by each presynaptic spike: 2 tau times the rate to reach",
        ),
        W_MAX,
        W_MIN,
    ],
    build: |v: &Values| {
        let bounds = bounds(v)?;
        let eta = v.number("learning_rate").copysign(bounds.1);
        Ok(Box::new(InhibitoryStdp { tau: v.number("tau"), eta, alpha: v.number("alpha"), bounds }))
    },
};

impl SpikeRule for InhibitoryStdp {
    fn bounds(&self) -> Option<(f64, f64)> {
        Some(self.bounds)
    }

    fn largest_change(&self) -> f64 {
        self.eta.abs().max((self.eta * self.alpha).abs())
    }

    in_both_precisions!(InhibitoryStdpAtWork);
}

#[derive(Debug, Clone)]
struct InhibitoryStdpAtWork<R> {
    pairs: SpikePairs<R>,
    bounds: Bounds<R>,
    /// By a pair.
    change: Change,
    /// By a presynaptic spike alone.
    fall: R,
}

impl<R: Real> InhibitoryStdpAtWork<R> {
    fn new(rule: InhibitoryStdp, scope: &SynapseSlice) -> Self {
        let bounds = Bounds::between(rule.bounds.0, rule.bounds.1);
        Self {
            pairs: SpikePairs::new(scope, (rule.tau, rule.tau), Pairing::All, bounds),
            bounds,
            change: (rule.eta, Branch::Additive),
            fall: R::rounded(rule.eta * rule.alpha),
        }
    }
}

impl<R: Real> SpikePlasticity<R> for InhibitoryStdpAtWork<R> {
    fn on_pre(&mut self, pre: u64, mut segment: Segment<'_, R>) -> R {
        let (gain, branch) = self.change;
        self.pairs.arrive(pre, &mut segment, self.change, (-gain, branch));
        for weight in segment.weights {
            *weight = self.bounds.clip(*weight - self.fall);
        }
        R::from(1.0)
    }

    fn on_post(&mut self, tick: u64, neurons: &[u32]) {
        self.pairs.past.tell(tick, neurons, |_| 1.0);
    }

    fn wants_to_settle(&self, tick: u64) -> bool {
        self.pairs.past.is_long(tick)
    }

    fn settle(&mut self, mut segment: Segment<'_, R>) {
        self.pairs.settle(&mut segment, self.change);
    }

    fn settled(&mut self, tick: u64) {
        self.pairs.past.shorten(tick);
    }

    fn duplicate(&self) -> Box<dyn SpikePlasticity<R>> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{agrees_with_itself, values};
    use super::*;
    use crate::parameter::Value;

    #[test]
    fn settling_and_slices_change_no_bit_and_f32_is_close() {
        let numbers = [("tau", 1.3), ("learning_rate", 0.02), ("alpha", 0.4), ("w_max", 1.0)];
        let set: Vec<_> = numbers.iter().map(|&(name, number)| (name, Value::Number(number))).collect();
        agrees_with_itself(|| (KIND.build)(&values(&KIND, &set)).unwrap());
    }
}
