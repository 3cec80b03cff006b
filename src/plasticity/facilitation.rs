//! Potentiation of the synapses of one source by the postsynaptic spikes since its last one:
//! for each such spike, in order of time, `w <- clip(w + k f(w))` with
//! `k = gain K_plus exp(-(s + d - last) / tau_plus) strength(s)`.
//!
//! Every amount is one product of a number that belongs to the postsynaptic spike (its kick)
//! and one that belongs to the source and the spike's epoch, so that it has the same bits
//! whenever and in whatever way it is applied.

use super::decay::Decay;
use super::dependence::{Bounds, Dependence};
use super::postsynaptic::{DEPTH, OLDER, Postsynaptic, Recent, Spike};
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
    pub fn amount(&self, spike: &Spike<R>) -> R {
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
    past: &Postsynaptic<R>,
    row: Row<'_, R>,
) {
    let change = Change { dependence, bounds, window, past };
    if row.consecutive {
        change.by_spikes(row);
    } else if window.reaches_far() {
        change.by_log(row);
    } else if window.crosses() {
        change.by_lists::<true>(row);
    } else {
        change.by_lists::<false>(row);
    }
}

/// Synapses that are changed together, in vectors.
const BLOCK: usize = 16;

struct Change<'w, R, D> {
    dependence: D,
    bounds: Bounds<R>,
    window: &'w Window<R>,
    past: &'w Postsynaptic<R>,
}

impl<R: Real, D: Dependence<R>> Change<'_, R, D> {
    /// Synapse by synapse, with the lists of recent spikes of their targets.
    fn by_lists<const CROSSING: bool>(&self, row: Row<'_, R>) {
        let mut amounts = [[R::default(); DEPTH]; BLOCK];
        for (weights, targets) in row.weights.chunks_mut(BLOCK).zip(row.targets.chunks(BLOCK)) {
            for ((weight, &target), amounts) in weights.iter_mut().zip(targets).zip(&mut amounts) {
                let recent = &self.past.recent[usize::from(target)];
                *amounts = self.amounts::<CROSSING>(recent);
                if self.is_late(recent) {
                    self.older::<CROSSING>(usize::from(target), weight, amounts);
                }
            }
            match <&mut [R; BLOCK]>::try_from(&mut *weights) {
                Ok(weights) => {
                    weights.iter_mut().zip(&amounts).for_each(|(weight, amounts)| self.apply(amounts, weight))
                }
                Err(_) => weights.iter_mut().zip(&amounts).for_each(|(weight, amounts)| self.apply(amounts, weight)),
            }
        }
    }

    /// What each spike of a list adds: nothing when it is not due.
    #[inline(always)]
    fn amounts<const CROSSING: bool>(&self, recent: &Recent<R>) -> [R; DEPTH] {
        let window = self.window;
        // With this offset signed comparisons tell whether a tick is after `through` and up to `cut`.
        let first = (window.through + 1 + (1 << 31)) as u32;
        let end = (window.cut + 1) as u32;
        let mut amounts = [R::default(); DEPTH];
        for (amount, (&tick, &kick)) in amounts.iter_mut().zip(recent.ticks.iter().zip(&recent.kicks)) {
            let due = (tick.wrapping_sub(first) as i32) < (end.wrapping_sub(first) as i32);
            let early = CROSSING && (tick.wrapping_sub(window.border as u32) as i32) < 0;
            *amount = (kick * window.now).kept_if(due && !early);
            if CROSSING {
                *amount += (kick * window.before).kept_if(due && early);
            }
        }
        amounts
    }

    /// Whether even the first spike of a list is after `through`, so that more may be due.
    #[inline(always)]
    fn is_late(&self, recent: &Recent<R>) -> bool {
        (recent.ticks[DEPTH - 1].wrapping_sub(self.window.through as u32) as i32) > 0
    }

    /// Changes the weight by the amounts of a list, in order of time.
    #[inline(always)]
    fn apply(&self, amounts: &[R; DEPTH], weight: &mut R) {
        for &amount in amounts.iter().rev() {
            if D::CHEAP || amount != R::default() {
                *weight = self.bounds.step(self.dependence, *weight, amount);
            }
        }
    }

    /// The spikes before those of the list. When they are too many for lists, all is done here
    /// and no `amounts` are left.
    #[cold]
    fn older<const CROSSING: bool>(&self, target: usize, weight: &mut R, amounts: &mut [R; DEPTH]) {
        let lists = &self.past.older[target];
        let late = lists.iter().take_while(|list| self.is_late(list)).count();
        if late == OLDER {
            *weight = self.replay(target, &mut Vec::new(), *weight);
            *amounts = [R::default(); DEPTH];
            return;
        }
        for list in lists[..=late].iter().rev() {
            self.apply(&self.amounts::<CROSSING>(list), weight);
        }
    }

    /// Synapse by synapse, with the whole log.
    fn by_log(&self, row: Row<'_, R>) {
        let mut found = Vec::new();
        for (weight, &target) in row.weights.iter_mut().zip(row.targets) {
            *weight = self.replay(usize::from(target), &mut found, *weight);
        }
    }

    /// All spikes of one target, from the log.
    fn replay(&self, target: usize, found: &mut Vec<Spike<R>>, weight: R) -> R {
        self.past.of_neuron(target, self.window.through, self.window.cut, found);
        let step = |weight, spike: &Spike<R>| self.bounds.step(self.dependence, weight, self.window.amount(spike));
        found.iter().fold(weight, step)
    }

    /// Spike by spike: only synapses whose target spiked are touched.
    fn by_spikes(&self, row: Row<'_, R>) {
        let first = row.targets.first().map_or(0, |&target| u32::from(target));
        let (mut epoch, mut factor) = (i64::MIN, R::default());
        for spike in self.past.between(self.window.through, self.window.cut) {
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
