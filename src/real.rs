//! The two floating-point types that membranes and weights are kept in.

use std::ops::{Add, AddAssign, Mul, Sub};

/// f32 or f64. Constants are derived in f64 and rounded once.
pub trait Real:
    Copy
    + PartialOrd
    + PartialEq
    + Default
    + std::fmt::Debug
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + AddAssign
    + From<f32>
    + Into<f64>
{
    /// The distance from 1 to the next number.
    const EPSILON: f64;

    /// The nearest number of this type.
    fn rounded(value: f64) -> Self;

    /// Whether it is neither infinite nor no number; never a branch.
    #[inline(always)]
    fn is_finite(self) -> bool {
        self * Self::default() == Self::default()
    }

    /// The number itself when `condition` holds, else 0; never a branch.
    fn kept_if(self, condition: bool) -> Self;

    /// The number, and 0 where it has decayed to next to nothing, below 1e-32 (1e-64 in f64): numbers too
    /// small for their exponent are slow. Numbers above 2e-17 (1e-32) stay as they are.
    fn settled(self) -> Self;

    /// The number, 0 or above, to a power: to 2e-6 relative in f32, where it has no branch, and
    /// as exact as the machine's in f64.
    fn power(self, exponent: Self) -> Self;
}

impl Real for f32 {
    const EPSILON: f64 = f32::EPSILON as f64;

    #[inline]
    fn rounded(value: f64) -> Self {
        value as Self
    }

    #[inline]
    fn kept_if(self, condition: bool) -> Self {
        Self::from_bits(self.to_bits() & u32::from(condition).wrapping_neg())
    }

    #[inline(always)]
    fn settled(self) -> Self {
        (self + 1e-24) - 1e-24
    }

    #[inline(always)]
    fn power(self, exponent: Self) -> Self {
        exp2(exponent * log2(self)).kept_if(self > 0.0)
    }
}

impl Real for f64 {
    const EPSILON: f64 = f64::EPSILON;

    #[inline]
    fn rounded(value: f64) -> Self {
        value
    }

    #[inline]
    fn kept_if(self, condition: bool) -> Self {
        Self::from_bits(self.to_bits() & u64::from(condition).wrapping_neg())
    }

    #[inline(always)]
    fn settled(self) -> Self {
        (self + 1e-48) - 1e-48
    }

    #[inline]
    fn power(self, exponent: Self) -> Self {
        self.powf(exponent)
    }
}

/// The logarithm to base 2 of a positive number: its exponent and, for its mantissa m between
/// 1 / sqrt(2) and sqrt(2), the series of 2 artanh(z) / ln(2) with z = (m - 1) / (m + 1).
#[inline(always)]
fn log2(x: f32) -> f32 {
    /// The bits of 1 / sqrt(2).
    const HALF: u32 = 0x3f35_04f3;
    const SERIES: [f32; 4] = [2.885_39, 0.961_796_7, 0.577_078, 0.412_198_6];
    let bits = x.to_bits().wrapping_sub(HALF);
    let exponent = (bits as i32) >> 23;
    let mantissa = f32::from_bits((bits & 0x007f_ffff) + HALF);
    let z = (mantissa - 1.0) / (mantissa + 1.0);
    let square = z * z;
    let series = SERIES[0] + square * (SERIES[1] + square * (SERIES[2] + square * SERIES[3]));
    exponent as f32 + z * series
}

/// 2 to a power: by the nearest whole number, and the rest r by the series of exp(r ln(2)).
#[inline(always)]
fn exp2(power: f32) -> f32 {
    /// Adding it rounds to a whole number, which then stands in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    #[expect(clippy::approx_constant, reason = "a coefficient of a series, the same bits on every machine")]
    const SERIES: [f32; 7] =
        [1.0, 0.693_147_2, 0.240_226_5, 0.055_504_11, 0.009_618_129, 0.001_333_355_8, 0.000_154_035_3];
    let power = if power < -126.0 { -126.0 } else { power };
    let power = if power > 127.0 { 127.0 } else { power };
    let rounded = power + ROUND;
    let whole = rounded.to_bits().wrapping_sub(ROUND.to_bits());
    let rest = power - (rounded - ROUND);
    let series = SERIES.iter().rev().fold(0.0, |sum, term| sum * rest + term);
    series * f32::from_bits(whole.wrapping_add(127) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_next_to_nothing_settles() {
        for x in [1.0f32, -0.3, 2e-16, -7.7e-16, 0.0, 1e30] {
            assert_eq!((x.settled(), f64::from(x).settled()), (x, f64::from(x)));
        }
        assert_eq!([1e-33f32.settled(), -1e-40f32.settled()], [0.0, 0.0]);
        assert_eq!([1e-70f64.settled(), -1e-300f64.settled()], [0.0, 0.0]);
    }

    #[test]
    fn powers_in_f32_are_close_to_those_in_f64() {
        for exponent in [0.02f32, 0.4, 0.5, 1.7, 3.0] {
            for step in 0..20_000 {
                let base = (step as f32 * 0.001 - 10.0).exp2();
                let (found, exact) = (f64::from(base.power(exponent)), f64::from(base).powf(f64::from(exponent)));
                assert!((found / exact - 1.0).abs() < 2e-6, "{base}^{exponent}: {found} instead of {exact}");
            }
            assert_eq!(0.0f32.power(exponent), 0.0);
        }
        assert!((f32::MIN_POSITIVE.power(0.5) / 1.084_202_2e-19 - 1.0).abs() < 1e-5);
    }
}
