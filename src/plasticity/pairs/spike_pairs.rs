//! Weight changes by pairs of spikes (STDP): what the rules of the family share.

use super::super::on_spikes::{Segment, SynapseSlice};
use super::decay::Decay;
use super::dependence::*;
use super::depress::depress;
use super::postsynaptic::{MINUS_SPAN, PLUS_SPAN, Pairing, Postsynaptic};
use super::potentiate::{Row, Window, facilitate};
use super::presynaptic::Presynaptic;
use crate::real::Real;

/// A change by one pair of coincident spikes without the factor that depends on the weight, and
/// that factor.
pub type Change = (f64, Branch);

/// The traces of both sides, and how weights are changed by them.
#[derive(Debug, Clone)]
pub struct SpikePairs<R> {
    pub plus: Decay,
    minus: Decay,
    pairing: Pairing,
    bounds: Bounds<R>,
    pub sources: Vec<Presynaptic>,
    pub past: Postsynaptic<R>,
}

impl<R: Real> SpikePairs<R> {
    /// With time constants of potentiation and depression in ms.
    pub fn new(scope: &SynapseSlice, (plus, minus): (f64, f64), pairing: Pairing, bounds: Bounds<R>) -> Self {
        let plus = Decay::new(plus, scope.resolution, PLUS_SPAN);
        let minus = Decay::new(minus, scope.resolution, MINUS_SPAN);
        Self {
            plus,
            minus,
            pairing,
            bounds,
            sources: vec![Presynaptic::SILENT; scope.segments],
            past: Postsynaptic::new(scope, plus, minus, pairing),
        }
    }

    /// A presynaptic spike arrives: `up` for each postsynaptic spike since the last one, then `down`.
    pub fn arrive(&mut self, pre: u64, segment: &mut Segment<'_, R>, up: Change, (gain, branch): Change) {
        let view = self.past.view(segment.delay);
        let cut = pre as i64 - i64::from(segment.delay);
        debug_assert_eq!(cut, self.past.at(view).cut, "postsynaptic spikes are told at every tick before arrivals");
        self.potentiate(cut, segment, up);
        let by = (-gain, cut, self.minus);
        let (row, view) = (row(&mut self.sources, segment), self.past.at(view));
        with_dependence!(branch, dependence => depress(dependence, self.bounds, by, view, row));
        self.sources[segment.index].fire(pre as i64, cut, self.plus, self.pairing == Pairing::All);
    }

    /// All that has reached the synapses of a segment.
    pub fn settle(&mut self, segment: &mut Segment<'_, R>, up: Change) {
        let view = self.past.view(segment.delay);
        self.potentiate(self.past.at(view).cut, segment, up);
    }

    /// The postsynaptic spikes up to `cut`.
    fn potentiate(&mut self, cut: i64, segment: &mut Segment<'_, R>, (gain, branch): Change) {
        let source = &self.sources[segment.index];
        let Some(window) = Window::new(source, segment.delay, cut, self.plus, gain) else { return };
        let row = row(&mut self.sources, segment);
        with_dependence!(branch, dependence => facilitate(dependence, self.bounds, &window, &self.past, row));
        self.sources[segment.index].through = cut;
    }
}

/// The synapses of a segment.
fn row<'s, R>(sources: &mut [Presynaptic], segment: &'s mut Segment<'_, R>) -> Row<'s, R> {
    let consecutive = sources[segment.index].consecutive(segment.targets);
    Row { targets: segment.targets, weights: segment.weights, consecutive }
}
