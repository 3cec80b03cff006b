//! Leaky integrate-and-fire with exponential synaptic currents (NEST's `iaf_psc_exp`, PyNN's
//! `IF_curr_exp`).
//!
//! ```text
//! dI_e/dt = -I_e / tau_syn_e      an arriving spike of weight w >= 0 adds w (pA) to I_e
//! dI_i/dt = -I_i / tau_syn_i      one of weight w < 0 adds w to I_i
//! membrane, threshold, order within a tick: see leaky_membrane.rs, with I_syn = I_e + I_i
//! ```
//! Where tau_syn_e = tau_syn_i the two currents are one.

use super::Neuron;
use super::block::{Block, Slice};
use super::leaky_membrane::{
    C_M, Firing, I_OFFSET, LeakyMembrane, TAU_M, TAU_REFRAC, TAU_SYN_E, TAU_SYN_I, V_INIT, V_RESET, V_REST, V_THRESH,
    current_variables,
};
use super::swept::{Step, swept};
use crate::parameter::{Kind, Values};
use crate::real::Real;
use crate::time::Resolution;
use crate::unit::Dimension;

pub(super) const KIND: Kind<dyn Neuron> = Kind {
    name: "lif_exp",
    aliases: &["iaf_psc_exp", "IF_curr_exp"],
    summary: "Leaky integrate-and-fire, exponential synaptic currents",
    fields: &[TAU_M, C_M, V_REST, V_THRESH, V_RESET, V_INIT, TAU_REFRAC, I_OFFSET, TAU_SYN_E, TAU_SYN_I],
    build: |v: &Values| LifExp::checked(v).map(|neuron| Box::new(neuron) as Box<dyn Neuron>),
};

#[derive(Debug, Clone, Copy)]
struct LifExp {
    membrane: LeakyMembrane,
    /// Of excitatory and of inhibitory synapses.
    tau_syn: [f64; 2],
}

impl LifExp {
    fn checked(v: &Values) -> Result<Self, String> {
        let tau_syn = [v.number("tau_syn_e"), v.number("tau_syn_i")];
        Ok(Self { membrane: LeakyMembrane::checked(v)?, tau_syn })
    }

    /// Whether one current does for both receptors.
    fn shares(&self) -> bool {
        self.tau_syn[0] == self.tau_syn[1]
    }

    /// Constants and initial state of one neuron with S - 2 currents.
    fn start<R: Real, const S: usize>(&self, resolution: Resolution) -> (ExpStep<R>, [R; S]) {
        let membrane = &self.membrane;
        let gain = membrane.current_gain(resolution);
        let step = ExpStep {
            rest: membrane.rest,
            firing: membrane.firing(resolution),
            decay: R::rounded(membrane.decay(resolution)),
            current_gain: R::rounded(gain),
            constant: R::rounded(gain * membrane.offset_current),
            synapses: self.tau_syn.map(|tau_s| Synapse {
                decay: R::rounded((-resolution.ms() / tau_s).exp()),
                gain: R::rounded(membrane.exponential_gain(tau_s, resolution)),
            }),
        };
        let mut state = [R::default(); S];
        state[0] = R::rounded(membrane.initial);
        (step, state)
    }

    fn block<R: Real>(&self, slice: &Slice<'_>) -> Box<dyn Block<R>> {
        let shares = |v: &Values| v.number("tau_syn_e") == v.number("tau_syn_i");
        if slice.all(self.shares(), shares) {
            swept(slice, self, Self::checked, |neuron| neuron.start::<R, 3>(slice.resolution))
        } else {
            swept(slice, self, Self::checked, |neuron| neuron.start::<R, 4>(slice.resolution))
        }
    }
}

impl Neuron for LifExp {
    fn weight_dimension(&self) -> Dimension {
        Dimension::Current
    }

    fn receptors(&self) -> usize {
        if self.shares() { 1 } else { 2 }
    }

    fn variables(&self) -> &'static [(&'static str, Dimension)] {
        current_variables(self.receptors())
    }

    fn single(&self, slice: &Slice<'_>) -> Box<dyn Block<f32>> {
        self.block(slice)
    }

    fn double(&self, slice: &Slice<'_>) -> Box<dyn Block<f64>> {
        self.block(slice)
    }
}

/// The constants of one receptor.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Synapse<R> {
    /// Of the current, in one tick.
    decay: R,
    /// What 1 pA adds to the membrane in one tick.
    gain: R,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct ExpStep<R> {
    rest: f64,
    firing: Firing<R>,
    decay: R,
    current_gain: R,
    /// What the constant current adds in one tick.
    constant: R,
    synapses: [Synapse<R>; 2],
}

/// State: membrane relative to rest, ticks of the refractory period that are left, the synaptic
/// current of each receptor.
impl<R: Real, const S: usize> Step<R, S> for ExpStep<R> {
    const RECEPTORS: usize = S - 2;

    #[inline(always)]
    fn step(&self, state: &mut [R; S], arrivals: [R; 2], current: R) -> bool {
        let mut moved = state[0] * self.decay + (current * self.current_gain + self.constant);
        for k in 2..S {
            let synapse = &self.synapses[k - 2];
            moved += state[k] * synapse.gain;
            state[k] = state[k] * synapse.decay + arrivals[k - 2];
        }
        self.firing.fire(state, moved)
    }

    fn value(&self, state: &[R; S], variable: usize) -> f64 {
        let state = state.map(Into::<f64>::into);
        match variable {
            0 => self.rest + state[0],
            1 => state[2..].iter().sum(),
            receptor => state[receptor],
        }
    }

    fn set(&self, state: &mut [R; S], variable: usize, value: f64) {
        match variable {
            0 => state[0] = R::rounded(value - self.rest),
            1 => {
                state[2..].fill(R::default());
                state[2] = R::rounded(value);
            }
            receptor => state[receptor] = R::rounded(value),
        }
    }
}
