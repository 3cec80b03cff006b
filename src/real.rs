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
    /// The nearest number of this type.
    fn rounded(value: f64) -> Self;

    /// The number itself when `condition` holds, else 0; never a branch.
    fn kept_if(self, condition: bool) -> Self;
}

impl Real for f32 {
    #[inline]
    fn rounded(value: f64) -> Self {
        value as Self
    }

    #[inline]
    fn kept_if(self, condition: bool) -> Self {
        Self::from_bits(self.to_bits() & u32::from(condition).wrapping_neg())
    }
}

impl Real for f64 {
    #[inline]
    fn rounded(value: f64) -> Self {
        value
    }

    #[inline]
    fn kept_if(self, condition: bool) -> Self {
        Self::from_bits(self.to_bits() & u64::from(condition).wrapping_neg())
    }
}
