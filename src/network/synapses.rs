//! The synapses of a projection, drawn row after row while a simulation is set up, so that
//! no list of them need be in memory. Rows are keyed by (seed, projection, row): they can be
//! drawn in any order, by any thread.

use crate::error::{Error, Result};
use crate::id::ProjectionId;
use crate::model::{DelaySpec, Model, WeightSpec};
use crate::random::{Purpose, Stream};
use crate::topology::{Ends, Plan};

/// The synapses of one source: one entry per synapse in each list that is not empty.
#[derive(Debug, Clone, Default)]
pub struct Row {
    pub targets: Vec<u32>,
    /// Empty when all synapses of the projection have [`Synapses::constant_weight`].
    pub weights: Vec<f64>,
    /// In ticks, at least 1. Empty when all have [`Synapses::constant_delay`].
    pub delays: Vec<u32>,
}

/// The synapses of a projection of a model, as its seed gives them.
pub struct Synapses<'m> {
    model: &'m Model,
    projection: usize,
    seed: u64,
    plan: Plan,
    targets: u32,
    /// Weights that were learned or read, source after source; only for all-to-all.
    stored: Option<&'m [f32]>,
}

impl<'m> Synapses<'m> {
    /// The synapses of `projection`; `stored` are weights in place of the drawn ones (sources x
    /// targets, of an all-to-all projection).
    ///
    /// # Errors
    /// [`Error::Run`] when the topology does not fit its populations, [`Error::Data`] when a file
    /// that it names is wrong.
    pub fn new(model: &'m Model, projection: ProjectionId, seed: u64, stored: Option<&'m [f32]>) -> Result<Self> {
        let spec = &model.projections[projection.0];
        let [source, target] = [spec.source, spec.target].map(|id| &model.populations[id.0].shape[..]);
        let ends = Ends { source, target, same: spec.source == spec.target };
        let mut stream = Stream::new(seed, Purpose::Wiring, projection.0 as u32, 0);
        let refuse = |what: String| Error::Run(format!("projection `{}`: {what}", spec.name));
        let plan = spec.topology.1.plan(&ends, &mut stream).map_err(refuse)?;
        Ok(Self { model, projection: projection.0, seed, plan, targets: ends.targets() as u32, stored })
    }

    /// About how many there are in all, exactly where that is fixed.
    pub fn expected(&self) -> u64 {
        let spec = &self.model.projections[self.projection];
        match &self.plan {
            Plan::AllToAll => {
                let sizes =
                    [spec.source, spec.target].map(|id| self.model.populations[id.0].shape.iter().product::<usize>());
                sizes[0] as u64 * sizes[1] as u64
            }
            Plan::BySource(rows) | Plan::ByTarget(rows) => rows.expected(),
            Plan::Listed(list) => list.len() as u64,
        }
    }

    /// The weight of every synapse, where they are the same.
    pub fn constant_weight(&self) -> Option<f64> {
        match &self.model.projections[self.projection].weight {
            WeightSpec::Constant(weight) if self.stored.is_none() => Some(*weight),
            _ => None,
        }
    }

    /// The delay of every synapse in ticks, where they are the same.
    pub fn constant_delay(&self) -> Option<u32> {
        match &self.model.projections[self.projection].delay {
            DelaySpec::Constant(delay) => Some(*delay),
            DelaySpec::Distribution(..) => None,
        }
    }

    /// Fills `row` with the synapses of `source`, in the order in which they are drawn.
    pub fn row(&self, source: usize, row: &mut Row) {
        row.targets.clear();
        row.weights.clear();
        row.delays.clear();
        let stream = |purpose| Stream::new(self.seed, purpose, self.projection as u32, source as u64 + 1);
        match &self.plan {
            Plan::AllToAll => row.targets.extend(0..self.targets),
            Plan::BySource(rows) => rows.row(source, &mut stream(Purpose::Wiring), &mut row.targets),
            Plan::ByTarget(_) | Plan::Listed(_) => {}
        }
        let spec = &self.model.projections[self.projection];
        if let WeightSpec::Distribution(_, distribution) = &spec.weight {
            let mut stream = stream(Purpose::Weights);
            row.weights.extend(row.targets.iter().map(|_| distribution.sample(1, &mut stream)));
        }
        if let DelaySpec::Distribution(_, distribution) = &spec.delay {
            let mut stream = stream(Purpose::Delays);
            let h = self.model.simulation.resolution.ms();
            let mut delay = || (distribution.sample(1, &mut stream) / h).round().max(1.0) as u32;
            row.delays.extend(row.targets.iter().map(|_| delay()));
        }
    }
}
