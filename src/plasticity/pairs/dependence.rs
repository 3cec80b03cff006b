//! How the change of a weight depends on the weight: `w <- clip(w + k f(w))`.
//!
//! ```text
//! additive         f = 1                           Song, Miller, Abbott 2000
//! multiplicative   f = w_max - w  or  w            Rubin, Lee, Sompolinsky 2001
//!                  f = 1  or  w                    van Rossum, Bi, Turrigiano 2000
//! power            f = (1 - w / w_max)^mu  or  (w / w_max)^mu     Guetig, Aharonov, Rotter, Sompolinsky 2003
//! power law        f = (w / w_0)^mu                Morrison, Aertsen, Diesmann 2007
//! ```

use crate::real::Real;

/// `f(w)` of one branch of a rule.
pub trait Dependence<R>: Copy {
    /// How dear steps are.
    const COST: Cost;

    /// `f(w)`.
    fn slope(self, weight: R) -> R;
}

/// How dear a step of a weight is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cost {
    /// Steps by nothing are cheaper than branches around them.
    Little,
    /// A step of several weights at once costs as much as one of one.
    Some,
    /// Every step by nothing is to be avoided.
    Much,
}

/// Where weights end.
#[derive(Debug, Clone, Copy)]
pub struct Bounds<R> {
    low: R,
    high: R,
}

impl<R: Real> Bounds<R> {
    /// From one bound to the other, in whatever order.
    pub fn between(one: f64, other: f64) -> Self {
        Self { low: R::rounded(one.min(other)), high: R::rounded(one.max(other)) }
    }

    /// The nearest weight within.
    #[inline(always)]
    pub fn clip(self, weight: R) -> R {
        let weight = if weight < self.low { self.low } else { weight };
        if weight > self.high { self.high } else { weight }
    }

    /// `clip(w + k f(w))`.
    #[inline(always)]
    pub fn step(self, dependence: impl Dependence<R>, weight: R, k: R) -> R {
        self.clip(weight + k * dependence.slope(weight))
    }
}

/// `f = 1`.
#[derive(Debug, Clone, Copy)]
pub struct Additive;

/// `f = end - w`: towards an end.
#[derive(Debug, Clone, Copy)]
pub struct Towards<R> {
    pub end: R,
}

/// `f = w`.
#[derive(Debug, Clone, Copy)]
pub struct Proportional;

/// `f = (1 - w / scale)^exponent`.
#[derive(Debug, Clone, Copy)]
pub struct PowerOfRest<R> {
    /// One over the scale.
    pub inverse: R,
    pub exponent: R,
}

/// `f = (w / scale)^exponent`.
#[derive(Debug, Clone, Copy)]
pub struct PowerOfShare<R> {
    /// One over the scale.
    pub inverse: R,
    pub exponent: R,
}

impl<R: Real> Dependence<R> for Additive {
    const COST: Cost = Cost::Little;

    #[inline(always)]
    fn slope(self, _: R) -> R {
        R::from(1.0)
    }
}

impl<R: Real> Dependence<R> for Towards<R> {
    const COST: Cost = Cost::Little;

    #[inline(always)]
    fn slope(self, weight: R) -> R {
        self.end - weight
    }
}

impl<R: Real> Dependence<R> for Proportional {
    const COST: Cost = Cost::Little;

    #[inline(always)]
    fn slope(self, weight: R) -> R {
        weight
    }
}

/// Powers are computed in vectors in f32 only.
const fn power_cost<R>() -> Cost {
    if size_of::<R>() == size_of::<f32>() { Cost::Some } else { Cost::Much }
}

impl<R: Real> Dependence<R> for PowerOfRest<R> {
    const COST: Cost = power_cost::<R>();

    #[inline(always)]
    fn slope(self, weight: R) -> R {
        let rest = R::from(1.0) - weight * self.inverse;
        rest.kept_if(rest > R::default()).power(self.exponent)
    }
}

impl<R: Real> Dependence<R> for PowerOfShare<R> {
    const COST: Cost = power_cost::<R>();

    #[inline(always)]
    fn slope(self, weight: R) -> R {
        let share = weight * self.inverse;
        share.kept_if(share > R::default()).power(self.exponent)
    }
}

/// The dependence of one branch, as a rule was given it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Branch {
    Additive,
    /// Towards `end`.
    Towards {
        end: f64,
    },
    Proportional,
    PowerOfRest {
        scale: f64,
        exponent: f64,
    },
    PowerOfShare {
        scale: f64,
        exponent: f64,
    },
}

/// Runs `$body` with `$dependence` standing for the concrete dependence of `$branch`.
macro_rules! with_dependence {
    ($branch:expr, $dependence:ident => $body:expr) => {
        match $branch {
            Branch::Additive => {
                let $dependence = Additive;
                $body
            }
            Branch::Towards { end } => {
                let $dependence = Towards { end: R::rounded(end) };
                $body
            }
            Branch::Proportional => {
                let $dependence = Proportional;
                $body
            }
            Branch::PowerOfRest { scale, exponent } => {
                let $dependence = PowerOfRest { inverse: R::rounded(1.0 / scale), exponent: R::rounded(exponent) };
                $body
            }
            Branch::PowerOfShare { scale, exponent } => {
                let $dependence = PowerOfShare { inverse: R::rounded(1.0 / scale), exponent: R::rounded(exponent) };
                $body
            }
        }
    };
}
pub(in crate::plasticity) use with_dependence;
