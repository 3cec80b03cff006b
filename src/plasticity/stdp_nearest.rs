//! Pair STDP with the two nearest-neighbour pairings in which what a spike pairs with depends on
//! the spikes of both sides (Morrison, Diesmann, Gerstner 2008, fig. 7). NEST:
//! `stdp_nn_pre_centered_synapse`, `stdp_nn_restr_synapse`.
//!
//! ```text
//! nearest_pre_centered   the first post after a pre spike pairs with all pre spikes since the post
//!                        before; a pre spike pairs with the last post before it
//! nearest_reduced        only immediate neighbours: the first post after a pre spike pairs with it;
//!                        a pre spike with the last post before it, if no pre spike is between
//! ```
//! Everything else is as in stdp.rs.

use super::on_spikes::{Segment, SpikePlasticity, SynapseSlice};
use super::pairs::decay::Decay;
use super::pairs::dependence::*;
use super::pairs::postsynaptic::{MINUS_SPAN, NEVER, PLUS_SPAN, Pairing, Postsynaptic, Spike};
use super::pairs::spike_pairs::Change;
use crate::real::Real;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Neighbours {
    PreCentred,
    Reduced,
}

/// What a rule of this kind is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct NearestRule {
    pub neighbours: Neighbours,
    pub tau_plus: f64,
    pub tau_minus: f64,
    pub up: Change,
    pub down: Change,
    pub bounds: (f64, f64),
}

/// The last presynaptic spike of a segment, and up to when postsynaptic ones were looked at.
#[derive(Debug, Clone, Copy)]
struct Source {
    last: i64,
    through: i64,
}

#[derive(Debug, Clone)]
pub(super) struct NearestStdpAtWork<R> {
    rule: NearestRule,
    plus: Decay,
    minus: Decay,
    bounds: Bounds<R>,
    sources: Vec<Source>,
    /// K_plus of each synapse just after its last presynaptic spike.
    traces: Vec<R>,
    past: Postsynaptic<R>,
    found: Vec<Spike<R>>,
}

impl<R: Real> NearestStdpAtWork<R> {
    pub fn new(rule: NearestRule, scope: &SynapseSlice) -> Self {
        let plus = Decay::new(rule.tau_plus, scope.resolution, PLUS_SPAN);
        let minus = Decay::new(rule.tau_minus, scope.resolution, MINUS_SPAN);
        Self {
            rule,
            plus,
            minus,
            bounds: Bounds::between(rule.bounds.0, rule.bounds.1),
            sources: vec![Source { last: NEVER, through: NEVER }; scope.segments],
            traces: vec![R::default(); scope.synapses],
            past: Postsynaptic::new(scope, plus, minus, Pairing::Nearest),
            found: Vec::new(),
        }
    }

    /// The first postsynaptic spike after the last presynaptic one, where there is one up to `cut`.
    fn potentiate<D: Dependence<R>>(&mut self, dependence: D, cut: i64, segment: &mut Segment<'_, R>) {
        let source = &mut self.sources[segment.index];
        let last = source.last - i64::from(segment.delay);
        let through = source.through;
        source.through = cut;
        if source.last == NEVER {
            return;
        }
        let traces = &mut self.traces[segment.first..segment.first + segment.targets.len()];
        for ((weight, &target), trace) in segment.weights.iter_mut().zip(segment.targets).zip(traces) {
            self.past.of_neuron(usize::from(target), through, cut, &mut self.found);
            let Some(post) = self.found.first().filter(|post| post.before <= last) else { continue };
            let amount = R::rounded(self.rule.up.0 * self.plus.over(post.tick - last));
            *weight = self.bounds.step(dependence, *weight, amount * *trace);
            *trace = R::default();
        }
    }

    /// The presynaptic spike.
    fn depress<D: Dependence<R>>(&mut self, dependence: D, pre: i64, segment: &mut Segment<'_, R>) {
        let cut = pre - i64::from(segment.delay);
        let last = self.sources[segment.index].last;
        let left = R::rounded(self.plus.over(pre - last));
        let view = self.past.view(segment.delay);
        let view = self.past.at(view);
        let factor = R::rounded(-self.rule.down.0 * self.minus.over(cut - self.minus.centre(view.epoch)));
        let traces = &mut self.traces[segment.first..segment.first + segment.targets.len()];
        for ((weight, &target), trace) in segment.weights.iter_mut().zip(segment.targets).zip(traces) {
            let target = usize::from(target);
            let reduced = self.rule.neighbours == Neighbours::Reduced;
            if !reduced || self.past.last_until(target, cut) > last - i64::from(segment.delay) {
                *weight = self.bounds.step(dependence, *weight, factor * view.traces[target]);
            }
            *trace = if reduced { R::from(1.0) } else { *trace * left + R::from(1.0) };
        }
        self.sources[segment.index].last = pre;
    }
}

impl<R: Real> SpikePlasticity<R> for NearestStdpAtWork<R> {
    fn on_pre(&mut self, pre: u64, mut segment: Segment<'_, R>) -> R {
        let cut = pre as i64 - i64::from(segment.delay);
        with_dependence!(self.rule.up.1, dependence => self.potentiate(dependence, cut, &mut segment));
        with_dependence!(self.rule.down.1, dependence => self.depress(dependence, pre as i64, &mut segment));
        R::from(1.0)
    }

    fn on_post(&mut self, tick: u64, neurons: &[u32]) {
        self.past.tell(tick, neurons, |_| 1.0);
    }

    fn wants_to_settle(&self, tick: u64) -> bool {
        self.past.is_long(tick)
    }

    fn settle(&mut self, mut segment: Segment<'_, R>) {
        let view = self.past.view(segment.delay);
        let cut = self.past.at(view).cut;
        with_dependence!(self.rule.up.1, dependence => self.potentiate(dependence, cut, &mut segment));
    }

    fn settled(&mut self, tick: u64) {
        self.past.shorten(tick);
    }

    fn duplicate(&self) -> Box<dyn SpikePlasticity<R>> {
        Box::new(self.clone())
    }
}
