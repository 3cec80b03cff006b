//! STDP with triplets of spikes (Pfister and Gerstner 2006, J. Neurosci. 26:9673). NEST:
//! `stdp_triplet_synapse`.
//!
//! ```text
//! post at s:  w <- clip(w + r1 (A2_plus + A3_plus o2))      r1 = K_plus exp(-(s + d - t') / tau_plus), t' the last pre
//!                                                           o2 = sum over earlier post q of exp(-(s - q) / tau_minus_triplet)
//! pre at t:   w <- clip(w - o1 (A2_minus + A3_minus r2))    o1 = sum over post s with s + d < t of exp(-(t - d - s) / tau_minus)
//!                                                           r2 = sum over earlier pre p of exp(-(t - p) / tau_plus_triplet)
//!             then K_plus <- K_plus exp(-(t - t') / tau_plus) + 1
//! nearest     every trace is 1 after a spike, whatever it was
//! w_max < 0   the same for -w: potentiation strengthens inhibition, as in NEST
//! ```
//! The defaults are the full model's of visual cortex (their table 3), each pairing with its own.

use super::Preset;
use super::on_spikes::{Segment, SpikePlasticity, SpikeRule, SynapseSlice};
use super::pairs::decay::Decay;
use super::pairs::dependence::{Bounds, Branch};
use super::pairs::postsynaptic::{MINUS_SPAN, Pairing};
use super::pairs::spike_pairs::SpikePairs;
use super::stdp::{PAIRING, W_MAX, W_MIN, bounds, time, weight};
use crate::parameter::{Kind, Range, Values};
use crate::real::Real;

#[derive(Debug, Clone, Copy)]
struct Triplets {
    /// Of pairs, and of the slow traces of triplets.
    tau_plus: (f64, f64),
    tau_minus: (f64, f64),
    /// Amplitudes of pairs and of triplets.
    plus: (f64, f64),
    minus: (f64, f64),
    bounds: (f64, f64),
    pairing: Pairing,
}

pub(super) const KIND: Kind<dyn SpikeRule> = Kind {
    name: "triplet_stdp",
    aliases: &["stdp_triplet", "stdp_triplet_synapse"],
    summary: "STDP with triplets of spikes: pairing at high rates strengthens",
    fields: &[
        time("tau_plus", "16.8 ms", "How potentiation falls with the time from pre to post"),
        time("tau_minus", "33.7 ms", "How depression falls with the time from post to pre"),
        time("tau_plus_triplet", "101 ms", "Slow presynaptic trace (tau_x); 714 ms when pairing is nearest"),
        time("tau_minus_triplet", "125 ms", "Slow postsynaptic trace (tau_y); 40 ms when pairing is nearest"),
        weight(
            "a_plus",
            &["a2_plus", "Aplus"],
            "5e-10",
            Range::Any,
            "Potentiation by pairs; 8.8e-11 when pairing is nearest",
        ),
        weight(
            "a_minus",
            &["a2_minus", "Aminus"],
            "7e-3",
            Range::Any,
            "Depression by pairs; 6.6e-3 when pairing is nearest",
        ),
        weight(
            "a_plus_triplet",
            &["a3_plus", "Aplus_triplet"],
            "6.2e-3",
            Range::Any,
            "Potentiation by triplets; 5.3e-2 when pairing is nearest",
        ),
        weight(
            "a_minus_triplet",
            &["a3_minus", "Aminus_triplet"],
            "2.3e-4",
            Range::Any,
            "Depression by triplets; 3.1e-3 when pairing is nearest",
        ),
        W_MAX,
        W_MIN,
        PAIRING,
    ],
    build: |v: &Values| {
        let bounds = bounds(v)?;
        let amplitudes = |pair, triplet| (v.number(pair) * bounds.1.signum(), v.number(triplet) * bounds.1.signum());
        Ok(Box::new(Triplets {
            tau_plus: (v.number("tau_plus"), v.number("tau_plus_triplet")),
            tau_minus: (v.number("tau_minus"), v.number("tau_minus_triplet")),
            plus: amplitudes("a_plus", "a_plus_triplet"),
            minus: amplitudes("a_minus", "a_minus_triplet"),
            bounds,
            pairing: if v.text("pairing") == "nearest" { Pairing::Nearest } else { Pairing::All },
        }))
    },
};

/// The amplitudes and slow time constants that were fitted with nearest pairs.
pub(super) const PRESETS: &[Preset] = &[Preset {
    name: "triplet_stdp",
    given: Some(("pairing", "nearest")),
    sets: &[
        ("tau_plus_triplet", "714 ms"),
        ("tau_minus_triplet", "40 ms"),
        ("a_plus", "8.8e-11"),
        ("a_minus", "6.6e-3"),
        ("a_plus_triplet", "5.3e-2"),
        ("a_minus_triplet", "3.1e-3"),
    ],
}];

impl SpikeRule for Triplets {
    fn bounds(&self) -> Option<(f64, f64)> {
        Some(self.bounds)
    }

    fn largest_change(&self) -> f64 {
        [self.plus.0, self.plus.1, self.minus.0, self.minus.1].iter().fold(0.0, |most, change| most.max(change.abs()))
    }

    in_both_precisions!(TripletStdpAtWork);
}

/// A slow trace: what it was just after its last spike.
#[derive(Debug, Clone, Copy, Default)]
struct Trace {
    tick: i64,
    height: f64,
}

impl Trace {
    /// What is left at `tick`.
    fn at(self, tick: i64, decay: Decay) -> f64 {
        self.height * decay.over(tick - self.tick)
    }

    /// A spike; gives what was left just before it.
    fn spike(&mut self, tick: i64, decay: Decay, pairing: Pairing) -> f64 {
        let before = self.at(tick, decay);
        *self = Self { tick, height: if pairing == Pairing::All { before + 1.0 } else { 1.0 } };
        before
    }
}

#[derive(Debug, Clone)]
struct TripletStdpAtWork<R> {
    rule: Triplets,
    pairs: SpikePairs<R>,
    slow_plus: Decay,
    slow_minus: Decay,
    /// Slow traces of segments' sources, and of neurons.
    sources: Vec<Trace>,
    neurons: Vec<Trace>,
}

impl<R: Real> TripletStdpAtWork<R> {
    fn new(rule: Triplets, scope: &SynapseSlice) -> Self {
        let times = (rule.tau_plus.0, rule.tau_minus.0);
        Self {
            rule,
            pairs: SpikePairs::new(scope, times, rule.pairing, Bounds::between(rule.bounds.0, rule.bounds.1)),
            slow_plus: Decay::new(rule.tau_plus.1, scope.resolution, MINUS_SPAN),
            slow_minus: Decay::new(rule.tau_minus.1, scope.resolution, MINUS_SPAN),
            sources: vec![Trace::default(); scope.segments],
            neurons: vec![Trace::default(); scope.targets],
        }
    }
}

/// A potentiation has its amplitudes in the strength of the postsynaptic spike.
const UP: (f64, Branch) = (1.0, Branch::Additive);

impl<R: Real> SpikePlasticity<R> for TripletStdpAtWork<R> {
    fn on_pre(&mut self, pre: u64, mut segment: Segment<'_, R>) -> R {
        let r2 = self.sources[segment.index].spike(pre as i64, self.slow_plus, self.rule.pairing);
        let down = self.rule.minus.0 + self.rule.minus.1 * r2;
        self.pairs.arrive(pre, &mut segment, UP, (down, Branch::Additive));
        R::from(1.0)
    }

    fn on_post(&mut self, tick: u64, neurons: &[u32]) {
        let (traces, decay) = (&mut self.neurons, self.slow_minus);
        let Triplets { plus, pairing, .. } = self.rule;
        self.pairs
            .past
            .tell(tick, neurons, |neuron| plus.0 + plus.1 * traces[neuron as usize].spike(tick as i64, decay, pairing));
    }

    fn wants_to_settle(&self, tick: u64) -> bool {
        self.pairs.past.is_long(tick)
    }

    fn settle(&mut self, mut segment: Segment<'_, R>) {
        self.pairs.settle(&mut segment, UP);
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
        for pairing in ["all_to_all", "nearest"] {
            let numbers = [
                ("tau_plus", 1.3),
                ("tau_minus", 0.9),
                ("tau_plus_triplet", 5.0),
                ("tau_minus_triplet", 4.0),
                ("a_plus", 0.004),
                ("w_max", 1.0),
            ];
            let numbers = numbers.iter().map(|&(name, number)| (name, Value::Number(number)));
            let set: Vec<_> = numbers.chain([("pairing", Value::Text(pairing.into()))]).collect();
            agrees_with_itself(|| (KIND.build)(&values(&KIND, &set)).unwrap());
        }
    }
}
