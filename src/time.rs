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
            Self::NotATime(ms) => write!(f, "{} ms is not a time", short(*ms)),
            Self::BadResolution(ms) => {
                let ms = short(*ms);
                write!(f, "a resolution of {ms} ms is not at least 1 us and a whole number of nanoseconds")
            }
            Self::OffGrid { ms, nearest_ms } => {
                write!(f, "{ms} ms is not a whole number of ticks; the nearest is {nearest_ms} ms")
            }
            Self::TooLong { ms, longest_ms } => {
                let ms = short(*ms);
                write!(f, "{ms} ms is too long; with this resolution a time has at most {longest_ms} ms")
            }
        }
    }
}

impl std::error::Error for TimeError {}

/// A number of at most 16 digits, or with an exponent.
fn short(number: f64) -> String {
    if number.abs() < 1e16 { number.to_string() } else { format!("{number:e}") }
}

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

    /// The tick nearest to `ms`, which is 0 or above; half-way (to 1e-6 of a tick, whatever the binary form of
    /// the numbers) it is the later one. The last tick there is for times beyond all ticks.
    pub fn nearest(self, ms: f64) -> Tick {
        let exact = ms * 1e6 / self.nanoseconds as f64;
        Tick((exact + 0.5 + 1e-6_f64.max(4.0 * f64::EPSILON * exact.abs())).floor() as u64)
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
    fn long_times_are_told_in_few_digits() {
        let told = Resolution::from_ms(0.1).unwrap().ticks(1e303).unwrap_err().to_string();
        assert!(told.starts_with("1e303 ms is too long"), "{told}");
        assert!(Resolution::from_ms(1e300).unwrap_err().to_string().contains("of 1e300 ms"));
    }

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
    fn half_way_between_two_ticks_is_the_later_one() {
        for h in [0.1, 0.2, 0.3, 0.7, 1.0] {
            let resolution = Resolution::from_ms(h).unwrap();
            for k in 0..2000u64 {
                let near = |share: f64| resolution.nearest((k as f64 + share) * h).0;
                assert_eq!([near(0.0), near(0.4999), near(0.5), near(0.5001)], [k, k, k + 1, k + 1], "{k} * {h}");
                // The same half as it is written, and as a difference.
                let written: f64 = format!("{:.3}", (k as f64 + 0.5) * h).parse().unwrap();
                assert_eq!(
                    [resolution.nearest(written).0, resolution.nearest((k + 1) as f64 * h - 0.5 * h).0],
                    [k + 1; 2]
                );
            }
        }
        assert_eq!(Resolution::from_ms(0.1).unwrap().nearest(f64::INFINITY), Tick(u64::MAX));
    }

    #[test]
    fn a_resolution_below_a_microsecond_is_refused() {
        assert!(Resolution::from_ms(0.001).is_ok());
        assert!(Resolution::from_ms(0.0005).is_err());
        assert!(Resolution::from_ms(f64::NAN).is_err());
    }
}
