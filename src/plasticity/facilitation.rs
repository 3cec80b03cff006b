//! Potentiation of the synapses of one source by the postsynaptic spikes since its last one:
//! for each such spike, in order of time, `w <- clip(w + k f(w))` with
//! `k = gain K_plus exp(-(s + d - last) / tau_plus) strength(s)`.
//!
//! Every amount is one product of a number that belongs to the postsynaptic spike (its kick)
//! and one that belongs to the source and the spike's epoch, so that it has the same bits
//! whenever and in whatever way it is applied.

use super::decay::Decay;
use super::dependence::{Bounds, Dependence};
use super::postsynaptic::{DEPTH, Postsynaptic, Recent, Spike, View};
use super::presynaptic::Presynaptic;
use crate::real::Real;

/// The postsynaptic spikes that are due at the synapses of a source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window<R> {
    decay: Decay,
    /// Amount at the last presynaptic spike.
    amount: f64,
    /// That spike, less the delay: in the time of postsynaptic spikes.
    last: i64,
    /// Spikes after `through` up to `cut` are due.
    through: i64,
    cut: i64,
    /// The first tick of the epoch of `cut`.
    border: i64,
    /// What multiplies kicks of this epoch, and of the one before.
    now: R,
    before: R,
}

impl<R: Real> Window<R> {
    /// What is due up to `cut` at the synapses of `source`, if anything can be; `gain` is the
    /// potentiation by one pair without delay.
    pub fn new(source: &Presynaptic, delay: u32, cut: i64, decay: Decay, gain: f64) -> Option<Self> {
        let last = source.last? - i64::from(delay);
        let epoch = decay.epoch(cut);
        let amount = gain * source.trace;
        let border = decay.start(epoch);
        let (now, before) = (R::default(), R::default());
        let window = Self { decay, amount, last, through: source.through, cut, border, now, before };
        (cut > source.through).then(|| Self { now: window.factor(epoch), before: window.factor(epoch - 1), ..window })
    }

    /// What multiplies kicks of an epoch.
    fn factor(&self, epoch: i64) -> R {
        R::rounded(self.amount * self.decay.over(self.decay.centre(epoch) - self.last))
    }

    /// The amount of one spike.
    fn amount(&self, spike: &Spike<R>) -> R {
        spike.kick * self.factor(self.decay.epoch(spike.tick))
    }

    /// Whether some of the spikes are of the epoch before that of the last.
    fn crosses(&self) -> bool {
        self.through + 1 < self.border
    }

    /// Whether some of the spikes may be older than that.
    fn reaches_far(&self) -> bool {
        self.decay.epoch(self.through + 1) < self.decay.epoch(self.cut) - 1
    }
}

/// Synapses to bring up to date.
pub(super) struct Row<'a, R> {
    pub targets: &'a [u16],
    pub weights: &'a mut [R],
    pub consecutive: bool,
}

/// Applies what is due.
pub(super) fn facilitate<R: Real, D: Dependence<R>>(
    dependence: D,
    bounds: Bounds<R>,
    window: &Window<R>,
    (past, view): (&Postsynaptic<R>, &View<R>),
    row: Row<'_, R>,
) {
    let change = Change { dependence, bounds, window };
    if row.consecutive {
        change.by_spikes(past, row);
    } else if window.reaches_far() {
        change.by_log(past, row);
    } else if window.crosses() {
        change.by_lists::<true>(past, view, row);
    } else {
        change.by_lists::<false>(past, view, row);
    }
}

struct Change<'w, R, D> {
    dependence: D,
    bounds: Bounds<R>,
    window: &'w Window<R>,
}

impl<R: Real, D: Dependence<R>> Change<'_, R, D> {
    /// Synapse by synapse, with the lists of recent spikes of their targets.
    fn by_lists<const CROSSING: bool>(&self, past: &Postsynaptic<R>, view: &View<R>, row: Row<'_, R>) {
        let through = self.window.through as u32;
        let mut found = Vec::new();
        for (weight, &target) in row.weights.iter_mut().zip(row.targets) {
            let target = usize::from(target);
            let recent = &view.recent[target];
            let mut changed = *weight;
            if is_after(recent.ticks[DEPTH - 1], through) {
                let older = &view.older[target];
                if is_after(older.ticks[DEPTH - 1], through) {
                    *weight = self.replay(past, target, &mut found, changed);
                    continue;
                }
                changed = self.apply::<CROSSING>(older, changed);
            }
            *weight = self.apply::<CROSSING>(recent, changed);
        }
    }

    /// The spikes of one list, in order of time.
    #[inline(always)]
    fn apply<const CROSSING: bool>(&self, recent: &Recent<R>, mut weight: R) -> R {
        let window = self.window;
        for (&tick, &kick) in recent.ticks.iter().zip(&recent.kicks).rev() {
            let due = is_after(tick, window.through as u32);
            let early = CROSSING && (tick.wrapping_sub(window.border as u32) as i32) < 0;
            let factor = if early { window.before } else { window.now };
            if D::CHEAP {
                let amount = if due { kick * factor } else { R::default() };
                weight = self.bounds.step(self.dependence, weight, amount);
            } else if due {
                weight = self.bounds.step(self.dependence, weight, kick * factor);
            }
        }
        weight
    }

    /// Synapse by synapse, with the whole log.
    fn by_log(&self, past: &Postsynaptic<R>, row: Row<'_, R>) {
        let mut found = Vec::new();
        for (weight, &target) in row.weights.iter_mut().zip(row.targets) {
            *weight = self.replay(past, usize::from(target), &mut found, *weight);
        }
    }

    /// All spikes of one target, from the log.
    #[cold]
    fn replay(&self, past: &Postsynaptic<R>, target: usize, found: &mut Vec<Spike<R>>, weight: R) -> R {
        past.of_neuron(target, self.window.through, self.window.cut, found);
        let step = |weight, spike: &Spike<R>| self.bounds.step(self.dependence, weight, self.window.amount(spike));
        found.iter().fold(weight, step)
    }

    /// Spike by spike: only synapses whose target spiked are touched.
    fn by_spikes(&self, past: &Postsynaptic<R>, row: Row<'_, R>) {
        let first = row.targets.first().map_or(0, |&target| u32::from(target));
        let (mut epoch, mut factor) = (i64::MIN, R::default());
        for spike in past.between(self.window.through, self.window.cut) {
            if self.window.decay.epoch(spike.tick) != epoch {
                epoch = self.window.decay.epoch(spike.tick);
                factor = self.window.factor(epoch);
            }
            if let Some(weight) = row.weights.get_mut(spike.neuron.wrapping_sub(first) as usize) {
                *weight = self.bounds.step(self.dependence, *weight, spike.kick * factor);
            }
        }
    }
}

/// Whether a tick is after another, both in 32 bits.
#[inline(always)]
fn is_after(tick: u32, other: u32) -> bool {
    (tick.wrapping_sub(other) as i32) > 0
}
