//! Leaky integrate-and-fire with alpha-shaped synaptic currents (NEST's `iaf_psc_alpha`, PyNN's
//! `IF_curr_alpha`).
//!
//! ```text
//! I(t) = w (t / tau_syn) exp(1 - t / tau_syn)     after a spike of weight w (pA) at 0: its peak is w, at tau_syn
//! as a system      dI/dt = D - I / tau_syn,  dD/dt = -D / tau_syn,  an arriving spike adds w e / tau_syn to D
//! in a tick        I <- (I + h D) exp(-h / tau_syn),  D <- D exp(-h / tau_syn) + arrivals e / tau_syn
//! membrane, threshold, order within a tick: see leaky_membrane.rs
//! ```
//! Excitatory (w >= 0) and inhibitory synapses have a current of this kind each; where
//! tau_syn_e = tau_syn_i the two are one.

use super::Neuron;
use super::block::{Block, Slice};
use super::leaky_membrane::{
    C_M, Firing, G_L, I_OFFSET, LeakyMembrane, TAU_M, TAU_REFRAC, TAU_SYN_E, TAU_SYN_I, V_INIT, V_RESET, V_REST,
    V_THRESH, current_variables,
};
use super::swept::{Step, swept};
use crate::parameter::{Field, Kind, Values};
use crate::real::Real;
use crate::time::Resolution;
use crate::unit::Dimension;

pub(super) const KIND: Kind<dyn Neuron> = Kind {
    name: "lif_alpha",
    aliases: &["iaf_psc_alpha", "iaf_psc_alpha_ps", "IF_curr_alpha"],
    summary: "Leaky integrate-and-fire, alpha-shaped synaptic currents of which the weight is the peak",
    fields: &[
        TAU_M,
        C_M,
        G_L,
        V_REST,
        V_THRESH,
        V_RESET,
        V_INIT,
        TAU_REFRAC,
        I_OFFSET,
        Field { doc: "Rise and decay of excitatory synapses", ..TAU_SYN_E },
        Field {
            doc: "Rise and decay of inhibitory synapses; equal to tau_syn_e, both share one current, which is faster",
            ..TAU_SYN_I
        },
    ],
    build: |v: &Values| LifAlpha::checked(v).map(|neuron| Box::new(neuron) as Box<dyn Neuron>),
};

#[derive(Debug, Clone, Copy)]
struct LifAlpha {
    membrane: LeakyMembrane,
    /// Of excitatory and of inhibitory synapses.
    tau_syn: [f64; 2],
}

impl LifAlpha {
    fn checked(v: &Values) -> Result<Self, String> {
        let tau_syn = [v.number("tau_syn_e"), v.number("tau_syn_i")];
        Ok(Self { membrane: LeakyMembrane::checked(v)?, tau_syn })
    }

    /// Whether one current does for both receptors.
    fn shares(&self) -> bool {
        self.tau_syn[0] == self.tau_syn[1]
    }

    /// Constants and initial state of one neuron with (S - 2) / 2 currents.
    fn start<R: Real, const S: usize>(&self, resolution: Resolution) -> (AlphaStep<R>, [R; S]) {
        let (membrane, h) = (&self.membrane, resolution.ms());
        let gain = membrane.current_gain(h);
        let step = AlphaStep {
            rest: membrane.rest,
            firing: membrane.firing(resolution),
            decay: R::rounded(membrane.decay(h)),
            current_gain: R::rounded(gain),
            constant: R::rounded(gain * membrane.offset_current),
            synapses: self.tau_syn.map(|tau_s| {
                let decay = (-h / tau_s).exp();
                Synapse {
                    decay: R::rounded(decay),
                    rise: R::rounded(h * decay),
                    slope: R::rounded(std::f64::consts::E / tau_s),
                    gain: R::rounded(membrane.exponential_gain(tau_s, h)),
                    slope_gain: R::rounded(membrane.alpha_gain(tau_s, h)),
                }
            }),
        };
        let mut state = [R::default(); S];
        state[0] = R::rounded(membrane.initial);
        (step, state)
    }

    fn block<R: Real>(&self, slice: &Slice<'_>) -> Box<dyn Block<R>> {
        let shares = |v: &Values| v.number("tau_syn_e") == v.number("tau_syn_i");
        if slice.all(self.shares(), shares) {
            swept(slice, self, Self::checked, |neuron| neuron.start::<R, 4>(slice.resolution))
        } else {
            swept(slice, self, Self::checked, |neuron| neuron.start::<R, 6>(slice.resolution))
        }
    }
}

impl Neuron for LifAlpha {
    fn weight_dimension(&self) -> Dimension {
        Dimension::Current
    }

    fn receptors(&self) -> usize {
        if self.shares() { 1 } else { 2 }
    }

    fn variables(&self) -> &'static [(&'static str, Dimension)] {
        current_variables(self.receptors())
    }

    in_both_precisions!(block);
}

/// The constants of one receptor.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Synapse<R> {
    /// Of I and D, in one tick.
    decay: R,
    /// What 1 of D adds to I in one tick.
    rise: R,
    /// What a weight of 1 adds to D.
    slope: R,
    /// What 1 of I adds to the membrane in one tick.
    gain: R,
    /// What 1 of D adds to the membrane in one tick.
    slope_gain: R,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct AlphaStep<R> {
    rest: f64,
    firing: Firing<R>,
    decay: R,
    current_gain: R,
    /// What the constant current adds in one tick.
    constant: R,
    synapses: [Synapse<R>; 2],
}

/// State: membrane relative to rest, ticks of the refractory period that are left, I and D of
/// each receptor.
impl<R: Real, const S: usize> Step<R, S> for AlphaStep<R> {
    const RECEPTORS: usize = (S - 2) / 2;

    #[inline(always)]
    fn step(&self, state: &mut [R; S], arrivals: [R; 2], current: R) -> bool {
        let mut moved = state[0] * self.decay + (current * self.current_gain + self.constant);
        for receptor in 0..(S - 2) / 2 {
            let synapse = &self.synapses[receptor];
            let (flowing, slope) = (state[2 + 2 * receptor], state[3 + 2 * receptor]);
            moved += flowing * synapse.gain + slope * synapse.slope_gain;
            state[2 + 2 * receptor] = (flowing * synapse.decay + slope * synapse.rise).settled();
            state[3 + 2 * receptor] = (slope * synapse.decay + arrivals[receptor] * synapse.slope).settled();
        }
        self.firing.fire(state, moved.settled())
    }

    fn value(&self, state: &[R; S], variable: usize) -> f64 {
        let state = state.map(Into::<f64>::into);
        match variable {
            0 => self.rest + state[0],
            1 => state[2..].iter().step_by(2).sum(),
            receptor => state[2 * receptor - 2],
        }
    }

    fn set(&self, state: &mut [R; S], variable: usize, value: f64) {
        match variable {
            0 => state[0] = R::rounded(value - self.rest),
            1 => {
                state[2..].fill(R::default());
                state[2] = R::rounded(value);
            }
            receptor => {
                state[2 * receptor - 2] = R::rounded(value);
                state[2 * receptor - 1] = R::default();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{block, tick};

    #[test]
    fn the_weight_is_the_peak_of_the_current_at_the_time_constant() {
        let mut ours = block("lif_alpha", &[("tau_syn_e", 2.0), ("tau_syn_i", 3.0), ("v_thresh", 1e6)]);
        tick(&mut *ours, [120.0, -50.0], 0.0);
        let mut peaks = [(0.0f64, 0), (0.0, 0)];
        for step in 1..=100 {
            tick(&mut *ours, [0.0, 0.0], 0.0);
            for (peak, variable) in peaks.iter_mut().zip([2, 3]) {
                let height = ours.value(variable, 0).abs();
                *peak = if height > peak.0 { (height, step) } else { *peak };
            }
            assert_eq!(ours.value(1, 0), ours.value(2, 0) + ours.value(3, 0));
        }
        assert!((peaks[0].0 - 120.0).abs() < 1e-9 && (peaks[1].0 - 50.0).abs() < 1e-9, "{peaks:?}");
        assert_eq!((peaks[0].1, peaks[1].1), (20, 30));
    }

    /// The charge of a synapse is w e tau_syn: it moves a membrane without leak by that over C_m.
    #[test]
    fn the_charge_of_a_synapse_arrives() {
        let given = [("tau_m", 1e9), ("c_m", 100.0), ("tau_syn_e", 0.5), ("v_thresh", 1e6)];
        let mut ours = block("lif_alpha", &given);
        tick(&mut *ours, [10.0, 0.0], 0.0);
        (0..500).for_each(|_| assert!(!tick(&mut *ours, [0.0, 0.0], 0.0)));
        let expected = 10.0 * std::f64::consts::E * 0.5 / 100.0;
        assert!((ours.value(0, 0) + 65.0 - expected).abs() < 1e-6, "{}", ours.value(0, 0));
    }
}
