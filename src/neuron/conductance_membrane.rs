//! The membrane of neurons with conductances, which decay exponentially or are alpha functions.
//!
//! ```text
//! C_m dV/dt = -g_L (V - V_rest) - g_e (V - E_e) - g_i (V - E_i) + I + I_offset,   g_L = C_m / tau_m
//! dg/dt = -g / tau_syn            an arriving spike of weight w (nS) adds |w| to g_e (w >= 0) or g_i (w < 0)
//! alpha functions                 see lif_cond_alpha.rs
//! over a tick h    V by one step of the classical Runge-Kutta method of fourth order; the conductances at
//!                  the start, the middle and the end of the tick are known exactly, so that the
//!                  equation is linear in V: h dV/dt = B - A V with A = h (g_L + g_e + g_i) / C_m,
//!                  B = h (g_e (E_e - V_rest) + g_i (E_i - V_rest) + I) / C_m, V relative to rest
//! ```
//! stiff            where A + sum of m g, with m = max(1, 8 (h / tau_syn)^4), is above 1/2 that step is too coarse, or
//!                  unstable: V goes by stiff_membrane.rs, which is bounded. Below, it is exact to about 1e-3 mV
//!
//! The order within a tick is that of leaky_membrane.rs: V and g move from t to t + h, V is held at
//! V_reset while refractory, then the threshold is looked at and arriving weights are added to g.
//! Conductances are kept in units of C_m / h.

use super::leaky_membrane::{Firing, LeakyMembrane, TAU_SYN_E, TAU_SYN_I, voltage};
use super::stiff_membrane::Drive;
use crate::parameter::{Field, Values};
use crate::real::Real;
use crate::time::Resolution;
use crate::unit::Dimension;

pub(super) const E_REV_E: Field =
    voltage("e_rev_e", &["e_rev_E", "e_ex", "E_ex"], "0 mV", "Reversal potential of excitatory synapses");
pub(super) const E_REV_I: Field =
    voltage("e_rev_i", &["e_rev_I", "e_in", "E_in"], "-70 mV", "Reversal potential of inhibitory synapses");
pub(super) const TAU_E: Field = Field { default: Some("5 ms"), ..TAU_SYN_E };
pub(super) const TAU_I: Field = Field { doc: "Decay of inhibitory synapses", ..TAU_SYN_I };

/// The state variables of kinds with conductances.
pub(super) const VARIABLES: &[(&str, Dimension)] =
    &[("v", Dimension::Voltage), ("g_e", Dimension::Conductance), ("g_i", Dimension::Conductance)];

/// A leaky membrane with two conductances, in base units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ConductanceMembrane {
    pub leaky: LeakyMembrane,
    /// Relative to rest, of excitatory and inhibitory synapses.
    pub reversal: [f64; 2],
    pub tau_syn: [f64; 2],
}

impl ConductanceMembrane {
    /// The membrane with these parameters.
    ///
    /// # Errors
    /// A sentence, when it would fire for ever or without input.
    pub fn checked(v: &Values) -> Result<Self, String> {
        let leaky = LeakyMembrane::checked(v)?;
        Ok(Self {
            leaky,
            reversal: [v.number("e_rev_e") - leaky.rest, v.number("e_rev_i") - leaky.rest],
            tau_syn: [v.number("tau_syn_e"), v.number("tau_syn_i")],
        })
    }

    /// The constants of a swept membrane, rounded for a run in `R`.
    pub fn step<R: Real>(&self, resolution: Resolution) -> ConductanceStep<R> {
        let (leaky, h) = (&self.leaky, resolution.ms());
        ConductanceStep {
            rest: leaky.rest,
            scale: h / leaky.capacitance,
            firing: leaky.firing(resolution),
            leak: R::rounded(h / leaky.tau_m),
            unit: R::rounded(h / leaky.capacitance),
            constant: R::rounded(h / leaky.capacitance * leaky.offset_current),
            reversal: self.reversal.map(R::rounded),
            rates: self.tau_syn.map(|tau_s| h / tau_s),
            caution: self.tau_syn.map(|tau_s| R::rounded((8.0 * (h / tau_s).powi(4)).clamp(1.0, 1e30))),
            room: R::rounded(0.5 - h / leaky.tau_m),
            decay: self.tau_syn.map(|tau_s| R::rounded((-h / tau_s).exp())),
            half_decay: self.tau_syn.map(|tau_s| R::rounded((-0.5 * h / tau_s).exp())),
        }
    }
}

/// The constants of a swept membrane. Conductances stand in units of C_m / h.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ConductanceStep<R> {
    pub rest: f64,
    /// h / C_m: from nS to the unit of the state.
    scale: f64,
    pub firing: Firing<R>,
    /// h / tau_m.
    leak: R,
    /// h / C_m.
    pub unit: R,
    /// h I_offset / C_m.
    constant: R,
    reversal: [R; 2],
    /// h / tau_syn.
    rates: [f64; 2],
    /// By how much a conductance counts where a step is to be stable and exact: m.
    caution: [R; 2],
    /// What 1/2 leaves for them: 1/2 - h / tau_m.
    room: R,
    pub decay: [R; 2],
    pub half_decay: [R; 2],
}

/// What drives a membrane in a tick.
#[derive(Debug, Clone, Copy)]
pub(super) struct Conductances<R> {
    /// At the start, the middle and the end of the tick, of either kind.
    pub nodes: [[R; 2]; 3],
    /// D of alpha functions, per tick.
    pub rises: [R; 2],
}

impl<R: Real> ConductanceStep<R> {
    /// Where the membrane `v` goes in a tick, while A is small.
    #[inline(always)]
    pub fn membrane(&self, v: R, conductances: &Conductances<R>, current: R) -> R {
        let (half, two, sixth) = (R::from(0.5), R::from(2.0), R::rounded(1.0 / 6.0));
        let flowing = current * self.unit + self.constant;
        let [start, middle, end] = conductances.nodes;
        let (a0, b0) = self.line(start, flowing);
        let (a1, b1) = self.line(middle, flowing);
        let (a2, b2) = self.line(end, flowing);
        let k1 = b0 - a0 * v;
        let k2 = b1 - a1 * (v + half * k1);
        let k3 = b1 - a1 * (v + half * k2);
        let k4 = b2 - a2 * (v + k3);
        (v + ((k1 + k4) + two * (k2 + k3)) * sixth).settled()
    }

    /// The same whatever A is.
    #[cold]
    pub fn stiff_membrane(&self, v: R, conductances: &Conductances<R>, current: R) -> R {
        let flowing = current * self.unit + self.constant;
        let drive = Drive {
            leak: self.leak.into(),
            flowing: flowing.into(),
            reversal: self.reversal.map(Into::into),
            rates: self.rates,
            conductances: conductances.nodes[0].map(Into::into),
            rises: conductances.rises.map(Into::into),
        };
        R::rounded(drive.membrane(v.into())).settled()
    }

    /// Whether A is too large for [`membrane`](Self::membrane), with conductances up to `most` during the tick.
    #[inline(always)]
    pub fn is_stiff(&self, most: [R; 2]) -> bool {
        most[0] * self.caution[0] + most[1] * self.caution[1] > self.room
    }

    /// Exponential conductances during a tick.
    #[inline(always)]
    pub fn exponential(&self, start: [R; 2]) -> Conductances<R> {
        let middle = [start[0] * self.half_decay[0], start[1] * self.half_decay[1]];
        let end = [start[0] * self.decay[0], start[1] * self.decay[1]];
        Conductances { nodes: [start, middle, end], rises: [R::default(); 2] }
    }

    /// Those at the end of the tick, where what arrives is added.
    #[inline(always)]
    pub fn received(&self, conductances: &Conductances<R>, arrivals: [R; 2]) -> [R; 2] {
        let end = conductances.nodes[2];
        [(end[0] + arrivals[0] * self.unit).settled(), (end[1] - arrivals[1] * self.unit).settled()]
    }

    /// A and B at conductances `g`.
    #[inline(always)]
    fn line(&self, g: [R; 2], flowing: R) -> (R, R) {
        (self.leak + (g[0] + g[1]), g[0] * self.reversal[0] + g[1] * self.reversal[1] + flowing)
    }

    /// A conductance of the state in nS.
    pub fn conductance(&self, g: R) -> f64 {
        let g: f64 = g.into();
        g / self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::super::block::Slice;
    use super::super::fixture::{block, neuron, tick};
    use crate::time::Resolution;

    const KINDS: [&str; 3] = ["lif_cond_exp", "lif_cond_threshold", "lif_cond_alpha"];

    /// Steps from 1 us to 10 ms, conductances from 1e-3 to 1e9 nS, alone, together and one after the other.
    #[test]
    fn membranes_stay_between_the_reversal_potentials_at_any_step_and_conductance() {
        for kind in KINDS {
            for h in [0.001, 0.1, 1.0, 10.0] {
                for g in (-3..=9).map(|k| 10.0f64.powi(k)) {
                    for (tau, g_l) in [(5.0, 0.0), (0.2, 12.5), (0.001, 1e6)] {
                        let given = [("v_thresh", 1e6), ("tau_syn_e", tau), ("tau_syn_i", 2.0 * tau), ("g_l", g_l)];
                        let given = [&given[..], &[("e_rev_i", -70.0)]].concat();
                        let slice = Slice { neurons: 0..1, resolution: Resolution::from_ms(h).unwrap(), each: None };
                        let (mut double, mut single) =
                            (neuron(kind, &given).double(&slice), neuron(kind, &given).single(&slice));
                        for step in 0..60 {
                            let arrived = match step % 20 {
                                0 => [g, 0.0],
                                5 => [0.0, -0.3 * g],
                                10 => [0.1 * g, -g],
                                _ => [0.0, 0.0],
                            };
                            tick(&mut *double, arrived, 0.0);
                            let [mut first, mut second] = arrived.map(|weight| [weight as f32]);
                            single.advance([&mut first, &mut second], &[], &mut Vec::new());
                            let (exact, rounded) = (double.value(0, 0), single.value(0, 0));
                            let place = format!("{kind} {h} {g} {tau} {step}: {exact} {rounded}");
                            assert!((-70.0..=0.0).contains(&exact), "{place}");
                            assert!((-70.0 - 1e-4..=1e-4).contains(&rounded), "{place}");
                            assert!((exact - rounded).abs() < 0.02, "{place}");
                        }
                        assert_eq!((double.fault(), single.fault()), (None, None));
                    }
                }
            }
        }
    }

    /// Over a volley of 1,000 nS and its decay, against the exact solution: exp(-integral of A) and quadrature.
    #[test]
    fn a_strong_volley_gives_the_exact_membrane() {
        for (h, bound) in [(1.0, 0.01), (0.1, 0.01), (5.0, 0.02)] {
            let resolution = Resolution::from_ms(h).unwrap();
            let given = [("v_thresh", 1e6)];
            let mut ours = neuron("lif_cond_exp", &given).double(&Slice { neurons: 0..1, resolution, each: None });
            tick(&mut *ours, [1000.0, 0.0], 0.0);
            // C_m = 250 pF, g_L = 12.5 nS, tau_syn = 5 ms, reversal potential 65 mV above rest.
            let (mut v, steps) = (0.0f64, (20_000.0 * h) as usize);
            let fine = h / steps as f64;
            for index in 0..(40.0 / h) as usize {
                tick(&mut *ours, [0.0, 0.0], 0.0);
                for step in 0..steps {
                    let t = index as f64 * h + (step as f64 + 0.5) * fine;
                    let g = 1000.0 * (-t / 5.0).exp();
                    let level = 65.0 * g / (g + 12.5);
                    v = level + (v - level) * (-fine * (g + 12.5) / 250.0).exp();
                }
                let found = ours.value(0, 0) + 65.0;
                assert!((found - v).abs() < bound, "{h} {index}: {found} {v}");
            }
        }
    }

    /// Stiff neurons are stepped alone; the others of their group do as they do elsewhere.
    #[test]
    fn a_stiff_neighbour_changes_nothing() {
        for kind in KINDS {
            let given = [("v_thresh", 1e6)];
            let resolution = Resolution::from_ms(0.1).unwrap();
            let mut many = neuron(kind, &given).double(&Slice { neurons: 0..20, resolution, each: None });
            let mut weak = block(kind, &given);
            for step in 0..100 {
                let arrived = if step % 10 == 0 { [5.0, -4.0] } else { [0.0, 0.0] };
                let (mut first, mut second) = (vec![arrived[0]; 20], vec![arrived[1]; 20]);
                (first[3], second[17]) = (1e5 * arrived[0], 1e5 * arrived[1]);
                many.advance([&mut first, &mut second], &[], &mut Vec::new());
                tick(&mut *weak, arrived, 0.0);
                assert!((0..20).filter(|k| ![3, 17].contains(k)).all(|k| many.value(0, k) == weak.value(0, 0)));
            }
            assert!(many.value(0, 3) > -20.0 && many.value(0, 17) < -69.0, "{kind}");
        }
    }
}
