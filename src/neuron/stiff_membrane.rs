//! A membrane with conductances that are too strong, or change too fast, for the step of
//! conductance_membrane.rs: bounded at any step and any conductance.
//!
//! ```text
//! dV/ds = A (U - V),  A = h (g_L + g_e + g_i) / C_m,  U = h (g_e E_e + g_i E_i + I) / (C_m A),  s = t / h from 0 to 1
//! g(s) = (g + D s) exp(-r s),  r = h / tau_syn                   D: rise of alpha functions, else 0
//! over a step d    a = integral of A, U linear in s, from U0 to U1:
//!                  V <- V exp(-a) + U0 (f - exp(-a)) + U1 (1 - f),  f = (1 - exp(-a)) / a
//! steps            d = c (A / sum of (r^2 g + 2 r D))^1/2,  c = 1/128
//! ```
//! The weights of V, U0 and U1 are positive and sum to 1: V stays between where it was, the reversal potentials
//! and the rest that the constant currents shift (Hochbruck & Ostermann 2010, Acta Numerica 19:209). The
//! error of a step is that of a straight line for U, some c^2 / 8 of the distance between reversal potentials,
//! under 1e-3 mV, or 0.02 mV in a tick in which a volley of alpha functions rises; conductances that have decayed are passed in long steps.

/// c.
const FINENESS: f64 = 1.0 / 128.0;
/// Steps after which the rest of the tick is passed in one.
const MOST: usize = 20_000;

/// What drives a membrane during a tick; conductances in units of C_m / h, voltages relative to rest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drive {
    /// h / tau_m.
    pub leak: f64,
    /// h I / C_m.
    pub flowing: f64,
    pub reversal: [f64; 2],
    /// h / tau_syn.
    pub rates: [f64; 2],
    /// At the start of the tick.
    pub conductances: [f64; 2],
    /// D, per tick.
    pub rises: [f64; 2],
}

impl Drive {
    /// Where `v` goes in a tick.
    pub fn membrane(mut self, v: f64) -> f64 {
        let (mut reached, mut left) = (v, 1.0);
        let bounds = self.bounds();
        let (mut total, mut level) = self.line(bounds);
        for step in 1.. {
            let width = if step == MOST { left } else { self.width(total).min(left) };
            let passed = self.leak * width + self.pass(width);
            let before = level;
            (total, level) = self.line(bounds);
            let [kept, first, last] = weights(passed);
            reached = kept * reached + first * before + last * level;
            left -= width;
            if left <= 0.0 {
                break;
            }
        }
        // The weights sum to 1 but for rounding.
        reached.max(bounds[0].min(v)).min(bounds[1].max(v))
    }

    /// The least and the greatest of the reversal potentials and the rest.
    fn bounds(&self) -> [f64; 2] {
        let ([e, i], rest) = (self.reversal, self.flowing / self.leak);
        [e.min(i).min(rest), e.max(i).max(rest)]
    }

    /// A and U.
    fn line(&self, [low, high]: [f64; 2]) -> (f64, f64) {
        let [e, i] = self.conductances;
        let total = self.leak + e + i;
        (total, ((e * self.reversal[0] + i * self.reversal[1] + self.flowing) / total).max(low).min(high))
    }

    /// The width of the next step.
    fn width(&self, total: f64) -> f64 {
        let change = |k: usize| self.rates[k] * (self.rates[k] * self.conductances[k] + 2.0 * self.rises[k]);
        FINENESS * (total / (change(0) + change(1))).sqrt()
    }

    /// Lets the conductances go on by `width`; gives the integral of their sum.
    fn pass(&mut self, width: f64) -> f64 {
        let mut sum = 0.0;
        for k in 0..2 {
            let (g, rise, x) = (self.conductances[k], self.rises[k], self.rates[k] * width);
            let (decay, lost) = ((-x).exp(), -(-x).exp_m1());
            self.conductances[k] = (g + rise * width) * decay;
            self.rises[k] = rise * decay;
            // The integral of exp(-r s), and that of s exp(-r s).
            sum += g * width * if x > 0.0 { lost / x } else { 1.0 };
            sum += rise * width * width * if x < 1e-3 { 0.5 - x / 3.0 } else { (lost - x * decay) / (x * x) };
        }
        sum
    }
}

/// The weights of V, U0 and U1 after a step over which the integral of A is `a`.
fn weights(a: f64) -> [f64; 3] {
    let kept = (-a).exp();
    if a < 1e-3 {
        return [kept, a * (0.5 - a * (1.0 / 3.0 - a / 8.0)), a * (0.5 - a * (1.0 / 6.0 - a / 24.0))];
    }
    let share = -(-a).exp_m1() / a;
    [kept, share - kept, 1.0 - share]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The equation in steps of a thousandth of what changes fastest, each exact for the drive in its middle.
    fn exact(drive: Drive, mut v: f64) -> f64 {
        let fastest = drive.rates[0].max(drive.rates[1]).max(1.0);
        let mut s = 0.0f64;
        while s < 1.0 {
            // Conductances rise and fall fast early on.
            let width = (1e-7 + 1e-3 * s).min(1e-3 / fastest).min(1.0 - s);
            let at = |k: usize| {
                let middle = s + 0.5 * width;
                (drive.conductances[k] + drive.rises[k] * middle) * (-drive.rates[k] * middle).exp()
            };
            let total = drive.leak + at(0) + at(1);
            let level = (at(0) * drive.reversal[0] + at(1) * drive.reversal[1] + drive.flowing) / total;
            v = level + (v - level) * (-total * width).exp();
            s += if 1.0 - s <= width { 1.0 } else { width };
        }
        v
    }

    #[test]
    fn membranes_are_those_of_a_fine_integration_over_all_orders_of_conductance() {
        let mut worst = 0.0f64;
        for (h, tau) in [(1e-4, 5.0), (0.1, 0.5), (1.0, 5.0), (1.0, 0.3), (10.0, 5.0), (10.0, 0.2)] {
            for g in [1e-3, 1.0, 30.0, 1e3, 3e4, 1e6, 1e9] {
                for (inhibited, alpha) in [(0.0, false), (0.5, false), (30.0, false), (0.0, true), (3.0, true)] {
                    let unit = h / 250.0;
                    let both = [g * unit, g * inhibited * unit];
                    let rates = [h / tau, h / (2.0 * tau)];
                    let slopes = [0, 1].map(|k| both[k] * std::f64::consts::E * rates[k]);
                    let drive = Drive {
                        leak: h / 20.0,
                        flowing: unit * 100.0,
                        reversal: [65.0, -15.0],
                        rates,
                        conductances: if alpha { [both[0], 0.0] } else { both },
                        rises: if alpha { slopes } else { [0.0; 2] },
                    };
                    let (found, expected) = (drive.membrane(3.0), exact(drive, 3.0));
                    worst = worst.max((found - expected).abs());
                    assert!((found - expected).abs() < 5e-3, "{drive:?}: {found} {expected}");
                }
            }
        }
        println!("at most {worst} mV apart");
    }

    #[test]
    fn membranes_stay_between_the_reversal_potentials_whatever_the_numbers() {
        let sizes = [0.0, 1e-30, 1e-3, 1.0, 1e4, 1e30];
        for leak in [1e-30, 1e-6, 0.3, 1e30] {
            for rates in [[1e-30, 1e30], [0.02, 0.5], [40.0, 1e5], [1e30, 1e30]] {
                for e in sizes {
                    for i in sizes {
                        for rise in sizes {
                            let drive = Drive {
                                leak,
                                flowing: 0.0,
                                reversal: [65.0, -15.0],
                                rates,
                                conductances: [e, i],
                                rises: [rise, 0.0],
                            };
                            for v in [-15.0, 0.0, 64.9] {
                                let reached = drive.membrane(v);
                                assert!((-15.0..=65.0).contains(&reached), "{drive:?} {v}: {reached}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn weights_are_positive_and_sum_to_one() {
        for a in [0.0, 1e-12, 0.9e-3, 1.1e-3, 0.1, 2.0, 50.0, 1e300] {
            let all = weights(a);
            assert!((all.iter().sum::<f64>() - 1.0).abs() < 1e-12 && all.iter().all(|&weight| weight >= 0.0), "{a}");
        }
    }
}
