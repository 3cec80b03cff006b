//! How the values of a user's own files come into [0, 1], which encoders take.
//!
//! ```text
//! as they are     x
//! scale           x / scale
//! range           (x - low) / (high - low)
//! min_max         (x - low) / (high - low), low and high of each column of the training part
//! standardise     1/2 + z / 6,  z = (x - mean) / std of each column of the training part
//! ```
//! What the first three lead out of [0, 1] is refused. The others cut off there what is beyond: test samples
//! below or above all training samples, and |z| > 3. The standard deviation is that of the samples (division by
//! their number); a column that never changes comes to 0 and to 1/2.

use super::SampleValues;
use super::samples::pick;
use crate::parameter::{Field, Form, Range, Values};
use crate::unit::Dimension;

pub(super) const SCALE: Field = Field {
    name: "scale",
    aliases: &[],
    form: Form::Optional(Dimension::None),
    default: Some("[]"),
    range: Range::Positive,
    doc: "Values are divided by this",
};

pub(super) const RANGE: Field = Field {
    name: "range",
    aliases: &[],
    form: Form::Quantities(Dimension::None),
    default: Some("[]"),
    range: Range::Any,
    doc: "The least and the largest value that there can be, such as `[-1, 1]`: they become 0 and 1",
};

pub(super) const MIN_MAX: Field = flag(
    "min_max",
    &["normalise", "normalize"],
    "Scale each column by its least and its largest value in the training part; test values beyond are cut off",
);

pub(super) const STANDARDISE: Field = flag(
    "standardise",
    &["standardize"],
    "Scale each column by its mean and standard deviation in the training part: three deviations below the mean become 0, three above it 1, and what is beyond is cut off",
);

const fn flag(name: &'static str, aliases: &'static [&'static str], doc: &'static str) -> Field {
    Field { name, aliases, form: Form::Flag, default: Some("false"), range: Range::Any, doc }
}

/// Standard deviations from the mean to 0 and to 1.
const DEVIATIONS: f64 = 3.0;
/// What bytes are divided by where nothing is said.
const WHITE: u8 = 255;

/// How values are brought into [0, 1].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scaling {
    AsTheyAre,
    Scale(f64),
    Range(f64, f64),
    MinMax,
    Standardise,
}

/// Values as they stand in a file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw {
    Bytes(Vec<u8>),
    Numbers(Vec<f64>),
}

impl Default for Raw {
    fn default() -> Self {
        Self::Bytes(Vec::new())
    }
}

/// A value that does not come into [0, 1].
#[derive(Debug, PartialEq)]
pub(super) struct Outside {
    pub is_test: bool,
    /// Its place among the values of its part.
    pub index: usize,
    /// What is wrong with it.
    pub what: String,
}

impl Raw {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Numbers(numbers) => numbers.len(),
        }
    }

    /// The samples of `width` values at `indices`.
    pub fn pick(&self, width: usize, indices: &[usize]) -> Self {
        match self {
            Self::Bytes(bytes) => Self::Bytes(pick(bytes, width, indices)),
            Self::Numbers(numbers) => Self::Numbers(pick(numbers, width, indices)),
        }
    }

    fn numbers(self) -> Vec<f64> {
        match self {
            Self::Bytes(bytes) => bytes.into_iter().map(f64::from).collect(),
            Self::Numbers(numbers) => numbers,
        }
    }
}

impl Scaling {
    /// From the fields above.
    ///
    /// # Errors
    /// A sentence when more than one of them is given.
    pub fn from_values(values: &Values) -> Result<Self, String> {
        let range = values.numbers("range");
        let ways = [
            values.optional("scale").map(Self::Scale),
            (!range.is_empty()).then(|| Self::Range(range[0], range.get(1).copied().unwrap_or(f64::NAN))),
            values.flag("min_max").then_some(Self::MinMax),
            values.flag("standardise").then_some(Self::Standardise),
        ];
        let mut ways = ways.into_iter().flatten();
        let way = ways.next().unwrap_or(Self::AsTheyAre);
        if ways.next().is_some() {
            return Err(
                "values are scaled in one way: give one of `scale`, `range`, `min_max` and `standardise`".into()
            );
        }
        match way {
            Self::Range(low, high) if range.len() != 2 || low >= high => {
                Err("`range` is the least and the largest value, as in `[0, 255]`".into())
            }
            way => Ok(way),
        }
    }

    /// Scales samples of `width` values. Bytes stay bytes where their scale is one, too.
    ///
    /// # Errors
    /// The first value that lies outside.
    pub fn apply(self, width: usize, train: Raw, test: Raw) -> Result<(SampleValues, SampleValues), Outside> {
        match (train, test, self.white()) {
            (Raw::Bytes(train), Raw::Bytes(test), Some(white)) => {
                let scaled = |bytes: Vec<u8>, is_test| match bytes.iter().position(|&byte| byte > white) {
                    None => Ok(SampleValues::Bytes { bytes, white }),
                    Some(index) => Err(self.outside(is_test, index, f64::from(bytes[index]))),
                };
                Ok((scaled(train, false)?, scaled(test, true)?))
            }
            (train, test, _) => {
                let (train, test) = (train.numbers(), test.numbers());
                let columns = self.columns(width, &train);
                let scaled = |values: Vec<f64>, is_test| self.scaled(&columns, values, is_test);
                Ok((scaled(train, false)?, scaled(test, true)?))
            }
        }
    }

    /// Bytes in memory for a value that is a byte in its file.
    pub fn bytes_per_byte(self) -> u64 {
        if self.white().is_some() { 1 } else { 20 }
    }

    /// What bytes are divided by, where that is a byte.
    fn white(self) -> Option<u8> {
        match self {
            Self::AsTheyAre => Some(WHITE),
            Self::Scale(scale) if scale.fract() == 0.0 && scale <= f64::from(WHITE) => Some(scale as u8),
            _ => None,
        }
    }

    /// For each column what is taken off its values, and what the rest is divided by.
    fn columns(self, width: usize, train: &[f64]) -> Vec<(f64, f64)> {
        let column = |column: usize| train[column.min(train.len())..].iter().step_by(width).copied();
        let of_column = |index: usize| match self {
            Self::AsTheyAre => (0.0, 1.0),
            Self::Scale(scale) => (0.0, scale),
            Self::Range(low, high) => (low, high - low),
            Self::MinMax => limits(column(index)),
            // Rounding would give a column that never changes a deviation.
            Self::Standardise if limits(column(index)).1 == 0.0 => limits(column(index)),
            Self::Standardise => {
                let count = column(index).count() as f64;
                let mean = column(index).sum::<f64>() / count;
                let variance = column(index).map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
                (mean - DEVIATIONS * variance.sqrt(), 2.0 * DEVIATIONS * variance.sqrt())
            }
        };
        (0..width).map(of_column).collect()
    }

    fn scaled(self, columns: &[(f64, f64)], values: Vec<f64>, is_test: bool) -> Result<SampleValues, Outside> {
        let fitted = matches!(self, Self::MinMax | Self::Standardise);
        let constant = if self == Self::Standardise { 0.5 } else { 0.0 };
        let mut scaled = Vec::with_capacity(values.len());
        for (index, (value, &(low, width))) in values.iter().zip(columns.iter().cycle()).enumerate() {
            let unit = if width > 0.0 { (value - low) / width } else { constant };
            let is_sound = low.is_finite() && width.is_finite();
            if !is_sound || !fitted && !(0.0..=1.0).contains(&unit) {
                return Err(self.outside(is_test, index, *value));
            }
            scaled.push(unit.clamp(0.0, 1.0) as f32);
        }
        Ok(SampleValues::Features(scaled))
    }

    fn outside(self, is_test: bool, index: usize, value: f64) -> Outside {
        let what = match self {
            Self::Scale(scale) => format!("{value} is outside of [0, {scale}], which `scale` says"),
            Self::Range(low, high) => format!("{value} is outside of [{low}, {high}], which `range` says"),
            Self::AsTheyAre => format!("{value} is outside of [0, 1]"),
            Self::MinMax | Self::Standardise => {
                format!("{value:e} stands in a column of numbers too large to be scaled")
            }
        };
        Outside { is_test, index, what }
    }
}

/// The least of `values`, and how much larger the largest is.
fn limits(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let low = values.clone().fold(f64::INFINITY, f64::min);
    (low, values.fold(f64::NEG_INFINITY, f64::max) - low)
}

/// How to mend what lies outside.
pub(super) const ADVICE: &str =
    "say how values are scaled: `scale = 255`, `range = [-1, 1]`, `min_max = true` or `standardise = true`";

#[cfg(test)]
mod tests {
    use super::*;

    fn features(scaling: Scaling, train: &[f64], test: &[f64]) -> (Vec<f32>, Vec<f32>) {
        let raw = |values: &[f64]| Raw::Numbers(values.to_vec());
        match scaling.apply(2, raw(train), raw(test)).unwrap() {
            (SampleValues::Features(train), SampleValues::Features(test)) => (train, test),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_training_part_alone_tells_mean_and_deviation() {
        // Column 1: 1, 2, 3, 6 with mean 3 and std sqrt(14 / 4); column 2 never changes.
        let (train, test) =
            features(Scaling::Standardise, &[1.0, 0.1, 2.0, 0.1, 3.0, 0.1, 6.0, 0.1], &[1000.0, 0.1, -1000.0, 9.0]);
        let std = 3.5f64.sqrt();
        let expected = [1.0, 2.0, 3.0, 6.0].map(|x: f64| (0.5 + (x - 3.0) / std / 6.0) as f32);
        for (sample, expected) in expected.into_iter().enumerate() {
            assert!((train[2 * sample] - expected).abs() < 1e-6, "{train:?}");
            assert_eq!(train[2 * sample + 1], 0.5);
        }
        assert_eq!(test, [1.0, 0.5, 0.0, 0.5]);
    }

    #[test]
    fn the_training_part_alone_tells_least_and_largest() {
        let (train, test) = features(Scaling::MinMax, &[1.0, 7.0, 3.0, 7.0, 2.0, 7.0], &[2.5, 8.0, 4.0, 7.0]);
        assert_eq!(train, [0.0, 0.0, 1.0, 0.0, 0.5, 0.0]);
        assert_eq!(test, [0.75, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn what_is_said_of_values_has_to_be_true() {
        assert_eq!(features(Scaling::Scale(16.0), &[0.0, 16.0], &[4.0, 8.0]), (vec![0.0, 1.0], vec![0.25, 0.5]));
        assert_eq!(features(Scaling::Range(-1.0, 1.0), &[-1.0, 1.0], &[0.0, 0.5]), (vec![0.0, 1.0], vec![0.5, 0.75]));
        let refused = |scaling: Scaling, train: Raw, test: Raw| scaling.apply(2, train, test).unwrap_err();
        let numbers = |value: f64| Raw::Numbers(vec![0.0, value]);
        let outside = refused(Scaling::AsTheyAre, numbers(1.0), numbers(1.5));
        assert_eq!(outside, Outside { is_test: true, index: 1, what: "1.5 is outside of [0, 1]".into() });
        let outside = refused(Scaling::Scale(2.0), numbers(3.0), numbers(1.0));
        assert_eq!(outside.what, "3 is outside of [0, 2], which `scale` says");
        let outside = refused(Scaling::Range(-1.0, 1.0), numbers(-2.0), numbers(1.0));
        assert_eq!(outside.what, "-2 is outside of [-1, 1], which `range` says");
        let outside = refused(Scaling::Scale(16.0), Raw::Bytes(vec![1, 16]), Raw::Bytes(vec![17, 0]));
        assert_eq!(
            outside,
            Outside { is_test: true, index: 0, what: "17 is outside of [0, 16], which `scale` says".into() }
        );
    }

    #[test]
    fn numbers_too_large_to_be_scaled_are_refused() {
        for scaling in [Scaling::MinMax, Scaling::Standardise] {
            let train = Raw::Numbers(vec![0.0, -1e308, 1.0, 1e308]);
            let outside = scaling.apply(2, train, Raw::Numbers(vec![0.0, 0.0])).unwrap_err();
            assert_eq!((outside.index, outside.is_test), (1, false), "{outside:?}");
            assert!(outside.what.contains("too large to be scaled"), "{outside:?}");
        }
    }

    #[test]
    fn bytes_stay_bytes_where_they_can() {
        let apply = |scaling: Scaling| scaling.apply(1, Raw::Bytes(vec![0, 51]), Raw::Bytes(vec![255])).unwrap().0;
        assert_eq!(apply(Scaling::AsTheyAre), SampleValues::Bytes { bytes: vec![0, 51], white: 255 });
        assert_eq!(apply(Scaling::Scale(510.0)), SampleValues::Features(vec![0.0, 0.1]));
        assert_eq!(apply(Scaling::MinMax), SampleValues::Features(vec![0.0, 1.0]));
    }
}
