//! Leaky integrate-and-fire with an adaptive threshold (the ALIF neuron of Bellec et al. 2020,
//! Nature Communications 11:3625), with exponential synaptic currents.
//!
//! ```text
//! V as in lif_exp.rs;  a spike when V >= V_thresh + theta (theta: see adaptive_threshold.rs)
//! reset        "to_value": V <- V_reset;  "subtract": V <- V - (V_thresh - V_rest), as in the paper
//! ```
//! There theta is written beta a, with a <- rho a + z: theta_plus = beta, rho = exp(-h / tau_theta).

use super::Neuron;
use super::adaptive_threshold::{AdaptiveThreshold, TAU_THETA, THETA_INIT, THETA_PLUS};
use super::block::{Block, Slice};
use super::exponential_currents::{CurrentStep, ExponentialCurrents, current_value};
use super::integrate_and_fire::RESET;
use super::leaky_membrane::{
    C_M, Firing, G_L, I_OFFSET, TAU_M, TAU_REFRAC, TAU_SYN_E, TAU_SYN_I, V_INIT, V_RESET, V_REST, V_THRESH,
};
use super::swept::{Step, swept};
use crate::parameter::{Field, Kind, Values};
use crate::real::Real;
use crate::time::Resolution;
use crate::unit::Dimension;

pub(super) const KIND: Kind<dyn Neuron> = Kind {
    name: "alif",
    aliases: &[],
    summary: "Leaky integrate-and-fire, exponential synaptic currents, a threshold that rises with every spike",
    fields: &[
        TAU_M,
        C_M,
        G_L,
        V_REST,
        Field { doc: "Threshold without adaptation", ..V_THRESH },
        Field { doc: "Membrane after a spike when reset = \"to_value\"", ..V_RESET },
        V_INIT,
        Field {
            default: Some("to_value"),
            doc: "At a spike, set the membrane to v_reset, or take v_thresh - v_rest off it",
            ..RESET
        },
        Field {
            doc: "Refractory period, whole ticks unless spike times are precise: the membrane is held for so long",
            ..TAU_REFRAC
        },
        I_OFFSET,
        TAU_SYN_E,
        TAU_SYN_I,
        TAU_THETA,
        THETA_PLUS,
        THETA_INIT,
    ],
    build: |v: &Values| Alif::checked(v).map(|neuron| Box::new(neuron) as Box<dyn Neuron>),
};

#[derive(Debug, Clone, Copy)]
struct Alif {
    currents: ExponentialCurrents,
    subtracts: bool,
    tau_theta: f64,
    theta_plus: f64,
    theta_init: f64,
}

impl Alif {
    fn checked(v: &Values) -> Result<Self, String> {
        let neuron = Self {
            currents: ExponentialCurrents::checked(v)?,
            subtracts: v.text("reset") == "subtract",
            tau_theta: v.number("tau_theta"),
            theta_plus: v.number("theta_plus"),
            theta_init: v.number("theta_init"),
        };
        if neuron.currents.membrane.threshold + neuron.theta_init <= 0.0 {
            return Err("v_thresh + theta_init is not above v_rest: the neuron would fire without input".into());
        }
        Ok(neuron)
    }

    /// Constants and initial state of one neuron with S - 4 currents.
    fn start<R: Real, const S: usize>(&self, resolution: Resolution) -> (AlifStep<R>, [R; S]) {
        let membrane = &self.currents.membrane;
        let mut state = [R::default(); S];
        (state[0], state[2]) = (R::rounded(membrane.initial), R::rounded(self.theta_init));
        let step = AlifStep {
            currents: self.currents.step(resolution),
            firing: membrane.firing(resolution),
            subtracts: self.subtracts,
            adaptation: AdaptiveThreshold::new(self.tau_theta, self.theta_plus, resolution),
        };
        (step, state)
    }

    fn block<R: Real>(&self, slice: &Slice<'_>) -> Box<dyn Block<R>> {
        if self.currents.all_share(slice) {
            swept(slice, self, Self::checked, |neuron| neuron.start::<R, 5>(slice.resolution))
        } else {
            swept(slice, self, Self::checked, |neuron| neuron.start::<R, 6>(slice.resolution))
        }
    }
}

const VARIABLES: &[(&str, Dimension)] = &[
    ("v", Dimension::Voltage),
    ("theta", Dimension::Voltage),
    ("i_syn", Dimension::Current),
    ("i_syn_e", Dimension::Current),
    ("i_syn_i", Dimension::Current),
];

impl Neuron for Alif {
    fn weight_dimension(&self) -> Dimension {
        Dimension::Current
    }

    fn receptors(&self) -> usize {
        if self.currents.shares() { 1 } else { 2 }
    }

    fn variables(&self) -> &'static [(&'static str, Dimension)] {
        if self.currents.shares() { &VARIABLES[..3] } else { VARIABLES }
    }

    in_both_precisions!(block);
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct AlifStep<R> {
    currents: CurrentStep<R>,
    firing: Firing<R>,
    /// Whether a spike takes the threshold off the membrane.
    subtracts: bool,
    adaptation: AdaptiveThreshold<R>,
}

/// State: membrane relative to rest, ticks of the refractory period that are left, theta as a
/// sum of two, the synaptic current of each receptor.
impl<R: Real, const S: usize> Step<R, S> for AlifStep<R> {
    const RECEPTORS: usize = S - 4;

    #[inline(always)]
    fn step(&self, state: &mut [R; S], arrivals: [R; 2], current: R) -> bool {
        let moved = self.currents.integrate::<4, S>(state, arrivals, current);
        let mut theta = [state[2], state[3]];
        let threshold = self.firing.threshold + self.adaptation.decay(&mut theta);
        let spikes = self.firing.fire_above(threshold, state, moved);
        state[0] = if spikes & self.subtracts { moved - self.firing.threshold } else { state[0] };
        (state[2], state[3]) = (theta[0], self.adaptation.raise(theta[1], spikes));
        spikes
    }

    fn value(&self, state: &[R; S], variable: usize) -> f64 {
        match variable {
            0 => self.currents.rest + state[0].into(),
            1 => state[2].into() + state[3].into(),
            variable => current_value(&state[4..], variable - 2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{H, block, tick};

    #[test]
    fn intervals_grow_until_theta_balances() {
        let mut ours = block("alif", &[("theta_plus", 2.0), ("i_offset", 500.0)]);
        let spikes: Vec<usize> = (0..20_000).filter(|_| tick(&mut *ours, [0.0, 0.0], 0.0)).collect();
        let intervals: Vec<usize> = spikes.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(intervals.len() > 10 && intervals.is_sorted(), "{intervals:?}");
        assert!(*intervals.last().unwrap() as f64 > 1.4 * intervals[0] as f64, "{intervals:?}");
        // Just after a spike theta is theta_plus / (1 - exp(-T / tau)) when all intervals are T.
        let last = *intervals.last().unwrap() as f64 * H;
        let since = (19_999 - spikes[spikes.len() - 1]) as f64 * H;
        let expected = 2.0 / (1.0 - (-last / 200.0).exp()) * (-since / 200.0).exp();
        assert!((ours.value(1, 0) / expected - 1.0).abs() < 1e-2, "{} {expected}", ours.value(1, 0));
    }

    #[test]
    fn without_adaptation_it_is_lif_exp() {
        let mut ours = block("alif", &[("theta_plus", 0.0), ("tau_syn_i", 4.0)]);
        let mut other = block("lif_exp", &[("tau_syn_i", 4.0)]);
        let mut spikes = 0;
        for step in 0..5000 {
            let arrived = [if step % 9 == 0 { 700.0 } else { 0.0 }, if step % 25 == 0 { -200.0 } else { 0.0 }];
            let fired = tick(&mut *ours, arrived, 100.0);
            assert_eq!(fired, tick(&mut *other, arrived, 100.0));
            assert_eq!(ours.value(0, 0), other.value(0, 0));
            spikes += usize::from(fired);
        }
        assert!(spikes > 10);
    }
}
