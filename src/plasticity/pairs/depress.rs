//! Depression of the synapses of one source when it spikes: `w <- clip(w - k K_j f(w))` with
//! the trace `K_j` of each target.

use super::decay::Decay;
use super::dependence::{Bounds, Dependence};
use super::postsynaptic::View;
use super::potentiate::Row;
use crate::real::Real;

/// Synapses that are changed together.
const BLOCK: usize = 16;

/// Changes every weight of a row by `gain K_j f(w)`, where the traces are read at `tick` (in the
/// time of postsynaptic spikes). The gain of a depression is negative.
pub fn depress<R: Real, D: Dependence<R>>(
    dependence: D,
    bounds: Bounds<R>,
    (gain, tick, decay): (f64, i64, Decay),
    view: &View<R>,
    row: Row<'_, R>,
) {
    let factor = R::rounded(gain * decay.over(tick - decay.centre(view.epoch)));
    let change = |weight: &mut R, trace: R| *weight = bounds.step(dependence, *weight, factor * trace);
    if row.consecutive {
        let first = row.targets.first().map_or(0, |&target| usize::from(target));
        row.weights.iter_mut().zip(&view.traces[first..]).for_each(|(weight, &trace)| change(weight, trace));
    } else {
        // Looked up apart, so that weights are changed in vectors.
        let mut traces = [R::default(); BLOCK];
        for (weights, targets) in row.weights.chunks_mut(BLOCK).zip(row.targets.chunks(BLOCK)) {
            traces.iter_mut().zip(targets).for_each(|(trace, &target)| *trace = view.traces[usize::from(target)]);
            match <&mut [R; BLOCK]>::try_from(&mut *weights) {
                Ok(weights) => weights.iter_mut().zip(&traces).for_each(|(weight, &trace)| change(weight, trace)),
                Err(_) => weights.iter_mut().zip(&traces).for_each(|(weight, &trace)| change(weight, trace)),
            }
        }
    }
}
