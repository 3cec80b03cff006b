//! Integer time. A [`Tick`] is a point on the grid of a simulation, a
//! [`Resolution`] says how long one tick is. Floating-point time exists only
//! where numbers enter (files) and leave (files, figures), so events never tie
//! or miss each other by rounding.

/// A point in time, counted in ticks from the start of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Tick(pub u64);

/// The length of one tick, in whole nanoseconds (1 us and up).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolution {
    nanoseconds: u64,
}

/// Why a time cannot be written in ticks.
#[derive(Debug, Clone, PartialEq)]
pub enum TimeError {
    /// Negative, infinite or not a number.
    NotATime(f64),
    /// A resolution under 1 us or not a whole number of nanoseconds.
    BadResolution(f64),
    /// Not a whole number of ticks; holds the time and the nearest time that is, both in ms.
    OffGrid { ms: f64, nearest_ms: f64 },
    /// More ticks than are counted exactly.
    TooLong { ms: f64, longest_ms: f64 },
}

/// The most ticks that a time may have: as far as doubles count.
const MOST: f64 = 9_007_199_254_740_992.0;

impl std::fmt::Display for TimeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotATime(ms) => write!(f, "{ms} ms is not a time"),
            Self::BadResolution(ms) => {
                write!(f, "a resolution of {ms} ms is not at least 1 us and a whole number of nanoseconds")
            }
            Self::OffGrid { ms, nearest_ms } => {
                write!(f, "{ms} ms is not a whole number of ticks; the nearest is {nearest_ms} ms")
            }
            Self::TooLong { ms, longest_ms } => {
                write!(f, "{ms} ms is too long; with this resolution a time has at most {longest_ms} ms")
            }
        }
    }
}

impl std::error::Error for TimeError {}

impl Resolution {
    /// A resolution of `ms` milliseconds.
    ///
    /// # Errors
    /// [`TimeError::BadResolution`] under 1 us or off the nanosecond grid.
    pub fn from_ms(ms: f64) -> Result<Self, TimeError> {
        let ns = ms * 1e6;
        let whole = ns.round();
        if !(1e3..=1e15).contains(&whole) || (ns - whole).abs() > 1e-3 {
            return Err(TimeError::BadResolution(ms));
        }
        Ok(Self { nanoseconds: whole as u64 })
    }

    /// The length of one tick in ms.
    pub fn ms(self) -> f64 {
        self.nanoseconds as f64 / 1e6
    }

    /// The length of one tick in seconds.
    pub fn seconds(self) -> f64 {
        self.nanoseconds as f64 / 1e9
    }

    /// A duration of `ms` milliseconds as a number of ticks.
    ///
    /// # Errors
    /// [`TimeError::OffGrid`] when it is not a whole number of ticks (to 1e-6 of a tick),
    /// [`TimeError::TooLong`] when there are more than 2^53 of them.
    pub fn ticks(self, ms: f64) -> Result<u64, TimeError> {
        if !ms.is_finite() || ms < 0.0 {
            return Err(TimeError::NotATime(ms));
        }
        let exact = ms * 1e6 / self.nanoseconds as f64;
        if exact > MOST {
            return Err(TimeError::TooLong { ms, longest_ms: self.to_ms(Tick(MOST as u64)) });
        }
        let whole = exact.round();
        // Beyond 2^32 ticks the doubles themselves are coarser than 1e-6 of a tick.
        if (exact - whole).abs() > 1e-6_f64.max(4.0 * f64::EPSILON * exact) {
            return Err(TimeError::OffGrid { ms, nearest_ms: self.to_ms(Tick(whole as u64)) });
        }
        Ok(whole as u64)
    }

    /// When `tick` is, in ms.
    pub fn to_ms(self, tick: Tick) -> f64 {
        (tick.0 as f64 * self.nanoseconds as f64) / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grid_times_are_exact_and_others_are_refused() {
        let h = Resolution::from_ms(0.1).unwrap();
        assert_eq!(h.ticks(1.5), Ok(15));
        assert_eq!(h.ticks(1e7), Ok(100_000_000));
        assert!(matches!(h.ticks(1.55), Err(TimeError::OffGrid { .. })));
        assert!(matches!(h.ticks(1e6 + 0.05), Err(TimeError::OffGrid { .. })));
        assert!(matches!(h.ticks(-1.0), Err(TimeError::NotATime(_))));
        assert!(matches!(h.ticks(1e33), Err(TimeError::TooLong { .. })));
        assert_eq!(h.to_ms(Tick(15)), 1.5);
    }

    #[test]
    fn a_resolution_below_a_microsecond_is_refused() {
        assert!(Resolution::from_ms(0.001).is_ok());
        assert!(Resolution::from_ms(0.0005).is_err());
        assert!(Resolution::from_ms(f64::NAN).is_err());
    }
}
