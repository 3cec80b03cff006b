//! Distributions of initial weights, delays and parameters.
//!
//! ```text
//! normal       mean + std N(0, 1); with bounds: drawn anew until it lies within them, which is one in 100 at
//!              least; between rarer bounds: a = the one nearer to the mean, t from a density in proportion to
//!              exp(-a t), kept with the probability exp(-t^2 / 2) (Robert 1995, Stat. Comput. 5:121)
//! uniform      U(low, high)
//! lognormal    exp(mu + sigma N(0, 1)); of mean m and std s: sigma^2 = ln(1 + s^2 / m^2),
//!              mu = ln |m| - sigma^2 / 2, and the sign of m
//! exponential  mean Exp(1)
//! he_normal    gain sqrt(2 / fan_in) N(0, 1)             He et al. 2015, ICCV, eq. 10
//! ```

use rand::Rng;
use rand_distr::{Distribution as _, Exp1, StandardNormal};

use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::random::{Stream, Words};
use crate::unit::Dimension;

/// Every distribution, in the order `twinfire list` shows them.
pub const KINDS: &[Kind<dyn Distribution>] = &[NORMAL, UNIFORM, LOGNORMAL, EXPONENTIAL, HE_NORMAL];

/// A distribution of real numbers.
pub trait Distribution: Send + Sync + std::fmt::Debug {
    /// One number. `fan_in` is the number of synapses onto the target neuron.
    fn sample(&self, fan_in: usize, stream: &mut Stream) -> f64;

    /// Appends `count` numbers: those that [`Self::sample`] gives one after the other.
    fn fill(&self, fan_in: usize, stream: &Stream, count: usize, numbers: &mut Vec<f64>);

    /// Whether `fan_in` makes a difference.
    fn depends_on_fan_in(&self) -> bool {
        false
    }

    /// Between which numbers all are.
    fn support(&self) -> (f64, f64);
}

/// How a distribution draws, whatever the words come from.
trait Draw: Send + Sync + std::fmt::Debug {
    const DEPENDS_ON_FAN_IN: bool = false;

    fn draw(&self, fan_in: usize, random: &mut impl Rng) -> f64;

    fn support(&self) -> (f64, f64) {
        (f64::NEG_INFINITY, f64::INFINITY)
    }
}

/// All numbers of a sign.
fn one_sided(sign: f64) -> (f64, f64) {
    if sign < 0.0 { (f64::NEG_INFINITY, 0.0) } else { (0.0, f64::INFINITY) }
}

impl<D: Draw> Distribution for D {
    fn sample(&self, fan_in: usize, stream: &mut Stream) -> f64 {
        self.draw(fan_in, stream)
    }

    fn fill(&self, fan_in: usize, stream: &Stream, count: usize, numbers: &mut Vec<f64>) {
        let mut words = Words::new(stream);
        numbers.extend((0..count).map(|_| self.draw(fan_in, &mut words)));
    }

    fn depends_on_fan_in(&self) -> bool {
        D::DEPENDS_ON_FAN_IN
    }

    fn support(&self) -> (f64, f64) {
        Draw::support(self)
    }
}

const fn number(name: &'static str, default: Option<&'static str>, range: Range, doc: &'static str) -> Field {
    Field { name, aliases: &[], form: Form::Quantity(Dimension::None), default, range, doc }
}

/// A number in the unit of what is drawn.
const fn quantity(name: &'static str, default: Option<&'static str>, range: Range, doc: &'static str) -> Field {
    Field { form: Form::Quantity(Dimension::Relative), ..number(name, default, range, doc) }
}

/// A number that may be missing.
const fn optional(
    name: &'static str,
    aliases: &'static [&'static str],
    dimension: Dimension,
    range: Range,
    doc: &'static str,
) -> Field {
    Field { name, aliases, form: Form::Optional(dimension), default: Some("[]"), range, doc }
}

const fn bound(name: &'static str, aliases: &'static [&'static str], doc: &'static str) -> Field {
    optional(name, aliases, Dimension::Relative, Range::Any, doc)
}

fn gauss(random: &mut impl Rng) -> f64 {
    StandardNormal.sample(random)
}

#[derive(Debug)]
struct Normal {
    mean: f64,
    std: f64,
    low: f64,
    high: f64,
    /// Where the bounds are rare.
    tail: Option<Tail>,
}

/// The standard normal distribution between two bounds far from the mean or close together.
#[derive(Debug)]
struct Tail {
    /// The bound nearer to the mean.
    near: f64,
    width: f64,
    /// -1 where the bounds are below the mean.
    sign: f64,
}

/// Bounds that fewer normal numbers lie within are rare.
const RARE: f64 = 0.01;

impl Tail {
    /// Between these bounds, if they are rare.
    fn between(low: f64, high: f64) -> Option<Self> {
        let rare = low < high && chance(low, high) < RARE;
        let (near, sign) = if high <= 0.0 { (-high, -1.0) } else { (low.max(0.0), 1.0) };
        // Rare bounds on both sides of the mean are so close together that the density is the same between them.
        let near = if low < 0.0 && high > 0.0 { low } else { near };
        rare.then_some(Self { near, width: high - low, sign })
    }

    fn draw(&self, random: &mut impl Rng) -> f64 {
        let rate = self.near.max(0.0);
        let all = -(-rate * self.width).exp_m1();
        loop {
            let [part, kept] = [0, 1].map(|_| (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64);
            let beyond = if rate * self.width < 1e-9 { part * self.width } else { -(-part * all).ln_1p() / rate };
            if kept < (-beyond * beyond / 2.0).exp() {
                return self.sign * (self.near + beyond);
            }
        }
    }
}

/// The part of normal numbers that lies between two bounds (Simpson's rule).
fn chance(low: f64, high: f64) -> f64 {
    const STEPS: usize = 400;
    let (low, high) = (low.max(-10.0), high.min(10.0));
    let step = (high - low).max(0.0) / STEPS as f64;
    let density = |k: usize| (-(low + k as f64 * step).powi(2) / 2.0).exp() / std::f64::consts::TAU.sqrt();
    let weight = |k: usize| if k == 0 || k == STEPS { 1.0 } else { 2.0 + 2.0 * (k % 2) as f64 };
    (0..=STEPS).map(|k| weight(k) * density(k)).sum::<f64>() * step / 3.0
}

impl Draw for Normal {
    #[inline]
    fn draw(&self, _: usize, random: &mut impl Rng) -> f64 {
        if let Some(tail) = &self.tail {
            return (self.mean + self.std * tail.draw(random)).clamp(self.low, self.high);
        }
        loop {
            let value = self.mean + self.std * gauss(random);
            if (self.low..=self.high).contains(&value) {
                return value;
            }
        }
    }

    fn support(&self) -> (f64, f64) {
        if self.std == 0.0 { (self.mean, self.mean) } else { (self.low, self.high) }
    }
}

impl Normal {
    fn from_values(v: &Values) -> Result<Self, String> {
        let bound = |name, none: f64| v.optional(name).unwrap_or(none);
        let (mean, std) = (v.number("mean"), v.number("std"));
        let (low, high) = (bound("low", f64::NEG_INFINITY), bound("high", f64::INFINITY));
        let seldom = low > mean + 4.0 * std || high < mean - 4.0 * std || high - low < 1e-3 * std;
        if low > high || seldom {
            let bounds = match (low.is_finite(), high.is_finite()) {
                (true, false) => format!("is {low} or above"),
                (false, true) => format!("is {high} or below"),
                _ => format!("lies between {low} and {high}"),
            };
            return Err(format!("hardly any number of mean {mean} and std {std} {bounds}"));
        }
        let tail = if std > 0.0 { Tail::between((low - mean) / std, (high - mean) / std) } else { None };
        Ok(Self { mean, std, low, high, tail })
    }
}

const NORMAL: Kind<dyn Distribution> = Kind {
    name: "normal",
    aliases: &["gaussian", "normal_clipped", "clipped_normal"],
    summary: "Gaussian with mean and standard deviation, between bounds where they are given",
    fields: &[
        quantity("mean", Some("0"), Range::Any, "Mean, before the bounds"),
        quantity("std", None, Range::NotNegative, "Standard deviation, before the bounds"),
        bound("low", &["min"], "Lower bound: numbers below are drawn anew; none given: no bound"),
        bound("high", &["max"], "Upper bound: numbers above are drawn anew; none given: no bound"),
    ],
    build: |v: &Values| Ok(Box::new(Normal::from_values(v)?)),
};

#[derive(Debug)]
struct Uniform {
    low: f64,
    high: f64,
}

impl Draw for Uniform {
    #[inline]
    fn draw(&self, _: usize, random: &mut impl Rng) -> f64 {
        let uniform = (random.next_u32() >> 8) as f32 / (1u32 << 24) as f32;
        self.low + (self.high - self.low) * f64::from(uniform)
    }

    fn support(&self) -> (f64, f64) {
        (self.low, self.high)
    }
}

const UNIFORM: Kind<dyn Distribution> = Kind {
    name: "uniform",
    aliases: &[],
    summary: "Uniform between two bounds",
    fields: &[quantity("low", Some("0"), Range::Any, "Lower bound"), quantity("high", None, Range::Any, "Upper bound")],
    build: |v: &Values| {
        let (low, high) = (v.number("low"), v.number("high"));
        if low > high {
            return Err(format!("low ({low}) is above high ({high})"));
        }
        Ok(Box::new(Uniform { low, high }))
    },
};

#[derive(Debug)]
struct LogNormal {
    mu: f64,
    sigma: f64,
    /// 1, or -1 where all numbers are below 0.
    sign: f64,
}

impl Draw for LogNormal {
    #[inline]
    fn draw(&self, _: usize, random: &mut impl Rng) -> f64 {
        self.sign * (self.mu + self.sigma * gauss(random)).exp()
    }

    fn support(&self) -> (f64, f64) {
        one_sided(self.sign)
    }
}

impl LogNormal {
    fn from_values(v: &Values) -> Result<Self, String> {
        let [mean, std, mu, sigma] = ["mean", "std", "mu", "sigma"].map(|name| v.optional(name));
        match (mean, std, mu, sigma) {
            (None, None, mu, Some(sigma)) => Ok(Self { mu: mu.unwrap_or(0.0), sigma, sign: 1.0 }),
            (Some(mean), Some(std), None, None) => Self::of_moments(mean, std),
            (Some(_), None, None, None) | (None, Some(_), None, None) => Err("needs both `mean` and `std`".into()),
            (None, None, _, None) => Err("needs `mean` and `std`, or `sigma` and `mu` of the logarithm".into()),
            _ => Err("takes `mean` and `std`, or `mu` and `sigma` of the logarithm, but no mixture".into()),
        }
    }

    /// That with this mean and standard deviation.
    fn of_moments(mean: f64, std: f64) -> Result<Self, String> {
        let variance = (std / mean).powi(2).ln_1p();
        if !variance.is_finite() {
            return Err(format!("no log-normal numbers have a mean of {mean} and a std of {std}"));
        }
        Ok(Self { mu: mean.abs().ln() - variance / 2.0, sigma: variance.sqrt(), sign: mean.signum() })
    }
}

const LOGNORMAL: Kind<dyn Distribution> = Kind {
    name: "lognormal",
    aliases: &[],
    summary: "Exponential of a Gaussian, by its own mean and standard deviation or by those of the logarithm",
    fields: &[
        optional("mean", &[], Dimension::Relative, Range::Any, "Mean; below 0: all are below 0. Give `std` too"),
        optional("std", &["stdev"], Dimension::Relative, Range::NotNegative, "Standard deviation"),
        optional(
            "mu",
            &[],
            Dimension::None,
            Range::Any,
            "Mean of the logarithm of the number in the base unit (mV, pA, nS, ms); 0 when only `sigma` is given",
        ),
        optional("sigma", &[], Dimension::None, Range::NotNegative, "Standard deviation of the logarithm"),
    ],
    build: |v: &Values| Ok(Box::new(LogNormal::from_values(v)?)),
};

#[derive(Debug)]
struct Exponential {
    mean: f64,
}

impl Draw for Exponential {
    #[inline]
    fn draw(&self, _: usize, random: &mut impl Rng) -> f64 {
        let unit: f64 = Exp1.sample(random);
        self.mean * unit
    }

    fn support(&self) -> (f64, f64) {
        one_sided(self.mean)
    }
}

const EXPONENTIAL: Kind<dyn Distribution> = Kind {
    name: "exponential",
    aliases: &[],
    summary: "Exponential",
    fields: &[Field {
        aliases: &["beta", "scale"],
        ..quantity("mean", None, Range::Any, "Mean; below 0: all are below 0")
    }],
    build: |v: &Values| Ok(Box::new(Exponential { mean: v.number("mean") })),
};

#[derive(Debug)]
struct HeNormal {
    gain: f64,
}

impl Draw for HeNormal {
    const DEPENDS_ON_FAN_IN: bool = true;

    #[inline]
    fn draw(&self, fan_in: usize, random: &mut impl Rng) -> f64 {
        self.gain * (2.0 / fan_in.max(1) as f64).sqrt() * gauss(random)
    }
}

const HE_NORMAL: Kind<dyn Distribution> = Kind {
    name: "he_normal",
    aliases: &["he", "kaiming"],
    summary: "Gaussian with variance 2 / (synapses onto the neuron), for rectifying units",
    fields: &[number("gain", Some("1"), Range::Positive, "Factor on the standard deviation")],
    build: |v: &Values| Ok(Box::new(HeNormal { gain: v.number("gain") })),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::Value::{self, Number, Numbers};
    use crate::parameter::find;
    use crate::random::Purpose;

    fn build(kind: &str, given: &[(&'static str, Value)]) -> Result<Box<dyn Distribution>, String> {
        let mut values = Values::default();
        given.iter().for_each(|(name, value)| values.set(name, value.clone()));
        (find(KINDS, kind).unwrap().build)(&values)
    }

    fn normal(mean: f64, std: f64, low: &[f64], high: &[f64]) -> Result<Box<dyn Distribution>, String> {
        let bounds = [("low", Numbers(low.to_vec())), ("high", Numbers(high.to_vec()))];
        build("normal", &[[("mean", Number(mean)), ("std", Number(std))], bounds].concat())
    }

    fn lognormal(given: &[(&'static str, f64)]) -> Result<Box<dyn Distribution>, String> {
        let numbers = |name: &str| given.iter().filter(|given| given.0 == name).map(|given| given.1).collect();
        build("lognormal", &["mean", "std", "mu", "sigma"].map(|name| (name, Numbers(numbers(name)))))
    }

    fn draws(distribution: &dyn Distribution, count: usize) -> Vec<f64> {
        let mut numbers = Vec::new();
        distribution.fill(8, &Stream::new(3, Purpose::Weights, 1, 2), count, &mut numbers);
        numbers
    }

    fn moments(numbers: &[f64]) -> (f64, f64) {
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        (mean, numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / numbers.len() as f64)
    }

    fn all() -> Vec<(Box<dyn Distribution>, f64, f64)> {
        vec![
            (normal(2.0, 3.0, &[], &[]).unwrap(), 2.0, 9.0),
            // A half normal: mean sqrt(2 / pi), variance 1 - 2 / pi.
            (normal(0.0, 1.0, &[0.0], &[]).unwrap(), 0.797_885, 0.363_380),
            (build("uniform", &[("low", Number(-1.0)), ("high", Number(3.0))]).unwrap(), 1.0, 16.0 / 12.0),
            // exp(mu + sigma^2 / 2), (exp(sigma^2) - 1) mean^2
            (lognormal(&[("mu", 0.2), ("sigma", 0.3)]).unwrap(), 1.277_621, 0.153_722),
            (lognormal(&[("mean", -3.0), ("std", 1.5)]).unwrap(), -3.0, 2.25),
            (build("exponential", &[("mean", Number(-2.0))]).unwrap(), -2.0, 4.0),
            (build("he_normal", &[("gain", Number(2.0))]).unwrap(), 0.0, 1.0),
        ]
    }

    #[test]
    fn every_distribution_has_its_mean_and_variance() {
        for (distribution, mean, variance) in all() {
            let (m, v) = moments(&draws(&*distribution, 100_000));
            assert!((m - mean).abs() < 0.02 * variance.sqrt().max(1.0), "{distribution:?}: mean {m}");
            assert!((v - variance).abs() < 0.04 * variance, "{distribution:?}: variance {v}");
        }
    }

    #[test]
    fn many_numbers_at_once_are_those_drawn_one_by_one() {
        for (distribution, ..) in all() {
            let mut stream = Stream::new(3, Purpose::Weights, 1, 2);
            let one_by_one: Vec<f64> = (0..500).map(|_| distribution.sample(8, &mut stream)).collect();
            assert_eq!(draws(&*distribution, 500), one_by_one, "{distribution:?}");
        }
    }

    #[test]
    fn bounds_hold_and_must_leave_something() {
        let clipped = draws(&*normal(1.5, 0.75, &[0.1], &[2.0]).unwrap(), 20_000);
        assert!(clipped.iter().all(|x| (0.1..=2.0).contains(x)));
        assert!(draws(&*normal(1.0, 0.0, &[1.0], &[1.0]).unwrap(), 3).iter().all(|&x| x == 1.0));
        for (low, high) in [(&[2.0][..], &[1.0][..]), (&[9.0], &[]), (&[], &[-9.0]), (&[0.0], &[0.0])] {
            assert!(normal(0.0, 1.0, low, high).is_err(), "{low:?} {high:?}");
        }
    }

    /// Mean and variance between the bounds by Simpson's rule; one number in millions would be kept if all were drawn.
    #[test]
    fn narrow_tails_are_drawn_at_once_and_as_they_are() {
        let inf = f64::INFINITY;
        for (low, high) in
            [(3.9, inf), (3.9, 3.95), (-3.0, -2.99), (2.4, 2.9), (-0.004, 0.004), (0.0, 0.01), (2.6, 8.0)]
        {
            let (bounds, none): ([Vec<f64>; 2], Vec<f64>) = ([vec![2.0 + 3.0 * low], vec![2.0 + 3.0 * high]], vec![]);
            let high_bound = if high.is_finite() { &bounds[1] } else { &none };
            let clipped = normal(2.0, 3.0, &bounds[0], high_bound).unwrap();
            let numbers: Vec<f64> = draws(&*clipped, 20_000).iter().map(|x| (x - 2.0) / 3.0).collect();
            assert!(numbers.iter().all(|x| (low - 1e-9..=high + 1e-9).contains(x)), "{low} {high}");
            let step = (high.min(9.0) - low) / 10_000.0;
            let density = |x: f64| (-x * x / 2.0).exp();
            let points: Vec<f64> = (0..10_000).map(|k| low + (f64::from(k) + 0.5) * step).collect();
            let sum = |f: &dyn Fn(f64) -> f64| points.iter().map(|&x| f(x) * density(x)).sum::<f64>();
            let mean = sum(&|x| x) / sum(&|_| 1.0);
            let variance = sum(&|x| (x - mean).powi(2)) / sum(&|_| 1.0);
            let (m, v) = moments(&numbers);
            assert!((m - mean).abs() < 0.05 * variance.sqrt(), "{low} {high}: mean {m}, not {mean}");
            assert!((v - variance).abs() < 0.06 * variance, "{low} {high}: variance {v}, not {variance}");
        }
    }

    #[test]
    fn a_lognormal_is_given_by_its_moments_or_by_those_of_the_logarithm() {
        let refusal = |given: &[(&'static str, f64)]| lognormal(given).unwrap_err();
        assert!(refusal(&[]).starts_with("needs `mean` and `std`, or `sigma`"));
        assert!(refusal(&[("mu", 1.0)]).starts_with("needs `mean` and `std`, or `sigma`"));
        assert_eq!(refusal(&[("std", 1.0)]), "needs both `mean` and `std`");
        for mixture in [&[("mean", 1.0), ("sigma", 1.0)][..], &[("mean", 1.0), ("std", 1.0), ("mu", 0.0)]] {
            assert!(refusal(mixture).ends_with("but no mixture"), "{mixture:?}");
        }
        assert_eq!(refusal(&[("mean", 0.0), ("std", 1.0)]), "no log-normal numbers have a mean of 0 and a std of 1");
        assert_eq!(draws(&*lognormal(&[("mean", 2.0), ("std", 0.0)]).unwrap(), 2), [2.0, 2.0]);
    }
}
