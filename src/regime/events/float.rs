//! The two precisions that a simulation runs in.

use crate::neuron::Neuron;
use crate::neuron::block::{Block, Slice};
use crate::neuron::lazy::LazyBlock;
use crate::plasticity::on_spikes::{SpikePlasticity, SpikeRule, SynapseSlice};
use crate::real::Real;

/// f32 or f64, with what kinds and rules make for it.
pub trait Float: Real {
    /// The neurons of a slice.
    fn block(neuron: &dyn Neuron, slice: &Slice<'_>) -> Box<dyn Block<Self>>;

    /// The neurons of a slice, visited when something happens to them.
    fn lazy(neuron: &dyn Neuron, slice: &Slice<'_>) -> Option<Box<dyn LazyBlock<Self>>>;

    /// A rule at work on the synapses onto a slice.
    fn plasticity(rule: &dyn SpikeRule, scope: &SynapseSlice) -> Box<dyn SpikePlasticity<Self>>;
}

impl Float for f32 {
    fn block(neuron: &dyn Neuron, slice: &Slice<'_>) -> Box<dyn Block<Self>> {
        neuron.single(slice)
    }

    fn lazy(neuron: &dyn Neuron, slice: &Slice<'_>) -> Option<Box<dyn LazyBlock<Self>>> {
        neuron.lazy_single(slice)
    }

    fn plasticity(rule: &dyn SpikeRule, scope: &SynapseSlice) -> Box<dyn SpikePlasticity<Self>> {
        rule.single(scope)
    }
}

impl Float for f64 {
    fn block(neuron: &dyn Neuron, slice: &Slice<'_>) -> Box<dyn Block<Self>> {
        neuron.double(slice)
    }

    fn lazy(neuron: &dyn Neuron, slice: &Slice<'_>) -> Option<Box<dyn LazyBlock<Self>>> {
        neuron.lazy_double(slice)
    }

    fn plasticity(rule: &dyn SpikeRule, scope: &SynapseSlice) -> Box<dyn SpikePlasticity<Self>> {
        rule.double(scope)
    }
}
