//! The leaky membrane that most kinds share, its parameters and its exact propagators.
//!
//! ```text
//! C_m dV/dt = -(C_m / tau_m) (V - V_rest) + I_syn + I + I_offset
//! over a tick h, with I held:
//!   V - V_rest <- (V - V_rest) exp(-h / tau_m) + (I + I_offset) (tau_m / C_m) (1 - exp(-h / tau_m))
//!   I_syn(t) = i exp(-t / tau_s)     adds  i / C_m * integral from 0 to h of exp(-(h - u) / tau_m) exp(-u / tau_s) du
//!   I_syn(t) = d t exp(-t / tau_s)   adds  d / C_m * integral from 0 to h of exp(-(h - u) / tau_m) u exp(-u / tau_s) du
//! V >= V_thresh at the end of a tick: a spike; V <- V_reset, held for tau_refrac
//! ```
//! One tick (Rotter & Diesmann 1999, and the order in which NEST does it): the membrane moves
//! with the synaptic currents at the start of the tick; then these decay, and the weights that
//! arrive at its end are added; then the threshold is looked at. The first integral is
//! h exp(-h / tau_m) (exp(x) - 1) / x with x = h (1 / tau_m - 1 / tau_s), which has no pole
//! where the time constants are equal.

use crate::parameter::{Field, Form, Range, Values};
use crate::real::Real;
use crate::time::Resolution;
use crate::unit::Dimension;

/// A voltage that `v_rest` and the like are.
pub(super) const fn voltage(
    name: &'static str,
    aliases: &'static [&'static str],
    default: &'static str,
    doc: &'static str,
) -> Field {
    Field { name, aliases, form: Form::Quantity(Dimension::Voltage), default: Some(default), range: Range::Any, doc }
}

/// A time constant.
pub(super) const fn time_constant(
    name: &'static str,
    aliases: &'static [&'static str],
    default: &'static str,
    doc: &'static str,
) -> Field {
    Field { name, aliases, form: Form::Quantity(Dimension::Time), default: Some(default), range: Range::Positive, doc }
}

pub(super) const TAU_M: Field = time_constant("tau_m", &["tc_decay"], "20 ms", "Membrane time constant");
pub(super) const C_M: Field = Field {
    name: "c_m",
    aliases: &["cm", "C_m"],
    form: Form::Quantity(Dimension::Capacitance),
    default: Some("250 pF"),
    range: Range::Positive,
    doc: "Membrane capacitance",
};
pub(super) const G_L: Field = Field {
    name: "g_l",
    aliases: &["g_leak", "g_L"],
    form: Form::Optional(Dimension::Conductance),
    default: Some("[]"),
    range: Range::Positive,
    doc: "Leak conductance in the place of tau_m, which is c_m / g_l then",
};
pub(super) const V_REST: Field = voltage("v_rest", &["e_l", "E_L", "rest"], "-65 mV", "Resting membrane");
pub(super) const V_THRESH: Field =
    voltage("v_thresh", &["v_th", "V_th", "v_threshold", "thresh", "threshold"], "-50 mV", "Threshold");
pub(super) const V_RESET: Field = voltage("v_reset", &["V_reset"], "v_rest", "Membrane after a spike");
pub(super) const V_INIT: Field = voltage("v_init", &["initial", "V_m"], "v_rest", "Membrane at the start");
pub(super) const TAU_REFRAC: Field = Field {
    name: "tau_refrac",
    aliases: &["t_ref", "t_refrac", "refractory", "refrac"],
    form: Form::Quantity(Dimension::Time),
    default: Some("2 ms"),
    range: Range::NotNegative,
    doc: "Refractory period, whole ticks unless spike times are precise: the membrane is held at v_reset for so long",
};
pub(super) const I_OFFSET: Field = Field {
    name: "i_offset",
    aliases: &["i_e", "I_e"],
    form: Form::Quantity(Dimension::Current),
    default: Some("0 pA"),
    range: Range::Any,
    doc: "Constant current from the start on",
};
pub(super) const TAU_SYN_E: Field =
    time_constant("tau_syn_e", &["tau_syn_E", "tau_syn_ex", "tau_syn"], "2 ms", "Decay of excitatory synapses");
pub(super) const TAU_SYN_I: Field = time_constant(
    "tau_syn_i",
    &["tau_syn_I", "tau_syn_in"],
    "tau_syn_e",
    "Decay of inhibitory synapses; when it equals tau_syn_e, both share one current, which is faster",
);

/// Membrane time constant in ms above which the membrane in the long run is too far away to be computed with.
const SLOW: f64 = 1e4;

/// A leaky membrane in base units, with voltages relative to rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LeakyMembrane {
    pub tau_m: f64,
    pub capacitance: f64,
    pub rest: f64,
    pub threshold: f64,
    pub reset_value: f64,
    pub initial: f64,
    pub offset_current: f64,
    pub refractory_ms: f64,
}

impl LeakyMembrane {
    /// The membrane with these parameters.
    ///
    /// # Errors
    /// A sentence, when it would fire for ever.
    pub fn checked(v: &Values) -> Result<Self, String> {
        let (rest, capacitance) = (v.number("v_rest"), v.number("c_m"));
        let membrane = Self {
            tau_m: v.optional("g_l").map_or_else(|| v.number("tau_m"), |leak| capacitance / leak),
            capacitance,
            rest,
            threshold: v.number("v_thresh") - rest,
            reset_value: v.number("v_reset") - rest,
            initial: v.number("v_init") - rest,
            offset_current: v.number("i_offset"),
            refractory_ms: v.number("tau_refrac"),
        };
        if membrane.reset_value >= membrane.threshold {
            return Err("v_reset is not below v_thresh: the neuron would fire for ever".into());
        }
        Ok(membrane)
    }

    /// The factor by which V - V_rest decays in `h` ms.
    pub fn decay(&self, h: f64) -> f64 {
        (-h / self.tau_m).exp()
    }

    /// What a current of 1 pA adds in `h` ms.
    pub fn current_gain(&self, h: f64) -> f64 {
        -(-h / self.tau_m).exp_m1() * self.tau_m / self.capacitance
    }

    /// Where `v` goes while `current` flows over a time in which V - V_rest decays by `decay` and 1 pA adds `gain`.
    /// It has the same fixed point, to the bit, as the crossing of the threshold is computed with: else rounding would
    /// grow faster than the dynamics make it. Membranes that hardly leak have theirs too far away.
    pub fn flow(&self, v: f64, current: f64, (decay, gain): (f64, f64)) -> f64 {
        if self.tau_m > SLOW {
            return v * decay + current * gain;
        }
        let limit = self.limit(current);
        limit + (v - limit) * decay
    }

    /// The membrane, relative to rest, that `current` holds in the long run.
    pub fn limit(&self, current: f64) -> f64 {
        current * self.tau_m / self.capacitance
    }

    /// What a synaptic current of 1 pA, which decays with `tau_s`, adds in `h` ms.
    pub fn exponential_gain(&self, tau_s: f64, h: f64) -> f64 {
        // The integral is the same with its time constants exchanged: decays keep it from overflowing.
        let x = -(h / self.tau_m - h / tau_s).abs();
        let slowest = (-h / self.tau_m.max(tau_s)).exp();
        h * slowest * if x == 0.0 { 1.0 } else { x.exp_m1() / x } / self.capacitance
    }

    /// What a synaptic current of t exp(-t / tau_s) pA, t in ms, adds in its first `h` ms.
    pub fn alpha_gain(&self, tau_s: f64, h: f64) -> f64 {
        let x = h / self.tau_m - h / tau_s;
        let (membrane, synapse) = ((-h / self.tau_m).exp(), (-h / tau_s).exp());
        let integral = if x.abs() < 0.5 {
            // exp(-h / tau_m) * integral from 0 to 1 of s exp(x s) ds, as a series.
            let term =
                |(power, sum): (f64, f64), k: i32| (power * x / f64::from(k + 1), sum + power / f64::from(k + 2));
            membrane * (0..20).fold((1.0, 0.0), term).1
        } else {
            (synapse * (x - 1.0) + membrane) / (x * x)
        };
        h * h * integral / self.capacitance
    }

    /// Threshold, reset and refractory period, rounded for a run in `R`.
    pub fn firing<R: Real>(&self, resolution: Resolution) -> Firing<R> {
        Firing {
            threshold: R::rounded(self.threshold),
            reset_value: R::rounded(self.reset_value),
            refractory: R::rounded(f64::from(refractory_ticks(self.refractory_ms, resolution))),
        }
    }
}

/// The state variables of kinds with synaptic currents: the sum of the currents, and each where
/// they are apart.
pub(super) fn current_variables(receptors: usize) -> &'static [(&'static str, Dimension)] {
    const ALL: &[(&str, Dimension)] = &[
        ("v", Dimension::Voltage),
        ("i_syn", Dimension::Current),
        ("i_syn_e", Dimension::Current),
        ("i_syn_i", Dimension::Current),
    ];
    if receptors == 1 { &ALL[..2] } else { ALL }
}

/// Refractory period in ticks: whole ones, but where it is drawn, which goes to the nearest.
pub(super) fn refractory_ticks(ms: f64, resolution: Resolution) -> u32 {
    u32::try_from(resolution.nearest(ms).0).unwrap_or(u32::MAX)
}

/// When a swept neuron spikes, and what follows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Firing<R> {
    pub threshold: R,
    pub reset_value: R,
    /// In ticks.
    pub refractory: R,
}

impl<R: Real> Firing<R> {
    /// Moves the membrane, `state[0]`, to `moved`, unless it is held for `state[1]` ticks more;
    /// whether the neuron spikes there.
    #[inline(always)]
    pub fn fire<const S: usize>(&self, state: &mut [R; S], moved: R) -> bool {
        self.fire_above(self.threshold, state, moved)
    }

    /// The same with a threshold of the moment.
    #[inline(always)]
    pub fn fire_above<const S: usize>(&self, threshold: R, state: &mut [R; S], moved: R) -> bool {
        let zero = R::default();
        let (v, left) = (state[0], state[1]);
        let held = left > zero;
        let reached = if held { v } else { moved };
        let spikes = !held & (reached >= threshold);
        let waits = if held { left - R::from(1.0) } else { zero };
        state[0] = if spikes { self.reset_value } else { reached };
        state[1] = if spikes { self.refractory } else { waits };
        spikes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn membrane(tau_m: f64) -> LeakyMembrane {
        LeakyMembrane {
            tau_m,
            capacitance: 250.0,
            rest: 0.0,
            threshold: 1.0,
            reset_value: 0.0,
            initial: 0.0,
            offset_current: 0.0,
            refractory_ms: 0.0,
        }
    }

    /// The integral of exp(-(h - u) / tau_m) f(u) over a tick, by Simpson's rule.
    fn integral(h: f64, tau_m: f64, f: impl Fn(f64) -> f64) -> f64 {
        let n = 20_000;
        let weight = |k: usize| {
            if k == 0 || k == n {
                1.0
            } else if k % 2 == 1 {
                4.0
            } else {
                2.0
            }
        };
        let at = |k: usize| k as f64 * h / n as f64;
        let sum: f64 = (0..=n).map(|k| weight(k) * (-(h - at(k)) / tau_m).exp() * f(at(k))).sum();
        sum * h / n as f64 / 3.0
    }

    #[test]
    fn gains_are_the_integrals_also_where_time_constants_are_equal_or_nearly() {
        for h in [0.001, 0.1, 1.0, 5.0] {
            for tau_m in [0.5, 2.0, 10.0] {
                for tau_s in [0.2, 0.5, 2.0, 2.0 + 1e-13, 2.0 + 1e-9, 2.0 - 1e-6, 2.02, 30.0] {
                    let ours = membrane(tau_m).exponential_gain(tau_s, h) * 250.0;
                    let exact = integral(h, tau_m, |u| (-u / tau_s).exp());
                    assert!((ours / exact - 1.0).abs() < 1e-9, "{h} {tau_m} {tau_s}: {ours} {exact}");
                    let ours = membrane(tau_m).alpha_gain(tau_s, h) * 250.0;
                    let exact = integral(h, tau_m, |u| u * (-u / tau_s).exp());
                    assert!((ours / exact - 1.0).abs() < 1e-9, "{h} {tau_m} {tau_s}: {ours} {exact}");
                }
            }
        }
    }

    #[test]
    fn extreme_time_constants_give_finite_gains() {
        for (tau_m, tau_s) in [(1e-3, 1e6), (1e6, 1e-3), (1e-3, 1e-3)] {
            let membrane = membrane(tau_m);
            for gain in [membrane.exponential_gain(tau_s, 1000.0), membrane.alpha_gain(tau_s, 1000.0)] {
                assert!(gain.is_finite() && gain >= 0.0, "{tau_m} {tau_s}: {gain}");
            }
        }
    }
}
