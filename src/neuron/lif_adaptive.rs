//! Leaky integrate-and-fire with exponential synaptic currents and an adaptation current (Brette &
//! Gerstner 2005, J. Neurophysiol. 94:3637, without the exponential upswing: NEST's
//! `aeif_psc_exp` with Delta_T = 0, on the grid).
//!
//! ```text
//! C_m dV/dt = -(C_m / tau_m) (V - V_rest) - w + I_e + I_i + I + I_offset
//! tau_w dw/dt = a (V - V_rest) - w               at a spike w <- w + b
//! currents, threshold, order within a tick: see exponential_currents.rs and leaky_membrane.rs
//! ```
//! The system is linear: over a tick (V, w) go by the matrix exponential of it, which is exact.
//! Rates times h above 1e6 are too fast for it: the constants are no finite numbers then, and the neuron is refused.
//! While V is held at V_reset, w <- w exp(-h / tau_w) + a (V - V_rest) (1 - exp(-h / tau_w)).

use nalgebra::SMatrix;

use super::Neuron;
use super::block::{Block, Slice};
use super::exponential_currents::{ExponentialCurrents, current_value};
use super::leaky_membrane::{
    C_M, Firing, G_L, I_OFFSET, TAU_M, TAU_REFRAC, TAU_SYN_E, TAU_SYN_I, V_INIT, V_RESET, V_REST, V_THRESH,
    time_constant,
};
use super::swept::{Step, swept};
use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::real::Real;
use crate::time::Resolution;
use crate::unit::Dimension;

/// The largest of the rates times h, in the units of the model, of which the exponential is taken.
const FASTEST: f64 = 1e6;

const A: Field = Field {
    name: "a",
    aliases: &[],
    form: Form::Quantity(Dimension::Conductance),
    default: Some("4 nS"),
    range: Range::Any,
    doc: "Adaptation below threshold: w tends to a (v - v_rest)",
};
const B: Field = Field {
    name: "b",
    aliases: &[],
    form: Form::Quantity(Dimension::Current),
    default: Some("80.5 pA"),
    range: Range::Any,
    doc: "What a spike adds to w",
};

pub(super) const KIND: Kind<dyn Neuron> = Kind {
    name: "lif_adaptive",
    aliases: &["adaptive_lif", "aeif_psc_exp"],
    summary: "Leaky integrate-and-fire, exponential synaptic currents, an adaptation current that rises with every spike",
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
        TAU_SYN_E,
        TAU_SYN_I,
        time_constant("tau_w", &[], "144 ms", "Time constant of the adaptation current w"),
        A,
        B,
    ],
    build: |v: &Values| LifAdaptive::checked(v).map(|neuron| Box::new(neuron) as Box<dyn Neuron>),
};

#[derive(Debug, Clone, Copy)]
struct LifAdaptive {
    currents: ExponentialCurrents,
    tau_w: f64,
    a: f64,
    b: f64,
}

impl LifAdaptive {
    fn checked(v: &Values) -> Result<Self, String> {
        let currents = ExponentialCurrents::checked(v)?;
        Ok(Self { currents, tau_w: v.number("tau_w"), a: v.number("a"), b: v.number("b") })
    }

    /// What (V, w, I_e, I_i, I) become in `h` ms: rows give the new values of V and w. No numbers where it is too fast.
    fn propagators(&self, h: f64) -> SMatrix<f64, 5, 5> {
        let ExponentialCurrents { membrane, tau_syn } = &self.currents;
        let c = membrane.capacitance;
        let mut rates = SMatrix::<f64, 5, 5>::zeros();
        rates.set_row(0, &[-1.0 / membrane.tau_m, -1.0 / c, 1.0 / c, 1.0 / c, 1.0 / c].into());
        (rates[(1, 0)], rates[(1, 1)]) = (self.a / self.tau_w, -1.0 / self.tau_w);
        (rates[(2, 2)], rates[(3, 3)]) = (-1.0 / tau_syn[0], -1.0 / tau_syn[1]);
        rates *= h;
        if rates.iter().all(|rate| rate.abs() <= FASTEST) { rates.exp() } else { SMatrix::repeat(f64::NAN) }
    }

    /// Constants and initial state of one neuron with S - 3 currents.
    fn start<R: Real, const S: usize>(&self, resolution: Resolution) -> (AdaptiveStep<R>, [R; S]) {
        let (membrane, h) = (&self.currents.membrane, resolution.ms());
        let matrix = self.propagators(h);
        let row = |row: usize| std::array::from_fn(|column| matrix[(row, column)]);
        let (v, w): ([f64; 5], [f64; 5]) = (row(0), row(1));
        let held = (-h / self.tau_w).exp();
        let step = AdaptiveStep {
            rest: membrane.rest,
            firing: membrane.firing(resolution),
            v: v.map(R::rounded),
            w: w.map(R::rounded),
            constant: [v[4], w[4]].map(|gain| R::rounded(gain * membrane.offset_current)),
            held: [R::rounded(-(-h / self.tau_w).exp_m1() * self.a), R::rounded(held)],
            decay: self.currents.tau_syn.map(|tau_s| R::rounded((-h / tau_s).exp())),
            jump: R::rounded(self.b),
        };
        let mut state = [R::default(); S];
        state[0] = R::rounded(membrane.initial);
        (step, state)
    }

    fn block<R: Real>(&self, slice: &Slice<'_>) -> Box<dyn Block<R>> {
        if self.currents.all_share(slice) {
            swept(slice, self, Self::checked, |neuron| neuron.start::<R, 4>(slice.resolution))
        } else {
            swept(slice, self, Self::checked, |neuron| neuron.start::<R, 5>(slice.resolution))
        }
    }
}

const VARIABLES: &[(&str, Dimension)] = &[
    ("v", Dimension::Voltage),
    ("w", Dimension::Current),
    ("i_syn", Dimension::Current),
    ("i_syn_e", Dimension::Current),
    ("i_syn_i", Dimension::Current),
];

impl Neuron for LifAdaptive {
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
struct AdaptiveStep<R> {
    rest: f64,
    firing: Firing<R>,
    /// What 1 of V, w, I_e, I_i and I give to V in one tick.
    v: [R; 5],
    /// And to w.
    w: [R; 5],
    /// What the constant current gives to V and w.
    constant: [R; 2],
    /// What 1 of V and w give to w while V is held.
    held: [R; 2],
    decay: [R; 2],
    jump: R,
}

/// State: membrane relative to rest, ticks of the refractory period that are left, adaptation
/// current, the synaptic current of each receptor.
impl<R: Real, const S: usize> Step<R, S> for AdaptiveStep<R> {
    const RECEPTORS: usize = S - 3;

    #[inline(always)]
    fn step(&self, state: &mut [R; S], arrivals: [R; 2], current: R) -> bool {
        let (v, w) = (state[0], state[2]);
        let mut moved = v * self.v[0] + w * self.v[1] + (current * self.v[4] + self.constant[0]);
        let mut adapted = v * self.w[0] + w * self.w[1] + (current * self.w[4] + self.constant[1]);
        for receptor in 0..S - 3 {
            let flowing = state[3 + receptor];
            moved += flowing * self.v[2 + receptor];
            adapted += flowing * self.w[2 + receptor];
            state[3 + receptor] = (flowing * self.decay[receptor] + arrivals[receptor]).settled();
        }
        let kept = v * self.held[0] + w * self.held[1];
        let w = if state[1] > R::default() { kept } else { adapted }.settled();
        let spikes = self.firing.fire(state, moved.settled());
        state[2] = if spikes { w + self.jump } else { w };
        spikes
    }

    fn value(&self, state: &[R; S], variable: usize) -> f64 {
        match variable {
            0 => self.rest + state[0].into(),
            1 => state[2].into(),
            variable => current_value(&state[3..], variable - 2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{H, block, tick};

    /// The equations by Euler's method with steps of 0.1 us, refractory periods included.
    #[test]
    fn membrane_and_adaptation_follow_the_equations() {
        let mut ours = block("lif_adaptive", &[("tau_syn_i", 5.0), ("i_offset", 350.0), ("v_reset", -60.0)]);
        let (mut v, mut w, mut e, mut i, mut left) = (0.0f64, 0.0f64, 0.0f64, 0.0f64, 0);
        let mut spikes = 0;
        for step in 1..=1000 {
            let arrived = if step % 50 == 1 { [300.0, -150.0] } else { [0.0, 0.0] };
            let fired = tick(&mut *ours, arrived, 30.0);
            let fine = H / 1000.0;
            for _ in 0..1000 {
                let slope = -v / 20.0 + (e + i + 380.0 - w) / 250.0;
                w += fine * (4.0 * v - w) / 144.0;
                v += if left > 0 { 0.0 } else { fine * slope };
                e -= fine * e / 2.0;
                i -= fine * i / 5.0;
            }
            (e, i) = (e + arrived[0], i + arrived[1]);
            left = if left > 0 { left - 1 } else { 0 };
            if fired {
                assert!((v - 15.0).abs() < 0.2, "{step}: {v}");
                (v, w, left, spikes) = (5.0, w + 80.5, 20, spikes + 1);
            }
            assert!((ours.value(0, 0) - (v - 65.0)).abs() < 2e-3, "{step}: {} {v}", ours.value(0, 0));
            assert!((ours.value(1, 0) - w).abs() < 1e-2, "{step}: {} {w}", ours.value(1, 0));
        }
        assert!(spikes > 1);
    }

    #[test]
    fn without_adaptation_it_is_lif_exp() {
        let mut ours = block("lif_adaptive", &[("a", 0.0), ("b", 0.0), ("tau_syn_i", 4.0)]);
        let mut other = block("lif_exp", &[("tau_syn_i", 4.0)]);
        for step in 0..5000 {
            let arrived = [if step % 9 == 0 { 700.0 } else { 0.0 }, if step % 25 == 0 { -200.0 } else { 0.0 }];
            assert_eq!(tick(&mut *ours, arrived, 100.0), tick(&mut *other, arrived, 100.0));
            assert!((ours.value(0, 0) - other.value(0, 0)).abs() < 1e-10);
        }
    }
}
