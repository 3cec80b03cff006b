//! What ends a run: a membrane, a current or a weight that is no finite number any more, or spikes without end.
//!
//! Every [`LOOK`] ticks, and at the end of a run, the states of all neurons are looked at; what is sampled is
//! looked at when it is. A partition notes the first fault in its outbox, which all threads read where they meet:
//! all of them stop in the same window, and the error is the same for any number of threads.

use crate::error::Error;
use crate::model::Model;
use crate::neuron::precise::{PreciseFault, endless};
use crate::time::{Resolution, Tick};

/// Ticks from one look at the states of all neurons to the next.
pub const LOOK: u64 = 64;

/// Something that is not finite; the first of several is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// At the end of which it was seen.
    pub tick: u64,
    pub site: FaultSite,
}

/// Where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultSite {
    /// The neuron is counted within its population.
    Neuron { population: usize, neuron: usize, is_endless: bool },
    /// A weight of a projection.
    Weight { projection: usize },
}

impl FaultSite {
    /// That of a neuron of a population.
    pub fn neuron(population: usize, PreciseFault { neuron, is_endless }: PreciseFault) -> Self {
        Self::Neuron { population, neuron, is_endless }
    }
}

/// What the parts of a model are called.
#[derive(Debug, Clone)]
pub struct Names {
    populations: Vec<String>,
    projections: Vec<String>,
    resolution: Resolution,
}

impl Names {
    /// The names in `model`.
    pub fn new(model: &Model) -> Self {
        Self {
            populations: model.populations.iter().map(|population| population.name.clone()).collect(),
            projections: model.projections.iter().map(|projection| projection.name.clone()).collect(),
            resolution: model.simulation.resolution,
        }
    }

    /// `fault` as the error that ends a run.
    pub fn error(&self, fault: Fault) -> Error {
        let ms = self.resolution.to_ms(Tick(fault.tick));
        let what = match fault.site {
            FaultSite::Neuron { population, neuron, is_endless: true } => {
                let (name, does) = (&self.populations[population], endless(self.resolution));
                return Error::Run(format!("by {ms} ms neuron {neuron} of population `{name}` {does}"));
            }
            FaultSite::Neuron { population, neuron, .. } => {
                format!("the membrane or a current of neuron {neuron} of population `{}`", self.populations[population])
            }
            FaultSite::Weight { projection } => format!("a weight of projection `{}`", self.projections[projection]),
        };
        Error::Run(format!(
            "at {ms} ms {what} is no finite number any more: weights, currents or rates of change are too large"
        ))
    }
}
