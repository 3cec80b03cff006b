//! Leaky integrate-and-fire with alpha-shaped conductances (NEST's `iaf_cond_alpha`, PyNN's `IF_cond_alpha`).
//!
//! ```text
//! g(t) = |w| (t / tau_syn) exp(1 - t / tau_syn)     after a spike of weight w (nS) at 0: its peak is |w|, at tau_syn
//! as a system      dg/dt = D - g / tau_syn,  dD/dt = -D / tau_syn,  an arriving spike adds |w| e / tau_syn to D
//! in a tick        g <- (g + h D) exp(-h / tau_syn),  D <- D exp(-h / tau_syn) + arrivals e / tau_syn
//! membrane, order within a tick: see conductance_membrane.rs
//! ```
//! Excitatory (w >= 0) and inhibitory synapses have a conductance of this kind each. D is kept per tick.

use super::Neuron;
use super::block::{Block, Slice};
use super::conductance_membrane::{
    ConductanceMembrane, ConductanceStep, Conductances, E_REV_E, E_REV_I, TAU_E, TAU_I, VARIABLES,
};
use super::leaky_membrane::{C_M, G_L, I_OFFSET, TAU_M, TAU_REFRAC, V_INIT, V_RESET, V_REST, V_THRESH};
use super::swept::{Step, swept};
use crate::parameter::{Field, Kind, Values};
use crate::real::Real;
use crate::time::Resolution;
use crate::unit::Dimension;

pub(super) const KIND: Kind<dyn Neuron> = Kind {
    name: "lif_cond_alpha",
    aliases: &["iaf_cond_alpha", "IF_cond_alpha"],
    summary: "Leaky integrate-and-fire, alpha-shaped conductances of which the weight is the peak, in nS",
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
        Field { doc: "Rise and decay of excitatory synapses", ..TAU_E },
        Field { doc: "Rise and decay of inhibitory synapses", ..TAU_I },
        E_REV_E,
        E_REV_I,
    ],
    build: |v: &Values| {
        ConductanceMembrane::checked(v).map(|membrane| Box::new(LifCondAlpha(membrane)) as Box<dyn Neuron>)
    },
};

#[derive(Debug, Clone, Copy)]
struct LifCondAlpha(ConductanceMembrane);

impl LifCondAlpha {
    fn start<R: Real>(membrane: &ConductanceMembrane, resolution: Resolution) -> (CondAlphaStep<R>, [R; 6]) {
        let slope = |tau_s: f64| R::rounded(std::f64::consts::E * resolution.ms() / tau_s);
        let step = CondAlphaStep { membrane: membrane.step(resolution), slope: membrane.tau_syn.map(slope) };
        let mut state = [R::default(); 6];
        state[0] = R::rounded(membrane.leaky.initial);
        (step, state)
    }

    fn block<R: Real>(&self, slice: &Slice<'_>) -> Box<dyn Block<R>> {
        swept(slice, &self.0, ConductanceMembrane::checked, |membrane| Self::start(membrane, slice.resolution))
    }
}

impl Neuron for LifCondAlpha {
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
struct CondAlphaStep<R> {
    membrane: ConductanceStep<R>,
    /// What a weight of 1 adds to D: e h / tau_syn.
    slope: [R; 2],
}

impl<R: Real> CondAlphaStep<R> {
    /// The conductances `g`, which rise by `d`, during a tick.
    #[inline(always)]
    fn conductances(&self, &[_, _, g_e, g_i, d_e, d_i]: &[R; 6]) -> Conductances<R> {
        let (half, [m_e, m_i], [t_e, t_i]) = (R::from(0.5), self.membrane.half_decay, self.membrane.decay);
        let middle = [(g_e + half * d_e) * m_e, (g_i + half * d_i) * m_i];
        let end = [(g_e + d_e) * t_e, (g_i + d_i) * t_i];
        Conductances { nodes: [[g_e, g_i], middle, end], rises: [d_e, d_i] }
    }

    /// What follows once the membrane has `moved`; whether the neuron spikes.
    #[inline(always)]
    fn finish(&self, state: &mut [R; 6], moved: R, conductances: &Conductances<R>, arrivals: [R; 2]) -> bool {
        let end = self.membrane.received(conductances, [R::default(); 2]);
        for k in 0..2 {
            let arrived = arrivals[k] * self.membrane.unit * self.slope[k];
            let kept = state[4 + k] * self.membrane.decay[k];
            state[4 + k] = if k == 0 { kept + arrived } else { kept - arrived }.settled();
            state[2 + k] = end[k];
        }
        self.membrane.firing.fire(state, moved)
    }
}

/// State: membrane relative to rest, ticks of the refractory period that are left, the two
/// conductances, D of each.
impl<R: Real> Step<R, 6> for CondAlphaStep<R> {
    const RECEPTORS: usize = 2;

    #[inline(always)]
    fn step(&self, state: &mut [R; 6], arrivals: [R; 2], current: R) -> bool {
        let conductances = self.conductances(state);
        let moved = self.membrane.membrane(state[0], &conductances, current);
        self.finish(state, moved, &conductances, arrivals)
    }

    #[inline(always)]
    fn is_stiff(&self, state: &[R; 6]) -> bool {
        self.membrane.is_stiff([state[2] + state[4], state[3] + state[5]])
    }

    fn step_finely(&self, state: &mut [R; 6], arrivals: [R; 2], current: R) -> bool {
        let conductances = self.conductances(state);
        let moved = self.membrane.stiff_membrane(state[0], &conductances, current);
        self.finish(state, moved, &conductances, arrivals)
    }

    fn value(&self, state: &[R; 6], variable: usize) -> f64 {
        let rest = self.membrane.rest;
        if variable == 0 { rest + state[0].into() } else { self.membrane.conductance(state[variable + 1]) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{H, block, tick};

    #[test]
    fn the_weight_is_the_peak_of_the_conductance_at_the_time_constant() {
        let mut ours = block("lif_cond_alpha", &[("tau_syn_e", 2.0), ("tau_syn_i", 3.0), ("v_thresh", 1e6)]);
        tick(&mut *ours, [12.0, -5.0], 0.0);
        let mut peaks = [(0.0f64, 0), (0.0, 0)];
        for step in 1..=100 {
            tick(&mut *ours, [0.0, 0.0], 0.0);
            for (k, peak) in peaks.iter_mut().enumerate() {
                let t = f64::from(step) * H / [2.0, 3.0][k];
                let (height, expected) = (ours.value(k + 1, 0), [12.0, 5.0][k] * t * (1.0 - t).exp());
                assert!((height - expected).abs() < 1e-12, "{step} {k}: {height} {expected}");
                *peak = if height > peak.0 { (height, step) } else { *peak };
            }
        }
        assert!((peaks[0].0 - 12.0).abs() < 1e-12 && (peaks[1].0 - 5.0).abs() < 1e-12, "{peaks:?}");
        assert_eq!((peaks[0].1, peaks[1].1), (20, 30));
    }

    /// The equations by Euler's method with steps of 0.1 us.
    #[test]
    fn the_membrane_follows_the_equations() {
        let given = [
            ("c_m", 200.0),
            ("g_l", 10.0),
            ("tau_syn_e", 2.0),
            ("tau_syn_i", 3.0),
            ("e_rev_i", -80.0),
            ("v_thresh", 1e6),
        ];
        let mut ours = block("lif_cond_alpha", &given);
        let (mut v, mut g, mut d) = (-65.0f64, [0.0f64; 2], [0.0f64; 2]);
        for step in 1..=300 {
            let arrived = if step % 60 == 1 { [6.0, -3.0] } else { [0.0, 0.0] };
            assert!(!tick(&mut *ours, arrived, 35.0));
            let fine = H / 1000.0;
            for _ in 0..1000 {
                v += fine * (-10.0 * (v + 65.0) - g[0] * v - g[1] * (v + 80.0) + 35.0) / 200.0;
                for (k, tau) in [2.0, 3.0].into_iter().enumerate() {
                    g[k] += fine * (d[k] - g[k] / tau);
                    d[k] -= fine * d[k] / tau;
                }
            }
            d[0] += arrived[0] * std::f64::consts::E / 2.0;
            d[1] -= arrived[1] * std::f64::consts::E / 3.0;
            assert!((ours.value(0, 0) - v).abs() < 1e-3, "{step}: {} {v}", ours.value(0, 0));
            assert!((ours.value(1, 0) - g[0]).abs() < 1e-3 && (ours.value(2, 0) - g[1]).abs() < 1e-3);
        }
    }
}
