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
//! most once per tick; refractory for n ticks means that V is held until the nth tick after the
//! spike, and that what arrives before it is dropped. What arrives just when the period ends, at
//! the nth tick itself, counts, as it does with precise spike times; NEST drops it
//! (`iaf_psc_delta.rs`). Membranes are kept relative to V_rest, so the rest is 0.
//!
//! A tick, in simulations and in presentations:
//!
//! ```text
//! refractory   V is held;  at the last tick   V <- V + input;   V >= threshold: spike, reset
//!              (where the period is `closed`, as in iaf_psc_delta.rs, V is held and no spike is at the last tick too)
//! else         V <- V decay + what currents add + input;        V >= threshold: spike, reset
//! decay        exp(-h / tau_m), computed in f64 and rounded once
//! input        0 + weights of the spikes that arrive, source by source
//! ```

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
    /// Ticks after a spike for which the membrane is held.
    pub refractory: u32,
    /// Whether input at the last of them is dropped too.
    pub closed: bool,
    /// What a constant current of 1 pA adds in one tick.
    pub current_gain: f64,
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
    /// Input counts once no more ticks than these are left: 1, or 0.
    open: R,
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
            open: R::from(if self.closed { 0.0 } else { 1.0 }),
            decay: R::rounded((-self.leak).exp()),
            current_gain: R::rounded(self.current_gain),
            constant: R::rounded(self.current_gain * offset_current),
        };
        (step, [R::rounded(self.initial), R::default()])
    }
}

impl DeltaMembrane {
    /// Ticks of which a spike takes the input away.
    pub fn lost(&self) -> u32 {
        if self.closed { self.refractory } else { self.refractory.saturating_sub(1) }
    }

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

impl<R: Real> DeltaStep<R> {
    /// Whether a tick in which nothing arrives leaves a neuron in `state` as it is: without a leak,
    /// below the threshold and not refractory.
    #[inline(always)]
    pub fn rests(&self, &[v, left]: &[R; 2]) -> bool {
        let still = (self.decay == R::from(1.0)) & (self.constant == R::default());
        still & (v < self.threshold) & (left == R::default())
    }
}

/// State: membrane relative to rest, ticks of the refractory period that are left.
impl<R: Real> Step<R, 2> for DeltaStep<R> {
    const RECEPTORS: usize = 1;

    #[inline(always)]
    fn step(&self, state: &mut [R; 2], [arrived, _]: [R; 2], current: R) -> bool {
        let [v, left] = *state;
        let zero = R::default();
        let (held, deaf) = (left > zero, left > self.open);
        let moved = v * self.decay + (current * self.current_gain + self.constant);
        let moved = if held { v } else { moved };
        let v = if deaf { v } else { moved + arrived };
        let spikes = !deaf & (v >= self.threshold);
        let after = if self.subtracts { v - self.threshold } else { self.reset_value };
        let next = left - R::from(1.0);
        let left = if next > zero { next } else { zero };
        *state = [if spikes { after } else { v }, if spikes { self.refractory } else { left }];
        spikes
    }

    fn value(&self, state: &[R; 2], _: usize) -> f64 {
        let v: f64 = state[0].into();
        self.rest + v
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
            closed: false,
            current_gain: 1.0,
        }
    }

    /// Membrane and spike at each tick, with `input` at these ticks.
    fn run(membrane: &DeltaMembrane, input: &[f64]) -> Vec<(f64, bool)> {
        let (step, mut state) = membrane.start::<f64>(0.0);
        let tick = |&arrived: &f64| {
            let spikes = step.step(&mut state, [arrived, 0.0], 0.0);
            (state[0], spikes)
        };
        input.iter().map(tick).collect()
    }

    #[test]
    fn both_resets_leave_the_membrane_where_they_say() {
        for (reset, after) in [(Reset::ToValue, -5.0), (Reset::Subtract, 2.0)] {
            let (v, spikes) = run(&membrane(reset, 0), &[17.0])[0];
            assert!(spikes && (v - after).abs() < 1e-14);
        }
    }

    #[test]
    fn input_is_dropped_until_the_refractory_period_ends() {
        let decay = (-0.01f64).exp();
        let expected = [(-5.0, true), (-5.0, false), (-4.0, false), (-4.0 * decay + 1.0, false)];
        assert_eq!(run(&membrane(Reset::ToValue, 2), &[20.0, 100.0, 1.0, 1.0]), expected);
        let again = [(-5.0, true), (-5.0, false), (-5.0, true), (-5.0, false), (-5.0, true)];
        assert_eq!(run(&membrane(Reset::ToValue, 2), &[20.0; 5]), again);
        let closed = DeltaMembrane { closed: true, ..membrane(Reset::ToValue, 2) };
        let expected = [(-5.0, true), (-5.0, false), (-5.0, false), (-5.0 * decay + 1.0, false)];
        assert_eq!(run(&closed, &[20.0, 100.0, 100.0, 1.0]), expected);
        assert_eq!([membrane(Reset::ToValue, 2).lost(), membrane(Reset::ToValue, 0).lost(), closed.lost()], [1, 0, 2]);
    }

    #[test]
    fn a_neuron_rests_when_an_empty_tick_would_change_nothing() {
        let still = DeltaMembrane { leak: 0.0, ..membrane(Reset::Subtract, 2) };
        for (membrane, input, rests) in
            [(&still, 1.0, true), (&still, 15.0, false), (&membrane(Reset::Subtract, 2), 1.0, false)]
        {
            let (step, mut state) = membrane.start::<f64>(0.0);
            step.step(&mut state, [input, 0.0], 0.0);
            let before = state;
            assert_eq!(step.rests(&state), rests);
            step.step(&mut state, [0.0; 2], 0.0);
            assert_eq!(state == before, rests);
        }
    }
}
