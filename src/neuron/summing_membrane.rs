//! The membrane of neurons without leak in simulations: a sum that loses nothing to rounding, so that ten
//! additions of 0.1 reach a threshold of 1 in either precision.
//!
//! ```text
//! V        kept as a sum of two, the second of which is what the first cannot hold (Kahan 1965)
//! spike    V >= V_thresh - m,  m = 8 units in the last place of the largest of |V_thresh|, |V_reset|, |V_init|:
//!          more than numbers such as 0.1 are off in binary, once each
//! reset    to V_reset, or V <- V - V_thresh, and 0 where that is within m
//! ```
//! Ticks and refractory periods are those of delta_membrane.rs. Presentations, which train, take that membrane.

use super::delta_membrane::{DeltaMembrane, Reset};
use super::lazy::{Jump, LeakyJump, released};
use super::swept::Step;
use crate::real::Real;

/// Units in the last place by which a membrane may be below the threshold.
const UNITS: f64 = 8.0;

/// The constants of a membrane that is swept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SummingStep<R> {
    rest: f64,
    threshold: R,
    /// V_thresh - m, and m.
    reached: R,
    margin: R,
    reset_value: R,
    subtracts: bool,
    refractory: R,
    open: R,
    current_gain: R,
    constant: R,
}

impl<R: Real> SummingStep<R> {
    /// The constants and the initial state; `offset_current` (pA) flows all the time.
    pub fn start(membrane: &DeltaMembrane, offset_current: f64) -> (Self, [R; 3]) {
        let step = Self {
            rest: membrane.rest,
            threshold: R::rounded(membrane.threshold),
            reached: R::rounded(membrane.threshold - margin::<R>(membrane)),
            margin: R::rounded(margin::<R>(membrane)),
            reset_value: R::rounded(membrane.reset_value),
            subtracts: membrane.reset == Reset::Subtract,
            refractory: R::rounded(f64::from(membrane.refractory)),
            open: R::from(if membrane.closed { 0.0 } else { 1.0 }),
            current_gain: R::rounded(membrane.current_gain),
            constant: R::rounded(membrane.current_gain * offset_current),
        };
        (step, [R::rounded(membrane.initial), R::default(), R::default()])
    }
}

/// m.
fn margin<R: Real>(membrane: &DeltaMembrane) -> f64 {
    let largest = membrane.threshold.abs().max(membrane.reset_value.abs()).max(membrane.initial.abs());
    UNITS * R::EPSILON * largest
}

/// State: membrane, ticks of the refractory period that are left, what the membrane cannot hold.
impl<R: Real> Step<R, 3> for SummingStep<R> {
    const RECEPTORS: usize = 1;

    #[inline(always)]
    fn step(&self, state: &mut [R; 3], [arrived, _]: [R; 2], current: R) -> bool {
        let [v, left, lost] = *state;
        let zero = R::default();
        let (held, deaf) = (left > zero, left > self.open);
        let flowing = current * self.current_gain + self.constant;
        let added = if held { zero } else { flowing } + if deaf { zero } else { arrived } + lost;
        let sum = v + added;
        let taken = sum - v;
        let lost = (v - (sum - taken)) + (added - taken);
        let spikes = !deaf & (sum >= self.reached);
        let over = sum - self.threshold;
        let is_met = (over <= self.margin) & (over + self.margin >= zero);
        let after = if self.subtracts { over } else { self.reset_value };
        let after = if self.subtracts & is_met { zero } else { after };
        let forgets = spikes & (is_met | !self.subtracts);
        let waits = if held { left - R::from(1.0) } else { zero };
        *state = [
            if spikes { after } else { sum },
            if spikes { self.refractory } else { waits },
            if forgets { zero } else { lost },
        ];
        spikes
    }

    fn value(&self, state: &[R; 3], _: usize) -> f64 {
        self.rest + (state[0].into() + state[2].into())
    }

    fn set(&self, state: &mut [R; 3], _: usize, value: f64) {
        (state[0], state[2]) = (R::rounded(value - self.rest), R::default());
    }
}

/// How a visited neuron jumps over ticks.
#[derive(Debug, Clone, Copy)]
pub(super) struct SummingJump(LeakyJump);

impl SummingJump {
    /// The constants for a run in `R`.
    pub fn new<R: Real>(membrane: &DeltaMembrane, offset_current: f64) -> Self {
        let jump = membrane.jump(offset_current);
        // It is visited a little early rather than late.
        Self(LeakyJump { threshold: jump.threshold - 2.0 * margin::<R>(membrane), ..jump })
    }
}

impl<R: Real> Jump<R, 3> for SummingJump {
    fn jump(&self, state: &mut [R; 3], ticks: u64, current: R) {
        let free = released(&mut state[1], ticks);
        if free > 0 {
            let v = self.0.membrane(state[0].into() + state[2].into(), free, current);
            state[0] = R::rounded(v);
            state[2] = R::rounded(v - state[0].into());
        }
    }

    fn may_spike(&self, state: &[R; 3], current: R) -> bool {
        self.0.highest(state[0].into(), current) >= self.0.threshold
    }
}

#[cfg(test)]
mod tests {
    use super::super::block::Slice;
    use super::super::lazy::Visit;
    use super::super::trial::{resolution, values};
    use super::super::{KINDS, Neuron};
    use crate::parameter::{Value, find};
    use crate::regime::events::Float;

    fn cell(subtracts: bool) -> Box<dyn Neuron> {
        let mut values = values("integrate_and_fire", &[("v_init", 0.0)]);
        values.set("reset", Value::Text(if subtracts { "subtract" } else { "to_value" }.into()));
        (find(KINDS, "integrate_and_fire").unwrap().build)(&values).unwrap()
    }

    /// Ticks at which a neuron spikes, swept and visited, to which `weight` arrives at each of `ticks` and into which
    /// `current` flows.
    fn spikes<R: Float>(subtracts: bool, weight: f64, current: f64, ticks: u64) -> [Vec<u64>; 2] {
        let slice = Slice { neurons: 0..1, resolution: resolution(), each: None };
        let cell = cell(subtracts);
        let (mut swept, mut lazy) = (R::block(&*cell, &slice), R::lazy(&*cell, &slice).unwrap());
        let (mut found, mut fired, mut awake) = ([Vec::new(), Vec::new()], Vec::new(), vec![0]);
        let current = [R::rounded(current)];
        for tick in 1..=ticks {
            let mut sum = [R::rounded(weight)];
            swept.advance([&mut sum, &mut []], &current, &mut fired);
            found[0].extend(fired.drain(..).map(|_| tick));
            if weight != 0.0 || !awake.is_empty() {
                awake.clear();
                let (mut sum, spikes) = ([R::rounded(weight)], &mut fired);
                let arrivals = [&mut sum[..], &mut []];
                lazy.visit(tick, Visit { neurons: &[0], arrivals, current: &current, spikes, awake: &mut awake });
                found[1].extend(fired.drain(..).map(|_| tick));
            }
        }
        found
    }

    #[test]
    fn n_additions_of_one_nth_reach_one_whatever_n_is() {
        for n in [1, 2, 3, 5, 6, 7, 10, 20, 40, 50, 80, 100, 125, 200, 400, 500, 1000, 5000] {
            let expected: Vec<u64> = (1..=4).map(|k| k * n).collect();
            for subtract in [false, true] {
                let weight = 1.0 / n as f64;
                let found = [
                    spikes::<f32>(subtract, weight, 0.0, 4 * n),
                    spikes::<f64>(subtract, weight, 0.0, 4 * n),
                    spikes::<f32>(subtract, 0.0, 10.0 * weight, 4 * n),
                    spikes::<f64>(subtract, 0.0, 10.0 * weight, 4 * n),
                ];
                assert!(found.iter().flatten().all(|found| *found == expected), "{n} {subtract}: {found:?}");
            }
        }
    }

    #[test]
    fn overshoots_are_kept_and_meet_the_threshold_exactly_when_they_should() {
        // 0.3 reaches 1 at the 4th, 7th and 10th addition, and then anew.
        let expected: Vec<u64> = (0..300).flat_map(|k| [10 * k + 4, 10 * k + 7, 10 * k + 10]).collect();
        for found in [spikes::<f32>(true, 0.3, 0.0, 3000), spikes::<f64>(true, 0.3, 0.0, 3000)] {
            assert_eq!(found, [expected.clone(), expected.clone()]);
        }
    }

    #[test]
    fn what_is_below_the_threshold_stays_below() {
        for found in [spikes::<f32>(false, 0.99999, 0.0, 1), spikes::<f64>(false, 1.0 - 1e-13, 0.0, 1)] {
            assert_eq!(found.concat(), [0; 0]);
        }
    }
}
