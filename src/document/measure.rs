//! Quantities on their way through an expression: products and quotients may pass through
//! dimensions that have no unit of their own (`j / tau_m`), as long as what comes out has one.
//!
//! ```text
//! time T, voltage V, current I;     frequency 1/T,  capacitance I T / V,  conductance I / V
//! ```

use crate::unit::{Dimension, Quantity};

/// A number and its powers of time, voltage and current.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// In ms, mV and pA; but negative powers of time count in s, so that Hz needs no factor.
    pub value: f64,
    powers: [i8; 3],
}

/// The dimensions with a unit, as powers of time, voltage and current.
const DIMENSIONS: &[(Dimension, [i8; 3])] = &[
    (Dimension::None, [0, 0, 0]),
    (Dimension::Time, [1, 0, 0]),
    (Dimension::Voltage, [0, 1, 0]),
    (Dimension::Current, [0, 0, 1]),
    (Dimension::Capacitance, [1, -1, 1]),
    (Dimension::Conductance, [0, -1, 1]),
    (Dimension::Frequency, [-1, 0, 0]),
];

/// ms in a s.
const MS_PER_S: f64 = 1e3;

impl From<Quantity> for Measure {
    fn from(quantity: Quantity) -> Self {
        let row = DIMENSIONS.iter().find(|(dimension, _)| *dimension == quantity.dimension);
        Self { value: quantity.value, powers: row.map_or([0; 3], |(_, powers)| *powers) }
    }
}

impl Measure {
    /// A pure number.
    pub fn pure(value: f64) -> Self {
        Self { value, powers: [0; 3] }
    }

    /// Whether it is a pure number.
    pub fn is_pure(self) -> bool {
        self.powers == [0; 3]
    }

    /// The same dimension with another value.
    pub fn with(self, value: f64) -> Self {
        Self { value, ..self }
    }

    /// Whether both have the same dimension.
    pub fn fits(self, other: Self) -> bool {
        self.powers == other.powers
    }

    /// The product.
    pub fn times(self, other: Self) -> Self {
        let powers = std::array::from_fn(|i| self.powers[i].saturating_add(other.powers[i]));
        // One factor for each s that meets a ms.
        let met = seconds(self.powers) + seconds(other.powers) - seconds(powers);
        Self { value: self.value * other.value / MS_PER_S.powi(met), powers }
    }

    /// The quotient.
    pub fn by(self, other: Self) -> Self {
        let powers: [i8; 3] = std::array::from_fn(|i| self.powers[i].saturating_sub(other.powers[i]));
        let met = seconds(self.powers) - seconds(other.powers) - seconds(powers);
        Self { value: self.value / other.value / MS_PER_S.powi(met), powers }
    }

    /// The quantity, if its dimension has a unit.
    pub fn quantity(self) -> Option<Quantity> {
        let row = DIMENSIONS.iter().find(|(_, powers)| *powers == self.powers)?;
        Some(Quantity { value: self.value, dimension: row.0 })
    }

    /// Its dimension in words.
    pub fn name(self) -> String {
        let Some(quantity) = self.quantity() else {
            let units = ["ms", "mV", "pA"].iter().zip(self.powers).filter(|(_, power)| *power != 0);
            let unit =
                |(unit, power): (&&str, i8)| if power == 1 { unit.to_string() } else { format!("{unit}^{power}") };
            return format!("a quantity in {}", units.map(unit).collect::<Vec<_>>().join(" "));
        };
        quantity.dimension.name().into()
    }
}

/// How many s (not ms) a value of these powers counts in.
fn seconds(powers: [i8; 3]) -> i32 {
    i32::from(powers[0].min(0).saturating_neg())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: f64, dimension: Dimension) -> Measure {
        Quantity { value, dimension }.into()
    }

    #[test]
    fn products_and_quotients_keep_their_units() {
        use Dimension::*;
        let quantity = |measure: Measure| measure.quantity().map(|q| (q.value, q.dimension));
        assert_eq!(quantity(of(8.0, Frequency).times(Measure::pure(1600.0))), Some((12_800.0, Frequency)));
        assert_eq!(quantity(Measure::pure(1.0).by(of(20.0, Time))), Some((50.0, Frequency)));
        assert_eq!(quantity(of(50.0, Frequency).times(of(20.0, Time))), Some((1.0, None)));
        assert_eq!(quantity(Measure::pure(2.0).by(of(50.0, Frequency))), Some((40.0, Time)));
        let rate = of(20.0, Voltage).by(of(0.1, Voltage).times(of(20.0, Time)));
        assert_eq!(quantity(rate), Some((10_000.0, Frequency)));
        let current = of(250.0, Capacitance).times(of(2.0, Voltage)).by(of(10.0, Time));
        assert_eq!(quantity(current), Some((50.0, Current)));
        assert_eq!(quantity(of(10.0, Conductance).times(of(15.0, Voltage))), Some((150.0, Current)));
        assert_eq!(quantity(of(250.0, Capacitance).by(of(12.5, Conductance))), Some((20.0, Time)));
        assert_eq!(quantity(of(1.0, Voltage).by(of(1.0, Time))), Option::None);
    }
}
