//! Exponential synaptic currents into a leaky membrane, for the kinds that have them.
//!
//! ```text
//! dI_e/dt = -I_e / tau_syn_e      an arriving spike of weight w >= 0 adds w (pA) to I_e
//! dI_i/dt = -I_i / tau_syn_i      one of weight w < 0 adds w to I_i
//! membrane, order within a tick: see leaky_membrane.rs, with I_syn = I_e + I_i
//! ```
//! Where tau_syn_e = tau_syn_i the two currents are one.

use super::block::Slice;
use super::leaky_membrane::LeakyMembrane;
use crate::parameter::Values;
use crate::real::Real;
use crate::time::Resolution;

/// A leaky membrane with the time constants of its excitatory and inhibitory synapses.
#[derive(Debug, Clone, Copy)]
pub(super) struct ExponentialCurrents {
    pub membrane: LeakyMembrane,
    pub tau_syn: [f64; 2],
}

impl ExponentialCurrents {
    /// The membrane and currents with these parameters.
    ///
    /// # Errors
    /// A sentence, when it would fire for ever or without input.
    pub fn checked(v: &Values) -> Result<Self, String> {
        let tau_syn = [v.number("tau_syn_e"), v.number("tau_syn_i")];
        Ok(Self { membrane: LeakyMembrane::checked(v)?, tau_syn })
    }

    /// Whether one current does for both receptors.
    pub fn shares(&self) -> bool {
        self.tau_syn[0] == self.tau_syn[1]
    }

    /// Whether it does in all neurons of `slice`.
    pub fn all_share(&self, slice: &Slice<'_>) -> bool {
        slice.all(self.shares(), |v| v.number("tau_syn_e") == v.number("tau_syn_i"))
    }

    /// The constants of a swept neuron, rounded for a run in `R`.
    pub fn step<R: Real>(&self, resolution: Resolution) -> CurrentStep<R> {
        let (membrane, h) = (&self.membrane, resolution.ms());
        let gain = membrane.current_gain(h);
        CurrentStep {
            rest: membrane.rest,
            decay: R::rounded(membrane.decay(h)),
            current_gain: R::rounded(gain),
            constant: R::rounded(gain * membrane.offset_current),
            synapses: self.tau_syn.map(|tau_s| Synapse {
                decay: R::rounded((-h / tau_s).exp()),
                gain: R::rounded(membrane.exponential_gain(tau_s, h)),
            }),
        }
    }
}

/// The constants of one receptor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Synapse<R> {
    /// Of the current, in one tick.
    pub decay: R,
    /// What 1 pA adds to the membrane in one tick.
    pub gain: R,
}

/// The constants of a swept membrane with currents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CurrentStep<R> {
    pub rest: f64,
    decay: R,
    current_gain: R,
    /// What the constant current adds in one tick.
    constant: R,
    synapses: [Synapse<R>; 2],
}

impl<R: Real> CurrentStep<R> {
    /// Where the membrane, `state[0]`, goes in a tick; brings the synaptic currents, `state[FIRST..]`,
    /// to its end, where what arrives is added.
    #[inline(always)]
    pub fn integrate<const FIRST: usize, const S: usize>(&self, state: &mut [R; S], arrivals: [R; 2], current: R) -> R {
        let mut moved = state[0] * self.decay + (current * self.current_gain + self.constant);
        for k in FIRST..S {
            let synapse = &self.synapses[k - FIRST];
            moved += state[k] * synapse.gain;
            state[k] = (state[k] * synapse.decay + arrivals[k - FIRST]).settled();
        }
        moved.settled()
    }
}

/// The sum of synaptic currents (variable 0), or one of them.
pub(super) fn current_value<R: Real>(currents: &[R], variable: usize) -> f64 {
    match variable {
        0 => currents.iter().map(|&current| current.into()).sum(),
        receptor => currents[receptor - 1].into(),
    }
}
