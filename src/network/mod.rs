//! The network that runs: populations and projections with their weights. It is built
//! from a [`Model`](crate::model::Model) and a seed, shared read-only by every worker,
//! and holds no state of any run.

mod build;
pub mod connectivity;
mod weight_file;

pub use build::build;
pub mod chain;
pub mod linear;

pub mod snapshot;
pub mod synapses;

use std::sync::Arc;

use crate::id::{PopulationId, ProjectionId};
use crate::neuron::Neuron;
use crate::time::Resolution;
use crate::topology::Wiring;

/// Populations, projections and the grid of time they live on.
#[derive(Debug, Clone)]
pub struct Network {
    pub resolution: Resolution,
    pub populations: Vec<Population>,
    pub projections: Vec<Projection>,
}

/// A group of neurons of one kind.
#[derive(Debug, Clone)]
pub struct Population {
    pub name: String,
    /// Rows, columns and channels, or just the number of neurons.
    pub shape: Vec<usize>,
    pub cell: Cell,
}

/// What a population is made of.
#[derive(Debug, Clone)]
pub enum Cell {
    /// Sources of spikes: an encoder or an input makes them fire.
    Source,
    Neuron(Arc<dyn Neuron>),
}

/// Synapses from one population to another.
#[derive(Debug, Clone)]
pub struct Projection {
    pub name: String,
    pub source: PopulationId,
    pub target: PopulationId,
    pub wiring: Arc<Wiring>,
    /// One weight per synapse, in the order of the wiring.
    pub weights: Vec<f32>,
    /// Ticks from a spike to its arrival, at least 1.
    pub delay: u32,
    /// Whether a rule may change the weights.
    pub plastic: bool,
}

impl Population {
    /// Number of neurons.
    pub fn size(&self) -> usize {
        self.shape.iter().product()
    }
}

impl Network {
    /// The projections of a feed-forward chain, input to output, or `None` when the
    /// network is no chain: presentations need one, simulations do not.
    pub fn chain(&self) -> Option<Vec<ProjectionId>> {
        let edges: Vec<_> = self.projections.iter().map(|projection| (projection.source, projection.target)).collect();
        chain_of(self.populations.len(), &edges)
    }
}

/// The projections of a feed-forward chain through all of `populations`, input to output,
/// by the (source, target) of each; `None` when they make no chain.
pub fn chain_of(populations: usize, edges: &[(PopulationId, PopulationId)]) -> Option<Vec<ProjectionId>> {
    let mut first = (0..populations).map(PopulationId).filter(|&p| !edges.iter().any(|&(_, target)| target == p));
    let mut here = first.next().filter(|_| first.next().is_none())?;
    let mut chain = Vec::new();
    loop {
        let mut leaving = edges.iter().enumerate().filter(|(_, (source, _))| *source == here);
        let Some((index, &(_, target))) = leaving.next() else {
            break;
        };
        if leaving.next().is_some() || chain.len() == edges.len() {
            return None;
        }
        chain.push(ProjectionId(index));
        here = target;
    }
    (chain.len() == edges.len() && chain.len() + 1 == populations).then_some(chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(size: usize, edges: &[(usize, usize)]) -> Network {
        let population = |i| Population { name: format!("p{i}"), shape: vec![1], cell: Cell::Source };
        let projection = |&(source, target): &(usize, usize)| Projection {
            name: format!("{source} to {target}"),
            source: PopulationId(source),
            target: PopulationId(target),
            wiring: Arc::new(Wiring::Dense { sources: 1, targets: 1 }),
            weights: vec![1.0],
            delay: 1,
            plastic: true,
        };
        Network {
            resolution: Resolution::from_ms(1.0).unwrap(),
            populations: (0..size).map(population).collect(),
            projections: edges.iter().map(projection).collect(),
        }
    }

    #[test]
    fn a_chain_is_found_whatever_the_order_of_its_parts() {
        assert_eq!(network(3, &[(2, 1), (0, 2)]).chain(), Some(vec![ProjectionId(1), ProjectionId(0)]));
        assert_eq!(network(1, &[]).chain(), Some(vec![]));
    }

    #[test]
    fn loops_branches_and_islands_are_no_chains() {
        let others: [(usize, &[(usize, usize)]); 6] = [
            (2, &[(0, 1), (1, 1)]),
            (3, &[(0, 1), (1, 2), (2, 1)]),
            (3, &[(0, 1), (0, 2)]),
            (3, &[(0, 2), (1, 2)]),
            (2, &[(0, 1), (0, 1)]),
            (3, &[(0, 1)]),
        ];
        for (size, edges) in others {
            assert_eq!(network(size, edges).chain(), None, "{edges:?}");
        }
    }
}
