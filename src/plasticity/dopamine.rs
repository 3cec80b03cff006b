//! The concentration of a neuromodulator, and what it does to a synapse between two events
//! (equations in dopamine_stdp.rs).

use crate::time::Resolution;

/// Modulating spikes that may be kept before it is wished to forget some.
const LONGEST: usize = 4096;

/// What happens from one event to the next: the eligibility is multiplied by `decay`, and the
/// weight grows by `gain` times the eligibility at the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Stretch {
    pub gain: f64,
    pub decay: f64,
}

/// One modulating spike where synapses see it.
#[derive(Debug, Clone, Copy)]
struct Spike {
    tick: i64,
    /// The concentration just after it.
    after: f64,
    /// The last stretch that ended before it and began after the spike before: where it began,
    /// and where it ended.
    known: (i64, i64, Stretch),
}

/// The concentration of a neuromodulator over time.
#[derive(Debug, Clone)]
pub(super) struct Dopamine {
    /// Decay per tick of the eligibility and of the concentration; the baseline; ms per tick.
    tau_c: f64,
    tau_n: f64,
    baseline: f64,
    step: f64,
    delay: i64,
    /// One before the beginning of time, then all that were told and not forgotten; the last
    /// is one that never comes.
    spikes: Vec<Spike>,
}

/// No stretch is known yet.
const UNKNOWN: (i64, i64, Stretch) = (i64::MIN, i64::MIN, Stretch { gain: 0.0, decay: 0.0 });

impl Dopamine {
    /// None yet. Times in ms, the delay in ticks.
    pub fn new((tau_c, tau_n, baseline): (f64, f64, f64), delay: i64, resolution: Resolution) -> Self {
        let spike = |tick| Spike { tick, after: 0.0, known: UNKNOWN };
        Self { tau_c, tau_n, baseline, step: resolution.ms(), delay, spikes: vec![spike(i64::MIN), spike(i64::MAX)] }
    }

    /// So many spikes were fired at `tick`.
    pub fn tell(&mut self, tick: i64, spikes: usize) {
        let tick = tick + self.delay;
        let never = self.spikes.len() - 1;
        let after = self.concentration(never, tick) + spikes as f64 / self.tau_n;
        if self.spikes[never - 1].tick == tick {
            self.spikes[never - 1].after = after;
        } else {
            self.spikes.insert(never, Spike { tick, after, known: UNKNOWN });
            self.spikes[never + 1].known = UNKNOWN;
        }
    }

    /// The concentration at `tick`, after all spikes before number `next`.
    fn concentration(&self, next: usize, tick: i64) -> f64 {
        let last = &self.spikes[next - 1];
        if last.after == 0.0 { 0.0 } else { last.after * (-((tick - last.tick) as f64) * self.step / self.tau_n).exp() }
    }

    /// The number of the first spike after `tick`.
    #[inline]
    pub fn after(&self, tick: i64) -> usize {
        self.spikes.partition_point(|spike| spike.tick <= tick)
    }

    /// When a spike reaches synapses; `None` for the one that never comes.
    #[inline]
    pub fn spike(&self, number: usize) -> Option<i64> {
        Some(self.spikes[number].tick).filter(|&tick| tick != i64::MAX)
    }

    /// From `start` to `end`, both after all spikes before number `next` and not after that one.
    #[inline]
    pub fn stretch(&mut self, next: usize, start: i64, end: i64) -> Stretch {
        let (known_start, known_end, known) = self.spikes[next].known;
        if (known_start, known_end) == (start, end) {
            return known;
        }
        let stretch = self.integrate(self.concentration(next, start), (end - start) as f64 * self.step);
        self.spikes[next].known = (start, end, stretch);
        stretch
    }

    fn integrate(&self, concentration: f64, time: f64) -> Stretch {
        let tau = self.tau_c * self.tau_n / (self.tau_c + self.tau_n);
        let dopamine = -concentration * tau * (-time / tau).exp_m1();
        let baseline = -self.baseline * self.tau_c * (-time / self.tau_c).exp_m1();
        Stretch { gain: dopamine - baseline, decay: (-time / self.tau_c).exp() }
    }

    /// Whether many spikes are kept.
    pub fn is_long(&self) -> bool {
        self.spikes.len() > LONGEST
    }

    /// Forgets what synapses no longer need that have passed all spikes up to `tick`.
    pub fn shorten(&mut self, tick: i64) {
        let needed = self.after(tick) - 1;
        self.spikes.drain(..needed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_the_integral_of_eligibility_times_dopamine_above_baseline() {
        let mut dopamine = Dopamine::new((100.0, 30.0, 0.01), 5, Resolution::from_ms(0.1).unwrap());
        dopamine.tell(10, 1);
        dopamine.tell(10, 1);
        assert_eq!(
            (dopamine.after(14), dopamine.after(15), dopamine.spike(1), dopamine.spike(2)),
            (1, 2, Some(15), None)
        );
        let stretch = dopamine.stretch(2, 40, 540);
        let (mut weight, mut eligibility, mut n) = (0.0, 1.0, 2.0 / 30.0 * (-2.5f64 / 30.0).exp());
        for _ in 0..500_000 {
            let dt = 50.0 / 500_000.0;
            weight += dt * eligibility * (n - 0.01);
            eligibility -= dt * eligibility / 100.0;
            n -= dt * n / 30.0;
        }
        assert!((stretch.gain - weight).abs() < 1e-4 && (stretch.decay - eligibility).abs() < 1e-6);
        assert_eq!(dopamine.stretch(2, 40, 540), stretch);
    }
}
