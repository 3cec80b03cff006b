//! A threshold that rises with every spike, for the kinds that have one.
//!
//! ```text
//! dtheta/dt = -theta / tau_theta         in a tick theta <- theta exp(-h / tau_theta), then the threshold is looked at
//! at a spike                             theta <- theta + theta_plus, which decays from the next tick on
//! ```
//! tau_theta may be hours, so that theta loses less in a tick than a single-precision number
//! resolves: theta is kept as a sum of two numbers, the second of which is what the first
//! cannot hold yet (Kahan 1965).

use super::leaky_membrane::{time_constant, voltage};
use crate::parameter::{Field, Range};
use crate::real::Real;
use crate::time::Resolution;

pub(super) const TAU_THETA: Field =
    time_constant("tau_theta", &["tau_a", "tau_adapt"], "200 ms", "Decay of the adaptive threshold");
pub(super) const THETA_PLUS: Field = Field {
    range: Range::NotNegative,
    ..voltage("theta_plus", &["beta"], "1 mV", "What a spike adds to the threshold")
};
pub(super) const THETA_INIT: Field = voltage("theta_init", &[], "0 mV", "What is added to the threshold at the start");

/// The constants of an adaptive threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct AdaptiveThreshold<R> {
    /// The share that is lost in a tick.
    loss: R,
    plus: R,
}

impl<R: Real> AdaptiveThreshold<R> {
    /// One that decays with `tau_theta` ms and rises by `theta_plus` mV.
    pub fn new(tau_theta: f64, theta_plus: f64, resolution: Resolution) -> Self {
        let loss = -(-resolution.ms() / tau_theta).exp_m1();
        Self { loss: R::rounded(loss), plus: R::rounded(theta_plus) }
    }

    /// One that stays as it is.
    pub fn frozen() -> Self {
        Self { loss: R::default(), plus: R::default() }
    }

    /// Lets `theta`, a sum of two, decay by a tick; gives its first part, which is all that
    /// the threshold takes.
    #[inline(always)]
    pub fn decay(&self, theta: &mut [R; 2]) -> R {
        let [most, rest] = *theta;
        let change = rest - (most + rest) * self.loss;
        let sum = most + change;
        *theta = [sum, change - (sum - most)];
        sum
    }

    /// What a spike does to the second part of theta.
    #[inline(always)]
    pub fn raise(&self, rest: R, spikes: bool) -> R {
        if spikes { rest + self.plus } else { rest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spike_adds_decays_from_the_next_tick_on() {
        let threshold = AdaptiveThreshold::<f64>::new(10.0, 4.0, Resolution::from_ms(1.0).unwrap());
        let mut theta = [0.0, threshold.raise(0.0, true)];
        for tick in 1..50 {
            threshold.decay(&mut theta);
            let expected = 4.0 * (-f64::from(tick) / 10.0).exp();
            assert!((theta[0] + theta[1] - expected).abs() < 1e-14, "{tick}: {theta:?}");
        }
    }

    /// What a tick takes is a fortieth of what a single-precision number of that size resolves.
    #[test]
    fn single_precision_decays_over_hours_as_it_should() {
        let threshold = AdaptiveThreshold::<f32>::new(1e7, 0.05, Resolution::from_ms(0.5).unwrap());
        let mut theta = [20.0f32, 0.0];
        for tick in 0..2_000_000 {
            threshold.decay(&mut theta);
            theta[1] = threshold.raise(theta[1], tick % 20_000 == 0);
        }
        let kept = |from: f64| (-(2e6 - from) * 0.5 / 1e7).exp();
        let expected = 20.0 * kept(0.0) + (0..100).map(|k| 0.05 * kept(1.0 + 20_000.0 * k as f64)).sum::<f64>();
        let got = f64::from(theta[0]) + f64::from(theta[1]);
        assert!((got - expected).abs() < 1e-4, "{got} {expected}");
    }
}
