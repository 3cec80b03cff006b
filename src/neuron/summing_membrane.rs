//! The membrane of neurons without leak in simulations: a sum that loses nothing to rounding, so that ten
//! additions of 0.1 reach a threshold of 1 in either precision.
//!
//! ```text
//! V        kept as a sum of two, the second of which is what the first cannot hold (Kahan 1965)
//! spike    V >= V_thresh - m,  m = epsilon (256 |V_thresh| + 2 |V_reset|): more than numbers such as 0.1 are off in
//!          binary all the way from V_reset to V_thresh, and than the sum of a thousand spikes that come at one
//!          tick (which is rounded spike by spike, in all to an eighth of an epsilon for each)
//! reset    to V_reset, or V <- V - V_thresh, and 0 where that is within m
//! n ticks  V <- V + n drive at once, where nothing arrives in them
//! ```
//! epsilon is the distance from 1 to the next number: 1.2e-7 in single precision, 2.2e-16 in double precision.
//! Ticks and refractory periods are those of delta_membrane.rs. Presentations, which train, take that membrane.

use super::delta_membrane::{DeltaMembrane, Reset};
use super::lazy::{Jump, released};
use super::swept::Step;
use crate::real::Real;

/// The constants of a membrane that is swept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SummingStep<R> {
    rest: f64,
    threshold: R,
    /// V_thresh - m, and m.
    reached: R,
    margin: R,
    reset_value: [R; 2],
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
            reset_value: both(membrane.reset_value),
            subtracts: membrane.reset == Reset::Subtract,
            refractory: R::rounded(f64::from(membrane.refractory)),
            open: R::from(if membrane.closed { 0.0 } else { 1.0 }),
            current_gain: R::rounded(membrane.current_gain),
            constant: R::rounded(membrane.current_gain * offset_current),
        };
        let [v, lost] = both(membrane.initial);
        (step, [v, R::default(), lost])
    }

    /// What flows into the membrane in one tick.
    #[inline(always)]
    fn drive(&self, current: R) -> R {
        current * self.current_gain + self.constant
    }
}

/// m.
fn margin<R: Real>(membrane: &DeltaMembrane) -> f64 {
    R::EPSILON * (256.0 * membrane.threshold.abs() + 2.0 * membrane.reset_value.abs())
}

/// A number, and what is lost of it in rounding.
fn both<R: Real>(value: f64) -> [R; 2] {
    let rounded = R::rounded(value);
    [rounded, R::rounded(value - rounded.into())]
}

/// The sum as it is rounded, and what is lost (Knuth 1969).
#[inline(always)]
fn two_sum<R: Real>(one: R, other: R) -> [R; 2] {
    let sum = one + other;
    let taken = sum - one;
    [sum, (one - (sum - taken)) + (other - taken)]
}

/// State: membrane, ticks of the refractory period that are left, what the membrane cannot hold.
impl<R: Real> Step<R, 3> for SummingStep<R> {
    const RECEPTORS: usize = 1;

    #[inline(always)]
    fn step(&self, state: &mut [R; 3], [arrived, _]: [R; 2], current: R) -> bool {
        let [v, left, lost] = *state;
        let zero = R::default();
        let (held, deaf) = (left > zero, left > self.open);
        let flowing = self.drive(current);
        let [sum, lost] = two_sum(v, if held { zero } else { flowing } + if deaf { zero } else { arrived } + lost);
        let spikes = !deaf & (sum >= self.reached);
        let [over, rest] = two_sum(sum, zero - self.threshold);
        let is_met = (over <= self.margin) & (over + self.margin >= zero);
        let less = if is_met { [zero, zero] } else { [over, rest + lost] };
        let after = if self.subtracts { less } else { self.reset_value };
        let waits = if held { left - R::from(1.0) } else { zero };
        *state = [
            if spikes { after[0] } else { sum },
            if spikes { self.refractory } else { waits },
            if spikes { after[1] } else { lost },
        ];
        spikes
    }

    fn value(&self, state: &[R; 3], _: usize) -> f64 {
        self.rest + (state[0].into() + state[2].into())
    }
}

/// How a visited neuron jumps over ticks.
#[derive(Debug, Clone, Copy)]
pub(super) struct SummingJump<R> {
    step: SummingStep<R>,
    /// It is visited at every tick from here on: a little early rather than late.
    near: R,
}

impl<R: Real> SummingJump<R> {
    pub fn new(step: SummingStep<R>, membrane: &DeltaMembrane) -> Self {
        Self { step, near: R::rounded(membrane.threshold - 2.0 * margin::<R>(membrane)) }
    }
}

impl<R: Real> Jump<R, 3> for SummingJump<R> {
    fn jump(&self, state: &mut [R; 3], ticks: u64, current: R) {
        let free = released(&mut state[1], ticks);
        let drive: f64 = self.step.drive(current).into();
        if free > 0 && drive != 0.0 {
            let lost: f64 = state[2].into();
            let [sum, lost] = two_sum(state[0].into(), free as f64 * drive + lost);
            state[0] = R::rounded(sum);
            state[2] = R::rounded((sum - state[0].into()) + lost);
        }
    }

    fn may_spike(&self, state: &[R; 3], current: R) -> bool {
        state[0] >= self.near || self.step.drive(current) > R::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::block::Slice;
    use super::super::fixture::{resolution, values};
    use super::super::lazy::Visit;
    use super::super::{KINDS, Neuron};
    use crate::parameter::{Value, find};
    use crate::regime::events::Float;

    fn cell(subtracts: bool, given: &[(&str, f64)]) -> Box<dyn Neuron> {
        let given: Vec<_> = [&[("v_init", 0.0)], given].concat().into_iter().rev().collect();
        let mut values = values("integrate_and_fire", &given);
        values.set("reset", Value::Text(if subtracts { "subtract" } else { "to_value" }.into()));
        (find(KINDS, "integrate_and_fire").unwrap().build)(&values).unwrap()
    }

    /// What a neuron gets: a weight, every so many ticks, and a current.
    #[derive(Clone, Copy)]
    struct Input {
        weight: f64,
        every: u64,
        current: f64,
    }

    /// The ticks at which a neuron spikes, swept and visited.
    fn trains<R: Float>(cell: &dyn Neuron, input: Input, ticks: u64) -> [Vec<u64>; 2] {
        let slice = Slice { neurons: 0..1, resolution: resolution(), each: None };
        let (mut swept, mut lazy) = (R::block(cell, &slice), R::lazy(cell, &slice).unwrap());
        let (mut found, mut fired, mut awake) = ([Vec::new(), Vec::new()], Vec::new(), vec![0]);
        let current = [R::rounded(input.current)];
        for tick in 1..=ticks {
            let weight = if tick.is_multiple_of(input.every) { input.weight } else { 0.0 };
            swept.advance([&mut [R::rounded(weight)], &mut []], &current, &mut fired);
            found[0].extend(fired.drain(..).map(|_| tick));
            if weight != 0.0 || !awake.is_empty() {
                awake.clear();
                let (arrivals, spikes) = ([&mut [R::rounded(weight)][..], &mut []], &mut fired);
                lazy.visit(tick, Visit { neurons: &[0], arrivals, current: &current, spikes, awake: &mut awake });
                found[1].extend(fired.drain(..).map(|_| tick));
            }
        }
        found
    }

    /// The same in both precisions.
    fn all(cell: &dyn Neuron, input: Input, ticks: u64) -> Vec<Vec<u64>> {
        [trains::<f32>(cell, input, ticks), trains::<f64>(cell, input, ticks)].concat()
    }

    /// Both resets, from 0 or from V_reset to 1 by n additions of one nth.
    fn assert_periods(given: &[(&str, f64)], input: Input, n: u64) {
        let expected: Vec<u64> = (1..=4).map(|k| k * n * input.every).collect();
        for subtracts in [false, true] {
            let found = all(&*cell(subtracts, given), input, 4 * n * input.every);
            assert!(found.iter().all(|found| *found == expected), "{n} {subtracts} {}: {found:?}", input.every);
        }
    }

    #[test]
    fn n_additions_of_one_nth_reach_one_whatever_n_is() {
        for n in [1, 2, 3, 5, 6, 7, 10, 20, 40, 50, 80, 100, 125, 200, 400, 500, 1000, 5000] {
            let weight = 1.0 / n as f64;
            assert_periods(&[], Input { weight, every: 1, current: 0.0 }, n);
            assert_periods(&[], Input { weight: 0.0, every: 1, current: 10.0 * weight }, n);
        }
    }

    #[test]
    fn nothing_is_lost_between_arrivals() {
        for (n, every) in [2, 7, 50].into_iter().flat_map(|every| [99, 110, 2000, 5000].map(|n| (n, every))) {
            assert_periods(&[], Input { weight: 1.0 / n as f64, every, current: 0.0 }, n);
        }
    }

    #[test]
    fn currents_that_flow_out_between_arrivals_are_added_as_exactly() {
        for (n, every) in [(10, 2), (7, 5), (40, 3)] {
            let weight = 1.0 / n as f64 + 0.01 * every as f64;
            assert_periods(&[], Input { weight, every, current: -0.1 }, n);
            assert_periods(&[("i_offset", -0.1)], Input { weight, every, current: 0.0 }, n);
        }
    }

    #[test]
    fn overshoots_are_kept_and_meet_the_threshold_exactly_when_they_should() {
        // 0.3 reaches 1 at the 4th, 7th and 10th addition, and then anew.
        let expected: Vec<u64> = (0..300).flat_map(|k| [10 * k + 4, 10 * k + 7, 10 * k + 10]).collect();
        for found in all(&*cell(true, &[]), Input { weight: 0.3, every: 1, current: 0.0 }, 3000) {
            assert_eq!(found, expected);
        }
    }

    /// n spikes of 1 / n that come at one tick are summed before they reach the membrane.
    #[test]
    fn volleys_reach_the_threshold_in_either_precision() {
        for subtracts in [false, true] {
            let cell = cell(subtracts, &[]);
            for n in (1..1000u32).chain([93, 99, 107, 109, 131]) {
                let single = (0..n).fold(0.0f32, |sum, _| sum + 1.0 / n as f32);
                let double = (0..n).fold(0.0f64, |sum, _| sum + 1.0 / f64::from(n));
                let at = |weight| Input { weight, every: 1, current: 0.0 };
                let singles = trains::<f32>(&*cell, at(f64::from(single)), 4);
                let doubles = trains::<f64>(&*cell, at(double), 4);
                assert!(singles.iter().chain(&doubles).all(|train| *train == [1, 2, 3, 4]), "{n}");
            }
        }
    }

    #[test]
    fn what_is_below_the_threshold_stays_below() {
        let once = |weight| Input { weight, every: 1, current: 0.0 };
        for given in [&[][..], &[("v_reset", -1.0)]] {
            for subtracts in [false, true] {
                let cell = cell(subtracts, given);
                assert_eq!(trains::<f32>(&*cell, once(0.9999), 1).concat(), [0; 0]);
                assert_eq!(trains::<f64>(&*cell, once(1.0 - 1e-13), 1).concat(), [0; 0]);
            }
        }
    }

    /// After a start far above the threshold, which a reset leaves behind at once, 0.95 does not reach it, and 1 does.
    #[test]
    fn where_a_neuron_starts_does_not_blur_its_threshold() {
        let starts = cell(false, &[("v_init", 1e6)]);
        for (weight, expected) in [(0.95, vec![1, 30]), (1.0, vec![1, 15, 30])] {
            for found in all(&*starts, Input { weight, every: 15, current: 0.0 }, 30) {
                assert_eq!(found, expected);
            }
        }
    }

    /// A million thresholds above rest, a neuron spikes a million times, whatever a single number can hold.
    #[test]
    fn many_spikes_take_a_membrane_down_exactly() {
        let given = [("v_init", 30_000.1), ("v_thresh", 0.3)];
        let found = all(&*cell(true, &given), Input { weight: 0.0, every: 1, current: 0.0 }, 110_000);
        assert!(
            found.iter().all(|found| found.len() == 100_000),
            "{:?}",
            found.iter().map(Vec::len).collect::<Vec<_>>()
        );
    }

    #[test]
    fn far_from_reset_to_threshold_counts_are_exact_and_what_is_below_stays_below() {
        let from = cell(false, &[("v_reset", -1000.0), ("v_init", -1000.0)]);
        for (weight, n) in [(0.7, 1430), (0.1, 10_010), (1001.0 / 4096.0, 4096)] {
            for found in all(&*from, Input { weight, every: 1, current: 0.0 }, 2 * n) {
                assert_eq!(found, [n, 2 * n], "{weight}");
            }
        }
        let found = all(&*from, Input { weight: 1000.9995, every: 1, current: 0.0 }, 1);
        assert_eq!(found.concat(), [0; 0]);
    }
}
