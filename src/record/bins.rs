//! Equal stretches of time, in whole ticks: bin k holds `width` places from `start + k * width` on.
//! The place of a spike at tick t is t - 1: a tick ends a stretch of time, and a run begins with tick 1.

use crate::time::Resolution;

/// Where a run is among bins.
#[derive(Debug, Clone)]
pub(super) struct Bins {
    start: u64,
    width: u64,
    passed: u64,
}

impl Bins {
    /// Bins of about `ms`, at least one tick, from place `start` on.
    pub fn new(ms: f64, resolution: Resolution, start: u64) -> Self {
        Self { start, width: ticks_of(ms, resolution), passed: 0 }
    }

    /// How many more bins are over when `place` begins.
    pub fn pass(&mut self, place: u64) -> u64 {
        let over = place.saturating_sub(self.start) / self.width;
        let more = over.saturating_sub(self.passed);
        self.passed += more;
        more
    }

    /// Bins that are over.
    pub fn passed(&self) -> u64 {
        self.passed
    }

    /// Ticks of a bin.
    pub fn width(&self) -> u64 {
        self.width
    }
}

/// About `ms`, as a whole number of ticks and at least one.
pub(super) fn ticks_of(ms: f64, resolution: Resolution) -> u64 {
    resolution.nearest(ms).0.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_over_once() {
        let mut bins = Bins::new(0.3, Resolution::from_ms(0.1).unwrap(), 10);
        let passed: Vec<u64> = [0, 10, 12, 13, 13, 22, 25].into_iter().map(|place| bins.pass(place)).collect();
        assert_eq!(passed, [0, 0, 0, 1, 0, 3, 1]);
        assert_eq!((bins.passed(), bins.width(), ticks_of(0.01, Resolution::from_ms(0.1).unwrap())), (5, 3, 1));
    }
}
