//! The feed-forward view of a network: layers in a row, with the weights of each
//! projection as a matrix. Presentations (training, evaluation) run on it.

use std::sync::Arc;

use super::{Cell, Network};
use crate::error::{Error, Problem, Result};
use crate::id::ProjectionId;
use crate::matrix::Matrix;
use crate::neuron::{Neuron, Presented};
use crate::time::Resolution;
use crate::topology::Wiring;

/// Layers in a row. Layer 0 is the input; projection p leads from layer p to layer p + 1.
#[derive(Debug, Clone)]
pub struct Chain {
    pub resolution: Resolution,
    /// Name and shape of each layer's population, input included.
    pub populations: Vec<(String, Vec<usize>)>,
    /// Neurons of each layer, input included.
    pub sizes: Vec<usize>,
    /// The neuron kind of each layer but the input.
    neurons: Vec<Arc<dyn Neuron>>,
    /// Weights of each projection, post x pre.
    pub weights: Vec<Matrix>,
    /// Delay of each projection in ticks.
    pub delays: Vec<u32>,
    /// Whether a rule may change the weights of each projection.
    pub plastic: Vec<bool>,
    /// Where the projections stand in the model, and in the network.
    pub projections: Vec<ProjectionId>,
}

impl Chain {
    /// The chain of `network`.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the network is no feed-forward chain of dense projections
    /// from one source population.
    pub fn of(network: &Network) -> Result<Self> {
        let projections = network.chain().ok_or_else(|| {
            refuse(
                "the network is no chain of layers",
                "training presents samples to layers in a row, without branches or loops",
            )
        })?;
        let mut chain = Self {
            resolution: network.resolution,
            populations: Vec::new(),
            sizes: Vec::new(),
            neurons: Vec::new(),
            weights: Vec::new(),
            delays: Vec::new(),
            plastic: Vec::new(),
            projections,
        };
        for (position, &ProjectionId(index)) in chain.projections.clone().iter().enumerate() {
            chain.push(network, position, index)?;
        }
        Ok(chain)
    }

    fn push(&mut self, network: &Network, position: usize, index: usize) -> Result<()> {
        let projection = &network.projections[index];
        let (source, target) = (&network.populations[projection.source.0], &network.populations[projection.target.0]);
        if position == 0 {
            if !matches!(source.cell, Cell::Source) {
                return Err(refuse(
                    &format!("population `{}` is first in the chain but made of neurons", source.name),
                    "samples enter through a population of sources",
                ));
            }
            self.sizes.push(source.size());
            self.populations.push((source.name.clone(), source.shape.clone()));
        }
        let Cell::Neuron(neuron) = &target.cell else {
            return Err(refuse(
                &format!("population `{}` is a source but gets input", target.name),
                "give it a neuron",
            ));
        };
        if neuron.presented().is_none() {
            return Err(refuse(
                &format!("population `{}` is of a kind that presentations cannot run", target.name),
                "training needs neurons with delta synapses and a rate curve: `lif_delta`, `iaf_psc_delta` or `integrate_and_fire`",
            ));
        }
        let Wiring::Dense { sources, targets } = *projection.wiring else {
            return Err(refuse(
                &format!("projection `{}` is not all-to-all", projection.name),
                "presentations run on dense projections",
            ));
        };
        self.sizes.push(targets);
        self.populations.push((target.name.clone(), target.shape.clone()));
        self.neurons.push(neuron.clone());
        self.weights.push(Matrix::from_vec(targets, sources, projection.weights.clone()));
        self.delays.push(projection.delay);
        self.plastic.push(projection.plastic);
        Ok(())
    }

    /// Writes the weights back to the network the chain was taken from.
    pub fn store(&self, network: &mut Network) {
        for (weights, &ProjectionId(index)) in self.weights.iter().zip(&self.projections) {
            network.projections[index].weights.copy_from_slice(weights.as_slice());
        }
    }

    /// The neurons that projection `projection` leads to.
    pub fn neuron(&self, projection: usize) -> &dyn Presented {
        self.neurons[projection].presented().expect("a chain is made of kinds that presentations run")
    }

    /// Number of layers, the input included.
    pub fn layers(&self) -> usize {
        self.sizes.len()
    }

    /// (post, pre) of each projection.
    pub fn shapes(&self) -> Vec<(usize, usize)> {
        self.weights.iter().map(|w| (w.nrows(), w.ncols())).collect()
    }

    /// Multiply-accumulates of one presentation in the rate regime.
    pub fn multiply_accumulates(&self) -> usize {
        self.weights.iter().map(|w| w.len()).sum()
    }
}

fn refuse(message: &str, help: &str) -> Error {
    Error::Invalid(vec![Problem { message: message.into(), place: None, help: Some(help.into()) }])
}
