//! Quantities with units, as users write them: `"20 ms"`, `"-65 mV"`, `"250 pF"`.
//!
//! Units exist only up to validation. Behind it every number is in the base unit
//! of its dimension: ms, mV, pA, pF, nS, Hz, or a pure number.

/// What a number measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// A pure number.
    None,
    /// Base unit ms.
    Time,
    /// Base unit mV.
    Voltage,
    /// Base unit pA.
    Current,
    /// Base unit pF.
    Capacitance,
    /// Base unit nS.
    Conductance,
    /// Base unit Hz.
    Frequency,
    /// Of a parameter whose unit depends on what it is for: that of the synapses for weights
    /// and rules, that of the parameter that is drawn for distributions.
    Relative,
}

/// One row per unit: name, dimension, factor to the base unit.
pub const UNITS: &[(&str, Dimension, f64)] = &[
    ("ns", Dimension::Time, 1e-6),
    ("us", Dimension::Time, 1e-3),
    ("ms", Dimension::Time, 1.0),
    ("s", Dimension::Time, 1e3),
    ("min", Dimension::Time, 6e4),
    ("uV", Dimension::Voltage, 1e-3),
    ("mV", Dimension::Voltage, 1.0),
    ("V", Dimension::Voltage, 1e3),
    ("pA", Dimension::Current, 1.0),
    ("nA", Dimension::Current, 1e3),
    ("uA", Dimension::Current, 1e6),
    ("pF", Dimension::Capacitance, 1.0),
    ("nF", Dimension::Capacitance, 1e3),
    ("uF", Dimension::Capacitance, 1e6),
    ("nS", Dimension::Conductance, 1.0),
    ("uS", Dimension::Conductance, 1e3),
    ("mHz", Dimension::Frequency, 1e-3),
    ("Hz", Dimension::Frequency, 1.0),
    ("kHz", Dimension::Frequency, 1e3),
];

impl Dimension {
    /// The unit in which numbers of this dimension are kept; "" for pure numbers.
    pub fn base_unit(self) -> &'static str {
        UNITS.iter().find(|(_, d, factor)| *d == self && *factor == 1.0).map_or("", |(name, ..)| name)
    }

    /// The dimension in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "a pure number",
            Self::Time => "a time",
            Self::Voltage => "a voltage",
            Self::Current => "a current",
            Self::Capacitance => "a capacitance",
            Self::Conductance => "a conductance",
            Self::Frequency => "a frequency",
            Self::Relative => "a number in the unit of what it is for",
        }
    }

    /// Whether a number without a unit may stand for it.
    pub fn is_bare(self) -> bool {
        matches!(self, Self::None | Self::Relative)
    }

    /// The units of this dimension, smallest first.
    pub fn units(self) -> impl Iterator<Item = &'static str> {
        UNITS.iter().filter(move |(_, d, _)| *d == self).map(|(name, ..)| *name)
    }
}

/// A number in the base unit of its dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantity {
    /// In [`Dimension::base_unit`]s.
    pub value: f64,
    pub dimension: Dimension,
}

/// The unit called `name`, as (dimension, factor to its base unit).
pub fn find_unit(name: &str) -> Option<(Dimension, f64)> {
    let name = name.replace(['µ', 'μ'], "u");
    UNITS.iter().find(|(unit, ..)| *unit == name).map(|&(_, dimension, factor)| (dimension, factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dimension_has_exactly_one_base_unit() {
        use Dimension::*;
        for dimension in [Time, Voltage, Current, Capacitance, Conductance, Frequency] {
            let bases = UNITS.iter().filter(|(_, d, f)| *d == dimension && *f == 1.0).count();
            assert_eq!(bases, 1, "{dimension:?}");
        }
    }

    #[test]
    fn both_micro_signs_are_read() {
        assert_eq!(find_unit("µs"), Some((Dimension::Time, 1e-3)));
        assert_eq!(find_unit("μs"), find_unit("us"));
        assert_eq!(find_unit("parsec"), None);
    }
}
