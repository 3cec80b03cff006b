//! The network that runs: populations and projections with their weights. It is built
//! from a [`Model`](crate::model::Model) and a seed, shared read-only by every worker,
//! and holds no state of any run.

mod build;
mod weight_file;

pub use build::build;
pub mod chain;

pub mod snapshot;

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
        let mut here = PopulationId(self.sole(|p| !self.projections.iter().any(|q| q.target == p))?);
        let mut chain = Vec::new();
        loop {
            let mut leaving = self.projections.iter().enumerate().filter(|(_, p)| p.source == here);
            let Some((index, projection)) = leaving.next() else {
                break;
            };
            if leaving.next().is_some() || chain.len() == self.projections.len() {
                return None;
            }
            chain.push(ProjectionId(index));
            here = projection.target;
        }
        (chain.len() == self.projections.len() && chain.len() + 1 == self.populations.len()).then_some(chain)
    }

    /// The only population that satisfies `test`.
    fn sole(&self, test: impl Fn(PopulationId) -> bool) -> Option<usize> {
        let mut found = (0..self.populations.len()).filter(|&i| test(PopulationId(i)));
        found.next().filter(|_| found.next().is_none())
    }
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
