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
use super::precise::{Flow, PreciseBlock, precise, zero};
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

    fn precise(&self, slice: &Slice<'_>) -> Option<Box<dyn PreciseBlock>> {
        Some(precise(slice, self, Self::checked, |&neuron| {
            (AlphaFlow(neuron), [neuron.membrane.initial, 0.0, 0.0, 0.0, 0.0])
        }))
    }
}

/// A neuron with precise spike times. State: membrane relative to rest, I and D of each receptor.
///
/// ```text
/// S = C_m dV/dt,   d(S exp(t / tau_m))/dt = Q exp(t / tau_m),   Q = sum of dI/dt = sum of (a_k + b_k t) exp(-t / tau_k)
/// P = Q exp(t / tau_e) = a_e + b_e t + (a_i + b_i t) exp(c t),   P'' = 0 at t = -a_i / b_i - 2 / c only
/// ```
/// So P' has at most one zero on either side of that time, P one between each two of those, S one between each
/// two zeros of P, and between the zeros of S the membrane is monotonic: no crossing is missed.
#[derive(Debug, Clone)]
struct AlphaFlow(LifAlpha);

impl AlphaFlow {
    fn after(&self, &[v, i_e, d_e, i_i, d_i]: &[f64; 5], ms: f64, flowing: f64) -> [f64; 5] {
        let LifAlpha { membrane, tau_syn } = &self.0;
        let mut v = membrane.flow(v, flowing, (membrane.decay(ms), membrane.current_gain(ms)));
        let mut moved = |tau_s: f64, i: f64, d: f64| {
            if i == 0.0 && d == 0.0 {
                return [0.0, 0.0];
            }
            v += i * membrane.exponential_gain(tau_s, ms) + d * membrane.alpha_gain(tau_s, ms);
            let decay = (-ms / tau_s).exp();
            [(i + ms * d) * decay, d * decay]
        };
        let ([i_e, d_e], [i_i, d_i]) = (moved(tau_syn[0], i_e, d_e), moved(tau_syn[1], i_i, d_i));
        [v, i_e, d_e, i_i, d_i]
    }

    /// S.
    fn slope(&self, &[v, i_e, _, i_i, _]: &[f64; 5], flowing: f64) -> f64 {
        let LeakyMembrane { tau_m, capacitance, .. } = self.0.membrane;
        i_e + i_i + flowing - v * capacitance / tau_m
    }

    /// The times within `ms` between which the membrane is monotonic, 0 and `ms` included.
    fn turns(&self, state: &[f64; 5], ms: f64, flowing: f64) -> Vec<f64> {
        let [tau_e, tau_i] = self.0.tau_syn;
        let c = 1.0 / tau_e - 1.0 / tau_i;
        let [_, i_e, d_e, i_i, d_i] = *state;
        let line = |tau: f64, i: f64, d: f64| (d - i / tau, -d / tau);
        let ((a_e, b_e), (a_i, b_i)) = (line(tau_e, i_e, d_e), line(tau_i, i_i, d_i));
        // Kept from overflowing: P, and P', are divided by the larger of the exponentials.
        let scales = |t: f64| ((-c.max(0.0) * t).exp(), (c.min(0.0) * t).exp());
        let derivative = |t: f64| {
            let (one, other) = scales(t);
            b_e * one + (b_i + c * (a_i + b_i * t)) * other
        };
        let p = |t: f64| {
            let (one, other) = scales(t);
            (a_e + b_e * t) * one + (a_i + b_i * t) * other
        };
        let bend = -a_i / b_i - 2.0 / c;
        let bends = if bend > 0.0 && bend < ms { vec![0.0, bend, ms] } else { vec![0.0, ms] };
        let of_p = with_zeros(p, &with_zeros(derivative, &bends));
        with_zeros(|t| self.slope(&self.after(state, t, flowing), flowing), &of_p)
    }
}

/// The times `breaks`, and between them the zeros of `f`, which has at most one between each two.
fn with_zeros(f: impl Fn(f64) -> f64, breaks: &[f64]) -> Vec<f64> {
    let mut all = breaks.to_vec();
    for pair in breaks.windows(2) {
        if (f(pair[0]) >= 0.0) != (f(pair[1]) >= 0.0) {
            // Without a slope the interval is halved.
            all.push(zero(|t| (f(t), 0.0), pair[0], pair[1]));
        }
    }
    all.sort_by(f64::total_cmp);
    all
}

impl Flow<5> for AlphaFlow {
    fn pass(&self, state: &mut [f64; 5], ms: f64, current: f64) {
        *state = self.after(state, ms, current + self.0.membrane.offset_current);
    }

    fn hold(&self, state: &mut [f64; 5], ms: f64) {
        let v = state[0];
        *state = self.after(state, ms, 0.0);
        state[0] = v;
    }

    fn crossing(&self, state: &[f64; 5], ms: f64, current: f64) -> Option<f64> {
        let LeakyMembrane { capacitance, threshold, offset_current, .. } = self.0.membrane;
        let flowing = current + offset_current;
        if state[0] >= threshold {
            return Some(0.0);
        }
        // All that could be added without leak and decay.
        let currents = [1, 3].map(|k| state[k].max(0.0) + state[k + 1].max(0.0) * ms);
        let most = currents[0] + currents[1] + flowing.max(0.0);
        if state[0].max(0.0) + most * ms / capacitance < threshold {
            return None;
        }
        let above = |t: f64| {
            let after = self.after(state, t, flowing);
            (after[0] - threshold, self.slope(&after, flowing) / capacitance)
        };
        let turns = self.turns(state, ms, flowing);
        let crossed = turns.windows(2).find(|pair| above(pair[1]).0 >= 0.0)?;
        Some(zero(above, crossed[0], crossed[1]))
    }

    fn receive(&self, state: &mut [f64; 5], weight: f64, _: bool) {
        let receptor = usize::from(weight < 0.0 && !self.0.shares());
        state[2 + 2 * receptor] += weight * std::f64::consts::E / self.0.tau_syn[receptor];
    }

    fn is_above(&self, state: &[f64; 5]) -> bool {
        state[0] >= self.0.membrane.threshold
    }

    fn reset(&self, state: &mut [f64; 5]) {
        state[0] = self.0.membrane.reset_value;
    }

    fn refractory_ms(&self) -> f64 {
        self.0.membrane.refractory_ms
    }

    fn value(&self, state: &[f64; 5], variable: usize) -> f64 {
        match variable {
            0 => self.0.membrane.rest + state[0],
            1 => state[1] + state[3],
            receptor => state[2 * receptor - 3],
        }
    }
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
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{block, neuron, tick};
    use super::super::precise::{PreciseBlock, PreciseEvent};
    use super::*;

    fn precise_block(given: &[(&str, f64)], h: f64) -> Box<dyn PreciseBlock> {
        let resolution = Resolution::from_ms(h).unwrap();
        neuron("lif_alpha", given).precise(&Slice { neurons: 0..1, resolution, each: None }).unwrap()
    }

    /// Spikes in ms of one long tick, and of a grid so fine that crossings show as they are passed.
    fn both(given: &[(&str, f64)], events: &[(f64, f64)]) -> (Vec<f64>, Vec<f64>) {
        let mut found = Vec::new();
        let listed: Vec<_> =
            events.iter().map(|&(ms, weight)| PreciseEvent { neuron: 0, offset: 20.0 - ms, weight }).collect();
        precise_block(given, 20.0).advance(1, &listed, &[], &mut found);
        // The swept neuron is another code, with steps of 1 us.
        let resolution = Resolution::from_ms(0.001).unwrap();
        let mut fine = neuron("lif_alpha", given).double(&Slice { neurons: 0..1, resolution, each: None });
        let mut expected = Vec::new();
        for tick in 1..=20_000u32 {
            let now = f64::from(tick) * 0.001;
            let due = events.iter().filter(|event| (event.0 - now).abs() < 1e-6);
            let mut sums = [[0.0], [0.0]];
            due.for_each(|&(_, weight)| sums[usize::from(weight < 0.0)][0] += weight);
            let [first, second] = &mut sums;
            let mut fired = Vec::new();
            fine.advance([first, second], &[], &mut fired);
            expected.extend(fired.iter().map(|_| now));
        }
        (found.into_iter().map(|(_, offset)| 20.0 - offset).collect(), expected)
    }

    #[test]
    fn precise_spikes_are_those_of_a_fine_grid_and_none_is_missed() {
        type Case = (&'static [(&'static str, f64)], &'static [(f64, f64)]);
        let cases: [Case; 5] = [
            (&[("tau_syn_e", 0.5), ("tau_syn_i", 1.0)], &[(0.25, 9000.0), (1.0, -9000.0), (7.0, 20_000.0)]),
            (
                &[("tau_syn_e", 1.0), ("tau_syn_i", 0.3), ("tau_m", 5.0)],
                &[(0.25, 9000.0), (0.3, -20_000.0), (3.0, 4000.0)],
            ),
            (&[("tau_refrac", 0.5)], &[(1.0, 3000.0), (2.0, 2000.0), (9.0, -500.0)]),
            (&[("tau_m", 2.0), ("i_offset", 2000.0), ("tau_refrac", 1.0)], &[(4.0, 700.0), (6.0, -3000.0)]),
            (&[("tau_syn_e", 2.0), ("tau_syn_i", 2.5), ("tau_refrac", 3.0)], &[(0.5, 6000.0), (0.5, -1200.0)]),
        ];
        for (given, events) in cases {
            let (found, expected) = both(given, events);
            assert!(!found.is_empty() && found.len() == expected.len(), "{given:?}: {found:?} {expected:?}");
            for (found, expected) in found.iter().zip(&expected) {
                // The grid is late by up to a step for each spike before.
                assert!((found - expected).abs() < 0.001 * (1.0 + expected / 0.4), "{given:?}: {found} {expected}");
            }
        }
    }

    /// A membrane that touches the threshold from below and turns, by a little more or less.
    #[test]
    fn a_peak_just_above_the_threshold_is_found() {
        let given = [("tau_syn_e", 0.5), ("v_thresh", 1e6)];
        let mut block = precise_block(&given, 0.001);
        let mut peak = f64::MIN;
        for tick in 1..=20_000 {
            let events = [PreciseEvent { neuron: 0, offset: 0.0, weight: 1000.0 }];
            block.advance(tick, if tick == 1 { &events } else { &[] }, &[], &mut Vec::new());
            peak = peak.max(block.value(0, 0));
        }
        for (distance, spikes) in [(-1e-6, 1), (1e-6, 0)] {
            let given = [("tau_syn_e", 0.5), ("v_thresh", peak + distance), ("tau_refrac", 30.0)];
            let mut found = Vec::new();
            let event = PreciseEvent { neuron: 0, offset: 19.999, weight: 1000.0 };
            precise_block(&given, 20.0).advance(1, &[event], &[], &mut found);
            assert_eq!(found.len(), spikes, "{distance}: {found:?}");
        }
    }

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
