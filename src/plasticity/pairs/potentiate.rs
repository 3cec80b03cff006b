//! Potentiation of the synapses of one source by the postsynaptic spikes since its last one:
//! for each such spike, in order of time, `w <- clip(w + k f(w))` with
//! `k = gain K_plus exp(-(s + d - last) / tau_plus) strength(s)`.
//!
//! Every amount is one product of a number that belongs to the postsynaptic spike (its kick)
//! and one that belongs to the source and the spike's epoch, so that it has the same bits
//! whenever and in whatever way it is applied.

use super::decay::Decay;
use super::dependence::{Bounds, Cost, Dependence};
use super::postsynaptic::{DEPTH, Postsynaptic, Recent, Spike};
use super::presynaptic::Presynaptic;
use crate::real::Real;

/// The postsynaptic spikes that are due at the synapses of a source.
#[derive(Debug, Clone, Copy)]
pub struct Window<R> {
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
        let factor = if spike.tick >= self.border { self.now } else { self.factor(self.decay.epoch(spike.tick)) };
        spike.kick * factor
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
pub struct Row<'a, R> {
    pub targets: &'a [u16],
    pub weights: &'a mut [R],
    pub consecutive: bool,
}

/// Applies what is due.
pub fn facilitate<R: Real, D: Dependence<R>>(
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

/// Synapses that are looked up together before they are changed.
const BLOCK: usize = 16;

/// Rows for columns.
#[inline(always)]
fn transposed<R: Real>([a, b, c, d]: &[[R; 4]; 4]) -> [[R; 4]; 4] {
    [[a[0], b[0], c[0], d[0]], [a[1], b[1], c[1], d[1]], [a[2], b[2], c[2], d[2]], [a[3], b[3], c[3], d[3]]]
}

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
                let [recent, before] = &self.past.recent[usize::from(target)].0;
                *amounts = self.amounts::<CROSSING>(recent);
                if self.is_late(recent) {
                    if self.is_late(before) {
                        self.older::<CROSSING>(usize::from(target), weight, amounts);
                    } else {
                        self.apply_list::<CROSSING>(before, weight);
                    }
                }
            }
            let (quads, rest) = weights.as_chunks_mut::<DEPTH>();
            for (quad, amounts) in quads.iter_mut().zip(amounts.as_chunks::<DEPTH>().0) {
                self.apply(&transposed(amounts), quad);
            }
            for (weight, amounts) in rest.iter_mut().rev().zip(amounts[..targets.len()].iter().rev()) {
                self.apply(&amounts.map(|amount| [amount]), std::array::from_mut(weight));
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

    /// Changes weights by the amounts of their lists, in order of time.
    #[inline(always)]
    fn apply<const N: usize>(&self, amounts: &[[R; N]; DEPTH], weights: &mut [R; N]) {
        for amounts in amounts.iter().rev() {
            if D::COST != Cost::Little && amounts.iter().all(|&amount| amount == R::default()) {
                continue;
            }
            for (weight, &amount) in weights.iter_mut().zip(amounts) {
                if D::COST != Cost::Much || amount != R::default() {
                    *weight = self.bounds.step(self.dependence, *weight, amount);
                }
            }
        }
    }

    /// Changes the weight by the spikes of a list that are due.
    #[inline(always)]
    fn apply_list<const CROSSING: bool>(&self, list: &Recent<R>, weight: &mut R) {
        self.apply(&self.amounts::<CROSSING>(list).map(|amount| [amount]), std::array::from_mut(weight));
    }

    /// The spikes before those of the first list. When they are too many for lists, all is done
    /// here and no `amounts` are left.
    #[cold]
    #[inline(never)]
    fn older<const CROSSING: bool>(&self, target: usize, weight: &mut R, amounts: &mut [R; DEPTH]) {
        let [before, older, oldest] =
            [&self.past.recent[target].0[1], &self.past.older[target].0[0], &self.past.older[target].0[1]];
        if self.is_late(oldest) {
            *weight = self.replay(target, &mut Vec::new(), *weight);
            *amounts = [R::default(); DEPTH];
        } else {
            [oldest, older, before].into_iter().for_each(|list| self.apply_list::<CROSSING>(list, weight));
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
        let decay = self.window.decay;
        let (mut border, mut factor) = (i64::MIN, R::default());
        for spike in self.past.between(self.window.through, self.window.cut) {
            if spike.tick >= border {
                let epoch = decay.epoch(spike.tick);
                (border, factor) = (decay.start(epoch + 1), self.window.factor(epoch));
            }
            if let Some(weight) = row.weights.get_mut(spike.neuron.wrapping_sub(first) as usize) {
                *weight = self.bounds.step(self.dependence, *weight, spike.kick * factor);
            }
        }
    }
}
