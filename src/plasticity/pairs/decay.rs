//! Exponential decay over whole ticks.
//!
//! A trace that is read at many times need not be written at each: it is kept relative to the
//! centre of an epoch, and who reads it multiplies by the decay since then,
//! `K(t) = K_epoch exp(-(t - centre) h / tau)`. Epochs are fixed stretches of time, so that
//! results do not depend on who reads when, and short enough for f32.

use crate::time::Resolution;

/// The decay of one time constant, on the grid of a simulation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decay {
    /// Share of a time constant per tick.
    per_tick: f64,
    /// Ticks of an epoch.
    epoch: i64,
}

impl Decay {
    /// With a time constant of `tau` ms, and epochs of `span` time constants.
    pub fn new(tau: f64, resolution: Resolution, span: f64) -> Self {
        // Nothing is left after a tick of a thousand time constants.
        let per_tick = (resolution.ms() / tau).min(1e3);
        Self { per_tick, epoch: ((span / per_tick) as i64).clamp(1, 1 << 40) }
    }

    /// What is left after `ticks`; more than 1 when they are negative.
    #[inline]
    pub fn over(self, ticks: i64) -> f64 {
        (-(ticks as f64) * self.per_tick).exp()
    }

    /// The epoch that holds `tick`.
    #[inline]
    pub fn epoch(self, tick: i64) -> i64 {
        tick.div_euclid(self.epoch)
    }

    /// The first tick of an epoch.
    #[inline]
    pub fn start(self, epoch: i64) -> i64 {
        epoch * self.epoch
    }

    /// The tick that an epoch's traces are relative to.
    #[inline]
    pub fn centre(self, epoch: i64) -> i64 {
        self.start(epoch) + self.epoch / 2
    }

    /// What is left over one epoch.
    pub fn over_epoch(self) -> f64 {
        self.over(self.epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_kept_by_epochs_decays_as_one_written_every_tick() {
        let decay = Decay::new(20.0, Resolution::from_ms(0.1).unwrap(), 64.0);
        for (spike, read) in [(-3, 0), (0, 7), (12_000, 13_700), (12_800, 12_800), (12_799, 12_801)] {
            let epoch = decay.epoch(spike);
            assert!((decay.start(epoch)..decay.start(epoch + 1)).contains(&spike));
            let kept = decay.over(decay.centre(epoch) - spike) as f32;
            let kept = f64::from(kept) * decay.over_epoch();
            let seen = kept * decay.over(read - decay.centre(epoch + 1));
            let exact = (-((read - spike) as f64) * 0.005).exp();
            assert!((seen / exact - 1.0).abs() < 1e-6, "{spike} {read}: {seen} {exact}");
        }
    }
}
