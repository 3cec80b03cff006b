//! Leaky integrate-and-fire with exponential conductances (NEST's `iaf_cond_exp`, PyNN's
//! `IF_cond_exp`): equations and method in conductance_membrane.rs.

use super::Neuron;
use super::block::{Block, Slice};
use super::conductance_membrane::{ConductanceMembrane, ConductanceStep, E_REV_E, E_REV_I, TAU_E, TAU_I, VARIABLES};
use super::leaky_membrane::{C_M, G_L, I_OFFSET, TAU_M, TAU_REFRAC, V_INIT, V_RESET, V_REST, V_THRESH};
use super::swept::{Step, swept};
use crate::parameter::{Kind, Values};
use crate::real::Real;
use crate::unit::Dimension;

pub(super) const KIND: Kind<dyn Neuron> = Kind {
    name: "lif_cond_exp",
    aliases: &["iaf_cond_exp", "IF_cond_exp"],
    summary: "Leaky integrate-and-fire, exponential conductances; weights in nS, inhibitory ones below 0",
    fields: &[TAU_M, C_M, G_L, V_REST, V_THRESH, V_RESET, V_INIT, TAU_REFRAC, I_OFFSET, TAU_E, TAU_I, E_REV_E, E_REV_I],
    build: |v: &Values| {
        ConductanceMembrane::checked(v).map(|membrane| Box::new(LifCondExp(membrane)) as Box<dyn Neuron>)
    },
};

#[derive(Debug, Clone, Copy)]
struct LifCondExp(ConductanceMembrane);

impl LifCondExp {
    fn block<R: Real>(&self, slice: &Slice<'_>) -> Box<dyn Block<R>> {
        swept(slice, &self.0, ConductanceMembrane::checked, |membrane| {
            let initial = R::rounded(membrane.leaky.initial);
            (CondExpStep(membrane.step(slice.resolution)), [initial, R::default(), R::default(), R::default()])
        })
    }
}

impl Neuron for LifCondExp {
    fn weight_dimension(&self) -> Dimension {
        Dimension::Conductance
    }

    fn receptors(&self) -> usize {
        2
    }

    fn variables(&self) -> &'static [(&'static str, Dimension)] {
        VARIABLES
    }

    in_both_precisions!(block);
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct CondExpStep<R>(ConductanceStep<R>);

/// State: membrane relative to rest, ticks of the refractory period that are left, the two
/// conductances.
impl<R: Real> Step<R, 4> for CondExpStep<R> {
    const RECEPTORS: usize = 2;

    #[inline(always)]
    fn step(&self, state: &mut [R; 4], arrivals: [R; 2], current: R) -> bool {
        let conductances = self.0.exponential([state[2], state[3]]);
        let moved = self.0.membrane(state[0], &conductances, current);
        [state[2], state[3]] = self.0.received(&conductances, arrivals);
        self.0.firing.fire(state, moved)
    }

    #[inline(always)]
    fn is_stiff(&self, state: &[R; 4]) -> bool {
        self.0.is_stiff([state[2], state[3]])
    }

    fn step_finely(&self, state: &mut [R; 4], arrivals: [R; 2], current: R) -> bool {
        let conductances = self.0.exponential([state[2], state[3]]);
        let moved = self.0.stiff_membrane(state[0], &conductances, current);
        [state[2], state[3]] = self.0.received(&conductances, arrivals);
        self.0.firing.fire(state, moved)
    }

    fn value(&self, state: &[R; 4], variable: usize) -> f64 {
        if variable == 0 { self.0.rest + state[0].into() } else { self.0.conductance(state[variable + 1]) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{H, block, tick};

    /// The equations by Euler's method with steps of 0.1 us.
    #[test]
    fn the_membrane_follows_the_equations() {
        let given = [("c_m", 200.0), ("g_l", 10.0), ("tau_syn_i", 10.0), ("e_rev_i", -80.0), ("i_offset", 20.0)];
        let mut ours = block("lif_cond_exp", &given);
        let (mut v, mut e, mut i) = (-65.0f64, 0.0f64, 0.0f64);
        for step in 1..=300 {
            let arrived = if step % 60 == 1 { [4.0, -3.0] } else { [0.0, 0.0] };
            assert!(!tick(&mut *ours, arrived, 15.0));
            let fine = H / 1000.0;
            for _ in 0..1000 {
                v += fine * (-10.0 * (v + 65.0) - e * v - i * (v + 80.0) + 35.0) / 200.0;
                e -= fine * e / 5.0;
                i -= fine * i / 10.0;
            }
            (e, i) = (e + arrived[0], i - arrived[1]);
            assert!((ours.value(0, 0) - v).abs() < 2e-4, "{step}: {} {v}", ours.value(0, 0));
            assert!((ours.value(1, 0) - e).abs() < 1e-3 && (ours.value(2, 0) - i).abs() < 1e-3);
        }
    }

    #[test]
    fn the_membrane_settles_between_the_reversal_potentials() {
        let mut ours = block("lif_cond_exp", &[("v_thresh", 1e6), ("tau_syn_e", 1e9), ("tau_syn_i", 1e9)]);
        tick(&mut *ours, [12.5, -25.0], 0.0);
        (0..5000).for_each(|_| assert!(!tick(&mut *ours, [0.0, 0.0], 0.0)));
        // g_L = 12.5 nS: (12.5 * -65 + 12.5 * 0 + 25 * -70) / 50
        assert!((ours.value(0, 0) + 51.25).abs() < 1e-3, "{}", ours.value(0, 0));
    }
}
