//! Distributions of initial weights and parameters.
//!
//! ```text
//! normal      mean + std N(0, 1)
//! uniform     U(low, high)
//! lognormal   exp(mu + sigma N(0, 1))
//! he_normal   gain sqrt(2 / fan_in) N(0, 1)             He et al. 2015, ICCV, eq. 10
//! ```

use rand_distr::{Distribution as _, StandardNormal};

use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::random::Stream;
use crate::unit::Dimension;

/// Every distribution, in the order `synfire list` shows them.
pub const KINDS: &[Kind<dyn Distribution>] = &[NORMAL, UNIFORM, LOGNORMAL, HE_NORMAL];

/// A distribution of real numbers.
pub trait Distribution: Send + Sync + std::fmt::Debug {
    /// One number. `fan_in` is the number of synapses onto the target neuron.
    fn sample(&self, fan_in: usize, stream: &mut Stream) -> f64;
}

const fn number(name: &'static str, default: Option<&'static str>, range: Range, doc: &'static str) -> Field {
    Field { name, aliases: &[], form: Form::Quantity(Dimension::None), default, range, doc }
}

fn gauss(stream: &mut Stream) -> f64 {
    StandardNormal.sample(stream)
}

#[derive(Debug)]
struct Normal {
    mean: f64,
    std: f64,
}

impl Distribution for Normal {
    fn sample(&self, _: usize, stream: &mut Stream) -> f64 {
        self.mean + self.std * gauss(stream)
    }
}

const NORMAL: Kind<dyn Distribution> = Kind {
    name: "normal",
    aliases: &["gaussian"],
    summary: "Gaussian with mean and standard deviation",
    fields: &[
        number("mean", Some("0"), Range::Any, "Mean"),
        number("std", None, Range::NotNegative, "Standard deviation"),
    ],
    build: |v: &Values| Ok(Box::new(Normal { mean: v.number("mean"), std: v.number("std") })),
};

#[derive(Debug)]
struct Uniform {
    low: f64,
    high: f64,
}

impl Distribution for Uniform {
    fn sample(&self, _: usize, stream: &mut Stream) -> f64 {
        self.low + (self.high - self.low) * f64::from(stream.uniform())
    }
}

const UNIFORM: Kind<dyn Distribution> = Kind {
    name: "uniform",
    aliases: &[],
    summary: "Uniform between two bounds",
    fields: &[number("low", Some("0"), Range::Any, "Lower bound"), number("high", None, Range::Any, "Upper bound")],
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
}

impl Distribution for LogNormal {
    fn sample(&self, _: usize, stream: &mut Stream) -> f64 {
        (self.mu + self.sigma * gauss(stream)).exp()
    }
}

const LOGNORMAL: Kind<dyn Distribution> = Kind {
    name: "lognormal",
    aliases: &[],
    summary: "Exponential of a Gaussian",
    fields: &[
        number("mu", Some("0"), Range::Any, "Mean of the logarithm"),
        number("sigma", None, Range::NotNegative, "Standard deviation of the logarithm"),
    ],
    build: |v: &Values| Ok(Box::new(LogNormal { mu: v.number("mu"), sigma: v.number("sigma") })),
};

#[derive(Debug)]
struct HeNormal {
    gain: f64,
}

impl Distribution for HeNormal {
    fn sample(&self, fan_in: usize, stream: &mut Stream) -> f64 {
        self.gain * (2.0 / fan_in.max(1) as f64).sqrt() * gauss(stream)
    }
}

const HE_NORMAL: Kind<dyn Distribution> = Kind {
    name: "he_normal",
    aliases: &["he", "kaiming"],
    summary: "Gaussian with variance 2 / (synapses onto the neuron), for rectifying units",
    fields: &[number("gain", Some("1"), Range::Positive, "Factor on the standard deviation")],
    build: |v: &Values| Ok(Box::new(HeNormal { gain: v.number("gain") })),
};
