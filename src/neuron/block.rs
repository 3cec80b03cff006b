//! A block: the neurons of one slice of a population, on their way through time. The
//! engine makes one virtual call per block and tick; the loop over neurons is inside.

use std::ops::Range;

use crate::parameter::Values;
use crate::time::Resolution;

/// Which neurons a block is made for, and with what parameters.
pub struct Slice<'a> {
    /// Indices within the population.
    pub neurons: Range<usize>,
    pub resolution: Resolution,
    /// The parameters of each neuron, by its index within the population, where they differ;
    /// `None` when every neuron has those of its kind. The engine checked them before.
    pub each: Option<&'a dyn Fn(usize) -> Values>,
}

impl Slice<'_> {
    /// What `derive` makes of each neuron. `uniform` has the parameters of the kind, `checked`
    /// reads those of one neuron.
    pub fn each_of<N, T>(
        &self,
        uniform: &N,
        checked: impl Fn(&Values) -> Result<N, String>,
        derive: impl Fn(&N) -> T,
    ) -> Vec<T> {
        let own = |each: &dyn Fn(usize) -> Values, neuron| {
            derive(&checked(&each(neuron)).expect("the values of every neuron are checked with the model"))
        };
        self.neurons.clone().map(|neuron| self.each.map_or_else(|| derive(uniform), |each| own(each, neuron))).collect()
    }

    /// Whether `holds` for every neuron; `uniform` says it for the parameters of the kind.
    pub fn all(&self, uniform: bool, holds: impl Fn(&Values) -> bool) -> bool {
        self.each.map_or(uniform, |each| self.neurons.clone().all(|neuron| holds(&each(neuron))))
    }
}

/// Neurons of one kind, swept: all of them at every tick. Membranes and constants are in `R`.
pub trait Block<R>: Send {
    /// Advances every neuron by one tick, from t to t + h. `arrivals[r][i]` holds the weights
    /// that arrive at neuron i of the block at t + h, summed, by receptor (0: excitatory, or
    /// the only one; 1: inhibitory, empty where [`Neuron::receptors`](super::Neuron::receptors) is 1);
    /// they are set to 0 again. `current[i]` is the current in pA that flows into neuron i from t to t + h (empty:
    /// none). The neurons that spike at t + h are appended to `spikes`, ascending, counted within
    /// the block.
    fn advance(&mut self, arrivals: [&mut [R]; 2], current: &[R], spikes: &mut Vec<u32>);

    /// The state variable with this index (in [`Neuron::variables`](super::Neuron::variables))
    /// of a neuron of the block, in the unit of the model.
    fn value(&self, variable: usize, neuron: usize) -> f64;

    /// The first neuron of the block with a state that is not finite.
    fn fault(&self) -> Option<usize>;

    /// A copy, with its state.
    fn duplicate(&self) -> Box<dyn Block<R>>;
}
