//! Leaky integrate-and-fire with exponential conductances and an adaptive threshold (Diehl & Cook
//! 2015, Frontiers in Computational Neuroscience 9:99); the defaults are those of its excitatory
//! neurons.
//!
//! ```text
//! V and g as in conductance_membrane.rs;  a spike when V >= V_thresh - offset + theta
//! theta: see adaptive_threshold.rs; with adapt = false it stays as it is
//! ```
//! In the paper g is a pure number: the ratio to the leak, which is 1 nS here. Its inhibitory neurons
//! have tau_m = 10 ms, v_rest = -60 mV, v_reset = -45 mV, v_thresh = -40 mV, tau_refrac = 2 ms,
//! e_rev_i = -85 mV, offset and theta_init 0 mV, and adapt = false.

use super::Neuron;
use super::adaptive_threshold::{AdaptiveThreshold, TAU_THETA, THETA_INIT, THETA_PLUS};
use super::block::{Block, Slice};
use super::conductance_membrane::{ConductanceMembrane, ConductanceStep, E_REV_E, E_REV_I, TAU_E, TAU_I};
use super::leaky_membrane::{C_M, G_L, I_OFFSET, TAU_M, TAU_REFRAC, V_INIT, V_RESET, V_REST, V_THRESH, voltage};
use super::swept::{Step, swept};
use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::real::Real;
use crate::time::Resolution;
use crate::unit::Dimension;

pub(super) const KIND: Kind<dyn Neuron> = Kind {
    name: "lif_cond_threshold",
    aliases: &["diehl_cook"],
    summary: "Leaky integrate-and-fire, exponential conductances, a threshold that rises with every spike",
    fields: &[
        Field { default: Some("100 ms"), ..TAU_M },
        Field { default: Some("100 pF"), ..C_M },
        G_L,
        V_REST,
        Field { default: Some("-52 mV"), doc: "Threshold where theta equals the offset", ..V_THRESH },
        V_RESET,
        V_INIT,
        Field { default: Some("5 ms"), ..TAU_REFRAC },
        I_OFFSET,
        Field { default: Some("1 ms"), ..TAU_E },
        Field { default: Some("2 ms"), ..TAU_I },
        E_REV_E,
        Field { default: Some("-100 mV"), ..E_REV_I },
        Field { default: Some("10000 s"), ..TAU_THETA },
        Field { default: Some("0.05 mV"), ..THETA_PLUS },
        Field { default: Some("20 mV"), ..THETA_INIT },
        voltage("offset", &["theta_offset"], "20 mV", "Taken off the threshold"),
        Field {
            name: "adapt",
            aliases: &[],
            form: Form::Flag,
            default: Some("true"),
            range: Range::Any,
            doc: "Whether theta rises and decays; `false` freezes it",
        },
    ],
    build: |v: &Values| LifCondThreshold::checked(v).map(|neuron| Box::new(neuron) as Box<dyn Neuron>),
};

#[derive(Debug, Clone, Copy)]
struct LifCondThreshold {
    membrane: ConductanceMembrane,
    offset: f64,
    theta_init: f64,
    /// tau_theta and theta_plus; `None` where theta is frozen.
    adaptation: Option<(f64, f64)>,
}

impl LifCondThreshold {
    fn checked(v: &Values) -> Result<Self, String> {
        let neuron = Self {
            membrane: ConductanceMembrane::checked(v)?,
            offset: v.number("offset"),
            theta_init: v.number("theta_init"),
            adaptation: v.flag("adapt").then(|| (v.number("tau_theta"), v.number("theta_plus"))),
        };
        let leaky = &neuron.membrane.leaky;
        if leaky.threshold - neuron.offset + neuron.theta_init <= leaky.reset_value.max(0.0) {
            return Err("v_thresh - offset + theta_init is not above v_rest and v_reset: \
                        the neuron would fire without input"
                .into());
        }
        Ok(neuron)
    }

    fn start<R: Real>(&self, resolution: Resolution) -> (ThresholdStep<R>, [R; 6]) {
        let mut membrane = self.membrane;
        membrane.leaky.threshold -= self.offset;
        let frozen = AdaptiveThreshold::frozen;
        let step = ThresholdStep {
            membrane: membrane.step(resolution),
            adaptation: self
                .adaptation
                .map_or_else(frozen, |(tau, plus)| AdaptiveThreshold::new(tau, plus, resolution)),
        };
        let mut state = [R::default(); 6];
        (state[0], state[2]) = (R::rounded(membrane.leaky.initial), R::rounded(self.theta_init));
        (step, state)
    }

    fn block<R: Real>(&self, slice: &Slice<'_>) -> Box<dyn Block<R>> {
        swept(slice, self, Self::checked, |neuron| neuron.start(slice.resolution))
    }
}

impl Neuron for LifCondThreshold {
    fn weight_dimension(&self) -> Dimension {
        Dimension::Conductance
    }

    fn receptors(&self) -> usize {
        2
    }

    fn variables(&self) -> &'static [(&'static str, Dimension)] {
        &[
            ("v", Dimension::Voltage),
            ("g_e", Dimension::Conductance),
            ("g_i", Dimension::Conductance),
            ("theta", Dimension::Voltage),
        ]
    }

    in_both_precisions!(block);
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct ThresholdStep<R> {
    membrane: ConductanceStep<R>,
    adaptation: AdaptiveThreshold<R>,
}

impl<R: Real> ThresholdStep<R> {
    /// What follows once the membrane has `moved` and the conductances are `g`; whether the neuron spikes.
    #[inline(always)]
    fn finish(&self, state: &mut [R; 6], moved: R, g: [R; 2]) -> bool {
        let mut theta = [state[2], state[3]];
        let threshold = self.membrane.firing.threshold + self.adaptation.decay(&mut theta);
        let spikes = self.membrane.firing.fire_above(threshold, state, moved);
        (state[2], state[3]) = (theta[0], self.adaptation.raise(theta[1], spikes));
        [state[4], state[5]] = g;
        spikes
    }
}

/// State: membrane relative to rest, ticks of the refractory period that are left, theta as a
/// sum of two, the two conductances.
impl<R: Real> Step<R, 6> for ThresholdStep<R> {
    const RECEPTORS: usize = 2;

    #[inline(always)]
    fn step(&self, state: &mut [R; 6], arrivals: [R; 2], current: R) -> bool {
        let conductances = self.membrane.exponential([state[4], state[5]]);
        let moved = self.membrane.membrane(state[0], &conductances, current);
        self.finish(state, moved, self.membrane.received(&conductances, arrivals))
    }

    #[inline(always)]
    fn is_stiff(&self, state: &[R; 6]) -> bool {
        self.membrane.is_stiff([state[4], state[5]])
    }

    fn step_finely(&self, state: &mut [R; 6], arrivals: [R; 2], current: R) -> bool {
        let conductances = self.membrane.exponential([state[4], state[5]]);
        let moved = self.membrane.stiff_membrane(state[0], &conductances, current);
        self.finish(state, moved, self.membrane.received(&conductances, arrivals))
    }

    fn value(&self, state: &[R; 6], variable: usize) -> f64 {
        match variable {
            0 => self.membrane.rest + state[0].into(),
            3 => state[2].into() + state[3].into(),
            receptor => self.membrane.conductance(state[receptor + 3]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{block, tick};

    const DRIVE: &[(&str, f64)] = &[("i_offset", 20.0)];

    #[test]
    fn theta_rises_by_its_step_and_a_flag_freezes_it() {
        for (adapt, rise) in [(1.0, 0.05), (0.0, 0.0)] {
            let mut ours = block("lif_cond_threshold", &[DRIVE, &[("adapt", adapt)]].concat());
            let spikes = (0..10_000).filter(|_| tick(&mut *ours, [0.0, 0.0], 0.0)).count();
            assert!(spikes > 5);
            assert!((ours.value(3, 0) - 20.0 - rise * spikes as f64).abs() < 0.01, "{}", ours.value(3, 0));
        }
    }

    #[test]
    fn a_frozen_neuron_with_theta_at_the_offset_is_lif_cond_exp() {
        let shared = [("tau_m", 100.0), ("c_m", 100.0), ("v_thresh", -52.0), ("tau_refrac", 5.0), ("tau_syn_e", 1.0)];
        let given = [&shared, DRIVE, &[("tau_syn_i", 2.0), ("e_rev_i", -100.0)]].concat();
        let mut ours = block("lif_cond_threshold", &[&given, &[("adapt", 0.0)][..]].concat());
        let mut other = block("lif_cond_exp", &given);
        for step in 0..5000 {
            let arrived = [if step % 40 == 0 { 9.0 } else { 0.0 }, if step % 170 == 0 { -5.0 } else { 0.0 }];
            assert_eq!(tick(&mut *ours, arrived, 0.0), tick(&mut *other, arrived, 0.0));
            assert_eq!(ours.value(0, 0), other.value(0, 0));
        }
    }
}
