//! The membrane of neurons with delta synapses: an arriving spike moves it at once by
//! the weight.
//!
//! ```text
//! between events   V(t) = V_rest + (V(t0) - V_rest) exp(-(t - t0) / tau_m)      (tau_m may be infinite)
//! at an event      V <- V + w, unless refractory: then the input is dropped
//! at a tick        V >= V_thresh: a spike; V <- V_reset or V <- V - (V_thresh - V_rest),
//!                  then V is held for the refractory period
//! ```
//! Conventions: all input of one tick is summed before it is added; a neuron spikes at
//! most once per tick; refractory for n ticks means that input at the n ticks after the
//! spike is dropped. Membranes are kept relative to V_rest, so the rest is 0.
//!
//! Every way to run these neurons does the same arithmetic in the same order, so all give
//! the same bits:
//!
//! ```text
//! update     V <- V * powers[n] + input;  V >= threshold: spike, V <- reset value or V - threshold
//! n          ticks since the last update, or since the end of the refractory period
//! powers[n]  exp(-n h / tau_m), computed in f64 and rounded once
//! input      0 + weights of the spikes that arrive, by (projection, source), + weights of inputs,
//!            by input, + what the constant current adds in one tick
//! ```
//! A neuron is updated at the ticks, and only at the ticks, at which (a) a synapse onto it or
//! an input delivers something, of any weight, or (b) it carries a current other than 0, or
//! (c) it could spike without input, because V is at or above threshold after a subtractive
//! reset: the first tick after the refractory period. At any other tick V only decays, and
//! stays below threshold. A spike happens at the first tick at which V >= threshold.

use super::lazy::LeakyJump;
use super::swept::Step;
use crate::real::Real;

/// What happens to the membrane at a spike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reset {
    /// To the reset value, whatever the overshoot ("hard").
    ToValue,
    /// Down by the distance from rest to threshold, keeping the overshoot ("subtractive").
    Subtract,
}

/// Derived constants of a delta-synapse membrane, in f64 and relative to rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeltaMembrane {
    /// V_rest, in the unit of the model; membranes are stored relative to it.
    pub rest: f64,
    /// V_thresh - V_rest.
    pub threshold: f64,
    /// V_reset - V_rest.
    pub reset_value: f64,
    /// V at the start of a run, relative to rest.
    pub initial: f64,
    /// h / tau_m: the membrane decays by exp(-leak) in one tick. 0 without leak.
    pub leak: f64,
    pub reset: Reset,
    /// Ticks after a spike during which input is dropped.
    pub refractory: u32,
    /// What a constant current of 1 pA adds in one tick.
    pub current_gain: f64,
}

impl DeltaMembrane {
    /// The factor by which the membrane decays in `ticks` ticks.
    pub fn power(&self, ticks: u64) -> f64 {
        (-self.leak * ticks as f64).exp()
    }

    /// `powers[n]` is the decay over n ticks, for n up to and with `ticks`.
    pub fn powers<R: Real>(&self, ticks: usize) -> Vec<R> {
        (0..=ticks as u64).map(|n| R::rounded(self.power(n))).collect()
    }

    /// The constants rounded for a run in `R`.
    pub fn dynamics<R: Real>(&self) -> DeltaDynamics<R> {
        DeltaDynamics {
            threshold: R::rounded(self.threshold),
            reset_value: R::rounded(self.reset_value),
            reset: self.reset,
            refractory: u64::from(self.refractory),
            powers: self.powers(LONGEST),
            membrane: *self,
        }
    }
}

/// The constants of a neuron that is swept: it decays at every tick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeltaStep<R> {
    rest: f64,
    threshold: R,
    reset_value: R,
    /// Taken off at a spike with a subtractive reset, in place of `reset_value`.
    subtracts: bool,
    refractory: R,
    decay: R,
    current_gain: R,
    /// What the constant current adds in one tick.
    constant: R,
}

impl DeltaMembrane {
    /// The constants and the initial state of a swept neuron, rounded for a run in `R`.
    /// `offset_current` (pA) flows all the time.
    pub fn start<R: Real>(&self, offset_current: f64) -> (DeltaStep<R>, [R; 2]) {
        let step = DeltaStep {
            rest: self.rest,
            threshold: R::rounded(self.threshold),
            reset_value: R::rounded(self.reset_value),
            subtracts: self.reset == Reset::Subtract,
            refractory: R::rounded(f64::from(self.refractory)),
            decay: R::rounded(self.power(1)),
            current_gain: R::rounded(self.current_gain),
            constant: R::rounded(self.current_gain * offset_current),
        };
        (step, [R::rounded(self.initial), R::default()])
    }
}

impl DeltaMembrane {
    /// The constants by which a visited neuron jumps over ticks.
    pub(super) fn jump(&self, offset_current: f64) -> LeakyJump {
        LeakyJump {
            leak: self.leak,
            current_gain: self.current_gain,
            constant: self.current_gain * offset_current,
            threshold: self.threshold,
        }
    }
}

/// State: membrane relative to rest, ticks of the refractory period that are left.
impl<R: Real> Step<R, 2> for DeltaStep<R> {
    const RECEPTORS: usize = 1;

    #[inline(always)]
    fn step(&self, state: &mut [R; 2], [arrived, _]: [R; 2], current: R) -> bool {
        let [v, left] = *state;
        let zero = R::default();
        let refractory = left > zero;
        let moved = v * self.decay + (current * self.current_gain + self.constant) + arrived;
        let v = if refractory { v } else { moved };
        let spikes = !refractory & (v >= self.threshold);
        let after = if self.subtracts { v - self.threshold } else { self.reset_value };
        let left = if refractory { left - R::from(1.0) } else { zero };
        *state = [if spikes { after } else { v }, if spikes { self.refractory } else { left }];
        spikes
    }

    fn value(&self, state: &[R; 2], _: usize) -> f64 {
        let v: f64 = state[0].into();
        self.rest + v
    }

    fn set(&self, state: &mut [R; 2], _: usize, value: f64) {
        state[0] = R::rounded(value - self.rest);
    }
}

/// Decays over more ticks than this are not tabulated.
const LONGEST: usize = 1023;

/// The constants of a [`DeltaMembrane`], rounded to the type of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct DeltaDynamics<R> {
    /// Infinite for neurons that only integrate.
    pub threshold: R,
    reset_value: R,
    reset: Reset,
    refractory: u64,
    powers: Vec<R>,
    membrane: DeltaMembrane,
}

impl<R: Real> DeltaDynamics<R> {
    /// The decay over `ticks` ticks.
    #[inline]
    pub fn power(&self, ticks: u64) -> R {
        match self.powers.get(ticks as usize) {
            Some(&power) => power,
            None => R::rounded(self.membrane.power(ticks)),
        }
    }

    /// Updates one neuron at `tick` with `input`, the sum of all that arrives; whether it
    /// spikes. `v` is its membrane at tick `since`, and is held until then: `since` lies
    /// ahead while the neuron is refractory.
    #[inline]
    pub fn update(&self, v: &mut R, since: &mut u64, tick: u64, input: R) -> bool {
        if self.is_held(*since, tick) {
            return false;
        }
        let now = *v * self.power(tick - *since) + input;
        let spikes = now >= self.threshold;
        *v = if spikes { self.after_spike(now) } else { now };
        *since = if spikes { tick + self.refractory } else { tick };
        spikes
    }

    /// Whether input at `tick` is dropped. Nothing is held at tick 0, where runs begin.
    #[inline]
    pub fn is_held(&self, since: u64, tick: u64) -> bool {
        tick <= since && since > 0
    }

    /// The membrane at `tick`, when nothing arrives from `since` on.
    #[inline]
    pub fn membrane_at(&self, v: R, since: u64, tick: u64) -> R {
        v * self.power(tick.saturating_sub(since))
    }

    #[inline]
    fn after_spike(&self, v: R) -> R {
        match self.reset {
            Reset::ToValue => self.reset_value,
            Reset::Subtract => v - self.threshold,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn membrane(reset: Reset, refractory: u32) -> DeltaMembrane {
        DeltaMembrane {
            rest: -65.0,
            threshold: 15.0,
            reset_value: -5.0,
            initial: 0.0,
            leak: 0.01,
            reset,
            refractory,
            current_gain: 1.0,
        }
    }

    #[test]
    fn powers_are_rounded_once_and_go_on_behind_the_table() {
        let membrane = membrane(Reset::ToValue, 0);
        let (single, double) = (membrane.dynamics::<f32>(), membrane.dynamics::<f64>());
        for n in [0, 1, 2, 77, 1023, 1024, 5000] {
            let exact = (-0.01 * n as f64).exp();
            assert_eq!(double.power(n), exact);
            assert_eq!(single.power(n), exact as f32);
        }
    }

    #[test]
    fn both_resets_leave_the_membrane_where_they_say() {
        for (reset, after) in [(Reset::ToValue, -5.0), (Reset::Subtract, 2.0)] {
            let dynamics = membrane(reset, 0).dynamics::<f64>();
            let (mut v, mut since) = (10.0, 3);
            assert!(dynamics.update(&mut v, &mut since, 3 + 1, 17.0 - 10.0 * dynamics.power(1)));
            assert!((v - after).abs() < 1e-14 && since == 4);
        }
    }

    #[test]
    fn input_is_dropped_for_exactly_the_refractory_ticks() {
        let dynamics = membrane(Reset::ToValue, 2).dynamics::<f64>();
        let (mut v, mut since) = (0.0, 0);
        assert!(dynamics.update(&mut v, &mut since, 0, 20.0));
        for tick in [1, 2] {
            assert!(!dynamics.update(&mut v, &mut since, tick, 100.0));
            assert_eq!(dynamics.membrane_at(v, since, tick), -5.0);
        }
        assert!(!dynamics.update(&mut v, &mut since, 3, 1.0));
        assert_eq!(v, -5.0 * dynamics.power(1) + 1.0);
    }
}
