//! Leaky integrate-and-fire with exponential synaptic currents (NEST's `iaf_psc_exp`, PyNN's
//! `IF_curr_exp`): the membrane of leaky_membrane.rs with the currents of exponential_currents.rs.

use super::Neuron;
use super::block::{Block, Slice};
use super::exponential_currents::{CurrentStep, ExponentialCurrents, Synapse, current_value};
use super::lazy::{ExpJump, LazyBlock, LeakyJump, lazy};
use super::leaky_membrane::{
    C_M, Firing, G_L, I_OFFSET, LeakyMembrane, TAU_M, TAU_REFRAC, TAU_SYN_E, TAU_SYN_I, V_INIT, V_RESET, V_REST,
    V_THRESH, current_variables,
};
use super::precise::{Flow, PreciseBlock, precise, zero};
use super::swept::{Step, swept};
use crate::parameter::{Kind, Values};
use crate::real::Real;
use crate::time::Resolution;
use crate::unit::Dimension;

pub(super) const KIND: Kind<dyn Neuron> = Kind {
    name: "lif_exp",
    aliases: &["iaf_psc_exp", "iaf_psc_exp_ps", "iaf_psc_exp_ps_lossless", "IF_curr_exp"],
    summary: "Leaky integrate-and-fire, exponential synaptic currents",
    fields: &[TAU_M, C_M, G_L, V_REST, V_THRESH, V_RESET, V_INIT, TAU_REFRAC, I_OFFSET, TAU_SYN_E, TAU_SYN_I],
    build: |v: &Values| ExponentialCurrents::checked(v).map(|currents| Box::new(LifExp(currents)) as Box<dyn Neuron>),
};

#[derive(Debug, Clone, Copy)]
struct LifExp(ExponentialCurrents);

impl LifExp {
    /// Constants and initial state of one neuron with S - 2 currents.
    fn start<R: Real, const S: usize>(neuron: &ExponentialCurrents, resolution: Resolution) -> (ExpStep<R>, [R; S]) {
        let mut state = [R::default(); S];
        state[0] = R::rounded(neuron.membrane.initial);
        (ExpStep { currents: neuron.step(resolution), firing: neuron.membrane.firing(resolution) }, state)
    }

    fn block<R: Real>(&self, slice: &Slice<'_>) -> Box<dyn Block<R>> {
        let resolution = slice.resolution;
        if self.0.all_share(slice) {
            swept(slice, &self.0, ExponentialCurrents::checked, |neuron| Self::start::<R, 3>(neuron, resolution))
        } else {
            swept(slice, &self.0, ExponentialCurrents::checked, |neuron| Self::start::<R, 4>(neuron, resolution))
        }
    }
}

impl LifExp {
    /// How a visited neuron jumps over ticks.
    fn jump(neuron: &ExponentialCurrents, resolution: Resolution) -> ExpJump {
        let (membrane, h) = (&neuron.membrane, resolution.ms());
        let current_gain = membrane.current_gain(h);
        let constant = current_gain * membrane.offset_current;
        ExpJump {
            membrane: LeakyJump { leak: h / membrane.tau_m, current_gain, constant, threshold: membrane.threshold },
            decays: neuron.tau_syn.map(|tau_s| h / tau_s),
            gains: neuron.tau_syn.map(|tau_s| membrane.exponential_gain(tau_s, h)),
        }
    }

    fn lazy<R: Real>(&self, slice: &Slice<'_>) -> Box<dyn LazyBlock<R>> {
        let h = slice.resolution;
        if self.0.all_share(slice) {
            lazy(slice, &self.0, ExponentialCurrents::checked, |neuron| {
                let (step, state) = Self::start::<R, 3>(neuron, h);
                (step, Self::jump(neuron, h), state)
            })
        } else {
            lazy(slice, &self.0, ExponentialCurrents::checked, |neuron| {
                let (step, state) = Self::start::<R, 4>(neuron, h);
                (step, Self::jump(neuron, h), state)
            })
        }
    }
}

impl Neuron for LifExp {
    fn weight_dimension(&self) -> Dimension {
        Dimension::Current
    }

    fn receptors(&self) -> usize {
        if self.0.shares() { 1 } else { 2 }
    }

    fn variables(&self) -> &'static [(&'static str, Dimension)] {
        current_variables(self.receptors())
    }

    in_both_precisions!(block, lazy);

    fn precise(&self, slice: &Slice<'_>) -> Option<Box<dyn PreciseBlock>> {
        Some(precise(slice, &self.0, ExponentialCurrents::checked, |&neuron| {
            let tick = Propagators::new(&neuron, slice.resolution.ms());
            (ExpFlow { tick, neuron }, [neuron.membrane.initial, 0.0, 0.0])
        }))
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct ExpStep<R> {
    currents: CurrentStep<R>,
    firing: Firing<R>,
}

/// State: membrane relative to rest, ticks of the refractory period that are left, the synaptic
/// current of each receptor.
impl<R: Real, const S: usize> Step<R, S> for ExpStep<R> {
    const RECEPTORS: usize = S - 2;

    #[inline(always)]
    fn step(&self, state: &mut [R; S], arrivals: [R; 2], current: R) -> bool {
        let moved = self.currents.integrate::<2, S>(state, arrivals, current);
        self.firing.fire(state, moved)
    }

    fn value(&self, state: &[R; S], variable: usize) -> f64 {
        if variable == 0 { self.currents.rest + state[0].into() } else { current_value(&state[2..], variable - 1) }
    }
}

/// A neuron with precise spike times. State: membrane relative to rest, synaptic currents.
///
/// ```text
/// S = C_m dV/dt = -(C_m / tau_m) V + I_e + I_i + I,   d(S exp(t / tau_m))/dt = -(I_e / tau_e + I_i / tau_i) exp(t / tau_m)
/// ```
/// so that S exp(t / tau_m) turns at most once, where I_e / tau_e = -I_i / tau_i. On both sides
/// of that time S has at most one zero each, and between these V is monotonic: no crossing is missed.
#[derive(Debug, Clone)]
struct ExpFlow {
    neuron: ExponentialCurrents,
    /// Over a whole tick.
    tick: Propagators,
}

/// What becomes of the state over some time.
#[derive(Debug, Clone, Copy)]
struct Propagators {
    ms: f64,
    decay: f64,
    current_gain: f64,
    synapses: [Synapse<f64>; 2],
}

impl Propagators {
    fn new(neuron: &ExponentialCurrents, ms: f64) -> Self {
        let membrane = &neuron.membrane;
        let synapse = |tau_s: f64| Synapse { decay: (-ms / tau_s).exp(), gain: membrane.exponential_gain(tau_s, ms) };
        let [e, i] = neuron.tau_syn;
        let excitatory = synapse(e);
        let synapses = [excitatory, if e == i { excitatory } else { synapse(i) }];
        Self { ms, decay: membrane.decay(ms), current_gain: membrane.current_gain(ms), synapses }
    }

    fn of(&self, membrane: &LeakyMembrane, &[v, e, i]: &[f64; 3], flowing: f64) -> [f64; 3] {
        let [excitatory, inhibitory] = &self.synapses;
        let v = membrane.flow(v, flowing, (self.decay, self.current_gain));
        let v = v + e * excitatory.gain + i * inhibitory.gain;
        [v, e * excitatory.decay, i * inhibitory.decay]
    }
}

impl ExpFlow {
    fn after(&self, state: &[f64; 3], ms: f64, flowing: f64) -> [f64; 3] {
        let tick = &self.tick;
        let own = || Propagators::new(&self.neuron, ms);
        let propagators = if ms == tick.ms { *tick } else { own() };
        propagators.of(&self.neuron.membrane, state, flowing)
    }

    /// S and its derivative.
    fn slope(&self, &[v, e, i]: &[f64; 3], flowing: f64) -> (f64, f64) {
        let LeakyMembrane { tau_m, capacitance, .. } = self.neuron.membrane;
        let [tau_e, tau_i] = self.neuron.tau_syn;
        let slope = e + i + flowing - v * capacitance / tau_m;
        (slope, -slope / tau_m - e / tau_e - i / tau_i)
    }

    /// The times within `ms` between which the membrane is monotonic, 0 and `ms` included.
    fn turns(&self, state: &[f64; 3], ms: f64, flowing: f64) -> impl Iterator<Item = f64> {
        let [tau_e, tau_i] = self.neuron.tau_syn;
        let slope = |t: f64| self.slope(&self.after(state, t, flowing), flowing);
        let turn = (-(state[1] * tau_i) / (state[2] * tau_e)).ln() / (1.0 / tau_e - 1.0 / tau_i);
        let middle = if turn > 0.0 && turn < ms { turn } else { ms };
        let zero_within = |low: f64, high: f64| {
            let changes = low < high && (slope(low).0 >= 0.0) != (slope(high).0 >= 0.0);
            changes.then(|| zero(slope, low, high))
        };
        let (first, second) = (zero_within(0.0, middle), zero_within(middle, ms));
        [Some(0.0), first, Some(middle), second, Some(ms)].into_iter().flatten()
    }
}

impl Flow<3> for ExpFlow {
    fn pass(&self, state: &mut [f64; 3], ms: f64, current: f64) {
        *state = self.after(state, ms, current + self.neuron.membrane.offset_current);
    }

    fn hold(&self, state: &mut [f64; 3], ms: f64) {
        let v = state[0];
        *state = self.after(state, ms, 0.0);
        state[0] = v;
    }

    fn crossing(&self, state: &[f64; 3], ms: f64, current: f64) -> Option<f64> {
        let LeakyMembrane { capacitance, threshold, offset_current, .. } = self.neuron.membrane;
        let flowing = current + offset_current;
        if state[0] >= threshold {
            return Some(0.0);
        }
        // All that could be added without leak and decay.
        let most = state[1].max(0.0) + state[2].max(0.0) + flowing.max(0.0);
        if state[0].max(0.0) + most * ms / capacitance < threshold {
            return None;
        }
        let above = |t: f64| {
            let after = self.after(state, t, flowing);
            (after[0] - threshold, self.slope(&after, flowing).0 / capacitance)
        };
        let mut low = 0.0;
        for high in self.turns(state, ms, flowing) {
            if above(high).0 >= 0.0 {
                return Some(zero(above, low, high));
            }
            low = high;
        }
        None
    }

    fn receive(&self, state: &mut [f64; 3], weight: f64, _: bool) {
        state[if weight < 0.0 && !self.neuron.shares() { 2 } else { 1 }] += weight;
    }

    fn is_above(&self, state: &[f64; 3]) -> bool {
        state[0] >= self.neuron.membrane.threshold
    }

    fn reset(&self, state: &mut [f64; 3]) {
        state[0] = self.neuron.membrane.reset_value;
    }

    fn refractory_ms(&self) -> f64 {
        self.neuron.membrane.refractory_ms
    }

    fn value(&self, state: &[f64; 3], variable: usize) -> f64 {
        match variable {
            0 => self.neuron.membrane.rest + state[0],
            1 => state[1] + state[2],
            receptor => state[receptor - 1],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{H, block, neuron, resolution, tick};
    use super::*;

    /// The equations by Euler's method with steps of 0.1 us.
    #[test]
    fn the_membrane_follows_the_equations() {
        let mut ours = block("lif_exp", &[("tau_syn_i", 5.0), ("i_offset", 80.0)]);
        let (mut v, mut e, mut i) = (0.0f64, 0.0f64, 0.0f64);
        for step in 1..=300 {
            let arrived = if step % 50 == 1 { [400.0, -150.0] } else { [0.0, 0.0] };
            assert!(!tick(&mut *ours, arrived, 30.0));
            let fine = H / 1000.0;
            for _ in 0..1000 {
                v += fine * (-v / 20.0 + (e + i + 110.0) / 250.0);
                e -= fine * e / 2.0;
                i -= fine * i / 5.0;
            }
            (e, i) = (e + arrived[0], i + arrived[1]);
            assert!((ours.value(0, 0) - (v - 65.0)).abs() < 2e-4, "{step}");
            assert!((ours.value(1, 0) - (e + i)).abs() < 2e-2 && (ours.value(3, 0) - i).abs() < 2e-2);
        }
    }

    #[test]
    fn one_current_does_what_two_do_with_the_same_time_constant() {
        let mut one = block("lif_exp", &[]);
        let nearly = [("tau_syn_i", 2.0 * (1.0 + 1e-12))];
        let mut two = block("lif_exp", &nearly);
        assert_eq!([neuron("lif_exp", &[]).receptors(), neuron("lif_exp", &nearly).receptors()], [1, 2]);
        for step in 0..2000 {
            let arrived = [if step % 13 == 0 { 900.0 } else { 0.0 }, if step % 31 == 0 { -500.0 } else { 0.0 }];
            assert_eq!(tick(&mut *one, arrived, 100.0), tick(&mut *two, arrived, 100.0));
            assert!((one.value(0, 0) - two.value(0, 0)).abs() < 1e-9);
        }
    }

    #[test]
    fn a_neuron_is_held_for_its_refractory_ticks() {
        let mut ours = block("lif_exp", &[("v_reset", -60.0), ("tau_refrac", 0.3), ("v_init", -40.0)]);
        assert!(tick(&mut *ours, [0.0, 0.0], 0.0));
        for _ in 0..3 {
            assert!(!tick(&mut *ours, [1e5, 0.0], 0.0));
            assert_eq!(ours.value(0, 0), -60.0);
        }
        assert!(tick(&mut *ours, [0.0, 0.0], 0.0));
    }

    fn precise(given: &[(&str, f64)], h: f64) -> Box<dyn PreciseBlock> {
        let resolution = Resolution::from_ms(h).unwrap();
        neuron("lif_exp", given).precise(&Slice { neurons: 0..1, resolution, each: None }).unwrap()
    }

    /// A membrane that rises above threshold and falls below it again within one long tick.
    #[test]
    fn no_crossing_is_missed_and_ticks_do_not_matter() {
        let given = [("tau_syn_i", 1.0), ("tau_syn_e", 0.4), ("tau_m", 5.0), ("tau_refrac", 0.0)];
        let mut coarse = precise(&given, 20.0);
        let event = |weight, offset| super::super::precise::PreciseEvent { neuron: 0, offset, weight };
        let mut found = Vec::new();
        coarse.advance(1, &[event(90_000.0, 19.75), event(-95_000.0, 19.7)], &[], &mut found);
        let mut fine = precise(&given, 0.001);
        let mut expected = Vec::new();
        for tick in 1..=20_000u64 {
            let events = match tick {
                250 => vec![event(90_000.0, 0.0)],
                300 => vec![event(-95_000.0, 0.0)],
                _ => Vec::new(),
            };
            let mut spikes = Vec::new();
            fine.advance(tick, &events, &[], &mut spikes);
            expected.extend(spikes.iter().map(|spike| 20.0 - (tick as f64 * 0.001 - spike.1)));
        }
        assert!(!expected.is_empty() && found.len() == expected.len(), "{found:?} {expected:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!((found.1 - expected).abs() < 1e-10, "{found:?} {expected}");
        }
        assert!((coarse.value(0, 0) - fine.value(0, 0)).abs() < 1e-10);
        assert!(resolution().ms() == H && coarse.value(0, 0) < -60.0);
    }
}
