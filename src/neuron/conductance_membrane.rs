//! The membrane of neurons with exponential conductances.
//!
//! ```text
//! C_m dV/dt = -g_L (V - V_rest) - g_e (V - E_e) - g_i (V - E_i) + I + I_offset,   g_L = C_m / tau_m
//! dg/dt = -g / tau_syn            an arriving spike of weight w (nS) adds |w| to g_e (w >= 0) or g_i (w < 0)
//! over a tick h    V by one step of the classical Runge-Kutta method of fourth order; the conductances at
//!                  the start, the middle and the end of the tick are known exactly, so that the
//!                  equation is linear in V: h dV/dt = B - A V with A = h (g_L + g_e + g_i) / C_m,
//!                  B = h (g_e (E_e - V_rest) + g_i (E_i - V_rest) + I) / C_m, V relative to rest
//! ```
//! The order within a tick is that of leaky_membrane.rs: V and g move from t to t + h, V is held at
//! V_reset while refractory, then the threshold is looked at and arriving weights are added to g.
//! Conductances are kept in units of C_m / h.

use super::leaky_membrane::{Firing, LeakyMembrane, TAU_SYN_E, TAU_SYN_I, voltage};
use crate::parameter::{Field, Form, Range, Values};
use crate::real::Real;
use crate::time::Resolution;
use crate::unit::Dimension;

pub(super) const E_REV_E: Field =
    voltage("e_rev_e", &["e_rev_E", "e_ex"], "0 mV", "Reversal potential of excitatory synapses");
pub(super) const E_REV_I: Field =
    voltage("e_rev_i", &["e_rev_I", "e_in"], "-70 mV", "Reversal potential of inhibitory synapses");
pub(super) const G_L: Field = Field {
    name: "g_l",
    aliases: &["g_leak"],
    form: Form::Quantity(Dimension::Conductance),
    default: Some("0 nS"),
    range: Range::NotNegative,
    doc: "Leak conductance; where it is not 0, tau_m is c_m / g_l, whatever is given for it",
};
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
        let mut leaky = LeakyMembrane::checked(v)?;
        if v.number("g_l") > 0.0 {
            leaky.tau_m = leaky.capacitance / v.number("g_l");
        }
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
    unit: R,
    /// h I_offset / C_m.
    constant: R,
    reversal: [R; 2],
    decay: [R; 2],
    half_decay: [R; 2],
}

impl<R: Real> ConductanceStep<R> {
    /// Where the membrane `v` goes in a tick; brings the conductances to its end, where what
    /// arrives is added.
    #[inline(always)]
    pub fn integrate(&self, v: R, g: &mut [R; 2], arrivals: [R; 2], current: R) -> R {
        let (half, two, sixth) = (R::from(0.5), R::from(2.0), R::rounded(1.0 / 6.0));
        let flowing = current * self.unit + self.constant;
        let start = *g;
        let middle = [start[0] * self.half_decay[0], start[1] * self.half_decay[1]];
        let end = [start[0] * self.decay[0], start[1] * self.decay[1]];
        let (a0, b0) = self.line(start, flowing);
        let (a1, b1) = self.line(middle, flowing);
        let (a2, b2) = self.line(end, flowing);
        let k1 = b0 - a0 * v;
        let k2 = b1 - a1 * (v + half * k1);
        let k3 = b1 - a1 * (v + half * k2);
        let k4 = b2 - a2 * (v + k3);
        *g = [(end[0] + arrivals[0] * self.unit).settled(), (end[1] - arrivals[1] * self.unit).settled()];
        (v + ((k1 + k4) + two * (k2 + k3)) * sixth).settled()
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

    /// A conductance in nS as the state holds it.
    pub fn scaled(&self, g: f64) -> R {
        R::rounded(g * self.scale)
    }
}
